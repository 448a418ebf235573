#!/usr/bin/env python3
"""Asks Python's `re` what each pattern finds in each text and writes regex.json; run by hand."""

import json
import re
import warnings
from pathlib import Path

PATTERNS = r'''a
a*
x*
|a
b|
(a)(b)?
(?P<w>\w+)=(?P<v>.*)
^\s*$
$
^
\Z
\A
\bfoo\b
[]a]+
[^]a]+
[a\-z]+
[\w.-]+
[[]x
[a&&b]+
[a~~b|]+
a{2}
a{,2}
a{2,}
a{
{
}
]
a{x}
a{1,2}?
a*?b
a++b
a{2}+
(?i)FOO
(?i:F)oo
(?-i:F)oo
(?m)^\w
(?s)a.b
(?x) a b # comment
(?x)[ #]+ \# x
(a)|b
(a)|(b)|(c)
(?:a|b)+
(?>a+)b
(?=foo)f
foo(?!bar)
(?<=o)b
(?<!o)b
(a)\1
(?P<q>['"]).*?(?P=q)
(a)?(?(1)b|c)
\d+
\D+
\W+
\S+
\x41\u0042
\101
\07
[\101-\103]+
\.
\-
\<foo\>
\/
a.c
.*
(.*)
^(.*)$
\s+
(\s*)
(?a)\w+
(?a:\w+)é
(?i)straße
[^\W\d_]+
[^\n]+
\t|\n
(a|ab)(c|bcd)(d*)
(a*)+
(a*)*
(?:)*a
(?=a)*a
(|a)+
(a|b)*c|(a|ab)*c
^(?:a?b?)*$
((?:.*)\n?)
0*([1-9][0-9]*)
(\d{1,3}\.){3}\d{1,3}
^([^:]+):\s*(.+)$
\Z|x
a|b|
[a-]
[-a]
[a-\d]
[b-a]
[a
(a
a)
*a
a**
a{3,2}
(?<=a*)b
\1
(?P<1a>x)
(?P<a>x)(?P<a>y)
(?P=zz)
\q
\
(?Pzz)
(?z)
a(?i)b
(?P<n
(?#comment)a
(?#bad
\8
(\1)
x{99999999999}
[\d-x]
[\q]
\x4
\N
^*
(?:a
(?(1)a|b|c)
(?(2)a|b)
(?i-a:x)
(?L)a
\400
[[:alpha:]]
é+
[é-ü]+
日
.日
\ba
\B
\b
(?m)$
(?m)^
a?
(a?)
(?:a?)??
\d*?
\w*
[^a]*
a|\b
(?<=,)|;
\s*,\s*
(?i)[A-C]+
(?i)(a)\1
\x1c
[\x1c\s]
'''.split("\n")[:-1]

TEXTS = ["", "a", "aaab", "abxd", "foo bar\nbaz\n", "FOO Foo", "k=v w=x", "a1b22", "a\nb", "\n", "'x' \"y\"",
         "Zoë 日本 é", "10.0.0.1 x", "key: value", "A&&B [x] a-z ~|", "a,b ; c", "straße", "\x1c \x85", "a{x} {"]

REPLACEMENTS = [r"<\g<0>>", r"\1", r"\n\\", r"\.x", r"\g<w>", r"\0", r"\101", r"\q", "\\", r"\g<", r"\g<1", r"\g<>"]


def shown(match):
    """The groups and where the match begins, in characters."""
    if match is None:
        return None
    return [[match.group(0), *match.groups()], match.start()]


def case(pattern, name, flags):
    """All answers for one pattern."""
    made = {"p": pattern, "f": name}
    try:
        regex = re.compile(pattern, flags)
    except (re.error, OverflowError) as error:
        return made | {"error": str(error)}
    rows = []
    for text in TEXTS:
        found = [shown(match) for match in regex.finditer(text)]
        if found or text == "a":
            rows.append([text, found, bool(regex.match(text)), bool(regex.fullmatch(text))])
    subs = []
    for replacement in REPLACEMENTS if name == "" and len(pattern) % 3 == 0 else REPLACEMENTS[:2]:
        try:
            subs.append([replacement, regex.sub(replacement, "aab foo")])
        except (re.error, IndexError):
            subs.append([replacement, None])
    return made | {"rows": rows, "subs": subs}


def main():
    warnings.simplefilter("ignore")
    cases = []
    for pattern in PATTERNS:
        plain = case(pattern, "", 0)
        cases.append(plain)
        if "rows" in plain:
            for name, flags in (("i", re.I), ("m", re.M)):
                other = case(pattern, name, flags)
                if other.get("rows") != plain["rows"]:
                    cases.append(other)
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    Path(__file__).with_suffix(".json").write_text("[\n" + text + "\n]\n")


main()
