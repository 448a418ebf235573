"""What runs in a child of the worker: filters, tests and lookups, by the reference's own loader."""
import atexit
import fcntl
import io
import os
import sys
import tempfile
import threading
import traceback

import play_frames as frames
import play_values as values

READY = []
# The most that is shown of what a plugin writes during one question, in bytes.
MOST_SHOWN = 8 * 1024 * 1024


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
    import ctypes  # noqa: F401
    for folder in settings.get('playbook_dirs') or []:
        loader.add_all_plugin_dirs(folder)
    READY.append(True)


def serve(fd, channel):
    # What the worker wants done at its end is not for its children to do; what they want is (`do_end`).
    atexit._clear()
    if 'logging' in sys.modules:
        atexit.register(sys.modules['logging'].shutdown)
    Child(fd, channel, Told()).serve()


class Told(object):
    """What a plugin tells the user through its display: warnings, deprecations, and what it shows."""

    def __init__(self):
        from ansible.utils.display import Display
        self.warnings, self.deprecations, self.own = [], [], {}
        told = self

        def warning(_self, msg, formatted=False, *_args, **_kwargs):
            told.warnings.append(str(msg))

        def deprecated(_self, msg, version=None, removed=False, date=None, collection_name=None, *_args, **_kwargs):
            if removed:
                from ansible.errors import AnsibleError
                raise AnsibleError(str(msg))
            told.deprecations.append(going(str(msg), version, date, collection_name))

        def summed_up(_self, summary):
            told.deprecations.append(of_summary(summary))

        def silent(_self, *_args, **_kwargs):
            pass

        Display.warning = warning
        if hasattr(Display, '_deprecated'):
            # ansible-core 2.19 and later have found out by then whose it is.
            Display._deprecated = summed_up
        else:
            Display.deprecated = deprecated
        for name in ('display', 'verbose', 'debug', 'v', 'vv', 'vvv', 'vvvv', 'vvvvv', 'vvvvvv'):
            if hasattr(Display, name):
                self.own[name] = getattr(Display, name)
                setattr(Display, name, silent)

    def shows(self, display):
        """From now on `display` is what shows, and the levels of `-v` count."""
        from ansible.utils.display import Display
        for name, method in self.own.items():
            setattr(Display, name, method)
        Display.display = display

    def take(self):
        taken = {'warnings': self.warnings, 'deprecations': self.deprecations}
        self.warnings, self.deprecations = [], []
        return taken


def of_summary(summary):
    """A deprecation, by the words of ansible-core 2.19 and later."""
    try:
        # With the plugin whose it is, as templates see it.
        from ansible._internal._templating._transform import deprecation_summary as as_dict
    except ImportError:
        from ansible.module_utils._internal._event_utils import deprecation_as_dict as as_dict
    told = {key: in_words(value) for key, value in as_dict(summary).items()}
    try:
        from ansible._internal import _display_utils
        told['text'] = str(_display_utils.get_deprecation_message_with_plugin_info(
            msg=told['msg'], version=summary.version, date=summary.date, deprecator=summary.deprecator))
    except (ImportError, AttributeError, TypeError):
        told = going(told['msg'], told.get('version'), told.get('date'), told.get('collection_name'))
    return told


def in_words(value):
    """A text, a member of an enumeration, or an object of such fields."""
    fields = getattr(value, '__dataclass_fields__', None)
    if fields is not None:
        return {name: in_words(getattr(value, name)) for name in fields}
    return None if value is None else str(getattr(value, 'value', value))


def going(text, version, date, collection):
    """A deprecation as a result has it, and as it is shown."""
    told = {'msg': text, 'collection_name': collection}
    told.update({'date': str(date)} if date else {'version': str(version) if version else None})
    whose = ' from ' + ('ansible-core' if collection == 'ansible.builtin' else "collection '%s'" % collection) if collection else ''
    when = 'in a release after %s' % date if date else 'version %s' % version if version else 'in a future release'
    told['text'] = '%s. This feature will be removed%s %s.' % (text.rstrip('.'), whose, when)
    return told


class Streams(object):
    """What is written on stdout and stderr, by this process and by those that it starts."""

    def __init__(self):
        self.files = []
        for fd, name in ((1, 'stdout'), (2, 'stderr')):
            sys.__dict__[name].flush()
            file = tempfile.TemporaryFile()
            fcntl.fcntl(file.fileno(), fcntl.F_SETFL, fcntl.fcntl(file.fileno(), fcntl.F_GETFL) | os.O_APPEND)
            os.dup2(file.fileno(), fd)
            self.files.append(file)
        sys.stdout = io.TextIOWrapper(os.fdopen(os.dup(1), 'wb', 0), 'utf-8', 'backslashreplace', write_through=True)
        sys.stderr = io.TextIOWrapper(os.fdopen(os.dup(2), 'wb', 0), 'utf-8', 'backslashreplace', write_through=True)

    def take(self):
        """What was written since."""
        taken = []
        for file in self.files:
            size = os.lseek(file.fileno(), 0, os.SEEK_END)
            os.lseek(file.fileno(), max(size - MOST_SHOWN, 0), os.SEEK_SET)
            parts = []
            while True:
                part = os.read(file.fileno(), 1048576)
                if not part:
                    break
                parts.append(part)
            os.ftruncate(file.fileno(), 0)
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            taken.append(b''.join(parts).decode('utf-8', 'replace'))
        return taken


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


