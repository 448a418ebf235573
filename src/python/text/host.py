"""A session of Python on a host: modules come as text over the pipe and run in forked children.

It runs under whatever Python a host has, 2.7 as well as 3, and writes no file: modules are imported
from memory. `boot` in session.rs has put `frames_in` and `frames_out` (file numbers) in our names.
"""
import errno
import gc
import json
import os
import select
import signal
import sys
import zlib

PIECE = 65536
HEAD = 16
# Where texts that stand nowhere on this host are said to stand.
NOWHERE = '/play'


class Gone(Exception):
    """The other side has closed the pipe."""


def read_exactly(fd, count):
    parts = []
    while count:
        try:
            part = os.read(fd, min(count, 1048576))
        except OSError as error:
            if error.errno == errno.EINTR:
                continue
            raise
        if not part:
            raise Gone()
        parts.append(part)
        count -= len(part)
    return b''.join(parts)


def read_frame(fd):
    sizes = read_exactly(fd, HEAD)
    head = read_exactly(fd, int(sizes[:8], 16))
    body = read_exactly(fd, int(sizes[8:], 16))
    return json.loads(head.decode('utf-8')), body


def write_all(fd, data):
    view = memoryview(data)
    while len(view):
        view = view[os.write(fd, view[:PIECE]):]


def write_frame(fd, head, body=b''):
    head = json.dumps(head).encode('utf-8')
    sizes = ('%08x%08x' % (len(head), len(body))).encode('ascii')
    write_all(fd, sizes + head + body)


class Library(object):
    """Imports modules from texts in memory: a finder and a loader of either Python."""

    def __init__(self):
        self.texts = {}
        self.codes = {}
        self.main = None

    def add(self, texts):
        """Takes {name: [path, is a package, text]}."""
        self.texts.update(texts)

    def compile(self, names):
        """Compiles ahead, so that no child has to; what does not compile says so when it runs."""
        for name in names:
            try:
                self.get_code(name)
            except SyntaxError:
                pass

    # What both Pythons ask.
    def is_package(self, name):
        return bool(self.texts[name][1])

    def get_source(self, name):
        known = self.texts.get(self.main if name == '__main__' else name)
        return known[2] if known else None

    def get_filename(self, name):
        return NOWHERE + '/' + self.texts[name][0]

    def get_code(self, name):
        code = self.codes.get(name)
        if code is None:
            text = self.texts[name][2].encode('utf-8')
            code = compile(text, self.get_filename(name), 'exec', 0, True)
            self.codes[name] = code
        return code

    def get_data(self, path):
        for known, _package, text in self.texts.values():
            if path == NOWHERE + '/' + known:
                return text.encode('utf-8')
        raise IOError(errno.ENOENT, os.strerror(errno.ENOENT), path)

    # What Python 3 asks.
    def find_spec(self, name, path=None, target=None):
        if name not in self.texts:
            return None
        from importlib.machinery import ModuleSpec
        spec = ModuleSpec(name, self, origin=self.get_filename(name), is_package=self.is_package(name))
        spec.has_location = True
        if self.is_package(name):
            spec.submodule_search_locations = [os.path.dirname(self.get_filename(name))]
        return spec

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.get_code(module.__name__), module.__dict__)

    # What Python 2 asks.
    def find_module(self, name, path=None):
        return self if name in self.texts else None

    def load_module(self, name):
        if name in sys.modules:
            return sys.modules[name]
        import types
        module = types.ModuleType(str(name))
        module.__file__ = self.get_filename(name)
        module.__loader__ = self
        if self.is_package(name):
            module.__path__ = [os.path.dirname(module.__file__)]
            module.__package__ = str(name)
        else:
            module.__package__ = str(name.rpartition('.')[0])
        sys.modules[name] = module
        try:
            exec(self.get_code(name), module.__dict__)
        except BaseException:
            sys.modules.pop(name, None)
            raise
        return module


class Folder(str):
    """The path of an archive of our texts, which is written when somebody asks for its name.

    A module that starts itself anew under another Python needs a file; no other does.
    """

    library = None

    def __repr__(self):
        path = str.__str__(self)
        if self.library is not None and not os.path.exists(path):
            import zipfile
            os.mkdir(os.path.dirname(path), 0o700)
            with zipfile.ZipFile(path, 'w') as archive:
                for known, _package, text in self.library.texts.values():
                    archive.writestr(zipfile.ZipInfo(str(known)), text.encode('utf-8'))
        return repr(path)


