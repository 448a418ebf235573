#!/usr/bin/env python3
"""50 converged tasks of a Python module: play and the reference with pipelining, in turn, medians.

speed.py PLAY VENV [--rounds N]
"""
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


def main():
    both = Both(sys.argv[1], sys.argv[2])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 3
    times = {'play': [], 'reference': []}
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'config')
        text = BOOK.replace('FILE', file)
        both.run('play', text.replace('COUNT', '1'))
        for _ in range(rounds):
            for who in times:
                least = both.run(who, text.replace('COUNT', '1'), environment={'ANSIBLE_PIPELINING': '1'})[2]
                _value, said, most = both.run(who, text.replace('COUNT', '51'), environment={'ANSIBLE_PIPELINING': '1'})
                if 'changed=0' not in said and 'changed=1' not in said:
                    sys.exit(said)
                times[who].append(((most - least) / 50, most))
    medians = {}
    for who, pairs in times.items():
        medians[who] = statistics.median(pair[1] for pair in pairs)
        print('%-10s %6.1f ms a task, %5.2f s the run of 51' % (
            who, 1000 * statistics.median(pair[0] for pair in pairs), medians[who]))
    print('play is %.1f times as fast' % (medians['reference'] / medians['play']))
    return medians['reference'] < 10 * medians['play']


if __name__ == '__main__':
    sys.exit(main())
