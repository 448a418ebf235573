#!/usr/bin/env python3
"""400 modules of the package `ansible`, by a fixed seed, through the reference and through play.

Each is called (with --check) without arguments and with one wrong argument; `failed` and `msg` must be
equal for 99 of 100. breadth.py PLAY VENV [--count N] [--seed N] [--show]
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('play')
    parser.add_argument('venv')
    parser.add_argument('--count', type=int, default=400)
    parser.add_argument('--seed', type=int, default=20261129)
    parser.add_argument('--show', action='store_true')
    options = parser.parse_args()
    both = Both(options.play, options.venv)
    names = random.Random(options.seed).sample(modules(options.venv), options.count)
    total, different = 0, []
    for start in range(0, len(names), CHUNK):
        part = names[start:start + CHUNK]
        text = book(part)
        wanted, said, _ = both.run('reference', text, options=['--check'])
        got, words, _ = both.run('play', text, options=['--check'])
        if wanted is None or got is None:
            print('no results for %s:\n%s' % (part, said[-2000:] if wanted is None else words[-3000:]))
            different += [(name, 'all', None, None) for name in part for _ in range(2)]
            total += 2 * len(part)
            continue
        for number, name in enumerate(part):
            for kind in ('none', 'wrong'):
                total += 1
                key = 'r%d_%s' % (number, kind)
                if wanted[key] != got[key]:
                    different.append((name, kind, wanted[key], got[key]))
        print('%d of %d equal' % (total - len(different), total), flush=True)
    for name, kind, wanted, got in different:
        print('%s (%s)\n  reference %s\n  play      %s' % (name, kind, json.dumps(wanted)[:600], json.dumps(got)[:600]))
    share = 100.0 * (total - len(different)) / total
    print('%.1f %% of %d calls equal' % (share, total))
    return share < 99


if __name__ == '__main__':
    sys.exit(main())