class Session(object):
    def __init__(self, commands, answers):
        self.commands = commands
        self.answers = answers
        self.base = Library()
        self.bundles = {}
        self.ready = False
        self.minimum = None
        self.count = 0
        self.next = None

    def serve(self):
        while True:
            head, body = read_frame(self.commands)
            if head['do'] == 'load':
                self.load(head, json.loads(zlib.decompress(body).decode('utf-8')))
            else:
                self.answer(head, body)

    def load(self, head, texts):
        if self.next is not None:
            # It knows nothing of what comes now.
            self.next.dismiss()
            self.next = None
        if head['id'] == 'base':
            self.base.add(texts)
            self.minimum = head.get('minimum')
            self.purelib = None
            sys.meta_path.insert(0, self.base)
        else:
            library = Library()
            library.add(texts)
            self.bundles[head['id']] = library

    def answer(self, head, body):
        if self.minimum and sys.version_info < tuple(self.minimum):
            return write_frame(self.answers, {'unsupported': list(sys.version_info[:3]), 'version': sys.version})
        library = self.bundles[head['bundle']]
        self.prepare()
        library.compile(list(library.texts))
        child = self.start(head, body)
        result, out, err, news = child.wait()
        write_frame(self.answers, dict(result, out=len(out), err=len(err)), out + err)
        self.learn(news)
        self.next = Child(self)
        child.reap()

    def start(self, head, body):
        """Gives the module to the child that waits for one, or to a new one."""
        child, self.next = self.next, None
        if child is not None:
            try:
                child.start(head, body)
                return child
            except OSError:
                child.dismiss()
        child = Child(self)
        child.start(head, body)
        return child

    def prepare(self):
        """Loads what every module uses, once; children inherit it."""
        if self.ready:
            return
        self.ready = True
        try:
            import ansible.module_utils.basic  # noqa: F401
        except BaseException:
            # It says in a child why, with the module's name.
            for name in [name for name in sys.modules if name.split('.')[0] == 'ansible']:
                del sys.modules[name]
        if sys.version_info >= (3, 10):
            start_without_fork()
        gc.collect()
        if hasattr(gc, 'freeze'):
            gc.freeze()

    def learn(self, names):
        """Imports what a child had to import that is the same for all: the next one has it."""
        for name in names:
            try:
                __import__(name)
            except BaseException:
                pass
        if names and hasattr(gc, 'freeze'):
            gc.freeze()


def start_without_fork():
    """Lets `run_command` start programs by vfork, which copies nothing of this process.

    A function that is called before the program keeps `subprocess` from that. Those of ansible-core set the
    umask, or SIGPIPE to what it was: `subprocess` does both by itself.
    """
    import subprocess
    begin = subprocess.Popen.__init__

    def __init__(self, *args, **named):
        before = named.get('preexec_fn')
        name = getattr(before, '__qualname__', None)
        if name == 'AnsibleModule._restore_signal_handlers':
            named['preexec_fn'] = None
        elif name == 'AnsibleModule.run_command.<locals>.preexec' and before.__code__.co_freevars == ('umask',):
            umask = before.__closure__[0].cell_contents
            if not umask or isinstance(umask, int):
                named.update(preexec_fn=None, umask=umask or -1)
        begin(self, *args, **named)

    subprocess.Popen.__init__ = __init__


def kill_group(pid):
    for target in (-pid, pid):
        try:
            os.kill(target, signal.SIGKILL)
            return
        except OSError:
            pass


