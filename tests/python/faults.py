#!/usr/bin/env python3
"""What goes wrong with Python, and what play says of it. The reference is not asked.

faults.py PLAY VENV [CASE...]
"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cases import fill  # noqa: E402

SECRET = 'correct-horse-battery'
FAULT = """#!/usr/bin/python
import os, sys, time, signal
from ansible.module_utils.basic import AnsibleModule
def main():
    module = AnsibleModule(argument_spec=dict(do=dict(type='str'), word=dict(type='str', no_log=True)))
    do = module.params['do']
    if do == 'gigabyte':
        for _ in range(1024):
            sys.stdout.write('x' * 1048576)
        module.exit_json(changed=False)
    if do == 'forever':
        time.sleep(600)
    if do == 'daemon':
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                with open(os.path.join(os.environ['PLAY_TEST_DAEMONS'], str(os.getpid())), 'w'):
                    pass
                time.sleep(20)
            os._exit(0)
        os.wait()
        module.exit_json(changed=False, daemon=True)
    if do == 'garbage':
        print('Could not chdir to home directory')
        module.exit_json(changed=False, after='garbage')
    if do == 'raise':
        raise ValueError('boom')
    if do == 'nothing':
        sys.exit(0)
    if do == 'killed':
        os.kill(os.getpid(), signal.SIGKILL)
    if do == 'session':
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(5)
    if do == 'binary':
        os.write(1, bytes(bytearray(range(256))))
        sys.exit(3)
    if do == 'deep':
        sys.stdout.write('{"a":' * 100000)
        sys.exit(0)
    if do == 'look':
        found = []
        for name in os.listdir('/proc'):
            try:
                with open('/proc/%s/cmdline' % name) as file:
                    found.append(module.params['word'] in file.read())
            except (IOError, OSError):
                pass
        module.exit_json(changed=False, seen=any(found), looked=len(found) > 0)
    module.exit_json(changed=False)
if __name__ == '__main__':
    main()
"""
FILTERS = """import os, signal, time
def worker(value):
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(1)
    return value
def own(value):
    os.kill(os.getpid(), signal.SIGKILL)
def loud(value):
    print('noise'); os.write(1, b'more noise')
    return value
class FilterModule(object):
    def filters(self):
        return dict(end_worker=worker, end_own=own, loud=loud)
