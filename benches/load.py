#!/usr/bin/env python3
"""play and ansible-inventory on the same inventories, in turn.

load.py PLAY ANSIBLE-INVENTORY [ROUNDS]

Two inventories are made in a temporary folder: 10,000 hosts in 200 groups with group_vars, and one
host with 5 MB of variables. The answers are compared, then the medians of wall clock and processor
time are printed. On a busy computer the processor time is the one to look at.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def many_hosts(folder):
    """10,000 hosts in 200 groups, ten variables for each group, and a parent of every ten groups."""
    lines = []
    for group in range(200):
        lines.append(f"[group{group:03}]")
        for host in range(50):
            lines.append(f"host{group * 50 + host:05}.example.com ansible_host=10.0.{group}.{host} rank={host}")
    for parent in range(20):
        lines.append(f"[parent{parent:02}:children]")
        lines += [f"group{parent * 10 + child:03}" for child in range(10)]
    (folder / "hosts").write_text("\n".join(lines) + "\n")
    (folder / "group_vars").mkdir()
    (folder / "group_vars/all.yml").write_text("domain: example.com\nservers: [a, b, c]\n")
    for group in range(200):
        variables = [f"var{n}: value {n} of {group}" for n in range(8)]
        variables += ["ports: [80, 443]", "limits: {soft: 1024, hard: 4096}"]
        (folder / f"group_vars/group{group:03}.yml").write_text("\n".join(variables) + "\n")
    return ["--list"]


def many_variables(folder):
    """One host with 5 MB of variables."""
    (folder / "hosts").write_text("big\n")
    (folder / "host_vars").mkdir()
    with open(folder / "host_vars/big.yml", "w") as file:
        number = 0
        while file.tell() < 5_000_000:
            file.write(f"service_{number:05}:\n  name: the service number {number}\n  port: {1024 + number % 50000}\n"
                       f"  hosts: [alpha, beta, gamma]\n  url: 'https://{{{{ domain }}}}/{number}'\n"
                       f"  enabled: yes\n  notes: |\n    a text\n    of two lines\n")
            number += 1
    return ["--host", "big"]


def measure(command):
    """Wall clock, processor time, and what was printed."""
    before, start = os.times(), time.monotonic()
    done = subprocess.run(command, capture_output=True, check=True)
    wall, after = time.monotonic() - start, os.times()
    spent = after.children_user - before.children_user + after.children_system - before.children_system
    return wall, spent, done.stdout


def compare(name, make, play, reference, rounds):
    with tempfile.TemporaryDirectory() as folder:
        question = make(Path(folder)) + ["-i", f"{folder}/hosts"]
        ours, theirs = [], []
        for _ in range(rounds):
            ours.append(measure([play, "inventory", *question]))
            theirs.append(measure([reference, *question]))
    if json.loads(ours[0][2]) != json.loads(theirs[0][2]):
        sys.exit(f"{name}: the answers differ")
    for what, column in ("wall clock", 0), ("processor", 1):
        mine, other = (statistics.median(run[column] for run in runs) for runs in (ours, theirs))
        print(f"{name}, {what}: play {mine:.3f} s, ansible-inventory {other:.3f} s, {other / mine:.1f} times", flush=True)


def main():
    play, reference = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    compare("10,000 hosts in 200 groups", many_hosts, play, reference, rounds)
    compare("5 MB of variables", many_variables, play, reference, rounds)


main()
