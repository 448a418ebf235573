#!/usr/bin/env python3
"""A run that is killed is resumed: resume.py PLAY [TRIALS [INVENTORY]]

The playbook resume/site.yml runs once unbroken. Then, TRIALS times (6), it is killed at a random moment,
every third time its resumption too, and resumed to the end. Each task writes a line to a log of its host:
afterwards the logs hold the same lines as those of the unbroken run. A line may be there twice only where
the run was killed before the task's result was kept. Without INVENTORY, two hosts are this computer.
"""
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PLAY = os.path.abspath(sys.argv[1])
TRIALS = int(sys.argv[2]) if len(sys.argv) > 2 else 6
INVENTORY = sys.argv[3] if len(sys.argv) > 3 else None
SEED = int(os.environ.get('RESUME_SEED', random.SystemRandom().randrange(10 ** 6)))
MOMENTS = random.Random(SEED)
HERE = pathlib.Path(__file__).parent / 'resume'


class Stage:
    """A home for records, and the hosts' logs."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.hosts = self.folder / 'hosts'
        if INVENTORY:
            self.log = f'/tmp/resume.{os.getpid()}'
            self.inventory = os.path.abspath(INVENTORY)
        else:
            self.log = f'{self.folder}/log.{{{{ inventory_hostname }}}}'
            self.hosts.write_text('one ansible_connection=local\ntwo ansible_connection=local\n')
            self.inventory = str(self.hosts)

    def command(self, *more):
        return [PLAY, 'run', str(HERE / 'site.yml'), '-i', self.inventory,
                '-e', json.dumps({'log': self.log}), *more]

    def environment(self):
        return {**os.environ, 'XDG_STATE_HOME': str(self.folder / 'state'), 'ANSIBLE_FORCE_COLOR': '0'}

    def start(self, *more):
        return subprocess.Popen(self.command(*more), env=self.environment(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def finish(self, *more):
        run = self.start(*more)
        output = run.communicate()[0].decode()
        return run.returncode, output

    def kill(self, results, *more):
        """Kills a run a moment after it has kept that many results; says whether it did not end before."""
        known = len(self.states())
        run = self.start(*more)
        while run.poll() is None and (len(self.states()) == known or self.results() < results):
            time.sleep(0.01)
        time.sleep(MOMENTS.uniform(0, 0.2))
        run.send_signal(signal.SIGKILL)
        run.communicate()
        # What ran on a host when its controller died comes to its end.
        time.sleep(0.4)
        return run.returncode == -signal.SIGKILL

    def results(self):
        """How many results the last run has kept, those of the run that it resumes included."""
        return sum(line.startswith('{"key"') for line in self.states()[-1])

    def states(self):
        runs = sorted((self.folder / 'state/play/runs').glob('*/state.jsonl'))
        return [path.read_text().splitlines() for path in runs]

    def kept(self):
        """The lines of tasks whose results the last run has kept: host and line, how often."""
        keys = {}
        for line in self.states()[-1]:
            try:
                line = json.loads(line)
            except ValueError:
                continue
            # The items of a loop are there by themselves.
            for part in [] if line.get('looped') else line.get('parts', []):
                text = part.get('data', {}).get('stdout')
                if text and 'changed' in part['flags']:
                    keys[line['key']] = (line['key'].rsplit(' ', 1)[-1], text)
        return collections.Counter(keys.values())

    def logs(self):
        if INVENTORY:
            done = subprocess.run([PLAY, 'all', '-i', self.inventory, '-m', 'shell', '-a', f'cat {self.log} 2>/dev/null || :',
                                   '--output', 'json'], env=self.environment(), stdout=subprocess.PIPE, check=True)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            return {line['host']: line['data']['stdout'].splitlines()
                    for line in lines if line['event'] == 'task_done'}
        logs = self.folder.glob('log.*')
        return {log.name.split('.', 1)[1]: log.read_text().splitlines() for log in logs}

    def look(self):
        """The logs, and what is kept."""
        return self.logs(), self.kept() if self.states() else collections.Counter()

    def clear(self):
        shutil.rmtree(self.folder / 'state', ignore_errors=True)
        if INVENTORY:
            subprocess.run([PLAY, 'all', '-i', self.inventory, '-m', 'shell', '-a', f'rm -f {self.log}'],
                           env=self.environment(), stdout=subprocess.DEVNULL, check=True)
        for log in self.folder.glob('log.*'):
            log.unlink()


def trial(stage, number, whole, results):
    """Kills and resumes; gives what happened, and what is wrong."""
    wrong, seen = [], []
    killed = False
    # A moment that came too late is no trial.
    while not killed:
        stage.clear()
        goal = MOMENTS.randrange(results)
        killed = stage.kill(goal)
    seen.append(stage.look())
    if number % 3 == 2 and stage.kill(MOMENTS.randrange(goal, results), '--resume'):
        seen.append(stage.look())
    code, output = stage.finish('--resume')
    resumed = next((line for line in output.splitlines() if line.startswith('Resuming')), 'not resumed')
    if 'ended well' in output:
        code = 0  # It ended before it was killed, or while it was.
    elif resumed == 'not resumed':
        wrong.append(f'it is not resumed:\n{output}')
    if code != 0:
        wrong.append(f'exit code {code}:\n{output}')
    again = 0
    for host, lines in stage.logs().items():
        new, old = collections.Counter(lines), collections.Counter(whole.get(host, []))
        if list(dict.fromkeys(lines)) != list(dict.fromkeys(whole[host])):
            wrong.append(f'{host}: other lines: {lines}')
        extra = {line: count - old[line] for line, count in new.items() if count != old[line]}
        again += sum(extra.values())
        if any(not 0 < count <= len(seen) for count in extra.values()) or len(extra) > 2 * len(seen):
            wrong.append(f'{host}: done too often or too seldom: {extra}')
        for logs, kept in seen:
            for line in [line for line in old if kept[host, line] >= old[line]]:
                if logs[host].count(line) != new[line]:
                    wrong.append(f'{host}: `{line}` was finished and is done again')
    logs, kept = seen[-1]
    ends = ', '.join(f'{host} after `{lines[-1] if lines else ""}`' for host, lines in sorted(logs.items()))
    print(f'trial {number + 1}: killed {"twice" if len(seen) > 1 else "once"}, {ends}: '
          f'{sum(map(len, logs.values()))} lines, {sum(kept.values())} of them kept; {resumed}; '
          f'{again} tasks that were cut off were done again', flush=True)
    return again, wrong


def main():
    stage = Stage()
    try:
        stage.clear()
        code, output = stage.finish()
        if code != 0:
            sys.exit(f'the unbroken run fails:\n{output}')
        whole, results = stage.logs(), stage.results()
        print(f'unbroken: {sum(map(len, whole.values()))} lines, {results} results; seed {SEED}')
        twice = failures = 0
        for number in range(TRIALS):
            again, wrong = trial(stage, number, whole, results)
            twice += again
            for text in wrong:
                failures += 1
                print('WRONG', text)
        print(f'{TRIALS} trials, {failures} wrong, {twice} cut off tasks done again')
        sys.exit(1 if failures else 0)
    finally:
        stage.clear()
        shutil.rmtree(stage.folder, ignore_errors=True)


main()
