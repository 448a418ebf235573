#!/usr/bin/env python3
"""Writes src/cli/names/flags.txt: the flags of the reference's programs, from its own parsers.

flags.py VENV, where VENV/bin/python has ansible-core."""
import pathlib
import subprocess
import sys

ASK = r"""
import argparse, importlib
PROGRAMS = {"adhoc": "ansible", "config": "ansible-config", "console": "ansible-console", "doc": "ansible-doc",
            "galaxy": "ansible-galaxy", "inventory": "ansible-inventory", "playbook": "ansible-playbook",
            "pull": "ansible-pull", "vault": "ansible-vault"}
CLASSES = {"adhoc": "AdHocCLI", "config": "ConfigCLI", "console": "ConsoleCLI", "doc": "DocCLI",
           "galaxy": "GalaxyCLI", "inventory": "InventoryCLI", "playbook": "PlaybookCLI", "pull": "PullCLI",
           "vault": "VaultCLI"}
def tell(words, parser):
    flags, below = [], []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            below += action.choices.items()
        takes = "" if action.nargs == 0 else "="
        flags += [flag + takes for flag in action.option_strings]
    print(" ".join(words) + ":", *sorted(set(flags)))
    for name, inner in below:
        tell([*words, name], inner)
for module, program in PROGRAMS.items():
    cli = getattr(importlib.import_module("ansible.cli." + module), CLASSES[module])([program, "x"])
    cli.init_parser()
    tell([program], cli.parser)
"""

answer = subprocess.run([sys.argv[1] + "/bin/python", "-c", ASK], check=True, capture_output=True, text=True).stdout
target = pathlib.Path(__file__).parents[2] / "src/cli/names/flags.txt"
target.write_text("# The flags of ansible-core 2.21's programs; `=` after those that take a value. tests/reference/flags.py writes it.\n" + answer)
