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


def same(one, other, ignore=()):
    """The keys in which two results differ, with both values."""
    different = []
    for key in sorted(set(one or {}) | set(other or {})):
        if key not in ignore and (one or {}).get(key) != (other or {}).get(key):
            different.append((key, (one or {}).get(key), (other or {}).get(key)))
    return different
