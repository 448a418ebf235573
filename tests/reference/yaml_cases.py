#!/usr/bin/env python3
"""Makes random YAML cases with PyYAML's answers, to compare the YAML room with.

    VENV/bin/python tests/reference/yaml_cases.py SEED COUNT FOLDER
    PLAY_SHARED=FOLDER cargo test --lib yaml::conformance

The files have the form of the recorded cases in ../shared/conformance.
"""

import base64
import datetime
import json
import pathlib
import random
import sys

import yaml

SEED, COUNT, FOLDER = int(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
random.seed(SEED)

TEXTS = [
    "a: 1\nb: [x, {y: z}]\n", "- name: x\n  debug:\n    msg: 'y'\n- {a: 1, b: [2]}\n",
    "a: |\n  one\n   two\n\n  three\nb: >-\n  four\n  five\n", "a: &x {b: 1}\nc: {<<: *x, d: 2}\n",
    "? a\n: b\n? c\n", "a:\n- 1\n- 2\nb: \"x\\n\\u00e9\\\n  y\"\n", "---\na\n...\n---\n- b\n",
    "a: x y\n  z # c\nb: 'it''s\n\n  two'\n", "a: !!set {x, y}\nb: !!omap [c: 1]\n",
    "t: 12:30:45\nd: 2001-12-14 21:59:43.10 -5\nn: ~\no: 0644\nf: 1.5e+3\n",
]
PIECES = [
    "\n", "\n ", "\n  ", "  ", " ", "- ", "-", ": ", ":", "? ", "?", "[", "]", "{", "}", ",", ", ", "'", '"', "#",
    " #c", "&a ", "*a", "!", "!!str ", "!!int ", "|", "|-\n", "|+\n  ", ">\n  ", ">2\n", "<<: ", "<<", "\t",
    "---\n", "...\n", "--- ", "%YAML 1.1\n", "a", "b: ", "x: 1", "1", "0", "12:30", "~", "null", "yes", "\\",
    "\\n", "\\u0041", "\r", "\r\n", "\u0085", "\u2028", "é", "😀", "\ufeff", "=", "@", "`", "%", "key",
    "a: b\n", "- a\n", "0x1f", "1.5", "2001-01-01", "!!set {a, b}", "!!binary aGk=",
]
WORDS = [
    "a", "key", "yes", "no", "0644", "1.5", "12:30", "a: b", "a #b", "#c", " lead", "trail ", "x\ny", "x\n", "\nx",
    "x\n\n", "\n", "  x\n y", "tab\tx", "é", "😀", "日本", "\u0085", "\u2028", "\x00", "\x1b", "\ufeff", "'",
    '"', "it's", 'say "x"', "{{ x }}", "[a]", "- a", "? b", ": c", "!tag", "*a", "&b", "%x", "@x", "`x", "|", "> y",
    "---", "...", "--- a", "=", "<<", "~", "null", "", "long " * 30, "word" * 40, "a b c d e f g " * 20, "x" * 130,
    "\\n", "C:\\x", "a,b", "a?b", "http://x:80/?a=b#c", "2024-01-01", "0x1F", "1e3", "1_000", ".inf", "\r",
    "\r\n", "a\rb", "x \ny", "é " * 60, "\ud7ff", "\ue000", "\ufffd",
]
SCALARS = [
    None, True, False, 0, -5, 10**20, 1.5, 1e20, float("inf"), datetime.date(2024, 1, 2),
    datetime.datetime(2024, 1, 2, 3, 4, 5), datetime.datetime(2024, 1, 2, 3, 4, 5, 1000),
    datetime.datetime(2024, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc), b"abc", b"", b"x" * 100,
]


def text():
    if random.random() < 0.5:
        return "".join(random.choice(PIECES) for _ in range(random.randint(1, 25)))
    made = random.choice(TEXTS)
    for _ in range(random.randint(1, 4)):
        at, kind = random.randint(0, len(made)), random.random()
        if kind < 0.6:
            made = made[:at] + random.choice(PIECES) + made[at:]
        else:
            made = made[:at] + made[at + random.randint(1, 3):]
    return made


def string():
    count = 1 if random.random() < 0.7 else random.randint(2, 4)
    return "".join(random.choice(WORDS) for _ in range(count))


def value(depth):
    kind = random.random()
    if depth > 0 and kind < 0.3:
        return [value(depth - 1) for _ in range(random.randint(0, 4))]
    if depth > 0 and kind < 0.6:
        return {key(): value(depth - 1) for _ in range(random.randint(0, 4))}
    return string() if kind < 0.9 else random.choice(SCALARS)


def key():
    return string() if random.random() < 0.9 else random.choice([1, 2, True, None, 1.5, b"k"])


def tagged(it):
    """The type-tagged form; recursion is none of ours, and the set's order is nobody's."""
    if it is None:
        return ["null"]
    if isinstance(it, bool):
        return ["bool", it]
    if isinstance(it, (int, float)):
        return [type(it).__name__, repr(it)]
    if isinstance(it, str):
        return ["str", it]
    if isinstance(it, bytes):
        return ["bytes", base64.b64encode(it).decode()]
    if isinstance(it, (datetime.date, datetime.datetime)):
        return [type(it).__name__, str(it)]
    if isinstance(it, (list, tuple)):
        return ["seq" if isinstance(it, list) else "tuple", [tagged(item) for item in it]]
    if isinstance(it, set):
        return ["set", sorted(map(tagged, it), key=lambda item: json.dumps(item, ensure_ascii=False, separators=(",", ":")))]
    return ["map", [[tagged(k), tagged(v)] for k, v in it.items()]]


def marks(node, path, found):
    start, end = node.start_mark, node.end_mark
    kind = {"MappingNode": "map", "SequenceNode": "seq"}.get(type(node).__name__, "scalar")
    found.append([path, kind, start.line + 1, start.column + 1, end.line + 1, end.column + 1])
    if kind == "map":
        for at, (k, v) in enumerate(node.value):
            marks(k, f"{path}/~k{at}", found)
            marks(v, f"{path}/~v{at}", found)
    elif kind == "seq":
        for at, item in enumerate(node.value):
            marks(item, f"{path}/{at}", found)


def load_case(name):
    made = text()
    case = {"name": str(name), "category": "merge" if "<<" in made or "!!set" in made else "made", "input": made}
    try:
        case["expected"] = {"docs": [tagged(it) for it in yaml.load_all(made, yaml.CSafeLoader)]}
        case["marks"] = []
        for at, node in enumerate(yaml.compose_all(made, yaml.CSafeLoader)):
            marks(node, str(at), case["marks"])
    except RecursionError:
        return load_case(name)
    except Exception as error:
        case["expected"] = {"error": type(error).__name__, "problem": str(error)}
    return case


class Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data):
        return True


def dump_case():
    it = value(random.randint(0, 3))
    choices = {
        "width": [20, 40, 1337, 3], "indent": [1, 2, 3, 8, 9, 10], "sort_keys": [True, False],
        "default_flow_style": [True, False, None], "default_style": ["'", '"', "|", ">"],
        "explicit_start": [True], "explicit_end": [True], "allow_unicode": [True, False],
    }
    keywords = {name: random.choice(values) for name, values in choices.items() if random.random() < 0.25}
    filters = {"to_yaml": {"default_flow_style": None}, "to_nice_yaml": {"indent": 4, "default_flow_style": False}}
    name = random.choice(list(filters))
    options = {"allow_unicode": True, **filters[name], **keywords}
    return {"value": tagged(it), "filter": name, "kwargs": keywords, "expected": {"value": yaml.dump(it, Dumper=Dumper, **options)}}


folder = FOLDER / "conformance"
folder.mkdir(parents=True, exist_ok=True)
cases = {"cases": [load_case(name) for name in range(COUNT)], "limits": []}
(folder / "yaml_cases.json").write_text(json.dumps(cases))
(folder / "yaml_dump_cases.json").write_text(json.dumps({"cases": [dump_case() for _ in range(COUNT)]}))
