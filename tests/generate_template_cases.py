#!/usr/bin/env python3
"""Records what the reference gives for the templates below, in template_cases_more.json.

Run by hand with the Python of a virtual environment that has ansible-core 2.21.5:

    venv/bin/python tests/generate_template_cases.py

The output has the shape of the shared conformance cases: `kind` is `template` (a YAML string),
`conditional` (a `when`) or `file` (the template module); values are tagged with their types. An
`error` says only that there is one; its message is for the reader.
"""

import base64
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

VARIABLES = {
    "i": 5, "neg": -7, "f": 2.5, "s": "hello world", "t": True, "fa": False, "n": None, "es": "",
    "l": [3, 1, 2], "ls": ["b", "a", "C"], "d": {"b": 2, "a": 1}, "num": "42", "big": 12345678901234567890,
    "users": [
        {"name": "bob", "uid": 1001, "groups": ["wheel", "adm"], "active": True, "home": {"dir": "/home/bob"}},
        {"name": "alice", "uid": 1000, "groups": [], "active": False, "home": {"dir": "/home/alice"}},
        {"name": "carol", "uid": 1002, "groups": ["adm"], "active": True},
    ],
    "nested": "{{ i }}", "nested2": "{{ nested }}-{{ s }}", "nested3": "{{ nested2 | upper }}",
    "nd": {"k": "{{ s }}", "deep": {"x": ["{{ i }}", "z", {"y": "{{ nested2 }}"}]}, "plain": [1, 2]},
    "nl": ["{{ i }}", "lit", "{{ nd.k }}"], "bad": "{{ nope }}", "worse": "{{ 1 / 0 }}",
    "bad_d": {"ok": 1, "bad": "{{ nope }}", "deeper": {"bad": "{{ nope.x }}", "ok": "{{ i }}"}},
    "bad_l": ["{{ i }}", "{{ nope }}"],
    "selfref": {"a": 1, "b": "{{ selfref.a + 1 }}", "c": "{{ selfref.b + 1 }}"},
    "loop_a": "{{ loop_b }}", "loop_b": "{{ loop_a }}", "loop_me": "x{{ loop_me }}",
    "lol": [[1, 2], [3, 4], [5]], "dol": {"x": [1], "y": [2, 3]}, "lod": [{"k": "a", "v": 1}, {"k": "b", "v": 2}],
    "multi": "line1\nline2\n\nline4\n", "uni": "Zoë 日本 ß", "path": "/etc/ssh/sshd_config", "tabs": "a\tb\tc",
    "mixed": [1, "a", None, True, 1.5, [1], {"k": "v"}], "items_d": {"items": 1, "keys": 2, "get": 3, "copy": 4},
    "quote": "it's \"quoted\"", "backslash": "a\\b", "braces": "{ }", "spaces": "  padded  ",
    "cond": "i == 5", "int_keys": {1: "one", 2: "two"}, "truths": {"yes": "yes", "no": "no"},
    "template_dict": {"{{ s }}": "{{ s }}"}, "tuple": "{{ (1, 2) }}", "rng": "{{ range(3) }}",
    "undef_list": "{{ [1, nope] }}", "omitted": "{{ omit }}", "with_omit": {"a": "{{ omit }}", "b": 1},
    "sentence": "The quick brown fox jumps over the lazy dog",
}

INCLUDES = {
    "inc.j2": "inc {{ i }}\n",
    "incvar.j2": "[{{ local | default('none') }}]",
    "mac.j2": "{% macro greet(n, g='Hi') %}{{ g }} {{ n }}{% endmacro %}\n{% macro ctx() %}{{ i }}{% endmacro %}\n{% set exported = 7 %}\n",
    "base.j2": "top\n{% block head %}H{% endblock %}\n{% block body %}base {{ i }}{% endblock %}\nbottom\n",
    "middle.j2": "{% extends 'base.j2' %}\n{% block body %}middle({{ super() }}){% endblock %}\n",
    "loopinc.j2": "{{ x }}={{ loop.index }};",
}

NATIVE = r"""
{{ i }}{{ none }}
{{ none }}{{ i }}
{{ none }}{{ none }}
{{ '' }}{{ i }}
{{ '' }}{{ l }}
{{ omit }}{{ i }}
{{ none }} 
 {{ i }} 
{{ i }}
{{ tuple }}
{{ tuple | type_debug }}
{{ tuple[1] }}
{{ rng[1] }}
{{ rng }}
x{{ range(3) }}
x{{ range(1, 10, 2) }}
{{ range(5)[1] }}
{{ range(5)[-1] }}
{{ range(3) | list }}
{{ range(5, 0, -2) | list }}
{{ range(3) == [0, 1, 2] }}
{{ range(3) == range(0, 3) }}
{{ 2 in range(3) }}
{{ range(0) | list }}
{{ range(3) | sum }}
{{ range(3) | length }}
{{ 1, 2 }}
{{ 1, }}
{{ () }}
{{ (1) }}
{{ [1, [2, (3, 4)]] }}
x{{ [1, (2, 3)] }}
x{{ (1, 2) }}
x{{ {'a': (1, none)} }}
x{{ d }}
x{{ mixed }}
x{{ quote }}
x{{ [quote] }}
x{{ [backslash] }}
x{{ [uni] }}
x{{ {1: 2, 'a': none, none: true} }}
x{{ 1.0 }}{{ 1e20 }}{{ 1e-7 }}{{ 123456789.123 }}
x{{ big }}{{ big + 1 }}
{{ big }}
{{ big * big }}
{{ true }}
{{ none }}
x{{ none }}x
x{{ true }}x
{{ "1" }}
{{ "[1, 2]" }}
[{{ i }}]
{{ i }} 
{# a #}{{ i }}{# b #}
{# only #}
{{ i }}{# b #}
{% if t %}{{ l }}{% endif %}
{% if fa %}{{ l }}{% endif %}
{% if fa %}{{ l }}{% else %}{{ d }}{% endif %}
{% set x = l %}{{ x }}
{% set x = 1 %}
{% for x in [l] %}{{ x }}{% endfor %}
{% for x in [] %}{{ x }}{% endfor %}
{% for x in [1, 2] %}{{ x }}{% endfor %}
{% with x = d %}{{ x }}{% endwith %}
{% raw %}{{ x }}{% endraw %}
{% raw %}{{ x }}{% endraw %}{{ i }}
{{ omit }}
{{ [omit, 1, omit] }}
{{ {'a': omit, 'b': {'c': omit}} }}
x{{ omit }}y
{{ omitted }}
{{ with_omit }}
{{ s | default(omit) }}
{{ [nope | default(omit)] }}
{{ d.items() }}
{{ d.keys() }}
{{ d.values() }}
x{{ d.items() }}
x{{ d.keys() }}
{{ d.items() | type_debug }}
{{ lookup }}
{{ range }}
{{ dict }}
{{ namespace(a=1) }}
x{{ namespace(a=1, b='c') }}
{{ joiner(',') }}
{{ self }}
{{ s.upper }}
{{ now() - now() }}
{{ int_keys }}
{{ int_keys[1] }}
{{ int_keys['1'] | default('no') }}
{{ template_dict }}
{{ "{{ i }}" }}
{{ '{{' ~ ' i }}' }}
{{ multi }}
{{ multi }}

{{ s }}\n\n
{{ l }}\n
a\n{{ l }}\n\n
{{ 'a\n' }}\n
"""

