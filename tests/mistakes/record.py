#!/usr/bin/env python3
"""Records what the reference says to each mistake: NAME.reference beside NAME.case.

record.py REFERENCE_BIN [NAME...]; docs/errors.md is then made by UPDATE_DOCS=1 cargo test --test main mistakes.
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def command(bin_folder, words):
    """The reference's command for what is typed after `play`."""
    verbs = {"run": "ansible-playbook", "vault": "ansible-vault", "inventory": "ansible-inventory"}
    if words[0] in verbs:
        return [str(bin_folder / verbs[words[0]]), *words[1:]]
    return [str(bin_folder / "ansible"), *words]


def record(bin_folder, case):
    head, *files = re.split(r"(?m)^--- ", case.read_text())
    typed = re.search(r"(?m)^\$ (.*)$", head).group(1)
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            name, text = file.split("\n", 1)
            path = pathlib.Path(folder, name.strip())
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run(
            command(bin_folder, shlex.split(typed)),
            cwd=folder,
            env={"HOME": folder, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        text = done.stdout.decode(errors="replace").replace(os.path.realpath(folder), "DIR")
    text = re.sub(r'"(start|end|delta)": "[^"]*"', r'"\1": "TIME"', text)
    case.with_suffix(".reference").write_text(f"{done.returncode}\n{text.strip()}\n")


def main():
    bin_folder = pathlib.Path(sys.argv[1])
    names = sys.argv[2:]
    for case in sorted(HERE.glob("*.case")):
        if not names or case.stem in names:
            record(bin_folder, case)


main()