"""
FILES = {'library/fault.py': FAULT, 'filter_plugins/fault.py': FILTERS}

# A task, and what its message has to hold. Nothing: it does not fail.
MODULES = [
    ('fault: {do: gigabyte}', r'the module was ended: it printed more than 64 MiB'),
    ('fault: {do: forever}', r'[Tt]imed? ?out|too long|2 s'),
    ('fault: {do: daemon}', None),
    ('fault: {do: garbage}', None),
    ('fault: {do: raise}', r'boom'),
    ('fault: {do: nothing}', r'No start of json char found'),
    ('fault: {do: killed}', r'ended by signal 9'),
    ('fault: {do: session}', r'the Python on the host ended in the middle of a task'),
    ('fault: {do: binary}', r'No start of json char found|No end of json char found'),
    ('fault: {do: deep}', r'deserialization failed'),
    ('fault: {do: look, word: "%s"}' % SECRET, None),
    ('debug: {msg: "{{ 1 | end_worker }}"}', r'process.* ended'),
    ('debug: {msg: "{{ 1 | end_own }}"}', r'process .*filter `end_own` ended: signal 9'),
    ('debug: {msg: "{{ 1 | loud }}"}', None),
    ('fault: {}', None),
]


class Play:
    def __init__(self, play, python):
        self.play, self.python = os.path.abspath(play), python

    def environment(self, folder, python=None, **more):
        """The environment of a run, by which what it leaves running is known."""
        os.makedirs(os.path.join(folder, 'daemons'), exist_ok=True)
        env = dict(os.environ, ANSIBLE_NOCOLOR='1', PLAY_PYTHON=python or self.python, PLAY_RECORD='0',
                   PLAY_TEST_DAEMONS=os.path.join(folder, 'daemons'), **more)
        env.pop('ANSIBLE_CONFIG', None)
        if env['PLAY_PYTHON'] == 'none':
            del env['PLAY_PYTHON']
        return env

    def run(self, folder, text, python=None, inventory='a ansible_connection=local\n', options=(), **environment):
        book, hosts, out = (os.path.join(folder, name) for name in ('p.yml', 'hosts', 'out.json'))
        with open(book, 'w') as file:
            file.write(text.replace('{out}', out))
        with open(hosts, 'w') as file:
            file.write(inventory)
        env = self.environment(folder, python, **environment)
        begin = time.time()
        done = subprocess.run([self.play, 'run', '-i', hosts, book] + list(options), cwd=folder, env=env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace')
        done.seconds = time.time() - begin
        try:
            with open(out) as file:
                done.value = json.load(file)
        except (OSError, ValueError):
            done.value = None
        return done


def book(tasks, hosts='all'):
    lines = ['- hosts: ' + hosts, '  gather_facts: false', '  tasks:']
    for number, task in enumerate(tasks):
        lines += ['    - ' + task] + ['      timeout: 2'] * ('forever' in task)
        lines += ['      register: r%d' % number, '      ignore_errors: true']
    every = ', '.join('r%d' % number for number in range(len(tasks)))
    lines += ['    - copy: {dest: "{out}", content: "{{ [%s] | to_json }}"}' % every, '      delegate_to: localhost',
              '      run_once: true', '      connection: local']
    return '\n'.join(lines) + '\n'


def modules(play, folder, wrong):
    """Modules that misbehave: the message of each, and the next task works."""
    fill(folder, FILES)
    done = play.run(folder, book([task for task, _ in MODULES]))
    if done.value is None:
        return wrong('no results:\n' + (done.stdout + done.stderr)[-3000:])
    for (task, pattern), result in zip(MODULES, done.value):
        failed = bool(result.get('failed'))
        if failed != (pattern is not None):
            wrong('%s: failed is %s: %s' % (task, failed, json.dumps(result)[:500]))
        elif pattern and not re.search(pattern, str(result.get('msg', ''))):
            wrong('%s: msg is %r' % (task, str(result.get('msg', ''))[:500]))
        elif 'Traceback' in str(result.get('msg', '')):
            wrong('%s: a traceback in the message' % task)
    by_task = dict(zip((task for task, _ in MODULES), done.value))
    if by_task['fault: {do: garbage}'].get('after') != 'garbage':
        wrong('what follows garbage is no result')
    looked = by_task[[task for task in by_task if 'look' in task][0]]
    if looked.get('seen') is not False or not looked.get('looked'):
        wrong('the secret stands in an argument list: %s' % json.dumps(looked)[:300])
    if SECRET in done.stdout + done.stderr:
        wrong('the secret is shown')
    if len(done.stdout) > 3000000:
        wrong('%d bytes are shown' % len(done.stdout))
    if done.seconds > 300:
        wrong('it took %d s' % done.seconds)
    left = running(folder)
    if left:
        wrong('processes are left: %s' % left)


def running(folder, patience=5):
    """What still runs of the runs in a folder, but for daemons that a module started: id and arguments. Whatever
    play starts, and whatever that starts, has the folder in its environment."""
    mark = ('PLAY_TEST_DAEMONS=%s/' % folder).encode()
    end = time.time() + patience
    while True:
        known, found = set(os.listdir(os.path.join(folder, 'daemons'))), []
        for number in filter(str.isdigit, os.listdir('/proc')):
            try:
                with open('/proc/%s/environ' % number, 'rb') as file:
                    marked = any(one.startswith(mark) for one in file.read().split(b'\0'))
                with open('/proc/%s/cmdline' % number, 'rb') as file:
                    words = file.read().decode('utf-8', 'replace').replace('\0', ' ')[:200]
            except OSError:
                continue
            if marked and words and number not in known:
                found.append((number, words))
        if not found or time.time() > end:
            return found
        time.sleep(0.2)


def others(play, folder, wrong):
    """A host whose Python is missing: it alone fails."""
    fill(folder, FILES)
    text = '- hosts: all\n  gather_facts: false\n  tasks:\n    - fault: {}\n'
    hosts = 'a ansible_connection=local\nb ansible_connection=local ansible_python_interpreter=/no/python\n'
    done = play.run(folder, text, inventory=hosts)
    words = done.stdout + done.stderr
    if not re.search(r"a +: ok=1", words) or not re.search(r'b +: ok=0 .*failed=1', words) or done.returncode != 2:
        wrong(words[-1500:])
    if "The module interpreter '/no/python' was not found." not in words:
        wrong('no word of the interpreter:\n' + words[-1500:])


def old(play, folder, wrong):
    """Pythons on hosts that ansible-core does not support."""
    fill(folder, FILES)
    hosts = ''
    for version in ((2, 7, 18), (3, 6, 15)):
        path = os.path.join(folder, 'python%d.%d' % version[:2])
        dotted = '.'.join(map(str, version))
        real = os.path.expanduser('~/.pyenv/versions/%s/bin/python' % dotted)
        with open(path, 'w') as file:
            # It says that it is an old one.
            file.write('#!/bin/sh\nexec /usr/bin/python3 -u -c "import sys; boot = sys.argv.pop(1); '
                       'sys.version_info = %r; sys.version = \'%s (default)\'; exec(boot)" "$3" "$4"\n'
                       % (version + ('final', 0), dotted))
        os.chmod(path, 0o755)
        hosts += 'h%d ansible_connection=local ansible_python_interpreter=%s\n' % (version[0], real if os.path.exists(real) else path)
    text = '- hosts: all\n  gather_facts: false\n  tasks:\n    - fault: {}\n'
    words = play.run(folder, text, inventory=hosts).stdout
    for version in ('2.7.18', '3.6.15'):
        if not re.search(r'Ansible requires Python 3\.\d+ or newer on the target\. Current version: ' + re.escape(version), words):
            wrong('%s: %s' % (version, words[-1500:]))


def controller(play, folder, wrong):
    """ansible-core that is missing, too old or broken on the controller."""
    fill(folder, FILES)
    text = '- hosts: all\n  gather_facts: false\n  tasks:\n    - fault: {}\n'
    bare = os.path.join(folder, 'bare')
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', bare], check=True)
    python = os.path.join(bare, 'bin/python3')
    site = subprocess.run([python, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'],
                          capture_output=True, text=True, check=True).stdout.strip()
    done = play.run(folder, text, python=python)
    words = done.stdout + done.stderr
    for wanted in ('needs ansible-core, which is not installed', python + ' -m pip install ansible-core', 'library/fault.py'):
        if wanted not in words:
            wrong('missing: no `%s` in\n%s' % (wanted, words[-1500:]))
    fill(site, {'ansible/__init__.py': '', 'ansible/release.py': "__version__ = '2.14.18'\n"})
    words = play.run(folder, text, python=python).stdout
    for wanted in ('ansible-core 2.14.18 of', 'is too old: 2.15 or later is needed', 'pip install --upgrade ansible-core'):
        if wanted not in words:
            wrong('too old: no `%s` in\n%s' % (wanted, words[-1500:]))
    fill(site, {'ansible/release.py': "__version__ = '2.21.5'\n"})
    words = play.run(folder, text, python=python).stdout
    if 'is broken: it has no module_utils/basic.py' not in words:
        wrong('broken: ' + words[-1500:])
    done = play.run(folder, text, python='/no/python')
    if '/no/python' not in done.stdout + done.stderr:
        wrong('no word of the setting: ' + (done.stdout + done.stderr)[-1500:])


def leavings(play, folder, wrong):
    """Nothing is left on a host, by modules, actions and a session that dies."""
    home = os.path.join(folder, 'home')
    os.makedirs(os.path.join(home, 'tmp'))
    fill(folder, dict(FILES, **{'action_plugins/act.py': ACT}))
    lines = ['fault: {}', 'act: {}', 'fault: {do: session}', 'fault: {do: daemon}', 'fault: {do: killed}', 'act: {die: true}']
    text = book(lines).replace("  tasks:", "  environment: {HOME: '%s', TMPDIR: '%s/tmp'}\n  vars: {ansible_remote_tmp: '%s/tmp/ansible'}\n  tasks:" % (home, home, home), 1)
    before = everything(home) | temporary()
    play.run(folder, text, HOME=home, TMPDIR=home + '/tmp')
    # The controller's Python sees that the run is over, and removes its own folder.
    still = running(folder)
    if still:
        wrong('processes are left: %s' % still)
    left = sorted((everything(home) | temporary()) - before)
    # The journal is the controller's; an action plugin leaves the empty folder that it leaves under Ansible.
    kept = (home + '/.ansible', home + '/.ansible/tmp')
    left = [path for path in left if '/.local' not in path and path not in kept]
    if left:
        wrong('left: %s' % left)


ACT = """import os
from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        path = self._make_tmp_path()
        self._transfer_data(self._connection._shell.join_path(path, 'data'), 'x')
        if self._task.args.get('die'):
            os._exit(3)
        self._remove_tmp_path(path)
        return result