LAZY = r"""
{{ nested }}
{{ nested2 }}
{{ nested3 }}
{{ nd }}
{{ nd.deep }}
{{ nd.deep.x[2].y }}
{{ nd.deep.x[-1]['y'] }}
{{ nd['deep']['x'] | length }}
{{ nd | length }}
{{ nd.plain }}
{{ nl }}
{{ nl[2] }}
{{ nl[::-1] }}
{{ nl[1:] }}
{{ nl | first }}
{{ nl | last }}
{{ nl | join(',') }}
{{ nl + ['x'] }}
{{ nl * 2 }}
{{ nl == [5, 'lit', 'hello world'] }}
{{ 'hello world' in nl }}
{{ nl.index('lit') }}
{{ nl.count(5) }}
{{ nd.items() | list }}
{{ nd.get('k') }}
{{ nd.get('nope', 'dflt') }}
{{ nd.values() | first }}
{{ nd | dict2items }}
{{ nd | to_json }}
{{ nd.deep.x | map('type_debug') | list }}
{{ [nd.k, nl[0]] }}
{{ {'a': nd.k} }}
x{{ nd }}
x{{ nl }}
{{ bad_d.ok }}
{{ bad_d.deeper.ok }}
{{ bad_d.deeper }}
{{ bad_d }}
{{ bad_d.bad | default('x') }}
{{ bad_d.deeper.bad | default('x') }}
{{ bad_d.bad is defined }}
{{ bad_d | length }}
{{ bad_d.keys() | list }}
{{ 'bad' in bad_d }}
{{ bad_l[0] }}
{{ bad_l[1] | default('x') }}
{{ bad_l | length }}
{{ bad_l | first }}
{{ bad_l }}
{{ bad | default('x') }}
{{ bad is defined }}
{{ bad is undefined }}
{{ bad ~ 'x' }}
{{ bad.x.y | default('x') }}
{{ worse | default('x') }}
{{ worse is defined }}
{{ [worse] | length }}
{{ 1 if t else worse }}
{{ undef_list | length }}
{{ undef_list[0] }}
{{ undef_list }}
{{ undef_list | default('x') }}
{{ selfref }}
{{ selfref.c }}
{{ loop_a }}
{{ loop_me }}
{{ loop_a is defined }}
{{ 1 if t else loop_a }}
{{ lookup('vars', 'nes' ~ 'ted2') }}
{{ query('vars', 'nested', 's') }}
{% for x in nl %}[{{ x }}]{% endfor %}
{% for k, v in nd.items() %}{{ k }}:{{ v }};{% endfor %}
{% for k in nd %}{{ k }}{% endfor %}
{% set x = nd %}{{ x.k }}
{% set x = nl %}{% set _ = x.append(1) %}{{ nl }}
{% set x = nd.deep.x %}{% set _ = x.append(1) %}{{ nd.deep }}
{% set _ = nd.deep.update({'q': 1}) %}{{ nd.deep.q }}{{ nd.deep.x[0] }}
{% set _ = nl.pop(0) %}{{ nl }}
{% set _ = nl.reverse() %}{{ nl }}
{% set _ = nd.pop('k') %}{{ nd.keys() | list }}
{% set y = nd.copy() %}{% set _ = y.update({'k': 1}) %}{{ nd.k }}{{ y.k }}
"""

UNDEFINED = r"""
{{ nope }}
{{ nope.x.y.z }}
{{ nope['x'][0] }}
{{ nope() }}
{{ nope.foo() }}
{{ nope.foo() | default('x') }}
{{ nope[1:2] | default('x') }}
{{ nope | upper }}
{{ nope | upper | default('x') }}
{{ nope | upper | lower | default('x', true) }}
{{ nope ~ 'x' }}
{{ nope + 1 }}
{{ (nope + 1) | default('x') }}
{{ -nope }}
{{ not nope }}
{{ nope and t }}
{{ fa and nope }}
{{ t or nope }}
{{ nope or t }}
{{ nope == nope }}
{{ nope != 1 }}
{{ nope < 1 }}
{{ 1 in nope }}
{{ nope in [1] }}
{{ 'x' if nope else 'y' }}
{{ nope if t else 1 }}
{{ [nope] }}
{{ [nope] | length }}
{{ [nope, 1] | last }}
{{ {'a': nope} }}
{{ {'a': nope}.keys() | list }}
{{ {nope: 1} }}
{{ [nope] | first | default('x') }}
{{ (nope, 1)[1] }}
{{ d.nope }}
{{ d.nope.x }}
{{ d['nope'] }}
{{ d[nope] }}
{{ d[nope] | default('x') }}
{{ l[99] }}
{{ l[-99] }}
{{ l['x'] }}
{{ l[1.5] }}
{{ l.nope }}
{{ s.nope }}
{{ s[99] }}
{{ i.nope }}
{{ i[0] }}
{{ n.nope }}
{{ n['x'] }}
{{ t.nope }}
{{ f.nope }}
{{ d.a.b.c | default('x') }}
{{ i.x is defined }}
{{ d.nope is defined }}
{{ d.nope.x.y is defined }}
{{ d.nope is undefined }}
{{ nope is defined and nope.x }}
{{ nope is not defined or nope.x }}
{{ nope | default }}
{{ nope | default() }}
{{ nope | default(none) }}
{{ nope | default([]) }}
{{ nope | default(other) | default('y') }}
{{ nope | default(nope2) }}
{{ n | default('x') }}
{{ n | default('x', true) }}
{{ es | default('x', boolean=true) }}
{{ fa | default('x') }}
{{ nope.x | default('a') ~ 'b' }}
{{ nope | d('x') }}
{{ (nope | default({})).x | default('y') }}
{{ undef() }}
{{ undef(hint='because') }}
{{ undef('because') | default('x') }}
{{ nope | mandatory }}
{{ nope | type_debug }}
{{ nope is string }}
{{ nope is none }}
{{ nope is mapping }}
{{ 'x' if fa }}
x{{ 'x' if fa }}y
{{ ('x' if fa) ~ 'a' }}
{{ ('x' if fa) is defined }}
{{ ['x' if fa] }}
{% if nope %}a{% endif %}
{% if nope is defined %}a{% else %}b{% endif %}
{% for x in nope %}a{% endfor %}
{% for x in nope | default([]) %}a{% else %}b{% endfor %}
{% for x in d.nope %}a{% endfor %}
{% set x = nope %}ok
{% set x = nope %}{{ x | default('y') }}
{% set x = nope %}{{ x }}
{% macro m() %}{{ nope }}{% endmacro %}{{ m() | default('x') }}
{% macro m() %}{% if nope %}{% endif %}{% endmacro %}{{ m() | default('x') }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}
{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}
{{ i | nosuchfilter }}
{{ i is nosuchtest }}
{% if fa %}{{ i | nosuchfilter }}{% endif %}ok
{{ 'a' | nosuchfilter if fa else 'b' }}
{{ lookup('nosuchlookup') }}
{{ lookup('env', nope) | default('x') }}
{{ 'x'.join([nope]) }}
{{ 'x'.join([nope]) | default('y') }}
{{ l | map(attribute='nope') | list }}
{{ users | map(attribute='home.dir') | list }}
{{ users | map(attribute='home.dir', default='-') | list }}
{{ s.__class__ }}
{{ s.__len__() }}
{{ d.__class__ }}
{{ l.__add__([1]) }}
{{ ''.__class__.__mro__ }}
{{ d._private }}
{{ {'_x': 1}._x }}
"""

