#!/usr/bin/env python3
"""Records what the reference makes of free-form text: free_form.json beside this file.

usage: VENV/bin/python free_form.py      (VENV has the ansible-core that the project follows)

Each case is a text, its words (`split_args`), and its pairs and free text with and without the keys of
`command` (`parse_kv`); null where the reference refuses the text.
"""

import json
import pathlib
import random

from ansible.errors import AnsibleError
from ansible.parsing.splitter import parse_kv, split_args

PIECES = [" ", " ", "  ", "\\", " \\ ", " \\\n", "\n", "'", '"', "a", "b=c", "chdir=", "{{", "}}", "{%", "%}", "{#", "#}",
          "\\n", "\\=", "é", "\t", "\\x41", "\\x+1", "\\u00e9", "creates=/x", "=", "stdin='a b'", "x", "\\'", '\\"', "|", "warn=no"]
KNOWN = [
    "", " ", "\n", "\\", "echo one \\ two   three", "echo \"a \\\n  b\" \\\n  c\n", "cat <<X\n  a  \n    b\nX\n", "  echo a   ",
    "echo 'x  y'   creates=/nonexistent\tz", "printf '%s|' \"a  b\" c=d 'creates = no' chdir=/tmp", "a=\"b c\" d='e'", "a = b", "=a",
    "a\\=b=c", "k=\"it\\\"s\"", "k='", "k={{ x", "k={{ x | y('a b') }} z", "{% if a %}b c{% endif %}d e", "k=\\\\n", "a\\\nb", "a \\\n\\\nb",
]


def answer(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except AnsibleError:
        return None


def case(text):
    plain, command = answer(parse_kv, text), answer(parse_kv, text, check_raw=True)
    return {"text": text, "words": answer(split_args, text), "pairs": plain, "command": command}


random.seed(20260101)
texts = KNOWN + ["".join(random.choices(PIECES, k=random.randint(2, 12))) for _ in range(3000)]
cases = [case(text) for text in dict.fromkeys(texts)]
refused = [one for one in cases if one["words"] is None]
cases = [one for one in cases if one["words"] is not None] + refused[:150]
target = pathlib.Path(__file__).with_suffix(".json")
target.write_text("[\n" + ",\n".join(json.dumps(one, ensure_ascii=False) for one in cases) + "\n]\n")
print(len(cases), sum(one["words"] is None for one in cases), "refused")