"""


def everything(folder):
    return {os.path.join(root, name) for root, dirs, files in os.walk(folder) for name in dirs + files}


def temporary():
    return {os.path.join('/tmp', name) for name in os.listdir('/tmp') if name.startswith('play-play')}


def refused(play, folder, wrong):
    """Plugins of kinds that are not run are refused before any host is touched where the run is certain to meet them;
    elsewhere the tasks that meet them fail."""
    touch = os.path.join(folder, 'touched')
    touches = '- hosts: all\n  gather_facts: false\n  connection: local\n  tasks:\n    - copy: {dest: "%s", content: x}\n' % touch
    local, other = 'a ansible_connection=local\n', 'a ansible_connection=local\nw ansible_connection=winrm\n'
    for text, hosts, wanted, certain in (
            ('- hosts: all\n  strategy: mitogen_linear\n  tasks: []\n', local, 'there is no strategy called `mitogen_linear`', True),
            ('- hosts: all\n  become: true\n  become_method: community.general.sesu\n  tasks:\n    - ping:\n', local,
             '(no become method called|cannot become another user with) `(community.general.)?sesu`', False),
            ('- hosts: a\n  connection: community.general.lxd\n  tasks:\n    - ping:\n', 'a\n', 'there is no connection called', False),
            ('- hosts: w\n  tasks:\n    - ping:\n', other, 'there is no connection called `winrm`', False),
            ('- hosts: all\n  vars: {ansible_connection: local}\n  become_method: community.general.sesu\n  tasks:\n    - ping:\n', other,
             None, None)):
        for name, whole, before in (('first', text + touches, wanted), ('second', touches + text, wanted and certain)):
            done = play.run(folder, whole, inventory=hosts)
            words, touched = done.stdout + done.stderr, os.path.exists(touch)
            if wanted and (not re.search(wanted, words) or done.returncode == 0):
                wrong('%s, %s: not refused: %s' % (text, name, words[-1500:]))
            if before and (touched or '-->' not in words):
                wrong('%s, %s: refused too late: %s' % (text, name, words[-1500:]))
            if not before and not touched:
                wrong('%s, %s: refused although it may go well: %s' % (text, name, words[-1500:]))
            if touched:
                os.unlink(touch)


HANGING = {
    'filter_plugins/slow.py': """import time
def slow(value, seconds=600):
    open('hangs', 'w').close()
    time.sleep(seconds)
    return value
class FilterModule(object):
    def filters(self):
        return dict(slow=slow, quick=lambda value: value)
""",
    'lookup_plugins/slow.py': """import subprocess
from ansible.plugins.lookup import LookupBase
class LookupModule(LookupBase):
    def run(self, terms, variables=None, **named):
        open('hangs', 'w').close()
        subprocess.call(['sleep', '600'])
        return terms