OPERATORS = r"""
{{ 7 // 2 }}
{{ -7 // 2 }}
{{ 7 // -2 }}
{{ 7 % 3 }}
{{ -7 % 3 }}
{{ 7 % -3 }}
{{ 7.5 // 2 }}
{{ -7.5 // 2 }}
{{ -7.5 % 2 }}
{{ 7.5 % -2 }}
{{ 1 / 3 }}
{{ 6 / 3 }}
{{ 1 / 0 }}
{{ 1 // 0 }}
{{ 1 % 0 }}
{{ 1.0 / 0 }}
{{ 2 ** 10 }}
{{ 2 ** 100 }}
{{ 2 ** -2 }}
{{ 2 ** 0.5 }}
{{ 0 ** 0 }}
{{ 0 ** -1 }}
{{ (-1) ** 3 }}
{{ (-2) ** 3 ** 2 }}
{{ -2 ** 2 }}
{{ 2.0 ** 3 }}
{{ 10 ** 10 ** 10 }}
{{ 9223372036854775807 + 1 }}
{{ -9223372036854775808 - 1 }}
{{ 9223372036854775807 * 2 }}
{{ big // 7 }}
{{ big % 7 }}
{{ -big // 7 }}
{{ big / 2 }}
{{ big == big + 0 }}
{{ big > 1.5 }}
{{ 0.1 + 0.2 }}
{{ 1e16 + 1 }}
{{ 1.5e3 }}
{{ 3.0 }}
{{ 1_000_000 }}
{{ 0xff + 0o17 + 0b11 }}
{{ true + true }}
{{ true * 3 }}
{{ -true }}
{{ +5 }}
{{ - -5 }}
{{ 1 - -1 }}
{{ not true }}
{{ not 0 }}
{{ not not i }}
{{ not t == fa }}
{{ 'a' + 'b' }}
{{ 'a' + 1 }}
{{ 1 + 'a' }}
{{ 'a' - 'b' }}
{{ 'ab' * 3 }}
{{ 3 * 'ab' }}
{{ 'ab' * 0 }}
{{ 'ab' * -1 }}
{{ 'ab' * 1.5 }}
{{ 'ab' * 'c' }}
{{ [1] + [2] }}
{{ [1] + (2,) }}
{{ (1,) + (2,) }}
{{ [1] * 3 }}
{{ [[]] * 2 }}
{{ [1] + 1 }}
{{ {} + {} }}
{{ {'a': 1} - {} }}
{{ n + 1 }}
{{ -'a' }}
{{ -l }}
{{ 1 ~ 2 }}
{{ none ~ true ~ 1.5 ~ [1] ~ {'a': none} }}
{{ (1, 2) ~ '' }}
{{ 'a' ~ l | length }}
{{ 1 ~ 2 + 3 }}
{{ 1 + 2 ~ 3 }}
{{ 1 < 2 }}
{{ 1 < 2 < 3 }}
{{ 3 > 2 > 2 }}
{{ 1 < 2 > 1 }}
{{ 1 == 1.0 }}
{{ 1 == true }}
{{ '1' == 1 }}
{{ none == false }}
{{ none == none }}
{{ [1, 2] == [1, 2.0] }}
{{ [1] == (1,) }}
{{ {'a': 1, 'b': 2} == {'b': 2, 'a': 1} }}
{{ 'a' < 'b' }}
{{ 'B' < 'a' }}
{{ 'a' < 1 }}
{{ [1, 2] < [1, 3] }}
{{ [1, 'a'] < [1, 2] }}
{{ (1, 2) < (2,) }}
{{ [] < [1] }}
{{ {} < {} }}
{{ none < 1 }}
{{ none >= none }}
{{ true < 2 }}
{{ 1 != 1 }}
{{ 'a' in 'abc' }}
{{ '' in 'abc' }}
{{ 1 in 'abc' }}
{{ 'a' in d }}
{{ 'z' not in d }}
{{ 1 in [1.0] }}
{{ [1] in [[1]] }}
{{ [1] in d }}
{{ 1 in 5 }}
{{ 1 in none }}
{{ 1 not in [1, 2] }}
{{ not 1 in [1, 2] }}
{{ 'a' in ['a'] == true }}
{{ i and s }}
{{ es and s }}
{{ es or s or i }}
{{ 0 or none }}
{{ 1 and 2 or 3 }}
{{ i if i > 3 else s }}
{{ 1 if fa else 2 if t else 3 }}
{{ (1 if fa else 2) + 1 }}
{{ l[0] }}
{{ l[-1] }}
{{ l[true] }}
{{ l[1:] }}
{{ l[:1] }}
{{ l[:-1] }}
{{ l[::2] }}
{{ l[::-1] }}
{{ l[2:0:-1] }}
{{ l[5:] }}
{{ l[-99:99] }}
{{ l[none:2] }}
{{ l[::0] }}
{{ l['a':] }}
{{ s[0] }}
{{ s[-1] }}
{{ s[1:4] }}
{{ s[::-1] }}
{{ s[::3] }}
{{ uni[4:6] }}
{{ (1, 2, 3)[1:] }}
{{ d[1:2] }}
{{ i[1:] }}
{{ l.0 }}
{{ lol.1.0 }}
{{ lol[1][0] }}
{{ users[0].home.dir }}
{{ users[0]['home']['dir'][1:5] }}
{{ d['a'] }}
{{ d['a' ~ ''] }}
{{ {1: 'x'}[1] }}
{{ {1: 'x'}[true] }}
{{ {1.0: 'x'}[1] }}
{{ {(1, 2): 'x'}[(1, 2)] }}
{{ {[1]: 2} }}
{{ {'a': 1, 'a': 2} }}
{{ {'a': {'b': [1, {'c': 2}]}}.a.b[1].c }}
{{ "a" 'b' "c" }}
{{ 'it\'s' }}
{{ "a\"b" }}
{{ "a\tb" }}
{{ "a\\b" }}
{{ '\d+' }}
{{ "\u00e9" }}
{% set x = "a\tb" %}{{ x }}
{% set x = "\u00e9\x41" %}{{ x }}
{% set x = 'it\'s \d' %}{{ x }}
{{ '{{' }}
{{ '}}' }}
{{ '%}' }}
{{ '{%' ~ '#}' }}
{{ {'a': '}}'} }}
{{ {'a': {'b': {}}} }}
{{ [[[]]] }}
{{ [1,] }}
{{ {'a': 1,} }}
{{ (1,) }}
{{ ((1)) }}
{{ s | upper | lower | length }}
{{ (s | upper)[0] }}
{{ -5 | abs }}
{{ (-5) | abs }}
{{ - l | length }}
{{ 2 * l | length }}
{{ l | length * 2 }}
{{ l | length > 2 and t }}
{{ not l | length > 5 }}
{{ s.split() | last | upper }}
{{ range(*[1, 4]) | list }}
{{ dict(**d) }}
{{ dict(d, z=3) }}
{{ dict([('x', 1), ('y', 2)]) }}
{{ dict([[1, 2]]) }}
{{ dict() }}
{{ dict(5) }}
{{ dict([1]) }}
{{ $x }}
{{ a b }}
{{ 1 + }}
{{ (1 }}
{{ 1) }}
{{ [1 }}
{{ 'a }}
{{ i
{{ }}
{{ i | }}
{{ i. }}
{{ .5 }}
{{ 5. }}
{{ i is }}
{{ for }}
{{ i = 1 }}
{{ i == }}
{{ x.y = 1 }}
{{ a ? b : c }}
{{ i++ }}
{{ !t }}
{{ t && t }}
{{ f(1, a=2, 3) }}
{{ lambda x: x }}
{{ [x for x in l] }}
{{ i() }}
{{ s() }}
{{ none() }}
{{ été }}
{{ [1, 2, 3] | sum }}
{{ "%s" % s }}
{{ "%s and %s" % (1, 'b') }}
{{ "%d%%" % 5 }}
{{ "%5.2f|%-5s|%05d|%x|%o|%e" % (3.14159, 'ab', 42, 255, 8, 12345.678) }}
{{ "%(a)s-%(b)03d" % d }}
{{ "%s" % [1, 2] }}
{{ "%s" % none }}
{{ "%r" % s }}
{{ "%c" % 65 }}
{{ "%+d % d" % (5, 5) }}
{{ "%s %s" % (1,) }}
{{ "%s" % (1, 2) }}
{{ "%d" % 'a' }}
{{ "%d" % 3.7 }}
{{ "%z" % 1 }}
{{ "%s" % d }}
{{ "%*d" % (5, 42) }}
{{ 5 % 'a' }}
"""

