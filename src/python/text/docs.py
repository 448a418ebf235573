"""Pages of modules and plugins, as the reference's own ansible-doc makes them."""


def page(child, head):
    from ansible import constants, context
    from ansible.cli.doc import DocCLI
    from ansible.errors import AnsibleError
    from ansible.module_utils.common.collections import ImmutableDict
    from ansible.plugins.loader import fragment_loader
    from ansible.utils.display import Display
    from ansible.utils.plugin_docs import get_plugin_docs
    kind, name = head['kind'], head['name']
    context.CLIARGS = ImmutableDict(type=kind, basedir=None, verbosity=0)
    Display().columns = int(head.get('width') or 79)
    constants.ANSIBLE_NOCOLOR = True
    loader = child.plugin_loader(kind, head)
    try:
        doc, examples, returned, metadata = get_plugin_docs(name, kind, loader, fragment_loader, False)
    except AnsibleError as error:
        if type(error).__name__ == 'AnsiblePluginNotFound':
            return {'missing': True}
        raise
    data = jsonable({'doc': doc, 'examples': examples, 'return': returned, 'metadata': metadata})
    text = DocCLI.format_plugin_doc(name, kind, doc, examples, returned, metadata)
    return {'text': '\n'.join(text) if isinstance(text, list) else text, 'data': data}


def jsonable(value):
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [jsonable(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)
