"""Runs one playbook through the reference and through play, and gives what it left in a file."""
import json
import os
import subprocess
import tempfile
import time


class Both:
    def __init__(self, play, venv):
        self.play = os.path.abspath(play)
        self.venv = venv

    def run(self, who, text, folder=None, options=(), environment=None, inventory='localhost,'):
        """The result of `text`, a playbook that writes JSON to the file {out}: (value, output, seconds)."""
        with tempfile.TemporaryDirectory() as own:
            folder = folder or own
            out = os.path.join(own, 'out.json')
            book = os.path.join(folder, '.play-test-%d.yml' % os.getpid())
            with open(book, 'w') as file:
                file.write(text.replace('{out}', out))
            env = dict(os.environ, ANSIBLE_NOCOLOR='1', ANSIBLE_RETRY_FILES_ENABLED='0', ANSIBLE_LOCALHOST_WARNING='0',
                       PYTHONHASHSEED='0')
            env.pop('ANSIBLE_CONFIG', None)
            env.update(environment or {})
            if who == 'play':
                env['PLAY_PYTHON'] = os.path.join(self.venv, 'bin/python3')
                command = [self.play, 'run', book]
            else:
                command = [os.path.join(self.venv, 'bin/ansible-playbook'), book]
            interpreter = 'ansible_python_interpreter=' + os.path.join(self.venv, 'bin/python3')
            command += ['-i', inventory, '-e', interpreter] + list(options)
            begin = time.time()
            done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
            seconds = time.time() - begin
            os.unlink(book)
            try:
                with open(out) as file:
                    value = json.load(file)
            except (OSError, ValueError):
                value = None
            return value, done.stdout + done.stderr, seconds


# What is another each time: keys, dates, addresses, places.
CHANGING = ('fingerprint', 'public_key', 'privatekey', 'csr', 'certificate', 'serial_number', 'notBefore', 'notAfter', 'not_before',
            'not_after', 'Created', 'CreatedAt', 'Id', 'ID', 'id', 'vpc', 'execution_time_ms', 'public_key_fingerprints',
            'comment', 'request_id', 'modulus', 'fingerprints', 'subject_key_identifier',
            'extensions_by_oid', 'response_metadata', 'creation_date', 'last_modified', 'StartedAt', 'FinishedAt', 'Pid', 'SandboxID',
            'SandboxKey', 'EndpointID', 'NetworkID', 'MacAddress', 'ResolvConfPath', 'HostnamePath', 'HostsPath', 'LogPath', 'MergedDir',
            'UpperDir', 'LowerDir', 'WorkDir', 'LastTagTime', 'launch_time', 'attach_time', 'state_transition_reason', 'start', 'end', 'delta',
            'backupdest', 'ClientToken', 'client_token', 'last_modified_date', 'date', 'Aliases', 'Containers')
# What each command says in its own way.
OWN = ('invocation', 'exception', 'warnings', 'deprecations')


class LeftOut:
    """Stands for a key that is not there."""

    def __repr__(self):
        return '(left out)'


LEFT_OUT = LeftOut()


def different(left, right, path=''):
    """The paths at which two values differ. Of what changes each time only the kind is compared, and of
    what each command says in its own way nothing."""
    if isinstance(left, dict) and isinstance(right, dict):
        found = []
        for key in sorted(set(left) | set(right)):
            if key in OWN:
                continue
            below, one, other = '%s.%s' % (path, key), left.get(key, LEFT_OUT), right.get(key, LEFT_OUT)
            if key not in CHANGING:
                found += different(one, other, below)
            elif type(one) is not type(other):
                found.append((below, one, other))
        return found
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        return [one for number, (a, b) in enumerate(zip(left, right)) for one in different(a, b, '%s[%d]' % (path, number))]
    return [] if left == right and type(left) is type(right) else [(path, left, right)]
