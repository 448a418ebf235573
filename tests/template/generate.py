#!/usr/bin/env python3
"""Asks the reference for the answers to the expressions in cases.txt and collections.txt.

Run by hand with a Python that has ansible-core (and, for the collections' filters, the package
`ansible`). Every line is one expression; `#` begins a comment. The answers go to cases.json and
collections.json.
"""

import datetime
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.update(ANSIBLE_DEPRECATION_WARNINGS="0", ANSIBLE_NOCOLOR="1", TZ="UTC", HOME="/home/play",
                  PLAY_TEST_ENV="yes")

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import init_plugin_loader
from ansible.template import Templar, trust_as_template

HERE = Path(__file__).parent

VARS = json.loads((HERE / "vars.json").read_text())
LAZY = json.loads((HERE / "lazy.json").read_text())


def trusted(value):
    """The value with every text in it a template of the user's."""
    if isinstance(value, dict):
        return {key: trusted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [trusted(item) for item in value]
    return trust_as_template(value) if isinstance(value, str) else value


def encode(value):
    """A value with its type, as in the conformance files."""
    if value is None:
        return ["null"]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return [kind.__name__, value if kind in (bool, str) else repr(value)]
    if isinstance(value, bytes):
        return ["bytes", value.hex()]
    if isinstance(value, (list, tuple)):
        return ["seq", [encode(item) for item in value]]
    if isinstance(value, (set, frozenset)):
        return ["set", [encode(item) for item in value]]
    if isinstance(value, dict):
        return ["map", [[encode(k), encode(v)] for k, v in value.items()]]
    if isinstance(value, (datetime.date, datetime.timedelta)):
        return [type(value).__name__.removeprefix("_AnsibleTagged").lower(), str(value)]
    return ["py", type(value).__name__]


def answer(templar, expression):
    """What the reference makes of it."""
    try:
        value = templar.template(trust_as_template("{{ " + expression + " }}"))
        return {"value": encode(value)}
    except Exception as error:  # every kind of failure is an answer
        causes, cause = [], error.__cause__
        while cause is not None and len(causes) < 4:
            causes.append(f"{type(cause).__name__}: {cause}".splitlines()[0][:300])
            cause = cause.__cause__
        return {"error": type(error).__name__, "message": str(error).splitlines()[0][:300], "causes": causes}


def main():
    init_plugin_loader()
    os.chdir(tempfile.mkdtemp())
    for name in sys.argv[1:] or ["cases", "collections"]:
        ask(name)


def ask(name):
    """Writes NAME.json for NAME.txt."""
    templar = Templar(DataLoader(), variables=VARS | trusted(LAZY) | {"ansible_search_path": [str(HERE / "files")]})
    cases = []
    lines = (HERE / f"{name}.txt").read_text().split("\n")
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        cases.append({"input": "{{ " + line + " }}", "expected": answer(templar, line)})
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / f"{name}.json").write_text("[\n" + text + "\n]\n")
    errors = sum("error" in case["expected"] for case in cases)
    print(f"{name}: {len(cases)} cases, {errors} of them errors")


main()