METHODS = r"""
{{ 'hello WORLD'.capitalize() }}
{{ 'ẞtraße'.casefold() }}
{{ 'a'.center(4) }}
{{ 'ab'.center(5, '*') }}
{{ 'abc'.center(6, '*') }}
{{ 'banana'.count('an') }}
{{ 'banana'.count('') }}
{{ 'banana'.count('a', 2) }}
{{ 'banana'.count('a', 2, 4) }}
{{ 'é'.encode() }}
{{ 'é'.encode('latin-1') }}
{{ 'é'.encode('ascii') }}
{{ 'é'.encode('ascii', 'ignore') }}
{{ 'é'.encode().decode() }}
{{ s.endswith('ld') }}
{{ s.endswith(('x', 'ld')) }}
{{ s.endswith('o', 0, 5) }}
{{ s.startswith('world', 6) }}
{{ s.startswith(['h']) }}
{{ s.startswith(5) }}
{% set x = tabs.expandtabs(4) %}{{ x }}
{{ s.find('o') }}
{{ s.find('o', 5) }}
{{ s.find('o', 5, 6) }}
{{ s.find('zz') }}
{{ s.rfind('o') }}
{{ s.index('w') }}
{{ s.index('zz') }}
{{ s.rindex('o') }}
{{ uni.find('日') }}
{{ 'ab12'.isalnum() }}
{{ 'ab'.isalpha() }}
{{ ''.isalpha() }}
{{ 'é'.isascii() }}
{{ '12'.isdecimal() }}
{{ '²'.isdigit() }}
{{ '²'.isdecimal() }}
{{ '½'.isnumeric() }}
{{ 'a_1'.isidentifier() }}
{{ '1a'.isidentifier() }}
{{ 'ab'.islower() }}
{{ 'aB'.islower() }}
{{ 'AB1'.isupper() }}
{{ 'a b'.isprintable() }}
{{ ' '.isspace() }}
{{ ''.isspace() }}
{{ 'Hello World'.istitle() }}
{{ 'Hello world'.istitle() }}
{{ ','.join(ls) }}
{{ ','.join('abc') }}
{{ ','.join(d) }}
{{ ','.join([1]) }}
{{ ','.join(5) }}
{{ ''.join([]) }}
{{ 'a'.ljust(3) ~ '|' }}
{{ 'a'.ljust(3, '.') }}
{{ 'a'.rjust(3, '.') }}
{{ 'a'.rjust(3, '..') }}
{{ 'AbC'.lower() }}
{{ 'straße'.upper() }}
{{ spaces.strip() }}
{{ spaces.lstrip() }}
{{ spaces.rstrip() }}
{{ 'xxaxx'.strip('x') }}
{{ 'abcba'.strip('ab') }}
{{ 'a=b=c'.partition('=') }}
{{ 'abc'.partition('=') }}
{{ 'a=b=c'.rpartition('=') }}
{{ 'abc'.rpartition('=') }}
{{ 'abc'.partition('') }}
{{ 'foobar'.removeprefix('foo') }}
{{ 'foobar'.removeprefix('bar') }}
{{ 'foobar'.removesuffix('bar') }}
{{ s.replace('o', '0') }}
{{ s.replace('o', '0', 1) }}
{{ 'ab'.replace('', '-') }}
{{ s.replace('a') }}
{{ s.replace(1, 2) }}
{{ 'a,b,c'.split(',') }}
{{ 'a,b,c'.split(',', 1) }}
{{ 'a,b,c'.split(',', maxsplit=1) }}
{{ 'a,b,c'.rsplit(',', 1) }}
{{ ' a  b '.split() }}
{{ ' a  b  c '.split(none, 1) }}
{{ ' a  b  c '.rsplit(none, 1) }}
{{ ''.split() }}
{{ ''.split(',') }}
{{ 'abc'.split('') }}
{{ 'abc'.split(1) }}
{{ multi.splitlines() }}
{{ multi.splitlines(true) }}
{{ 'aBc'.swapcase() }}
{{ "hello world it's".title() }}
{{ 'x1y2z'.title() }}
{{ 'abc'.translate({97: 'x', 98: none}) }}
{{ 'abc'.translate('abc'.maketrans('ab', 'xy')) }}
{{ '42'.zfill(5) }}
{{ '-42'.zfill(5) }}
{{ '+4'.zfill(1) }}
{{ 'abc'.format() }}
{{ '{} {}'.format(1, 'b') }}
{{ '{1} {0}'.format('a', 'b') }}
{{ '{a}-{b}'.format(a=1, b=2) }}
{{ '{a}'.format(**d) }}
{{ '{0[a]} {1[0]} {2.real}'.format(d, l, 5) }}
{{ '{:>6}|{:<6}|{:^6}|{:*^7}'.format('a', 'b', 'c', 'd') }}
{{ '{:05d} {:+d} {: d} {:,} {:_}'.format(42, 42, 42, 1234567, 1234567) }}
{{ '{:x} {:X} {:#x} {:o} {:b} {:#b} {:c}'.format(255, 255, 255, 8, 5, 5, 65) }}
{{ '{:.2f} {:8.3f} {:e} {:g} {:g} {:%}'.format(3.14159, 2.5, 12345.678, 0.0001, 1e10, 0.25) }}
{{ '{:08.2f}|{:<8.1f}|{:+.1f}'.format(3.14159, 2.55, 1.0) }}
{{ '{:.3}|{:10.3}|'.format('abcdef', 'abcdef') }}
{{ '{:,.2f}'.format(1234567.891) }}
{{ '{:010,d}'.format(1234567) }}
{{ '{!r} {!s}'.format('a', 'b') }}
{{ '{:{}}|'.format('a', 5) }}
{{ '{:{w}.{p}f}'.format(3.14159, w=8, p=2) }}
{{ '{{}} {{x}} {}'.format(1) }}
{{ '{} {} {}'.format(none, true, [1, 'a']) }}
{{ '{}'.format() }}
{{ '{0} {}'.format(1, 2) }}
{{ '{x}'.format() }}
{{ '{:d}'.format('a') }}
{{ '{:s}'.format(5) }}
{{ '{:d}'.format(1.5) }}
{{ '{:5}|{:<5}|'.format(5, 5) }}
{{ '{:5}|'.format(true) }}
{{ '{'.format(1) }}
{{ '}'.format(1) }}
{{ '{:10}'.format([1]) }}
{{ '{a}'.format_map({'a': 5}) }}
{{ s.nosuch() }}
{{ s.upper(1) }}
{{ s.split(foo=1) }}
{{ s.split(',', 1, 2) }}
{{ [1, 2, 1].count(1) }}
{{ [1, 2, 1].index(2) }}
{{ [1, 2, 1].index(1, 1) }}
{{ [1].index(5) }}
{{ (1, 2).index(2) }}
{{ (1, 2, 2).count(2) }}
{{ [1, 2].copy() }}
{{ [1].append(2) }}
{% set x = [1] %}{% set y = x %}{% set _ = y.append(2) %}{{ x }}
{% set x = [1] %}{% set y = x.copy() %}{% set _ = y.append(2) %}{{ x }}{{ y }}
{% set x = [1] %}{{ x.append(2) }}{{ x.append(3) }}{{ x }}
{% set x = [3, 1, 2] %}{% set _ = x.sort() %}{{ x }}
{% set x = [3, 1, 2] %}{% set _ = x.sort(reverse=true) %}{{ x }}
{% set x = [3, 'a'] %}{% set _ = x.sort() %}{{ x }}
{% set x = [1, 2] %}{% set _ = x.insert(0, 'a') %}{% set _ = x.insert(-1, 'b') %}{% set _ = x.insert(99, 'c') %}{{ x }}
{% set x = [1, 2, 3] %}{{ x.pop() }}{{ x.pop(0) }}{{ x }}
{% set x = [1, 2, 3] %}{{ x.pop(5) }}
{{ [].pop() }}
{% set x = [1, 2, 1] %}{% set _ = x.remove(1) %}{{ x }}
{{ [1].remove(5) }}
{% set x = [1] %}{% set _ = x.extend('ab') %}{% set _ = x.extend(d) %}{{ x }}
{% set x = [1] %}{% set _ = x.extend(5) %}{{ x }}
{% set x = [1, 2] %}{% set _ = x.clear() %}{{ x }}
{% set x = [1, 2] %}{% set _ = x.reverse() %}{{ x }}
{% set x = [[]] * 2 %}{% set _ = x[0].append(1) %}{{ x }}
{% set x = {} %}{% set _ = x.update(a=1) %}{{ x }}
{% set x = {} %}{% set _ = x.update({'a': 1}, b=2) %}{{ x }}
{% set x = {} %}{% set _ = x.update([('a', 1)]) %}{{ x }}
{% set x = {'a': 1} %}{% set _ = x.update({'a': 2, 'b': 3}) %}{{ x }}
{% set x = {} %}{% set _ = x.setdefault('k', []).append(1) %}{% set _ = x.setdefault('k', []).append(2) %}{{ x }}
{% set x = {'a': 1} %}{{ x.setdefault('a', 5) }}{{ x.setdefault('b') }}{{ x }}
{% set x = {'a': 1, 'b': 2} %}{{ x.pop('a') }}{{ x.pop('z', 'dflt') }}{{ x }}
{{ {}.pop('a') }}
{% set x = {'a': 1, 'b': 2} %}{{ x.popitem() }}{{ x }}
{{ {}.popitem() }}
{% set x = {'a': 1} %}{% set _ = x.clear() %}{{ x }}
{% set x = {'a': {'b': []}} %}{% set _ = x.a.b.append(1) %}{% set _ = x['a']['b'].append(2) %}{{ x }}
{% set x = {'a': []} %}{% for k, v in x.items() %}{% set _ = v.append(k) %}{% endfor %}{{ x }}
{% set r = [] %}{% for u in users %}{% if u.active %}{% set _ = r.append(u.name) %}{% endif %}{% endfor %}{{ r }}
{% set r = {} %}{% for u in users %}{% set _ = r.update({u.name: u.uid}) %}{% endfor %}{{ r }}
{% for x in lol %}{% set _ = x.append(9) %}{% endfor %}{{ lol }}
{% for x in lod %}{% set _ = x.update({'n': loop.index}) %}{% endfor %}{{ lod }}
{% set x = lol | list %}{% set _ = x.append(1) %}{{ x | length }}{{ lol | length }}
{% set x = lol + [[0]] %}{% set _ = x[0].append(7) %}{{ lol[0] }}
{% set _ = users[0].groups.append('new') %}{{ users[0].groups }}
{% set _ = dol.x.append(5) %}{{ dol }}
{% set _ = dol['y'].pop() %}{{ dol }}
{% macro m(x) %}{% set _ = x.append(1) %}{% endmacro %}{% set y = [] %}{{ m(y) }}{{ y }}
{{ d.get('a') }}
{{ d.get('z') }}
{{ d.get('z', 'dflt') }}
{{ d.get() }}
{{ d.keys() | list }}
{{ d.items() | sort }}
{{ d.items()[0] }}
{{ d.copy() }}
{{ d.fromkeys(['x'], 1) }}
{{ dict.fromkeys('ab', 0) }}
{{ items_d.items }}
{{ items_d['items'] }}
{{ items_d.items() | list | length }}
{{ items_d.get('get') }}
{{ (5).bit_length() }}
{{ (5).real }}
{{ (2.0).is_integer() }}
{{ f.is_integer() }}
{{ f.real }}
{{ (7).numerator }}
{{ now().year > 2000 }}
{{ now(utc=true).strftime('%Y') | int > 2000 }}
{{ now(fmt='%Y-%m') | length }}
{{ now().isoformat() | type_debug }}
{{ ('2024-03-05 10:20:30' | to_datetime).year }}
{{ ('2024-03-05 10:20:30' | to_datetime).strftime('%d.%m.%Y %H:%M') }}
{{ ('2024-03-05 10:20:30' | to_datetime).isoformat() }}
{{ ('2024-03-05 10:20:30' | to_datetime).weekday() }}
{{ (('2024-03-05 10:20:30' | to_datetime) - ('2024-03-01 00:00:00' | to_datetime)).days }}
{{ (('2024-03-05 10:20:30' | to_datetime) - ('2024-03-01 00:00:00' | to_datetime)).total_seconds() }}
{{ (('2024-03-05 10:20:30' | to_datetime) - ('2024-03-01 00:00:00' | to_datetime)).seconds }}
x{{ '2024-03-05 10:20:30' | to_datetime }}
"""