class Child(object):
    """A process that waits for one module, and is it then."""

    def __init__(self, session):
        self.session = session
        session.count += 1
        self.name = '%d-%d' % (os.getpid(), session.count)
        pipes = [os.pipe() for _ in range(4)]
        (job, self.job) = pipes.pop()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                os.close(self.job)
                for reader, _writer in pipes:
                    os.close(reader)
                enter(session, [writer for _reader, writer in pipes])
                be_a_module(session, job, pipes[2][1], self.name)
            except BaseException:
                import traceback
                traceback.print_exc()
            os._exit(1)
        os.close(job)
        for _reader, writer in pipes:
            os.close(writer)
        self.readers = [reader for reader, _writer in pipes]
        self.heard = dict((reader, []) for reader in self.readers)
        self.size = 0
        self.too_much = False
        self.ended = False

    def start(self, head, body):
        self.limit = head.get('limit') or 67108864
        self.folder = folder_of(head['mark'], self.name)
        write_frame(self.job, head, body)

    def dismiss(self):
        """Ends it before it had a module."""
        for fd in self.readers + [self.job]:
            os.close(fd)
        os.waitpid(self.pid, 0)

    def reap(self):
        """Waits for the end of a process that has said its last word."""
        if not self.ended:
            os.waitpid(self.pid, 0)

    def wait(self):
        open_readers = list(self.readers)
        code = None
        while open_readers and code is None:
            code = self.hear(open_readers, 0.2)
            if self.too_much:
                kill_group(self.pid)
                break
        if code is None:
            code = code_in(os.waitpid(self.pid, 0)[1])
            self.ended = True
        while open_readers and not self.too_much and self.drain(open_readers):
            pass
        for fd in self.readers + [self.job]:
            os.close(fd)
        if os.path.isdir(self.folder):
            import shutil
            shutil.rmtree(self.folder, ignore_errors=True)
        out, err, news = [b''.join(self.heard[reader]) for reader in self.readers]
        result = {'rc': code, 'too_much': self.too_much}
        return result, out[:self.limit], err[-262144:], news.decode('utf-8').split()[1:]

    def select(self, readers, wait):
        try:
            return select.select(readers, [], [], wait)[0]
        except select.error as error:
            if error.args[0] == errno.EINTR:
                return []
            raise

    def hear(self, open_readers, wait):
        """Hears what there is; gives the code of a child that has ended, though a daemon of its
        own may hold the pipes."""
        ready = self.select(open_readers + [self.session.commands], wait)
        if self.session.commands in ready:
            # Nobody speaks while a module runs: the other side is gone, or has given up.
            kill_group(self.pid)
            os._exit(0)
        for reader in ready:
            self.take(reader, open_readers)
        code = code_said(b''.join(self.heard[self.readers[2]]))
        if code is not None:
            return code
        if not ready:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.ended = True
                return code_in(status)
        return None

    def drain(self, open_readers):
        ready = self.select(open_readers, 0)
        for reader in ready:
            self.take(reader, open_readers)
        return ready

    def take(self, reader, open_readers):
        part = os.read(reader, PIECE)
        if not part:
            open_readers.remove(reader)
            return
        self.size += len(part)
        self.heard[reader].append(part)
        self.too_much = self.size > self.limit


def enter(session, writers):
    """Makes the pipes the child's own output; of the session nothing is left to it."""
    os.close(session.commands)
    os.close(session.answers)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(writers[0], 1)
    os.dup2(writers[1], 2)
    for fd in (nothing, writers[0], writers[1]):
        if fd > 2:
            os.close(fd)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def folder_of(mark, name):
    """The folder of a child, which is made where its module asks for one."""
    import tempfile
    return os.path.join(tempfile.gettempdir(), 'play-%s-%s' % (mark, name))


def code_said(text):
    """The code in a child's last word, where it has been said."""
    words = text.split()
    return int(words[0]) if text.endswith(b'\n') and words and words[0].isdigit() else None


def code_in(status):
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)


def be_a_module(session, job, last, name):
    """Waits for a module, is it, and says its code and what it has imported as its last word."""
    own = os.getpid()
    try:
        head, body = read_frame(job)
    except Gone:
        os._exit(0)
    os.close(job)
    try:
        code = run_module(head, body, session, folder_of(head['mark'], name))
    except BaseException:
        import traceback
        traceback.print_exc()
        code = 1
    news = imported(session.base) if own == os.getpid() else []
    finish()
    if own == os.getpid():
        said = '%d %s ' % (code, ' '.join(news[:200]))
        os.write(last, said.encode('utf-8')[:4000].rpartition(b' ')[0] + b'\n')
    os._exit(code)


