#!/usr/bin/env python3
"""Attacks on the controller, each of which must fail: run.py --play BINARY [CASE...]

A case is a function of one of the modules beside this file whose name begins with `attack_`. It gets a
`Stage` and says what went wrong by `stage.expect`. With `--table` each case also prints what it tried.
"""
import argparse
import importlib
import pathlib
import sys
import time
import traceback

from stage import Skip, Stage

MODULES = ["edit", "facts", "files", "greeting", "interrupt", "planted", "races", "reports", "screen", "templates"]


def cases():
    for name in MODULES:
        module = importlib.import_module(name)
        for key, case in list(vars(module).items()):
            if key.startswith("attack_"):
                yield f"{name}.{key.removeprefix('attack_')}", case


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--play", required=True, type=pathlib.Path)
    words.add_argument("--table", action="store_true")
    words.add_argument("cases", nargs="*")
    given = words.parse_args()
    failed = passed = 0
    for name, case in cases():
        if given.cases and not any(word in name for word in given.cases):
            continue
        began = time.monotonic()
        with Stage(given.play.resolve()) as stage:
            try:
                case(stage)
            except Skip as why:
                print(f"skipped  {name}: {why}")
                continue
            except Exception:
                stage.wrong.append(traceback.format_exc())
        took = time.monotonic() - began
        print(f"{'FAILED ' if stage.wrong else 'held   '}  {name} ({took:.1f} s)")
        for line in stage.wrong:
            print("         ", str(line).replace("\n", "\n          "))
        if given.table:
            for line in stage.notes:
                print("         ", line)
        failed += bool(stage.wrong)
        passed += not stage.wrong
        sys.stdout.flush()
    print(f"security: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
