#!/usr/bin/env python3
"""The faults that strangers' repositories showed (cases.tsv), listed with our own cases, and those that have a folder run
by the reference and by play.

usage: run.py [--play BINARY] [--reference VENV] [--faults FOLDER] [NAME ...]
"""

import argparse
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path.insert(0, str(TESTS / "parity"))
import run as parity  # noqa: E402


# Where the inputs write. What somebody else keeps there is not removed.
PLACE = pathlib.Path("/tmp/faults")
MARK = pathlib.Path("/tmp/faults.play")
# The order of a set is chance in the reference, and so is which host is done first.
TRIES = 3


def cases(names):
    for line in (HERE / "cases.tsv").read_text().splitlines():
        if line and not line.startswith("#"):
            case = line.split("\t")
            if not names or case[0] in names:
                yield case


def both(folder, playbook, arguments, options):
    """What differs between the reference and play."""
    results = []
    for program in ([options.play, "run"], [f"{options.reference}/bin/ansible-playbook"]):
        with tempfile.TemporaryDirectory() as scratch:
            copy = pathlib.Path(scratch) / "fault"
            shutil.copytree(folder, copy, symlinks=True)
            MARK.touch()
            shutil.rmtree(PLACE, ignore_errors=True)
            (PLACE / "w").mkdir(parents=True)
            env = {
                "PATH": os.environ["PATH"], "HOME": scratch, "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_PYTHON_INTERPRETER": f"{options.reference}/bin/python",
                "ANSIBLE_DEPRECATION_WARNINGS": "0", "ANSIBLE_LOCALHOST_WARNING": "0",
            }
            hosts = ["-i", "hosts"] if (copy / "hosts").exists() else ["-i", "localhost,"]
            try:
                code, text = parity.run([*program, playbook, *hosts, *shlex.split(arguments)], copy, env)
            except subprocess.TimeoutExpired:
                code, text = f"no end of {program[0]}", ""
            results.append((code, text.replace(str(copy), "CASE")))
    shutil.rmtree(PLACE, ignore_errors=True)
    MARK.unlink(missing_ok=True)
    return parity.difference(*results), results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--play", default=str(TESTS.parent / "target/debug/play"))
    parser.add_argument("--reference", default=os.environ.get("PLAY_REFERENCE", str(TESTS / ".cache/reference")))
    parser.add_argument("--faults", default=os.environ.get("PLAY_FAULTS", str(TESTS.parent.parent / "shared/faults")))
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.play = str(pathlib.Path(options.play).resolve())
    folders = pathlib.Path(options.faults)
    there = folders.is_dir() and pathlib.Path(f"{options.reference}/bin/ansible-playbook").exists()
    if not there:
        print(f"faults: only listed: no {folders}, or no reference at {options.reference}")
    if there and PLACE.exists() and not MARK.exists():
        print(f"faults: {PLACE} is there already, and would be removed: move it away", file=sys.stderr)
        return 2
    bad = equal = apart = 0
    kinds, own, known = set(), set(), set()
    for name, playbook, arguments, how, ours in cases(options.names):
        kinds.add(name)
        known.add(name)
        for path in ours.split():
            own.add(path)
            if not (TESTS.parent / path).exists():
                bad += 1
                print(f"MISSING  {name}: {path}")
        if how != "both" or not there:
            apart += 1
            print(f"listed   {name} ({how if how != 'both' else 'not run'}): {ours}")
            continue
        for _ in range(TRIES):
            notes, results = both(folders / name, playbook, arguments, options)
            if not notes:
                break
        equal += not notes
        bad += bool(notes)
        print(f"{'FAILED' if notes else 'equal'}   {name}/{playbook}: {ours}")
        for note in notes:
            print("  " + note.replace("\n", "\n  "))
        if notes and options.verbose:
            for who, (code, text) in zip(("play", "reference"), results):
                print(f"--- {who} (exit {code})\n{text}")
    for folder in sorted(folders.iterdir()) if there and not options.names else []:
        if folder.is_dir() and folder.name not in known:
            bad += 1
            print(f"MISSING  {folder.name} stands in no line of cases.tsv")
    print(f"faults: {len(kinds)} kinds with {len(own)} cases of our own; {equal} equal, {apart} listed, {bad} wrong")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