def imported(base):
    """The modules that were imported here and are the same for every module: Python's own, and the base's."""
    if sys.version_info[0] < 3:
        return []
    own = os.path.dirname(os.__file__) + os.sep
    names = []
    for name, module in list(sys.modules.items()):
        if name in KNOWN or name.startswith('__'):
            continue
        where = getattr(module, '__file__', None) or ''
        python = where.startswith(own) and 'site-packages' not in where and 'dist-packages' not in where
        if python or name in base.texts and getattr(module, '__loader__', None) is base:
            names.append(name)
    return names


KNOWN = frozenset()


def run_module(head, body, session, folder):
    global KNOWN
    KNOWN = frozenset(sys.modules)
    library, base = session.bundles[head['bundle']], session.base
    for name, value in head['env']:
        os.environ[str(name)] = value if sys.version_info[0] > 2 else value.encode('utf-8')
    if 'random' in sys.modules:
        sys.modules['random'].seed()
    find_place()
    if head.get('fresh'):
        # The module brings its own version of what is loaded.
        for name in [name for name in sys.modules if name.split('.')[0] == 'ansible']:
            del sys.modules[name]
    archive = Library()
    archive.texts = dict(base.texts)
    archive.texts.update(library.texts)
    sys.meta_path.insert(0, library)
    Folder.library = archive
    try:
        start(head, body, library, Folder(os.path.join(folder, 'modules.zip')))
    except SystemExit as error:
        return code_of(error)
    return 0


def code_of(error):
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 255
    sys.stderr.write(str(error.code) + '\n')
    return 1


def find_place():
    """A module needs a folder to be in; a user that was become may see none."""
    for place in (None, os.path.expanduser('~'), '/'):
        try:
            if place:
                os.chdir(place)
            os.getcwd()
            return
        except OSError:
            pass


def start(head, body, library, archive):
    """Runs the module as the program that it is, by the rules of the ansible-core it came with."""
    import runpy
    from ansible.module_utils import basic
    begin = None
    for place in ('_ansiballz._loader', '_ansiballz'):
        try:
            begin = __import__('ansible.module_utils._internal.' + place, fromlist=['run_module']).run_module
            break
        except (ImportError, AttributeError):
            pass
    library.main = head['fqn']
    if begin is None:
        basic._ANSIBLE_ARGS = body
        names = {'_module_fqn': head['fqn'], '_modlib_path': archive}
        if sys.version_info[0] > 2:
            runpy.run_module(head['fqn'], init_globals=names, run_name='__main__', alter_sys=True)
        else:
            run_main(str(head['fqn']), names, library)
        sys.stderr.write('New-style module did not handle its own exit\n')
        sys.exit(1)
    known = {
        'json_params': body, 'profile': head['profile'], 'module_fqn': head['fqn'],
        'modlib_path': archive, 'extensions': {}, 'init_globals': None,
        'coverage_config': None, 'coverage_output': None,
    }
    code = begin.__code__
    wanted = code.co_varnames[:code.co_argcount + code.co_kwonlyargcount]
    begin(**dict((name, value) for name, value in known.items() if name in wanted))


def run_main(name, names, library):
    """What runpy does; that of Python 2 looks below packages in files only."""
    import types
    __import__(name.rpartition('.')[0])
    module = types.ModuleType('__main__')
    module.__file__ = library.get_filename(name)
    module.__loader__ = library
    module.__package__ = name.rpartition('.')[0]
    module.__dict__.update(names)
    sys.modules['__main__'] = module
    exec(library.get_code(name), module.__dict__)


def finish():
    """Does what Python does at its end: threads are waited for, what was registered is done."""
    try:
        import threading
        threading._shutdown()
    except BaseException:
        pass
    try:
        import atexit
        atexit._run_exitfuncs()
    except BaseException:
        pass
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            pass


def serve(commands, answers):
    # A module's own files are looked for nowhere but in its bundle and Python's library.
    sys.path[:] = [place for place in sys.path if place not in ('', '.')]
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    write_frame(answers, {'ready': list(sys.version_info[:3]), 'executable': sys.executable, 'version': sys.version})
    try:
        Session(commands, answers).serve()
    except (Gone, KeyboardInterrupt):
        pass
    os._exit(0)