""",
}
HANGING_CALLBACK = """import time
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'hanging'
    def v2_playbook_on_task_start(self, task, is_conditional):
        open('hangs', 'w').close()
        time.sleep(600)
"""


def late(play, folder, wrong):
    """A filter or a lookup that never answers ends with its task's time; the next task gets another worker."""
    fill(folder, HANGING)
    text = book([
        'debug: {msg: "{{ 1 | slow }}"}\n      timeout: 2', 'debug: {msg: "{{ lookup(\'slow\', 1) }}"}\n      timeout: 2',
        'debug: {msg: "{{ 7 | quick }}"}\n      timeout: 20', 'debug: {msg: "{{ 8 | slow(0.1) }}"}\n      timeout: 20'])
    done = play.run(folder, text)
    if done.value is None:
        return wrong('no results:\n' + (done.stdout + done.stderr)[-3000:])
    for result in done.value[:2]:
        said = result.get('msg') == 'Task failed: Timed out after 2 second(s).'
        if not result.get('failed') or not said or result.get('timedout', {}).get('period') != 2:
            wrong('a task that is late: %s' % json.dumps(result)[:500])
    if [result.get('msg') for result in done.value[2:]] != [7, 8]:
        wrong('the tasks after it: %s' % json.dumps(done.value[2:])[:500])
    if done.seconds > 60:
        wrong('it took %d s' % done.seconds)
    if running(folder):
        wrong('processes are left: %s' % running(folder))


