#!/usr/bin/env python3
"""Asks the reference for the answers to the expressions in cases.txt and writes cases.json.

Run by hand with a Python that has ansible-core (and, for the collections' filters, the package
`ansible`). Every line of cases.txt is one expression; `#` begins a comment. A case whose outermost
part is one filter, test or lookup over constants also says so under `call`, so that the function
can be tried without the template engine.
"""

import datetime
import json
import os
import sys
import tempfile
from pathlib import Path

os.environ.update(ANSIBLE_DEPRECATION_WARNINGS="0", ANSIBLE_NOCOLOR="1", TZ="UTC", HOME="/home/play",
                  PLAY_TEST_ENV="yes")

import jinja2
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from jinja2 import nodes

HERE = Path(__file__).parent

VARS = json.loads((HERE / "vars.json").read_text())


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
        return ["tuple" if isinstance(value, tuple) else "seq", [encode(item) for item in value]]
    if isinstance(value, (set, frozenset)):
        return ["set", [encode(item) for item in value]]
    if isinstance(value, dict):
        return ["map", [[encode(k), encode(v)] for k, v in value.items()]]
    if isinstance(value, (datetime.date, datetime.timedelta)):
        return [type(value).__name__, str(value)]
    return ["py", type(value).__name__]


class NotConstant(Exception):
    """An expression that has a call or a filter inside."""


def constant(node):
    """The value of an expression made of literals and variables."""
    match node:
        case nodes.Const():
            return node.value
        case nodes.Name(name=name) if name in VARS:
            return VARS[name]
        case nodes.List():
            return [constant(item) for item in node.items]
        case nodes.Tuple():
            return tuple(constant(item) for item in node.items)
        case nodes.Dict():
            return {constant(pair.key): constant(pair.value) for pair in node.items}
        case nodes.Neg():
            return -constant(node.node)
    raise NotConstant


def split(expression):
    """The outermost filter, test or lookup over constants: kind, name, arguments."""
    source = "{{ " + expression.replace("\\", "\\\\") + " }}"
    node = jinja2.Environment().parse(source).body[0].nodes[0]
    try:
        named = {pair.key: encode(constant(pair.value)) for pair in getattr(node, "kwargs", ())}
        match node:
            case nodes.Filter() | nodes.Test():
                args = [encode(constant(item)) for item in [node.node, *node.args]]
                return {"kind": type(node).__name__.lower(), "name": node.name, "args": args, "named": named}
            case nodes.Call(node=nodes.Name(name="query")):
                args = [encode(constant(item)) for item in node.args]
                return {"kind": "lookup", "name": args[0][1], "args": args[1:], "named": named}
    except NotConstant:
        pass
    return None


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
    os.chdir(tempfile.mkdtemp())
    templar = Templar(DataLoader(), variables=VARS)
    cases = []
    lines = (HERE / "cases.txt").read_text().split("\n")
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        case = {"input": "{{ " + line + " }}", "expected": answer(templar, line)}
        try:
            call = split(line)
        except jinja2.TemplateError as error:
            sys.exit(f"{line}: {error}")
        if call:
            case["call"] = call
        cases.append(case)
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / "cases.json").write_text("[\n" + text + "\n]\n")
    errors = sum("error" in case["expected"] for case in cases)
    print(f"{len(cases)} cases, {errors} of them errors")


main()