STATEMENTS = r"""
{% for x in l %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }};{% endfor %}
{% for x in l %}{{ loop.previtem | default('-') }}<{{ x }}>{{ loop.nextitem | default('-') }} {% endfor %}
{% for x in l %}{{ loop.cycle('a', 'b') }}{% endfor %}
{% for x in [1, 1, 2] %}{{ loop.changed(x) }}{% endfor %}
{% for x in l %}{{ loop }}{% endfor %}
{% for x in l if x > 1 %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% endfor %}
{% for x in l if x > 9 %}{{ x }}{% else %}none{% endfor %}
{% for x in [] %}{% else %}empty{% endfor %}
{% for x in d %}{{ x }}{% endfor %}
{% for k, v in d.items() %}{{ k }}{{ v }}{% endfor %}
{% for k, v in d | dictsort %}{{ k }}{{ v }}{% endfor %}
{% for a, b in [[1, 2], (3, 4)] %}{{ a + b }};{% endfor %}
{% for a, (b, c) in [[1, [2, 3]]] %}{{ a }}{{ b }}{{ c }}{% endfor %}
{% for a, b in [1] %}{% endfor %}
{% for a, b in [[1, 2, 3]] %}{% endfor %}
{% for a, b in [[1]] %}{% endfor %}
{% for a, b in ['xy'] %}{{ a }}{{ b }}{% endfor %}
{% for c in 'abc' %}{{ c }}.{% endfor %}
{% for x in 'a', 'b' %}{{ x }}{% endfor %}
{% for x in range(3) %}{{ x }}{% endfor %}
{% for x in 5 %}{% endfor %}
{% for x in none %}{% endfor %}
{% for x in l recursive %}{{ x }}{% endfor %}
{% for x in [[1, [2, [3]]]] recursive %}{{ loop.depth }}{% for y in x %}{% endfor %}{{ x if x is number }}{{ loop(x) if x is iterable }};{% endfor %}
{% for x in l %}{{ loop(l) }}{% endfor %}
{% for x in lol %}{% for y in x %}{{ loop.index }}{{ loop.depth }}{% endfor %}|{% endfor %}
{% for x in lol %}{% set outer = loop %}{% for y in x %}{{ outer.index }}{{ y }} {% endfor %}{% endfor %}
{% for x in l %}{% set y = x %}{% endfor %}{{ y | default('unset') }}
{% set y = 0 %}{% for x in l %}{% set y = x %}{% endfor %}{{ y }}
{% set y = 0 %}{% for x in l %}{{ y }}{% set y = x %}{{ y }}{% endfor %}
{% set ns = namespace(n=0) %}{% for x in l %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}
{% set ns = namespace() %}{% set ns.a = [1] %}{{ ns.a }}
{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a + ns.b }}
{% set ns = namespace(a=1) %}{{ ns.z | default('x') }}
{% set d.z = 1 %}
{% set nope.z = 1 %}
{% set x, y = 1, 2 %}{{ x }}{{ y }}
{% set x, y = [1, 2] %}{{ x + y }}
{% set x, y = [1] %}
{% set x = 1, 2 %}{{ x }}
{% set x %}a{{ i }}b{% endset %}{{ x }}
{% set x %}{{ i }}{% endset %}{{ x + 1 }}
{% set x %}{{ l }}{% endset %}{{ x | length }}
{% set x %}{% endset %}{{ x is none }}
{% set x | upper %}abc{% endset %}{{ x }}
{% set x | replace('a', 'b') | upper %}aca{% endset %}{{ x }}
{% set x = i %}{% set x = x + 1 %}{{ x }}
{% set loop = 1 %}{{ loop }}
{% if i == 5 %}a{% elif i == 6 %}b{% else %}c{% endif %}
{% if i == 6 %}a{% elif i == 5 %}b{% else %}c{% endif %}
{% if i == 7 %}a{% elif i == 6 %}b{% else %}c{% endif %}
{% if l %}a{% endif %}{% if es %}b{% endif %}{% if n %}c{% endif %}{% if 'False' %}d{% endif %}
{% if t %}{% set x = 1 %}{% endif %}{{ x }}
{% if fa %}{% set x = 1 %}{% endif %}{{ x | default('no') }}
{% with a = 1, b = i %}{{ a }}{{ b }}{% endwith %}{{ a | default('gone') }}
{% with %}{% set qq = 1 %}{{ qq }}{% endwith %}{{ qq | default('gone') }}
{% with a = 1 %}{% with b = a + 1 %}{{ b }}{% endwith %}{% endwith %}
{% filter upper %}a{{ s }}{% endfilter %}
{% filter upper | replace('A', 'x') %}abc{% endfilter %}
{% filter indent(2) %}a\nb{% endfilter %}
{% filter length %}{{ l }}{% endfilter %}
{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=4, a=5) }}
{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(7) }}
{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}
{% macro m() %}{{ varargs | length }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, b=2) }}
{% macro m(a) %}{{ a }}{% endmacro %}{{ m(*[1]) }}{{ m(**{'a': 2}) }}
{% macro m() %}{{ l }}{% endmacro %}{{ m() | first }}
{% macro m() %}  x  {% endmacro %}[{{ m() | trim }}]
{% macro m() %}{% endmacro %}{{ m() is none }}
{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in{{ i }}{% endcall %}
{% macro m() %}{{ caller(1, 2) }}{% endmacro %}{% call(a, b) m() %}{{ a + b }}{% endcall %}
{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}
{% macro m(n) %}{{ n }}{% if n > 0 %},{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(4) }}
{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}
{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m() }}
{% macro m() %}{% set x = 5 %}{{ x }}{% endmacro %}{{ m() }}{{ x | default('no') }}
{% for x in l %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endfor %}
{% macro m(a) %}{% endmacro %}{{ m.name }} {{ m.arguments }}
{% macro m() %}{% endmacro %}{{ m }}
{% macro m() %}{% endmacro %}x{{ m }}
{% call nope() %}{% endcall %}
{% set c = cycler('a', 'b', 'c') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.next() }}
{% set j = joiner('; ') %}{% for x in l %}{{ j() }}{{ x }}{% endfor %}
{% set j = joiner() %}{{ j() }}a{{ j() }}b
{{ lipsum(n=1, html=false) | length > 10 }}
{% raw %}{% if %}{{ x }}{# c #}{% endraw %}
{%- raw -%}  a  {%- endraw -%}
a {%- if t -%} b {%- endif -%} c
a {{- i -}} b
a  {#- c -#}  b
  {%+ if t %}x{% endif %}
{% if t -%}   x   {%- endif %}
a\n{% if t %}\nb\n{% endif %}\nc
a\n{% for x in [1, 2] %}\n{{ x }}\n{% endfor %}\nb
a\n  {% if t %}\n  b\n  {% endif %}\nc
{% block x %}in{{ i }}{% endblock %}
{% block x %}a{% endblock %}{{ self.x() }}
{% autoescape true %}{{ '<' }}{% endautoescape %}
{% do l.append(1) %}
{% for x in l %}{% break %}{% endfor %}
{% for x in l %}{% continue %}{% endfor %}
{% foo %}
{% if %}{% endif %}
{% if t %}
{% endif %}
{% for %}{% endfor %}
{% for x l %}{% endfor %}
{% for x in l %}{% endif %}
{% else %}
{% set %}
{% set x %}
{% macro %}{% endmacro %}
{% include %}
{% raw %}
{# open
{% include 'nope.j2' %}
{% include 'nope.j2' ignore missing %}ok
{% include ['nope.j2', 'nope2.j2'] ignore missing %}ok
{% extends 'nope.j2' %}
{% import 'nope.j2' as x %}
"""

