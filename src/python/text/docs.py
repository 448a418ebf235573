"""Pages of modules and plugins, as the reference's own ansible-doc makes them."""


def page(child, head):
    from ansible import constants
    from ansible.cli.doc import DocCLI
    from ansible.errors import AnsibleError
    from ansible.plugins.loader import action_loader, fragment_loader
    from ansible.utils.display import Display
    from ansible.utils.plugin_docs import get_plugin_docs
    kind, name, verbosity = head['kind'], head['name'], int(head.get('verbosity') or 0)
    asked(kind, verbosity)
    Display().columns = int(head.get('width') or 79)
    Display().verbosity = verbosity
    constants.ANSIBLE_NOCOLOR = True
    loader = child.plugin_loader(kind, head)
    try:
        doc, examples, returned, metadata = get_plugin_docs(name, kind, loader, fragment_loader, verbosity > 0)
    except AnsibleError as error:
        if type(error).__name__ == 'AnsiblePluginNotFound':
            return {'missing': True}
        raise
    if not doc:
        raise AnsibleError('it is empty')
    if kind == 'module':
        doc['has_action'] = name in action_loader
    data = jsonable({'doc': doc, 'examples': examples, 'return': returned, 'metadata': metadata})
    try:
        text = DocCLI.format_plugin_doc(name, kind, doc, examples, returned, metadata)
    except AnsibleError as error:
        return {'trouble': in_words(error), 'data': data}
    return {'text': '\n'.join(text) if isinstance(text, list) else text, 'data': data}


def listing(child, head):
    from ansible.cli.doc import DocCLI
    from ansible.plugins.list import _list_collection_plugins_with_info
    from ansible.utils.collection_loader._collection_finder import _get_collection_path
    kind = head['kind']
    asked(kind, 0)
    child.plugin_loader(kind, head)
    places = {}
    for home in head['homes']:
        places[home] = b'' if home == 'ansible.legacy' else _get_collection_path(home).encode()
    found = _list_collection_plugins_with_info(kind, places)
    if head['files']:
        return {'found': {name: as_text(of.path) for name, of in found.items()}}
    return {'found': DocCLI._get_plugin_list_descriptions(None, found)}


def asked(kind, verbosity):
    from ansible import context
    from ansible.module_utils.common.collections import ImmutableDict
    context.CLIARGS = ImmutableDict(type=kind, basedir=None, verbosity=verbosity)


def in_words(error):
    """The causes of an error; what it says itself is said elsewhere."""
    cause = error.__cause__ or error
    text = str(cause)
    while cause.__cause__ is not None:
        cause = cause.__cause__
        if str(cause) not in text:
            text = '%s: %s' % (text.rstrip('.: '), cause)
    return text


def as_text(path):
    return path.decode('utf-8', 'replace') if isinstance(path, bytes) else path


def jsonable(value):
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [jsonable(item) for item in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return str(value)
