"""The worker on the controller: answers small questions itself, and forks a child for the rest.

A frame of channel 0 is for this process; any other is handed on to the child of that channel, and
what children write is handed back. So a plugin that hangs or dies holds up nobody.
"""
import importlib.util
import os
import re
import select
import signal
import socket
import sys
import time
import traceback

import play_closure as closure
import play_frames as frames


def find_core():
    """The folder of ansible-core and its version, without importing it."""
    try:
        spec = importlib.util.find_spec('ansible')
    except (ImportError, ValueError):
        spec = None
    places = list(spec.submodule_search_locations or []) if spec else []
    for place in places:
        found = re.search(r"^__version__ = ['\"]([^'\"]+)", closure.read(os.path.join(place, 'release.py')) or '', re.M)
        if found:
            return place, found.group(1)
    return None, None


class Worker(object):
    def __init__(self, commands, answers):
        self.commands = commands
        self.answers = answers
        self.core, self.version = find_core()
        self.closure = closure.Closure(self.core, self.version) if self.core else None
        self.children = {}
        self.settings = {}

    def serve(self):
        frames.write(self.answers, 0, {
            'do': 'hello', 'python': list(sys.version_info[:3]), 'executable': sys.executable,
            'core': self.core, 'version': self.version, 'path': [place for place in sys.path if place],
        })
        while True:
            sockets = {child.socket.fileno(): child for child in self.children.values()}
            try:
                ready = select.select([self.commands] + list(sockets), [], [])[0]
            except InterruptedError:
                continue
            for fd in ready:
                if fd == self.commands:
                    self.command()
                else:
                    self.hand_back(sockets[fd])

    def command(self):
        channel, sizes, rest = frames.read_raw(self.commands)
        if channel:
            child = self.children.get(channel)
            if child:
                try:
                    frames.write_all(child.socket.fileno(), sizes + rest)
                except OSError:
                    self.lose(child)
            return
        size = int(sizes[8:16], 16)
        head = frames.json.loads(rest[:size].decode('utf-8'))
        try:
            answer, body = getattr(self, 'do_' + head['do'])(head)
            answer['number'] = head.get('number')
        except closure.Missing as error:
            answer, body = {'number': head.get('number'), 'error': str(error)}, b''
        except Exception as error:
            last = traceback.extract_tb(sys.exc_info()[2])[-1]
            text = '%s: %s (%s, line %s)' % (type(error).__name__, error, last.filename, last.lineno)
            answer, body = {'number': head.get('number'), 'error': text, 'trace': traceback.format_exc()}, b''
        try:
            frames.write(self.answers, 0, answer, body)
        except frames.TooLong as error:
            frames.write(self.answers, 0, {'number': head.get('number'), 'error': str(error)})

    def hand_back(self, child):
        try:
            _channel, sizes, rest = frames.read_raw(child.socket.fileno())
        except (frames.Gone, OSError):
            return self.lose(child)
        frames.write_all(self.answers, sizes + rest)

    def lose(self, child):
        """Tells that a child is gone, and how."""
        self.children.pop(child.channel, None)
        child.socket.close()
        try:
            # One that closed its line, or said what is no frame, and lives on, is ended.
            end = time.time() + 1
            pid, status = os.waitpid(child.pid, os.WNOHANG)
            while not pid and time.time() < end:
                time.sleep(0.01)
                pid, status = os.waitpid(child.pid, os.WNOHANG)
            if not pid:
                kill(child.pid)
                status = os.waitpid(child.pid, 0)[1]
        except OSError:
            status = 0
        how = 'status %d' % os.WEXITSTATUS(status) if os.WIFEXITED(status) else 'signal %d' % os.WTERMSIG(status)
        frames.write(self.answers, child.channel, {'do': 'gone', 'how': how})

    # What channel 0 may ask.

    def do_settings(self, head):
        self.settings = head['settings']
        return {}, b''

    def do_base(self, _head):
        body = closure.pack(self.closure.get_base())
        return {'minimum': self.closure.minimum(), 'names': self.closure.internal_names()}, body

    def do_module(self, head):
        dotted, texts, fresh = self.closure.module(head['path'], head['name'], head['collections'], head['utils'])
        body = closure.pack(texts)
        return {'fqn': dotted, 'fresh': fresh, 'hash': closure.digest(body)}, body

    def do_open(self, head):
        """Forks a child that will hear the frames of a channel."""
        import play_plugins
        play_plugins.prepare(self.settings)
        ours, its = socket.socketpair()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            ours.close()
            for child in self.children.values():
                child.socket.close()
            os.close(self.commands)
            os.close(self.answers)
            code = 1
            try:
                os.setsid()
                die_with(parent)
                play_plugins.serve(its.fileno(), head['channel'])
                code = 0
            except frames.Gone:
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        its.close()
        self.children[head['channel']] = Child(head['channel'], pid, ours)
        return {}, b''

    def do_kill(self, head):
        child = self.children.get(head['channel'])
        if child:
            kill(child.pid)
        return {}, b''

    def end(self):
        for child in list(self.children.values()):
            self.do_kill({'channel': child.channel})


def kill(pid):
    """Ends a child and what it started."""
    for target in (-pid, pid):
        try:
            os.kill(target, signal.SIGKILL)
            break
        except OSError:
            pass


def die_with(parent):
    """A child that hangs does not outlive the worker, where the system can do that."""
    try:
        import ctypes
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)
    except Exception:
        return
    if os.getppid() != parent:
        os._exit(1)


class Child(object):
    def __init__(self, channel, pid, own):
        self.channel = channel
        self.pid = pid
        self.socket = own


def serve(commands, answers):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = Worker(commands, answers)
    try:
        worker.serve()
    except (frames.Gone, BrokenPipeError):
        pass
    finally:
        # Whatever ends it: what a child started is ended with it.
        worker.end()