def let_variables_be_rendered():
    """ansible-core 2.19 and later render with their own kinds of mappings only; ours are asked for one by one."""
    try:
        from ansible._internal._templating import _jinja_bits as bits
        of_core, lazy = bits._flatten_and_lazify_vars, bits._AnsibleLazyTemplateMixin
    except (ImportError, AttributeError):
        return
    if getattr(of_core, '_of_play', False):
        return

    class Layer(Variables):
        def __init__(self, asked):
            dict.__init__(self)
            self.source = asked
            self.known = asked.known

        def _ask(self, name):
            if not dict.__contains__(self, name) and name in self.source:
                dict.__setitem__(self, name, lazy._try_create(self.source[name]))

    def flattened(mapping):
        return [Layer(mapping)] if type(mapping) is Variables else of_core(mapping)

    flattened._of_play = True
    bits._flatten_and_lazify_vars = flattened


class Child(object):
    def __init__(self, fd, channel, told):
        self.fd = fd
        self.channel = channel
        self.told = told
        self.streams = None
        self.folders = set()
        self.loader = None

    def serve(self):
        while True:
            _channel, head, body = frames.read(self.fd)
            try:
                answer = getattr(self, 'do_' + head['do'])(head)
            except frames.Gone:
                raise
            except BaseException as error:
                answer = self.failure(error)
            try:
                self.answer(answer)
            except (frames.TooLong, TypeError, ValueError, RecursionError, MemoryError) as error:
                self.answer(self.failure(error))

    def answer(self, answer):
        answer['do'] = 'answer'
        answer.update(self.told.take())
        frames.write(self.fd, self.channel, answer)

    def capture(self):
        """Keeps what is written from now on, instead of leaving it to the worker's own stderr."""
        if self.streams is None:
            self.streams = Streams()
        return self.streams

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
        let_variables_be_rendered()
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
        # One that does not want to see what is undefined is not asked: that is its answer.
        missing = [term for term in terms + list(named.values()) if values.is_undefined(term)]
        if missing and not getattr(plugin, 'accept_args_markers', False):
            return {'value': [values.encode(missing[0])]}
        try:
            found = plugin.run(terms, variables=variables, **named)
        except Exception as error:
            if type(error).__name__ != 'MarkerError':
                raise
            found = [error.source]
        if found is None:
            found = []
        return {'value': [values.encode(item) for item in found]}

    def do_inventory(self, head):
        import play_sources
        return self.showing(play_sources.inventory, head)

    def do_vars(self, head):
        import play_sources
        return self.showing(play_sources.variables, head)

    def showing(self, work, head):
        """The answer to a question, with what was shown and written meanwhile."""
        from ansible.utils.display import Display
        streams = self.capture()
        Display().verbosity = head.get('verbosity') or 0

        def display(_self, msg, color=None, stderr=False, screen_only=False, log_only=False, newline=True, **_more):
            if not log_only:
                (sys.stderr if stderr else sys.stdout).write(str(msg) + ('\n' if newline else ''))

        self.told.shows(display)
        try:
            answer = work(self, head)
        except frames.Gone:
            raise
        except BaseException as error:
            answer = self.failure(error)
        answer['text'], answer['stderr'] = streams.take()
        return answer

    def do_doc(self, head):
        import play_docs
        return play_docs.page(self, head)

    def do_doc_list(self, head):
        import play_docs
        return play_docs.listing(self, head)

    def do_callback(self, head):
        import play_callbacks
        return play_callbacks.load(self, head)

    def do_event(self, head):
        return self.callback.hear(head)

    def do_end(self, _head):
        """Runs what the plugin wants done at the end; the process is ended afterwards."""
        for work in (getattr(threading, '_shutdown', None), atexit._run_exitfuncs):
            try:
                if work:
                    work()
            except BaseException:
                traceback.print_exc()
        text, stderr = self.callback.take() if getattr(self, 'callback', None) else ('', '')
        return {'text': text, 'stderr': stderr}

    def do_action(self, head):
        import play_actions
        self.basedir = head.get('basedir')
        return play_actions.answer_of(play_actions.run(self, head))
