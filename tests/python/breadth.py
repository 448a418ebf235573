#!/usr/bin/env python3
"""400 modules of the package `ansible`, by a fixed seed, through the reference and through play.

Each is called (with --check) without arguments and with one wrong argument; `failed` and `msg` must be
equal for 99 of 100. What the reference said is kept beside its environment, and asked anew with
--fresh: ten minutes become one. breadth.py PLAY VENV [--count N] [--seed N] [--fresh] [MODULE...]
"""
import argparse
import glob
import json
import os
import random
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from both import Both  # noqa: E402

# What would act, or ask a person or a network, although nothing is said.
LEFT_OUT = {'ansible.builtin.pause'}
CHUNK = 40
KINDS = ('none', 'wrong')


def modules(venv):
    found = set()
    for path in glob.glob(os.path.join(venv, 'lib/python3*/site-packages/ansible_collections/*/*/plugins/modules/*.py')):
        parts = path.split(os.sep)
        at = parts.index('ansible_collections')
        name = os.path.splitext(parts[-1])[0]
        windows = os.path.exists(os.path.splitext(path)[0] + '.ps1')
        if name != '__init__' and not name.startswith('_') and not windows:
            found.add('.'.join(parts[at + 1:at + 3] + [name]))
    return sorted(found - LEFT_OUT)


def book(names):
    lines = ['- hosts: localhost', '  gather_facts: false', '  connection: local', '  tasks:']
    results = []
    for number, name in enumerate(names):
        for kind, arguments in (('none', '{}'), ('wrong', '{play_knows_no_such_argument: 1}')):
            register = 'r%d_%s' % (number, kind)
            results.append(register)
            lines += ['    - %s: %s' % (name, arguments), '      register: ' + register, '      ignore_errors: true',
                      '      ignore_unreachable: true']
    picked = ', '.join(
        "'%s': {'failed': %s.failed|default(none), 'msg': %s.msg|default(none), 'skipped': %s.skipped|default(none)}"
        % (one, one, one, one) for one in results)
    lines += ['    - copy:', '        dest: "{out}"', '        content: "{{ {%s} | to_json }}"' % picked,
              '      check_mode: false']
    return '\n'.join(lines) + '\n'


class Known:
    """What the reference said, by module; kept in a file beside its environment."""

    def __init__(self, both, fresh):
        self.both = both
        self.path = os.path.join(both.venv, 'play-breadth.json')
        self.all = {}
        if not fresh and os.path.exists(self.path):
            with open(self.path) as file:
                self.all = json.load(file)

    def ask(self, names):
        missing = [name for name in names if name not in self.all]
        if missing:
            value, said, _ = self.both.run('reference', book(missing), options=['--check'],
                                           environment={'ANSIBLE_PIPELINING': '1'})
            if value is None:
                sys.exit('the reference gave no results:\n' + said[-3000:])
            for number, name in enumerate(missing):
                self.all[name] = {kind: value['r%d_%s' % (number, kind)] for kind in KINDS}
            with open(self.path + '.new', 'w') as file:
                json.dump(self.all, file)
            os.rename(self.path + '.new', self.path)
        return self.all


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('play')
    parser.add_argument('venv')
    parser.add_argument('--count', type=int, default=400)
    parser.add_argument('--seed', type=int, default=20261129)
    parser.add_argument('--fresh', action='store_true')
    parser.add_argument('--remember', action='store_true', help='only ask the reference')
    parser.add_argument('modules', nargs='*')
    options = parser.parse_args()
    both = Both(options.play, options.venv)
    names = options.modules or random.Random(options.seed).sample(modules(options.venv), options.count)
    known = Known(both, options.fresh)
    total, different = 0, []
    for start in range(0, len(names), CHUNK):
        part = names[start:start + CHUNK]
        wanted = known.ask(part)
        if options.remember:
            print('%d of %d asked' % (start + len(part), len(names)), flush=True)
            continue
        got, words, _ = both.run('play', book(part), options=['--check'])
        if got is None:
            print('no results for %s:\n%s' % (part, words[-3000:]))
        for number, name in enumerate(part):
            for kind in KINDS:
                total += 1
                mine = got and got['r%d_%s' % (number, kind)]
                if wanted[name][kind] != mine:
                    different.append((name, kind, wanted[name][kind], mine))
        print('%d of %d equal' % (total - len(different), total), flush=True)
    if options.remember:
        return False
    for name, kind, wanted, got in different:
        print('%s (%s)\n  reference %s\n  play      %s' % (name, kind, json.dumps(wanted)[:600], json.dumps(got)[:600]))
    share = 100.0 * (total - len(different)) / total
    print('%.1f %% of %d calls equal' % (share, total))
    return share < 99


if __name__ == '__main__':
    sys.exit(main())