def stopped(play, folder, wrong):
    """A run in which a plugin hangs ends with Ctrl-C, once or twice, and with TERM, in the time that is promised."""
    # Enough of them that the first are gone, and say so to nobody, while the last still run.
    hosts = ''.join('h%d ansible_connection=local\n' % number for number in range(12))
    head = '- hosts: all\n  gather_facts: false\n  tasks:\n'
    filters = head + '    - debug: {msg: "{{ 1 | slow }}"}\n    - debug: {msg: after}\n'
    lookups = head + '    - debug: {msg: "{{ lookup(\'slow\', 1) }}"}\n'
    callback = {'callback_plugins/hanging.py': HANGING_CALLBACK}
    inventory = {'inventory_plugins/hanging.py': INVENTORY % "open('hangs', 'w').close(); time.sleep(600)", 'hosts.yml': 'plugin: hanging\n'}
    once, twice, term = [signal.SIGINT], [signal.SIGINT, signal.SIGINT], [signal.SIGTERM]
    for name, files, text, signals, code, most in (
            ('a filter', HANGING, filters, twice, 99, 6), ('a filter', HANGING, filters, term, 143, 6),
            ('a filter', HANGING, filters, once, 99, 12), ('a lookup', HANGING, lookups, twice, 99, 6),
            ('a callback', callback, head + '    - debug: {msg: x}\n', twice, 99, 6),
            ('a callback', callback, head + '    - debug: {msg: x}\n', once, 99, 12),
            ('a callback', callback, head + '    - debug: {msg: x}\n', term, 143, 6),
            ('an inventory plugin', inventory, head + '    - debug: {msg: x}\n', term, -15, 6)):
        with tempfile.TemporaryDirectory() as own:
            fill(own, dict(files, **{'p.yml': text, 'hosts': hosts}))
            source = 'hosts.yml' if 'hosts.yml' in files else 'hosts'
            process = subprocess.Popen([play.play, 'run', '-i', source, 'p.yml'], cwd=own, env=play.environment(own),
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for _ in range(300):
                if os.path.exists(os.path.join(own, 'hangs')) or process.poll() is not None:
                    break
                time.sleep(0.2)
            time.sleep(1)
            begin = time.time()
            for one in signals:
                process.send_signal(one)
                time.sleep(0.5)
            try:
                words = process.communicate(timeout=40)[0]
            except subprocess.TimeoutExpired:
                process.kill()
                words = process.communicate()[0]
                wrong('%s, %s: it is not ended\n%s' % (name, signals, words[-1000:]))
                continue
            seconds = time.time() - begin
            if process.returncode != code or seconds > most:
                wrong('%s, %s: code %d after %.1f s\n%s' % (name, signals, process.returncode, seconds, words[-1500:]))
            if running(own):
                wrong('%s, %s: processes are left: %s' % (name, signals, running(own)))


DEAF = """import os, socket, subprocess, time
import play_frames, play_worker
commands, answers = os.pipe(), os.pipe()
worker = play_worker.Worker(commands[0], answers[1])
for channel in 1, 2:
    ours, its = socket.socketpair()
    pid = os.fork()
    if not pid:
        os.setsid()
        os.close(answers[0])
        subprocess.call(['sleep', '600'])
    its.close()
    worker.children[channel] = play_worker.Child(channel, pid, ours)
os.close(answers[0])
time.sleep(1)
play_worker.Worker = lambda *_: worker
play_worker.serve(commands[0], answers[1])
"""


def deaf(play, folder, wrong):
    """A worker whose answers nobody hears any more ends what its other children started."""
    text = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../src/python/text')
    for name in ('frames', 'closure', 'worker'):
        os.symlink(os.path.join(text, name + '.py'), os.path.join(folder, 'play_%s.py' % name))
    fill(folder, {'deaf.py': DEAF})
    done = subprocess.run([play.python, '-B', 'deaf.py'], cwd=folder, env=play.environment(folder),
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    if done.returncode:
        wrong('code %d' % done.returncode)
    if running(folder):
        wrong('processes are left: %s' % running(folder))


INVENTORY = """import sys, time
from ansible.plugins.inventory import BaseInventoryPlugin
class InventoryModule(BaseInventoryPlugin):
    NAME = 'x'
    def verify_file(self, path):
        return path.endswith('.yml')
    def parse(self, inventory, loader, path, cache=True):
        super(InventoryModule, self).parse(inventory, loader, path, cache)
        %s
        inventory.add_host('one')
        inventory.set_variable('one', 'ansible_connection', 'local')
        inventory.set_variable('one', 'cached', cache)
"""


def cached(play, folder, wrong):
    """An inventory plugin may answer from its cache, but not with --flush-cache nor for `meta: refresh_inventory`."""
    fill(folder, {'inventory_plugins/mine.py': INVENTORY % 'pass', 'hosts.yml': 'plugin: mine\n', 'p.yml': (
        '- hosts: one\n  gather_facts: false\n  tasks:\n    - debug: {msg: "first {{ cached }}"}\n'
        '    - meta: refresh_inventory\n    - debug: {msg: "second {{ cached }}"}\n')})
    for options, wanted in (([], 'True'), (['--flush-cache'], 'False')):
        done = subprocess.run([play.play, 'run', '-i', 'hosts.yml', 'p.yml'] + options, cwd=folder, env=play.environment(folder),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if 'first ' + wanted not in done.stdout or 'second False' not in done.stdout:
            wrong('%s: %s' % (options, (done.stdout + done.stderr)[-1500:]))
    for options, wanted in (([], 'true'), (['--flush-cache'], 'false')):
        done = subprocess.run([play.play, 'inventory', '-i', 'hosts.yml', '--playbook-dir', '.', '--host', 'one'] + options, cwd=folder,
                              env=play.environment(folder), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if '"cached": ' + wanted not in done.stdout:
            wrong('inventory %s: %s' % (options, (done.stdout + done.stderr)[-1500:]))


TELLING = """display.warning('of the plugin')
        display.warning('of the plugin')
        display.deprecated('the old way', version='9.0', collection_name='a.b')
        sys.stderr.write('written by python\\n')
        os.write(2, b'written below\\n')
        subprocess.call(['sh', '-c', 'echo written by a child >&2'])"""
TELLING_CALLBACK = """import atexit, os, subprocess, sys
from ansible.plugins.callback import CallbackBase
from ansible.utils.display import Display
display = Display()
def done():
    print('done at the end')
    sys.stderr.write('error at the end\\n')
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'telling'
    def __init__(self):
        super(CallbackModule, self).__init__()
        atexit.register(done)
    def v2_playbook_on_start(self, playbook):
        print('shown by python')
        os.system('echo shown by a child')
        %s
""" % TELLING


def told(play, folder, wrong):
    """Warnings, deprecations and stderr of callbacks and inventory plugins are shown; what waits for the end is done."""
    text = '- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {msg: x}\n'
    listed = 'import os, subprocess\nfrom ansible.utils.display import Display\ndisplay = Display()\n' + INVENTORY % TELLING
    everything = ('warning: of the plugin', "the old way. This feature will be removed from collection 'a.b' version 9.0.", 'written by python',
                  'written below', 'written by a child')
    for name, files, more, printed in (
            ('callback', {'callback_plugins/telling.py': TELLING_CALLBACK}, ('error at the end',),
             ('shown by python', 'shown by a child', 'done at the end')),
            ('inventory', {'inventory_plugins/mine.py': listed, 'hosts.yml': 'plugin: mine\n'}, (), ())):
        for output in ([], ['--output', 'json']):
            with tempfile.TemporaryDirectory() as own:
                fill(own, dict(files, **{'p.yml': text, 'hosts': 'a ansible_connection=local\n'}))
                source = 'hosts.yml' if 'hosts.yml' in files else 'hosts'
                done = subprocess.run([play.play, 'run', '-i', source, 'p.yml'] + output, cwd=own, env=play.environment(own),
                                      stdin=subprocess.DEVNULL, capture_output=True, text=True)
                # What a program reads stays JSON: what is shown goes to where people look.
                shown = done.stderr if output else done.stdout
                for wanted, where in [(one, done.stderr) for one in everything + more] + [(one, shown) for one in printed]:
                    if where.count(wanted) != 1:
                        wrong('%s %s: `%s` is said %d times:\n%s\n%s' % (
                            name, output, wanted, where.count(wanted), done.stdout[-1500:], done.stderr[-1500:]))
                for line in done.stdout.splitlines() if output else []:
                    json.loads(line)
                done = subprocess.run([play.play, 'run', '-i', source, 'p.yml'], cwd=own, stdin=subprocess.DEVNULL,
                                      env=play.environment(own, ANSIBLE_DEPRECATION_WARNINGS='0'), capture_output=True, text=True)
                if 'the old way' in done.stderr or 'of the plugin' not in done.stderr:
                    wrong('%s: deprecations that are not wanted: %s' % (name, done.stderr[-1500:]))


def grouped(play, folder, wrong):
    """An inventory plugin sees the hosts, groups and variables of the sources before, and what it leaves alone stays as it was."""
    plugin = INVENTORY.replace("inventory.add_host('one')", "inventory.set_variable('h1', 'seen', len(inventory.hosts))") % (
        "inventory.add_group('odd'); inventory.add_host('h1', 'odd'); inventory.add_child('above', 'odd')\n"
        "        inventory.set_variable('h1', 'near', inventory.groups['web'].vars['port'] + 1)\n"
        "        inventory.add_host('one')")
    fill(folder, {'inventory_plugins/mine.py': plugin, 'later.yml': 'plugin: ansible.legacy.mine\n', 'first.yml': (
        'web:\n  hosts: {h1: {own: "{{ port }}", kept: 1}, h2: {}}\n  vars: {port: 80, 7: seven}\nabove: {}\n')})
    done = subprocess.run([play.play, 'inventory', '-i', 'first.yml', '-i', 'later.yml', '--list'], cwd=folder, stdin=subprocess.DEVNULL,
                          env=play.environment(folder, ANSIBLE_PLAYBOOK_DIR='.'), capture_output=True, text=True)
    try:
        said = json.loads(done.stdout)
        hosts = said['_meta']['hostvars']
        found = (said['odd']['hosts'], said['above']['children'], said['web']['hosts'], hosts['h1']['near'], hosts['h1']['own'],
                 hosts['h1']['seen'], hosts['h1']['port'], 'one' in hosts)
    except (ValueError, KeyError) as error:
        return wrong('%r: %s' % (error, (done.stdout + done.stderr)[-2000:]))
    if found != (['h1'], ['odd'], ['h1', 'h2'], 81, '{{ port }}', 3, 80, True):
        wrong('%r' % (found,))


def endless(play, folder, wrong):
    """A callback that never ends at the end is not waited for long."""
    fill(folder, {'callback_plugins/endless.py': TELLING_CALLBACK.replace("print('done at the end')", '__import__("time").sleep(600)')})
    done = play.run(folder, book(['debug: {msg: x}']))
    if done.returncode != 0 or not 9 < done.seconds < 30 or 'did not answer within 10 s' not in done.stderr:
        wrong('code %d after %.1f s: %s' % (done.returncode, done.seconds, done.stderr[-1500:]))
    if running(folder):
        wrong('processes are left: %s' % running(folder))


def long(play, folder, wrong):
    """An answer that is too long is an error of that question; others of the same worker go on."""
    fill(folder, {'filter_plugins/long.py': """import os
def line(fd):
    os.closerange(3, 64)
    __import__('time').sleep(600)
class FilterModule(object):
    def filters(self):
        return dict(much=lambda value: 'x' * (70 << 20), deep=lambda value: eval('[' * 90 + ']' * 90),
                    nested=nested, line=line, worker=lambda value: os.getppid())
def nested(value):
    for _ in range(100000):
        value = [value]
    return value
"""})
    tasks = ['debug: {msg: "{{ 1 | worker }}"}', 'debug: {msg: "{{ 1 | much }}"}', 'debug: {msg: "{{ 1 | nested }}"}',
             'debug: {msg: "{{ 1 | line }}"}', 'debug: {msg: "{{ 1 | worker }}"}']
    done = play.run(folder, book(tasks))
    if done.value is None:
        return wrong('no results:\n' + (done.stdout + done.stderr)[-3000:])
    first, much, nested, line, last = done.value
    for result, pattern in ((much, r'it gave 70 MiB, more than 64 MiB'), (nested, r'recursion'), (line, r'ended: signal 9')):
        if not result.get('failed') or not re.search(pattern, str(result.get('msg'))):
            wrong('no `%s`: %s' % (pattern, json.dumps(result)[:500]))
    if not first.get('msg') or first.get('msg') != last.get('msg'):
        wrong('another worker: %s, %s' % (first, last))


def unneeded(play, folder, wrong):
    """Folders of plugins in which no plugin is do not start Python; an old plugin with `_` before its name does."""
    names = ('filter', 'test', 'lookup', 'callback', 'vars', 'inventory')
    empty = {'%s_plugins/%s.py' % (name, file): 'import os\n' for name in names for file in ('__init__', '_common')}
    fill(folder, dict(empty, **{'group_vars/all.yml': 'a: 1\n'}))
    done = play.run(folder, book(['debug: {msg: "{{ a | string | upper }}"}']), python='/no/python')
    if done.returncode != 0 or 'python' in done.stdout + done.stderr:
        wrong('Python is looked for: %s' % (done.stdout + done.stderr)[-1500:])
    fill(folder, {'filter_plugins/_old.py': 'class FilterModule(object):\n    def filters(self):\n        return dict(old=lambda v: v + 1)\n'})
    done = play.run(folder, book(['debug: {msg: "{{ 1 | old }}"}']))
    if not done.value or done.value[0].get('msg') != 2:
        wrong('an old plugin is not found: %s' % (done.stdout + done.stderr)[-1500:])


EVENTS = """import json, os
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'events'
    def __init__(self):
        super(CallbackModule, self).__init__()
        self.seen = []
        for name in [name for name in dir(self) if name.startswith('v2_') and name not in ('v2_on_any', 'v2_playbook_on_stats')]:
            setattr(self, name, self.hears(name))
    def hears(self, name):
        def heard(*args, **named):
            told = args[0] if args else None
            task = getattr(told, '_task', None)
            words = [name]
            if task is not None and 'runner' in name and 'start' not in name:
                words.append(type(task).__name__)
                if type(task).__name__ == 'Task' and 'poll' not in name:
                    words.append(str(task.connection))
            if name == 'v2_playbook_on_vars_prompt':
                words += [repr(arg) for arg in args]
            self.seen.append(' '.join(words))
        return heard
    def v2_playbook_on_stats(self, stats):
        with open(os.environ['PLAY_TEST_EVENTS'], 'w') as file:
            json.dump(self.seen, file)
"""
EVENTS_BOOK = """- hosts: a
  gather_facts: false
  connection: local
  vars_prompt: [{name: asked, default: x, private: false}]
  tasks:
    - command: sleep 5
      async: 20
      poll: 3
    - shell: sleep 1; false
      async: 8
      poll: 3
      ignore_errors: true
    - include_tasks: more.yml
      loop: [1, 2]
- hosts: b
  gather_facts: false
  connection: local
  strategy: free
  tasks:
    - debug: {msg: named}
      name: a name
    - block:
        - include_role: {name: does-not-exist}
          name: missing
      rescue:
        - debug: {msg: rescued}
"""
END_BOOK = """- hosts: c
  gather_facts: false
  connection: local
  max_fail_percentage: 0
  tasks:
    - fail:
"""


def events(play, folder, wrong):
    """A callback hears what it hears under the reference: polls, includes, prompts, connections, the end of all hosts."""
    for text in (EVENTS_BOOK, END_BOOK):
        with tempfile.TemporaryDirectory() as own:
            events_of(play, own, text, wrong)


def events_of(play, folder, text, wrong):
    fill(folder, {'callback_plugins/events.py': EVENTS, 'p.yml': text, 'more.yml': '- debug: {msg: x}\n', 'hosts': 'a\nb\nc\n[all:vars]\nansible_python_interpreter=' + play.python + '\n'})
    heard = []
    for command in ([os.path.join(os.path.dirname(play.python), 'ansible-playbook')], [play.play, 'run']):
        out = os.path.join(folder, 'events%d.json' % len(heard))
        done = subprocess.run(command + ['-i', 'hosts', 'p.yml'], cwd=folder, env=play.environment(folder, PLAY_TEST_EVENTS=out),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if not os.path.exists(out):
            return wrong('no events: %s' % (done.stdout + done.stderr)[-2000:])
        with open(out) as file:
            heard.append(json.load(file))
    # The items of an include are told one by one, each with its own include.
    one, other = ([event for event in part if 'nclude' not in event] for part in heard)
    if one != other or sorted(heard[0]) != sorted(heard[1]):
        wrong('reference\n%s\nplay\n%s' % tuple('\n'.join(part) for part in heard))


def adhoc(play, folder, wrong):
    """One module on hosts tells callbacks where `bin_ansible_callbacks` is on, and then what it tells them under the reference."""
    fill(folder, {'callback_plugins/events.py': EVENTS, 'hosts': 'a\nb\n[all:vars]\nansible_connection=local\nansible_python_interpreter=%s\n' % play.python})
    reference, own = [os.path.join(os.path.dirname(play.python), 'ansible')], [play.play]
    words = ['all', '-i', 'hosts', '--playbook-dir', '.', '-f', '1']
    for task in (['-m', 'ping'], ['-m', 'command', '-a', 'false'], ['-m', 'command', '-a', 'true', '-B', '9', '-P', '1'],
                 ['-m', 'ping', '-o']):
        heard = []
        for command in (reference, own):
            out = os.path.join(folder, 'events.json')
            env = play.environment(folder, PLAY_TEST_EVENTS=out, ANSIBLE_LOAD_CALLBACK_PLUGINS='1')
            done = subprocess.run(command + words + task, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if not os.path.exists(out):
                return wrong('no events of %s: %s' % (task, (done.stdout + done.stderr)[-2000:]))
            with open(out) as file:
                # How often a task is asked for its state is chance.
                heard.append([event for event in json.load(file) if 'async_poll' not in event])
            os.unlink(out)
        if sorted(heard[0]) != sorted(heard[1]):
            wrong('%s: reference\n%s\nplay\n%s' % (task, '\n'.join(heard[0]), '\n'.join(heard[1])))
    subprocess.run(own + words + ['-m', 'ping'], cwd=folder, env=play.environment(folder, PLAY_TEST_EVENTS=folder + '/events.json'),
                   stdin=subprocess.DEVNULL, capture_output=True, check=True)
    if os.path.exists(folder + '/events.json'):
        wrong('a callback heard of what nobody told it')


IMPLICIT = """import os
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'stdout'
    CALLBACK_NAME = 'implicit'
    def __init__(self, *args, **kwargs):
        super(CallbackModule, self).__init__(*args, **kwargs)
        self.wants_implicit_tasks = os.environ.get('PLAY_TEST_WANTS', False)
    def v2_playbook_on_play_start(self, play):
        print('play')
    def v2_playbook_on_task_start(self, task, is_conditional):
        if task.implicit:
            print('implicit', task.get_name(), task.action, task.args, task._role, task.tags)
    def v2_playbook_on_handler_task_start(self, task):
        print('handler', task.implicit)
"""
IMPLICIT_BOOK = """- hosts: a,b
  gather_facts: false
  roles: [r]
  tasks:
    - {debug: {msg: x}, changed_when: inventory_hostname == 'a', notify: hh}
    - include_role: {name: r}
    - {include_role: {name: r}, when: inventory_hostname == 'b'}
  post_tasks:
    - debug:
  handlers:
    - {name: hh, debug: {msg: h}}
"""


def implicit(play, folder, wrong):
    """A callback that wants to hears of tasks that nobody has written: the end of roles, handlers behind a section."""
    fill(folder, {'callback_plugins/implicit.py': IMPLICIT, 'p.yml': IMPLICIT_BOOK, 'roles/r/tasks/main.yml': '- debug:\n',
                  'hosts': 'a\nb\n[all:vars]\nansible_connection=local\nansible_python_interpreter=%s\n' % play.python})
    for wants in ({}, {'PLAY_TEST_WANTS': '1'}, {'PLAY_TEST_WANTS': '1', 'ANSIBLE_FORCE_HANDLERS': '1'}):
        heard = []
        for command in ([os.path.join(os.path.dirname(play.python), 'ansible-playbook')], [play.play, 'run']):
            env = play.environment(folder, ANSIBLE_STDOUT_CALLBACK='implicit', **wants)
            done = subprocess.run(command + ['-i', 'hosts', 'p.yml'], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True)
            heard.append(done.stdout)
        if heard[0] != heard[1] or ('implicit' in heard[0]) != bool(wants):
            wrong('%s: reference\n%s\nplay\n%s' % (wants, heard[0], heard[1]))


OPTIONS = """DOCUMENTATION = '''
name: options
type: aggregate
short_description: x
description: x
options:
  word:
    description: x
    default: of the plugin
    vars:
      - name: options_word
'''
from ansible.plugins.callback import CallbackBase
class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'aggregate'
    CALLBACK_NAME = 'options'
    def v2_playbook_on_stats(self, stats):
        self._display.display('the word is ' + self.get_option('word'))
"""


def options(play, folder, wrong):
    """What extra variables say of callbacks: the options of those in Python, and whether skipped hosts are shown."""
    fill(folder, {'callback_plugins/options.py': OPTIONS, 'p.yml':
                  '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - command: /bin/false\n      when: false\n'})
    for extra, word, skips in (
            ([], 'of the plugin', True), (['options_word=mine'], 'mine', True),
            (['options_word="{{ other }}"', 'other=further'], 'further', True),
            (['options_word="{{ omit }}"'], 'of the plugin', True),
            (['ansible_display_skipped_hosts=false'], 'of the plugin', False),
            (['ansible_display_skipped_hosts="{{ other }}"', 'other=false'], 'of the plugin', False),
            (['ansible_display_skipped_hosts="{{ omit }}"'], 'of the plugin', True)):
        variables = [part for one in extra for part in ('-e', one)]
        for command in ([os.path.join(os.path.dirname(play.python), 'ansible-playbook')], [play.play, 'run']):
            done = subprocess.run(command + ['p.yml'] + variables, cwd=folder, env=play.environment(folder), stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True)
            if ('the word is %s\n' % word) not in done.stdout or ('skipping: [localhost]' in done.stdout) != skips:
                wrong('%s %s: %s' % (command[0], extra, (done.stdout + done.stderr)[-1500:]))


def named(play, folder, wrong):
    """Called by the reference's name, warnings begin as its do, on stderr, also those of tasks."""
    fill(folder, {'library/noisy.py': """from ansible.module_utils.basic import AnsibleModule
m = AnsibleModule({})
m.warn('Hello\\r\\nNew\\rAnsible')
m.deprecate('an old thing', version='9.9', collection_name='a.b')
m.exit_json()
""", 'p.yml': '- hosts: localhost\n  gather_facts: false\n  tasks:\n    - noisy:\n    - noisy:\n'})
    for name, words in (('ansible-playbook', ['p.yml']), ('ansible', ['localhost', '-m', 'noisy', '--playbook-dir', '.'])):
        link = os.path.join(folder, name)
        os.symlink(play.play, link)
        done = subprocess.run([link] + words, cwd=folder, env=play.environment(folder), stdin=subprocess.DEVNULL, capture_output=True)
        if done.stderr.count(b'[WARNING]: Hello\nNew\rAnsible\n') != 1 or b'Hello' in done.stdout:
            wrong('%s: %r %r' % (name, done.stdout[-1500:], done.stderr[-1500:]))
        if done.stderr.count(b'[DEPRECATION WARNING]: an old thing') != 1:
            wrong('%s: no deprecation: %r' % (name, done.stderr[-1500:]))


ALL = [events, adhoc, implicit, options, named, modules, others, old, controller, leavings, refused, late, stopped, deaf, cached, grouped, told, endless, long, unneeded]


def main():
    play = Play(sys.argv[1], os.path.join(sys.argv[2], 'bin/python'))
    count = 0
    for case in ALL:
        if sys.argv[3:] and case.__name__ not in sys.argv[3:]:
            continue
        found = []
        with tempfile.TemporaryDirectory() as folder:
            case(play, folder, found.append)
        for text in found:
            print('%s: %s' % (case.__name__, text))
        count += len(found)
        print('%s: %s' % (case.__name__, case.__doc__), flush=True)
    print('%d wrong' % count)
    return count > 0


if __name__ == '__main__':
    sys.exit(main())