FILTERS = r"""
{{ l | sort }}
{{ l | map('string') | join('-') }}
{{ users | map(attribute='name') | list }}
{{ users | selectattr('active') | map(attribute='name') | list }}
{{ users | rejectattr('active') | map(attribute='name') | list }}
{{ users | selectattr('uid', '>', 1000) | map(attribute='uid') | sum }}
{{ users | selectattr('name', 'match', '^[ab]') | list | length }}
{{ users | selectattr('groups', 'contains', 'adm') | map(attribute='name') | join(',') }}
{{ users | groupby('active') | map('first') | list }}
{{ users | sort(attribute='uid') | map(attribute='name') | list }}
{{ users | map('combine', {'x': 1}) | map(attribute='x') | list }}
{{ l | map('nosuch') | list }}
{{ l | select('nosuch') | list }}
{{ l | select('odd') | list }}
{{ l | reject('odd') | list }}
{{ [0, 1, '', 'a', none] | select | list }}
{{ l | map('multiply', 2) | list }}
{{ ls | map('upper') | list }}
{{ nl | map('string') | list }}
{{ d | combine({'c': 3}) }}
{{ nd | combine({'deep': {'q': 1}}, recursive=true) | to_json }}
{{ d | dict2items | map(attribute='key') | list }}
{{ d | dict2items | items2dict }}
{{ s | regex_replace('(\w+) (\w+)', '\2 \1') }}
{{ s | regex_search('w\w+') }}
{{ s | regex_findall('o') }}
{{ 'a.b' | regex_escape }}
{{ lol | flatten }}
{{ [l, l] | flatten | unique }}
{{ l | union([9]) | difference([1]) | intersect([3, 9]) | sort }}
{{ l | symmetric_difference([1, 7]) | sort }}
{{ l | zip(ls) | list }}
{{ l | max }}{{ l | min }}
{{ ['a', 'B'] | max }}
{{ l | batch(2) | list }}
{{ l | slice(2) | list }}
{{ s | title }}{{ s | capitalize }}
{{ '%s-%s' | format(1, 2) }}
{{ 3.7 | int }}{{ '3.7' | float }}{{ 3.14159 | round(2) }}
{{ 'yes' | bool }}{{ 'off' | bool }}
{{ t | ternary('a', 'b') }}{{ n | ternary('a', 'b', 'c') }}
{{ s | b64encode | b64decode }}
{{ s | hash('md5') }}
{{ d | to_json | from_json }}
{{ d | to_yaml }}
{{ d | to_nice_yaml }}
{{ nd | to_nice_yaml }}
{{ d | to_nice_json }}
{{ 'a: [1, 2]' | from_yaml }}
{{ path | basename }}{{ path | dirname }}
{{ sentence | wordcount }}
{{ sentence | truncate(20) }}
{{ sentence | wordwrap(15) }}
{{ s | list | unique | length }}
{{ multi | indent(2) }}
{{ s | replace('o', '0') | upper }}
{{ l | join }}
{{ l | random(seed='x') in l }}
{{ l | first }}{{ l | last }}{{ [] | first | default('none') }}
{{ quote | quote }}
{{ s | split }}{{ 'a,b' | split(',') }}
{{ d | dictsort }}
{{ (l | map('extract', ['a', 'b', 'c', 'd']) | list) }}
{{ lod | items2dict(key_name='k', value_name='v') }}
{{ 1 | ansible.builtin.string }}
{{ users | json_query('[].name') }}
{{ i is divisibleby 5 }}
{{ i is even }}{{ i is odd }}
{{ i is number }}{{ f is float }}{{ s is string }}{{ d is mapping }}{{ l is sequence }}{{ n is none }}
{{ '1.2.3' is version('1.2', '>') }}
{{ s is match('hello') }}{{ s is search('world') }}{{ s is regex('^h') }}
{{ [1] is subset([1, 2]) }}{{ [1, 2] is superset([1]) }}
{{ l is contains(1) }}{{ 1 is in(l) }}
{{ l is all }}{{ [0, 1] is any }}
{{ {'failed': true} is failed }}{{ {'changed': true} is changed }}
{{ t is sameas true }}{{ i is eq(5) }}{{ i is not defined }}
{{ 'a' is truthy }}{{ '' is falsy }}
{{ i is ansible.builtin.divisibleby(5) }}
{{ lookup('env', 'PLAY_TEST_ENV') }}
{{ lookup('env', 'PLAY_TEST_ENV', wantlist=true) }}
{{ query('env', 'PLAY_TEST_ENV') }}
{{ lookup('items', [1, 2]) }}
{{ lookup('list', []) }}
{{ lookup('dict', d) }}
{{ lookup('sequence', 'start=1 end=3') }}
{{ lookup('pipe', 'echo {{ "{{ i }}" }}') }}
{{ lookup('list', '{{ i }}') }}
{{ lookup('items', ['{{ i }}', 'x']) }}
{{ query('dict', {'a': '{{ i }}'}) }}
{% set x = '{{ i }}' %}{{ lookup('list', x) }}
{{ lookup('list', '{{ ' ~ 'i }}') }}
{{ lookup('list', '{{ nope }}') | default('x') }}
{{ '{{ i }}' == 5 }}
{{ ['{{ i }}'] }}
{{ '{{ i }}' is number }}
{{ lookup('file', '/nope', errors='ignore') }}
{{ query('file', '/nope', errors='ignore') }}
{{ lookup('file', '/nope', errors='bogus') }}
{{ lookup('file', '/nope') }}
{{ lookup() }}
{{ lookup(5) }}
{{ lookup('vars', 'nope', default='x') }}
{{ lookup('vars', 'i', 's') }}
{{ lookup('indexed_items', ls) }}
{{ query('together', l, ls) }}
{{ query('subelements', users, 'groups') | length }}
"""

