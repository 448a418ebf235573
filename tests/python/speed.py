#!/usr/bin/env python3
"""How fast Python goes: play and the reference with pipelining, in turn, medians.

50 converged tasks of a module must be 10 times as fast as ansible-core, and twice as fast as Mitogen; a
template with 1,000 calls of a repository's filter may take 3 times as long.
speed.py PLAY VENV [--rounds N] [--mitogen VENV]: a VENV with mitogen, ansible-core and community.general.
"""
import argparse
import glob
import os
import statistics
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from both import Both  # noqa: E402

BOOK = """- hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - community.general.git_config: {name: user.name, value: "item 1", scope: file, file: FILE}
      loop: "{{ range(COUNT) | list }}"
    - copy: {dest: "{out}", content: "{}"}
"""
FILTER = """class FilterModule(object):
    def filters(self):
        return dict(shout=lambda value: str(value).upper())
"""
TEMPLATE = """- hosts: localhost
  gather_facts: false
  connection: local
  tasks:
    - template: {src: "FOLDER/t.j2", dest: "FOLDER/out.COUNT"}
    - copy: {dest: "{out}", content: "{}"}
"""
PIPELINING = {'ANSIBLE_PIPELINING': '1'}


def take(both, who, text, environment, folder=None):
    _value, said, seconds = both.run(who, text, folder=folder, environment=environment)
    if 'failed=0' not in said:
        sys.exit(said[-3000:])
    return seconds


def modules(runners, rounds):
    """The seconds of 50 converged tasks, without what a run of one takes."""
    times = {who: [] for who in runners}
    with tempfile.TemporaryDirectory() as folder:
        text = BOOK.replace('FILE', os.path.join(folder, 'config'))
        for who, (both, kind, environment) in runners.items():
            take(both, kind, text.replace('COUNT', '1'), environment)
        for _ in range(rounds):
            for who, (both, kind, environment) in runners.items():
                least = take(both, kind, text.replace('COUNT', '1'), environment)
                most = take(both, kind, text.replace('COUNT', '51'), environment)
                times[who].append((most - least, most))
    return {who: (statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs))
            for who, pairs in times.items()}


def templates(both, rounds):
    """The seconds of a template with 1,000 calls of a filter, without what one with a single call takes."""
    times = {'play': [], 'reference': []}
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, 'filter_plugins'))
        with open(os.path.join(folder, 'filter_plugins/own.py'), 'w') as file:
            file.write(FILTER)
        for _ in range(rounds):
            for who in times:
                taken = []
                for count in (1, 1000):
                    with open(os.path.join(folder, 't.j2'), 'w') as file:
                        file.write('{%% for n in range(%d) %%}{{ n | shout }} {%% endfor %%}' % count)
                    text = TEMPLATE.replace('FOLDER', folder).replace('COUNT', str(count))
                    taken.append(take(both, who, text, PIPELINING, folder))
                times[who].append((taken[1] - taken[0], taken[1]))
    return {who: (statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs))
            for who, pairs in times.items()}


def ratio(one, other):
    """How many times as long one took as the other. Where either took no time, nothing was measured."""
    if one <= 0 or other <= 0:
        raise Noise('%.4f s and %.4f s are differences in which noise is greater than what is measured' % (one, other))
    return one / other


class Noise(Exception):
    """The machine was too busy to measure anything."""


def mitogen(venv):
    places = glob.glob(os.path.join(venv, 'lib/python3*/site-packages/ansible_mitogen/plugins/strategy'))
    return {'ANSIBLE_STRATEGY_PLUGINS': places[0], 'ANSIBLE_STRATEGY': 'mitogen_linear'}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('play')
    parser.add_argument('venv')
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--mitogen')
    options = parser.parse_args()
    both = Both(options.play, options.venv)
    runners = {'play': (both, 'play', {}), 'reference': (both, 'reference', PIPELINING)}
    if options.mitogen:
        runners['mitogen'] = (Both(options.play, options.mitogen), 'reference', mitogen(options.mitogen))
    try:
        return judge(runners, both, options.rounds)
    except Noise as noise:
        sys.exit('nothing is measured: %s' % noise)


def judge(runners, both, rounds):
    wrong = False
    found = modules(runners, rounds)
    for who, (tasks, whole) in found.items():
        print('50 tasks: %-10s %6.1f ms a task, %5.2f s the run of 51' % (who, 20 * tasks, whole))
    for who, least in (('reference', 10), ('mitogen', 2)):
        if who in found:
            times = ratio(found[who][0], found['play'][0])
            print('50 tasks: play is %.1f times as fast as %s (%.1f the whole run)' % (times, who, found[who][1] / found['play'][1]))
            wrong |= times < least
    found = templates(both, rounds)
    for who, (calls, whole) in found.items():
        print('1,000 calls: %-10s %5.3f s, %5.2f s the run' % (who, calls, whole))
    times = ratio(found['play'][1], found['reference'][1])
    alone = ratio(found['play'][0], found['reference'][0])
    print('1,000 calls: play takes %.2f times as long (%.1f the calls alone)' % (times, alone))
    return wrong or times > 3


if __name__ == '__main__':
    sys.exit(main())
