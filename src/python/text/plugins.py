"""What runs in a child of the worker: filters, tests and lookups, by the reference's own loader."""
import os
import sys
import traceback

import play_frames as frames
import play_values as values

READY = []


def prepare(settings):
    """Loads, before the first fork, what every child needs."""
    if READY:
        return
    for name, value in settings.get('environment', []):
        os.environ.setdefault(name, value)
    from ansible.plugins import loader
    if hasattr(loader, 'init_plugin_loader'):
        loader.init_plugin_loader(settings.get('collections') or [])
    import ansible.parsing.dataloader  # noqa: F401
    import ansible.template  # noqa: F401
    for folder in settings.get('playbook_dirs') or []:
        loader.add_all_plugin_dirs(folder)
    READY.append(True)


def serve(fd, channel):
    Child(fd, channel, quiet()).serve()


def quiet():
    """The list that warnings of plugins are put into, instead of on the screen."""
    from ansible.utils.display import Display
    warnings = []

    def warning(self, msg, formatted=False, *_args, **_kwargs):
        warnings.append(str(msg))

    def silent(self, *_args, **_kwargs):
        pass

    Display.warning = warning
    for name in ('deprecated', 'display', 'verbose', 'debug', 'v', 'vv', 'vvv', 'vvvv', 'vvvvv', 'vvvvvv'):
        if hasattr(Display, name):
            setattr(Display, name, silent)
    return warnings


class Variables(dict):
    """The names of a task, each of which is asked for when it is looked at."""

    def __init__(self, child, names):
        super(Variables, self).__init__()
        self.child = child
        self.known = list(names)
        self.asked = set()

    def _ask(self, name):
        if name not in self.asked and isinstance(name, str):
            self.asked.add(name)
            found, value = self.child.ask_variable(str(name))
            if found:
                dict.__setitem__(self, name, value)

    def __contains__(self, name):
        if dict.__contains__(self, name):
            return True
        self._ask(name)
        return dict.__contains__(self, name)

    def __getitem__(self, name):
        self._ask(name)
        return dict.__getitem__(self, name)

    def get(self, name, default=None):
        return self[name] if name in self else default

    def keys(self):
        return dict.fromkeys(self.known + list(dict.keys(self))).keys()

    def __iter__(self):
        return iter([name for name in self.keys() if name in self])

    def __len__(self):
        return len(self.keys())

    def items(self):
        return [(name, self[name]) for name in self]

    def values(self):
        return [self[name] for name in self]

    def copy(self):
        copied = Variables(self.child, self.known)
        copied.asked = set(self.asked)
        for name in dict.keys(self):
            dict.__setitem__(copied, name, dict.__getitem__(self, name))
        return copied

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, _memo):
        return self.copy()


class Child(object):
    def __init__(self, fd, channel, warnings):
        self.fd = fd
        self.channel = channel
        self.warnings = warnings
        self.folders = set()
        self.loader = None

    def serve(self):
        while True:
            _channel, head, body = frames.read(self.fd)
            del self.warnings[:]
            try:
                answer = getattr(self, 'do_' + head['do'])(head)
            except frames.Gone:
                raise
            except BaseException as error:
                answer = self.failure(error)
            answer['do'] = 'answer'
            answer['warnings'] = list(self.warnings)
            frames.write(self.fd, self.channel, answer)

    def failure(self, error):
        places = traceback.extract_tb(sys.exc_info()[2])
        own = [place for place in places if not place.filename.startswith('<play>')]
        last = own[-1] if own else None
        text = str(error)
        cause = error.__cause__
        while cause is not None and str(cause) not in text:
            text, cause = '%s: %s' % (text.rstrip('.: '), cause), cause.__cause__
        return {
            'error': text or type(error).__name__,
            'type': type(error).__name__,
            'where': '%s, line %s' % (last.filename, last.lineno) if last else None,
            'undefined': type(error).__name__ in ('AnsibleUndefinedVariable', 'UndefinedError'),
        }

    def ask_variable(self, name):
        frames.write(self.fd, self.channel, {'do': 'variable', 'name': name})
        _channel, head, _body = frames.read(self.fd)
        return head['found'], values.decode(head.get('value'))

    def plugin_loader(self, kind, head):
        from ansible.plugins import loader
        found = getattr(loader, {'modules': 'module'}.get(kind, kind) + '_loader')
        for folder in head.get('places') or []:
            if folder not in self.folders and os.path.isdir(folder):
                self.folders.add(folder)
                found.add_directory(folder)
        return found

    def templar(self, variables):
        from ansible.parsing.dataloader import DataLoader
        from ansible.template import Templar
        if self.loader is None:
            self.loader = DataLoader()
        if getattr(self, 'basedir', None):
            self.loader.set_basedir(self.basedir)
        return Templar(loader=self.loader, variables=variables)

    def do_has(self, head):
        loader = self.plugin_loader(head['kind'], head)
        if head['kind'] == 'lookup':
            found = loader.find_plugin(head['name'])
        else:
            try:
                found = loader.get(head['name'])
            except KeyError:
                found = None
        return {'found': bool(found)}

    def do_call(self, head):
        """Calls a filter or a test."""
        self.basedir = head.get('basedir')
        plugin = self.plugin_loader(head['kind'], head).get(head['name'])
        if plugin is None:
            raise KeyError("no %s named '%s'" % (head['kind'], head['name']))
        function = plugin.j2_function
        args = [values.decode(item) for item in head['args']]
        named = {key: values.decode(item) for key, item in head['named'].items()}
        wanted = getattr(function, 'jinja_pass_arg', None)
        if wanted is not None:
            variables = Variables(self, head.get('names') or [])
            environment = self.templar(variables).environment
            if wanted.name == 'environment':
                args.insert(0, environment)
            else:
                context = environment.context_class(environment, variables, None, {})
                args.insert(0, context if wanted.name == 'context' else context.eval_ctx)
        return {'value': values.encode(function(*args, **named))}

    def do_lookup(self, head):
        self.basedir = head.get('basedir')
        variables = Variables(self, head.get('names') or [])
        loader = self.plugin_loader('lookup', head)
        templar = self.templar(variables)
        plugin = loader.get(head['name'], loader=self.loader, templar=templar)
        if plugin is None:
            raise KeyError("lookup plugin (%s) not found" % head['name'])
        terms = [values.decode(item) for item in head['args']]
        named = {key: values.decode(item) for key, item in head['named'].items()}
        found = plugin.run(terms, variables=variables, **named)
        if found is None:
            found = []
        return {'value': [values.encode(item) for item in found]}

    def do_inventory(self, head):
        import play_sources
        return play_sources.inventory(self, head)

    def do_vars(self, head):
        import play_sources
        return play_sources.variables(self, head)

    def do_doc(self, head):
        import play_docs
        return play_docs.page(self, head)

    def do_callback(self, head):
        import play_callbacks
        return play_callbacks.load(self, head)

    def do_event(self, head):
        return self.callback.hear(head)

    def do_action(self, head):
        import play_actions
        self.basedir = head.get('basedir')
        return play_actions.answer_of(play_actions.run(self, head))