CONDITIONS = r"""
i == 5
i == 6
i
es
s
l
d
n
nope
nope is defined
nope is not defined
i == 5 and s
i == 5 and t
i == 5 or nope
nope or i == 5
not t
not nope
{{ t }}
{{ i == 5 }}
 {{ t }} 
{{ i }} == 5
{{ i }}
{{ t }}{{ t }}
{% if t %}{{ t }}{% endif %}
'{{ i }}' == 5
'{{ s }}' == s
"{{ i }}" is defined
nested == 5
bad
bad is defined
worse
users[0].active
users | selectattr('active') | list | length == 2
users | length
'a' in d
'a' not in d
cond
i > 3 and i < 10
(i > 3) and not (i > 10)
3 < i < 10
t if i else fa
s is match('\w+')
s is match("h.*d$")
'a' 'b' == 'ab'
i == 5,
i = 5
i ==

true
True
false
no
"yes" | bool
num | int == 42
[t, fa] is all
t and fa or t
# comment
i == 5 # comment
i == 5 {# comment #}
i == 5 %}
lookup('env', 'PLAY_TEST_ENV') == 'yes'
omit
none
'x' if fa
1.5
t | ternary(true, false)
"""

FILES = r"""
plain\n
plain
\n
\n\n\n
a\r\nb\r\n
{{ i }}\n
{{ i }}\n\n
{{ s }}\n\n
{{ l }}\n
{{ d }}\nx\n
a {{ n }} b\n
{{ nope }}\n
a\r\nb {{ i }}\r\n
{% for x in l %}\n- {{ x }}\n{% endfor %}\n
{% for x in l %}\n- {{ x }}\n{% endfor %}\nend\n
  {% for x in l %}\n  - {{ x }}\n  {% endfor %}\nend\n
#jinja2: lstrip_blocks: True\n  {% for x in l %}\n  - {{ x }}\n  {% endfor %}\nend\n
#jinja2: trim_blocks: False\n{% if t %}\na\n{% endif %}\nb\n
#jinja2: lstrip_blocks: True, trim_blocks: False\n  {% if t %}\na\n  {% endif %}\nb\n
#jinja2: variable_start_string: '[%', variable_end_string: '%]'\n[% i %] {{ i }}\n
#jinja2:block_start_string:'<%',block_end_string:'%>'\n<% if t %>\n{% x %}\n<% endif %>\n
#jinja2: line_statement_prefix: '%'\n% for x in l\n{{ x }}\n% endfor\nend\n
#jinja2: nosuch: 1\nx\n
{% set x = "a\nb" %}\n{{ x }}\n
{{ "a\nb" }}\n
{{ 'a\\b' }}\n
{{ '\d' }}\n
{{ s | regex_replace('(o)', '<\\1>') }}\n
{% include 'inc.j2' %}\n
a\n{% include 'inc.j2' %}\nb\n
{% set local = 1 %}\n{% include 'incvar.j2' %}\n
{% set local = 1 %}\n{% include 'incvar.j2' without context %}\n
{% for x in l %}{% include 'loopinc.j2' %}{% endfor %}\n
{% include ['nope.j2', 'inc.j2'] %}\n
{% include 'nope.j2' %}\n
{% include 'nope.j2' ignore missing %}ok\n
{% import 'mac.j2' as m %}\n{{ m.greet('x') }}{{ m.exported }}\n
{% import 'mac.j2' as m %}\n{{ m.ctx() }}\n
{% import 'mac.j2' as m with context %}\n{{ m.ctx() }}x\n
{% import 'mac.j2' as m %}\n{{ m.nope }}\n
{% from 'mac.j2' import greet as g, exported %}\n{{ g('y', 'Yo') }}{{ exported }}\n
{% from 'mac.j2' import ctx %}\n{{ ctx() }}\n
{% from 'mac.j2' import nope %}\n{{ nope }}\n
{% extends 'base.j2' %}\n{% block body %}child {{ i }}{% endblock %}\n
{% extends 'base.j2' %}\n{% block body %}[{{ super() }}]{% endblock %}\n{% block head %}{{ s }}{% endblock %}\n
{% extends 'middle.j2' %}\n{% block body %}leaf<{{ super() }}>{% endblock %}\n
{% extends 'base.j2' %}\n{% set i = 9 %}\nignored text\n
{% extends 'base.j2' if t else 'nope.j2' %}\n
{% block a %}A{% endblock %} {{ self.a() }}\n
{% macro m(x) %}\n<{{ x }}>\n{% endmacro %}\n{{ m(1) }}\n
{% raw %}\n{{ x }}\n{% endraw %}\nend\n
{# comment #}\nx\n
x {# comment #}\ny\n
{%- if t %}\nx\n{%- endif %}\ny\n
{% if t +%}\nx\n{% endif %}\n
{{ ansible_managed }}\n
{{ template_path | type_debug }}\n
{% set r = [] %}{% for u in users %}{% set _ = r.append(u.name) %}{% endfor %}\n{{ r | join(' ') }}\n
{% for k, v in nd.items() %}\n{{ k }} = {{ v }}\n{% endfor %}\n
{{ lookup('template', 'inc.j2') }}\n
{{ users | to_nice_json }}\n
{{ (nd | to_nice_yaml) }}\n
é {{ uni }} ñ\n
\t{{ i }}\t\n
{{ i }}{{ i }}\n
{{ i }} {{ l }}\n
{{ t }}\n
{{ f }}\n
{% if fa %}x{% endif %}\n
{% if %}\n
a\n\n{{ nope.x }}\n
{{ i }
"""


def encode(value):
    """A value with its types, as in the shared cases."""
    if value is None:
        return ["null"]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", str(int(value))]
    if isinstance(value, float):
        return ["float", repr(float(value))]
    if isinstance(value, str):
        return ["str", str(value)]
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode()]
    if isinstance(value, dict):
        return ["map", [[encode(key), encode(item)] for key, item in value.items()]]
    if isinstance(value, (list, tuple)):
        return ["seq", [encode(item) for item in value]]
    if isinstance(value, datetime.datetime):
        return ["datetime", str(value)]
    return [type(value).__name__, str(value)]


def lines(block):
    """The templates of a block, one a line; `\\n`, `\\r` and `\\t` outside tags are meant."""
    return [line for line in block.split("\n")[1:-1]]


def outside_tags(text):
    """Replaces backslash escapes that stand outside tags."""
    out, depth, at = [], 0, 0
    while at < len(text):
        pair = text[at:at + 2]
        if pair in ("{{", "{%"):
            depth += 1
        elif pair in ("}}", "%}") and depth:
            depth -= 1
        if depth == 0 and pair in ("\\n", "\\r", "\\t"):
            out.append({"n": "\n", "r": "\r", "t": "\t"}[pair[1]])
            at += 2
            continue
        out.append(text[at])
        at += 1
    return "".join(out)


def trusted(value):
    from ansible.template import trust_as_template
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, list):
        return [trusted(item) for item in value]
    if isinstance(value, dict):
        return {key: trusted(item) for key, item in value.items()}
    return value


def answer(action):
    try:
        return {"value": encode(action())}
    except Exception as error:  # the reference's answer is whatever it raises
        message = str(error).split("\n")[0]
        return {"error": type(error).__name__, "message": message}


def evaluate(kind, text):
    from ansible.parsing.dataloader import DataLoader
    from ansible.template import Templar, trust_as_template
    templar = Templar(loader=DataLoader(), variables=trusted(VARIABLES))
    if kind == "conditional":
        return answer(lambda: templar.evaluate_conditional(trust_as_template(text)))
    return answer(lambda: templar.template(trust_as_template(text)))


def files(texts):
    """What the template module writes for each text."""
    with tempfile.TemporaryDirectory() as root:
        root = pathlib.Path(root)
        (root / "templates").mkdir()
        for name, text in INCLUDES.items():
            (root / "templates" / name).write_text(text)
        tasks = []
        for number, text in enumerate(texts):
            (root / "templates" / f"t{number}.j2").write_bytes(text.encode())
            tasks.append({
                "ansible.builtin.template": {"src": f"t{number}.j2", "dest": str(root / f"o{number}")},
                "ignore_errors": True,
            })
        play = [{"hosts": "localhost", "connection": "local", "gather_facts": False,
                 "vars_files": ["vars.json"], "tasks": tasks}]
        (root / "vars.json").write_text(json.dumps({k: v for k, v in VARIABLES.items()}))
        (root / "play.json").write_text(json.dumps(play))
        program = pathlib.Path(sys.executable).parent / "ansible-playbook"
        subprocess.run([program, "-i", "localhost,", "-e", f"ansible_python_interpreter={sys.executable}", "play.json"],
                       cwd=root, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for number, _ in enumerate(texts):
            written = root / f"o{number}"
            if written.exists():
                yield {"value": ["str", written.read_bytes().decode()]}
            else:
                yield {"error": "template failed", "message": ""}


def main():
    os.environ["PLAY_TEST_ENV"] = "yes"
    cases = []
    groups = [("native", NATIVE), ("lazy", LAZY), ("undefined", UNDEFINED), ("operator", OPERATORS),
              ("method", METHODS), ("statement", STATEMENTS), ("filter", FILTERS)]
    for category, block in groups:
        for number, line in enumerate(lines(block)):
            text = outside_tags(line)
            cases.append({"name": f"{category}_{number:03}", "category": category, "kind": "template",
                          "input": text, "expected": evaluate("template", text)})
    for number, line in enumerate(lines(CONDITIONS)):
        cases.append({"name": f"when_{number:03}", "category": "when", "kind": "conditional",
                      "input": line, "expected": evaluate("conditional", line)})
    texts = [outside_tags(line) for line in lines(FILES)]
    for number, (text, expected) in enumerate(zip(texts, files(texts))):
        cases.append({"name": f"file_{number:03}", "category": "file", "kind": "file",
                      "input": text, "expected": expected})
    # JSON has text keys only; the loader of the cases knows this one.
    variables = {k: v for k, v in VARIABLES.items() if k != "int_keys"}
    cases = [case for case in cases if "int_keys" not in case["input"]]
    about = "Recorded by tests/generate_template_cases.py from ansible-core " + version()
    data = {"about": about, "common_vars": variables, "include_files": INCLUDES, "fixtures": {}, "cases": cases}
    out = HERE / "template_cases_more.json"
    out.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n")
    print(f"{len(cases)} cases in {out}")


def version():
    from ansible.release import __version__
    return __version__


if __name__ == "__main__":
    main()
