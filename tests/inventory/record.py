#!/usr/bin/env python3
"""Records what the reference makes of small inventories.

Run by hand, with the reference's programs in PATH or in the directory given:

    tests/inventory/record.py [DIRECTORY-OF-ANSIBLE-PROGRAMS]

What was asked before in the same way is not asked again; remove cases.json to record all anew.

It writes cases.json beside itself: the inputs below, and the reference's answers. The tests of
src/inventory read that file; they need neither this script nor the reference.

A case has files, the sources (`-i`), and questions:

    list, export, yaml, yaml-export, graph, graph-vars    `ansible-inventory` of the whole
    graph:GROUP    host:NAME                              of one group, of one host
    limit:LIMIT                                           `--list` with `-l LIMIT`
    PATTERN        PATTERN -l LIMIT                       `ansible PATTERN --list-hosts`

A question of a case may stand in `except`, with the reason why the answer is another on purpose.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CASES = []


def case(name, files, *questions, sources=("hosts",), **options):
    if isinstance(files, str):
        files = {"hosts": files}
    CASES.append(dict(name=name, files=files, sources=list(sources), questions=list(questions), **options))


ALIASES = "a value that several hosts share is printed in full, where the reference prints an anchor and aliases"
LOST = "hosts stay in a group `ungrouped` that is a child, where the reference loses them"
PARTIAL = "a source that cannot be read adds nothing, where the reference keeps what it read before the mistake"

# --- INI ------------------------------------------------------------------------------------

case("ini: one host", "web1\n", "list", "graph", "all")
case("ini: empty file", "", "list", "all")
case("ini: only comments", "# a\n; b\n\n", "list", "all")
case("ini: groups and hosts", "lone\n[web]\nw1\nw2\n[db]\nd1\nw1\n", "list", "graph", "all", "web", "db", "ungrouped")
case("ini: values", r"""
h1 i=23 neg=-3 f=1.0 h=0x10 o=0o17 b=0b11 oct=0644 t=True tl=true n=None nl=null y=yes e="" u=1_000
h2 q="quoted" s='single' sp="a b" l="[1, 'a', [2]]" d="{'k': 1, 'j': [2]}" tup="(1, 2)" st="'inner'"
h3 ip=10.0.0.1 v=1.2.3 neg2=--3 sum=1+2 big=18446744073709551615 exp=1e3 c=1j two=80,443
h4 esc="a\\nb" esc2="'a\\nb'" path=C:\\temp tmpl="{{ x }}" tmpl2="{{x}}" hash='a#b' eq=a=b=c
h5 dots=... none=none zero=00 plus=+5 hexu=0XfF under=1__0 trail=5_ dotf=.5 fdot=5. inf=inf
""", "list", "export", "graph-vars")
case("ini: group variables", """
[web]
w1
[web:vars]
int=23
str = hello world
quoted="a b"
list=[1, 2]
comment=8080 # x
kept=abc # x
hash=val#ue
template={{ a }} and {{ b }}
empty=
spaces   =   5
equals=a=b
bool=True
colon=a:b
dict={'a': {'b': 1}}
tuple=1,2
neg=-1
quotes='it''s'
""", "list", "export")
case("ini: comments on host lines", "w1 a=1 # comment\nw2 b=x#y\nw3 c='x#y' #z\n; w4\n  # w5\nw6#w7\n", "list")
case("ini: spaces and tabs", "  w1\ta=1   b=2  \n[web]   \n   w2  \n[web:vars]  # note\n   c = 3\n", "list")
case("ini: children", "[a]\na1\n[b]\nb1\n[ab:children]\na\nb\n[top:children]\nab\n[top:vars]\nx=1\n[ab:vars]\nx=2\n", "list", "graph", "top", "all")
case("ini: children before groups", "[ab:children]\na\nb\n[a]\na1\n[b:children]\nc\n[c]\nc1\n", "list", "graph", "graph:ab")
case("ini: vars before group", "[web:vars]\nx=1\n[web]\nw1\n", "list")
case("ini: section called hosts", "[web:hosts]\nw1\n", "list")
case("ini: all section", "[all]\nw1\n[all:vars]\nx=1\n[web]\nw2\n", "list", "all", "graph-vars", "export")
case("ini: ungrouped section", "[web]\nw1\n[ungrouped]\nw1\nu1\n[ungrouped:vars]\nz=1\n", "list", "ungrouped")
case("ini: ranges", "[r]\nweb[1:3]\ndb[01:03]\nc[a:c].example.com\ns[1:9:3]\nm[1:2]-[a:b]\nz[08:11]\nport[1:2]:2222 x=1\n", "list", "r", "m*")
case("ini: range of letters", "x[y:B]\nq[:2]\n[3:1]e\n", "list")
case("ini: ports", "w1:2222\nw2:22 ansible_port=33\n10.0.0.1:44\n[::1]:55\n[2001:db8::1]:66\nfe80::1\n", "list")
case("ini: port of a known host", "w1:1\nw1:2\n", "list")
case("ini: host twice", "[a]\nw1 x=1 y=1\n[b]\nw1 x=2 z=3\n", "list")
case("ini: names", "a_b\na-b\na.b.c\n_c\nHost_X\ngröße\n123\n1.2.3.4\nx@y\n", "list", "all")
case("ini: group names", "[web-1]\nw1\n[1x]\nw2\n[a.b]\nw3\n", "list", "web-1", "a.b")
case("ini: group priority", "[a]\nh1\n[b]\nh1\n[a:vars]\nx=a\nansible_group_priority=10\n[b:vars]\nx=b\n", "list", "export", "graph-vars")
case("ini: bad priority", "[a]\nh1\n[a:vars]\nansible_group_priority=high\nx=1\n", "list", "export")
case("ini: priority on a host", "h1 ansible_group_priority=5\n", "list")
case("ini: depth beats priority", "[a]\nh1\n[b:children]\na\n[c]\nh1\n[a:vars]\nx=a\n[b:vars]\nx=b\n[c:vars]\nx=c\nansible_group_priority=50\n", "list")
case("ini: alphabet breaks ties", "[z]\nh1\n[m]\nh1\n[z:vars]\nx=z\n[m:vars]\nx=m\n", "list")
case("ini: same name for group and host", "[web]\nweb\nw2\n", "list", "web", "all", "!web")
case("ini: diamond", "[top:children]\nl\nr\n[l:children]\nbottom\n[r:children]\nbottom\n[bottom]\nh1\nh2\n[l:vars]\nx=l\n[r:vars]\nx=r\n", "list", "graph", "export", "yaml", "top")
case("ini: windows line ends", "w1 a=1\r\n[web]\r\nw2\r\n[web:vars]\r\nx=5\r\n", "list")
case("ini: group comments", "[web] # the web\nw1\n[top:children]\nweb # child\n", "list")
case("ini: localhost", "localhost ansible_connection=local\nw1\n", "list", "all", "localhost", "127.0.0.1")
case("ini: two localhosts", "localhost\n127.0.0.1\n", "list", "all", "localhost", "127.0.0.1", "::1")
case("ini: dictionary twice", "h1 d=\"{'a': 1}\" d=\"{'b': 2}\"\n", "list")
case("ini: odd keys", "[web]\nw1 a-b=1 'c d'=2\n[web:vars]\ne f=3\n", "list")
case("ini: unicode", "w1 name='Zoë ☃'\n[web:vars]\nx=ü\n[web]\nw1\n", "list", "yaml")
case("ini: bytes and prefixes", "h1 b=\"b'x'\" r=\"r'a\\\\nb'\" u=\"u'x'\" f=\"f'x'\" cat=\"'a' 'b'\"\n", "list")
case("ini: quotes in variables", "[w]\nh\n[w:vars]\na='x' # c\nb=\"x\" 'y'\nc='''x'''\nd='x\ne=\"[1, 2\n", "list")
case("ini: nested literals", "[w]\nh\n[w:vars]\na=[{'x': (1, {2})}, [[]], ()]\nb={1: 2, 'x': None}\nc=[1, true]\nd=[a, b]\n", "list")
case("ini: inline braces", "[w]\nh\n[w:vars]\na={{ 5 }}\n", "list", except_={"list": "a set inside a set stays the text it is, where the reference gives up on the whole file"})
case("ini: children defined in vars only", "[a:children]\nb\n[b:vars]\nx=1\n", "list", "all")
case("ini: empty group", "[web]\n[db]\nd1\n", "list", "yaml", "graph", "web", "we*")
case("ini: child twice", "[a]\nh1\n[p:children]\na\na\n", "list", "graph")
case("ini: ungrouped as child", "u1\n[p:children]\nungrouped\n", "list", "graph", "p", except_={"list": LOST, "graph": LOST, "p": LOST})

case("ini: mistake: no such child", "h1\n[a:children]\nb\n", "list", "all", except_={"list": PARTIAL, "all": PARTIAL})
case("ini: mistake: vars of no group", "[a:vars]\nx=1\n", "list")
case("ini: mistake: kind of section", "[a:chidren]\nb\n", "list")
case("ini: mistake: spaces in section", "[a b]\nc\n", "list")
case("ini: mistake: no assignment", "h1 a\n", "list")
case("ini: mistake: no assignment in vars", "[a]\nh1\n[a:vars]\nx\n", "list")
case("ini: mistake: open quote", "h1 a='x\n", "list")
case("ini: mistake: circle", "[a:children]\nb\n[b:children]\na\n", "list")
case("ini: mistake: range", "a[1-3]\n", "list")
case("ini: mistake: range without end", "a[1:]\n", "list")
case("ini: mistake: padded range", "a[01:100]\n", "list")
case("ini: mistake: colon at end", "a:\n", "list")
case("ini: mistake: dashes", "---\nfoo\n", "list")

# --- YAML, JSON, TOML -----------------------------------------------------------------------

YAML = """
all:
  hosts:
    mail.example.com:
    lone: {ansible_port: 2222, flag: yes}
  children:
    web:
      hosts:
        w[1:3]:
          x: 1
        w1:
          y: "{{ x }}"
      vars:
        greeting: hello
        nested: {a: [1, 2], b: null}
    db:
      hosts:
        d1:
        w2:
      children:
        replicas:
          hosts: d2
  vars:
    top: 0644
"""
case("yaml: usual", {"hosts.yml": YAML}, "list", "export", "yaml", "yaml-export", "graph", "graph-vars", "all", "db", sources=["hosts.yml"], except_={"yaml": ALIASES})
case("yaml: no extension", {"hosts": YAML}, "list")
case("yaml: top level groups", {"h.yaml": "web:\n  hosts:\n    w1:\n    w2:\ndb:\n  hosts: {d1: {a: 1}}\nempty:\nungrouped:\n  hosts:\n    u1:\n"}, "list", "graph", "all", sources=["h.yaml"])
case("yaml: unknown keys", {"h.yml": "web:\n  hosts:\n    w1:\n  host: {a: 1}\n  note: text\nplain: text\n"}, "list", sources=["h.yml"])
case("yaml: unsafe and vault", {"h.yml": "web:\n  hosts:\n    w1:\n      a: !unsafe '{{ b }}'\n      l: [!unsafe x, y]\n      v: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        6162\n  vars:\n    g: !unsafe 'u'\n"}, "list", "export", "yaml", "host:w1", sources=["h.yml"])
case("yaml: types", {"h.yml": "web:\n  hosts:\n    w1: {a: 1.5, b: 2024-01-02, c: 1:30, d: ~, e: 'x', f: off, g: 0x1F, h: 2024-01-02T03:04:05, i: [], j: {}, k: 1e3}\n"}, "list", "yaml", sources=["h.yml"])
case("yaml: ports and ranges", {"h.yml": "web:\n  hosts:\n    w1:2222:\n    'w[2:3]:22': {x: 1}\n    '[::1]:33':\n"}, "list", sources=["h.yml"])
case("yaml: priority", {"h.yml": "a:\n  hosts: {h: }\n  vars: {x: a, ansible_group_priority: 9}\nb:\n  hosts: {h: }\n  vars: {x: b}\n"}, "list", "export", "yaml-export", sources=["h.yml"])
case("yaml: anchors and merge", {"h.yml": "web:\n  hosts:\n    w1: &one {a: 1, b: 2}\n    w2:\n      <<: *one\n      b: 3\n"}, "list", sources=["h.yml"])
case("yaml: falsy host variables", {"h.yml": "web:\n  hosts:\n    w1: 0\n    w2: ''\n    w3: []\n"}, "list", sources=["h.yml"])
case("yaml: children as text", {"h.yml": "a:\n  children: b\nb:\n  hosts: h1\n"}, "list", sources=["h.yml"])
case("yaml: mistake: hosts as list", {"h.yml": "web:\n  hosts:\n    - w1\n"}, "list", sources=["h.yml"])
case("yaml: mistake: host variables", {"h.yml": "web:\n  hosts:\n    w1: text\n"}, "list", sources=["h.yml"])
case("yaml: mistake: number as host", {"h.yml": "web:\n  hosts:\n    1:\n"}, "list", sources=["h.yml"])
case("yaml: mistake: number as group", {"h.yml": "1:\n  hosts:\n    w1:\n"}, "list", sources=["h.yml"])
case("yaml: mistake: list", {"h.yml": "- a\n- b\n"}, "list", sources=["h.yml"])
case("yaml: mistake: not YAML", {"h.yml": "web: [a\n"}, "list", sources=["h.yml"])
case("yaml: mistake: empty", {"h.yml": "---\n"}, "list", sources=["h.yml"])
case("yaml: ini in a YAML file", {"h.yml": "[web]\nw1 a=1\n"}, "list", sources=["h.yml"])
case("json: file", {"h.json": '{"web": {"hosts": {"w1": {"a": 1, "t": "{{ x }}"}, "w2": null}, "vars": {"l": [1, 2.5, null, true]},\n\t"children": {"c": {}}}}'}, "list", "yaml", sources=["h.json"], except_={"yaml": ALIASES})
case("toml: usual", {"h.toml": """
[all.vars]
has_java = false
[web]
children = ["apache", "nginx"]
vars = { http_port = 8080, name = "{{ x }}" }
[web.hosts]
host1 = {}
"host[2:3]:2222" = { ansible_user = "u" }
[apache.hosts.tomcat1]
[apache.hosts.tomcat2]
my_var = 'a'
[apache.hosts.tomcat3.d]
n = [1, 2.5, true]
t = 2024-01-02T03:04:05Z
d = 2024-01-02
[nginx.hosts.jenkins1]
"""}, "list", "export", "graph", "all", sources=["h.toml"])
case("toml: mistake", {"h.toml": "a = [\n"}, "list", sources=["h.toml"])
case("toml: mistake: hosts as list", {"h.toml": "[web]\nhosts = ['a']\n"}, "list", sources=["h.toml"])

# --- Lists of hosts, several sources, directories -------------------------------------------

case("list: comma", {}, "list", "all", "b", sources=["a,b:22, c ,"])
case("list: one host", {}, "list", "all", sources=["a,"])
case("list: address", {}, "list", sources=["10.0.0.1:22,::1,[2001:db8::1]:33,"])
case("list: ranges", {}, "all", sources=["w[1:3],"])
case("several: merge", {"a": "[web]\nw1 x=a y=a\n[web:vars]\ng=a\n", "b.yml": "web:\n  hosts:\n    w1: {x: b}\n    w2:\n  vars: {g: b, h: b}\n"}, "list", "all", sources=["a", "b.yml"])
case("several: the other order", {"a": "[web]\nw1 x=a y=a\n[web:vars]\ng=a\n", "b.yml": "web:\n  hosts:\n    w1: {x: b}\n    w2:\n  vars: {g: b, h: b}\n"}, "list", "all", sources=["b.yml", "a"])
case("several: with a list", {"a": "[web]\nw1\n"}, "list", "all", sources=["w9,w1,", "a"])
case("several: one is missing", {"a": "[web]\nw1\n"}, "list", "all", sources=["a", "nothing"])
case("several: ungrouped first", {"a": "w1\nw2\n", "b": "[web]\nw1\n"}, "list", "ungrouped", "all", sources=["a", "b"])
case("several: group of an earlier source", {"a": "[web]\nw1\n", "b": "[top:children]\nweb\n[web:vars]\nx=1\n"}, "list", sources=["a", "b"])
case("directory: files", {"inv/01-a": "[web]\nw1 x=1\n", "inv/02-b.yml": "web:\n  hosts:\n    w1: {x: 2}\n    w2:\n", "inv/c.ini": "[db]\nd1\n", "inv/README.md": "[no]\nno1\n", "inv/x.bak": "no2\n", "inv/.hidden": "no3\n", "inv/y~": "no4\n", "inv/z.cfg": "no5\n", "inv/group_vars/web.yml": "g: 1\n", "inv/host_vars/w1.yml": "h: 1\n", "inv/t.retry": "no6\n"}, "list", "all", sources=["inv"])
case("directory: nested", {"inv/a": "w1\n", "inv/sub/b": "[web]\nw2\n", "inv/sub/group_vars/web.yml": "no: 1\n", "inv/group_vars/web.yml": "g: 1\n"}, "list", sources=["inv"])
case("directory: empty", {"inv/README.md": "x"}, "list", "all", sources=["inv"])
case("directory: one is wrong", {"inv/a": "w1\n", "inv/b.ini": "w2 x\n"}, "list", "all", sources=["inv"])

VARS = {
    "hosts": "[web]\nw1 own=host\nw2\n[db]\nd1\n[prod:children]\nweb\ndb\n[web:vars]\na=ini\nb=ini\n[all:vars]\na=all-ini\nd=all-ini\n",
    "group_vars/all.yml": "a: all-file\nc: all-file\nd: all-file\n",
    "group_vars/web.yml": "a: web-file\nl: [1]\n",
    "group_vars/prod": "a: prod-file\np: prod-file\n",
    "host_vars/w1.yaml": "own: file\nextra: {k: v}\n",
    "host_vars/d1.json": '{"j": [1, null]}',
}
case("vars: files", VARS, "list", "export", "yaml", "graph-vars", "host:w1", "host:d1", except_={"yaml": ALIASES})
case("vars: directories", {"hosts": "[web]\nw1\n", "group_vars/web/b.yml": "x: b\ny: b\n", "group_vars/web/a.yml": "x: a\nz: a\n", "group_vars/web/c.txt": "no", "group_vars/web/.d.yml": "no: 1\n", "group_vars/web/e.yml~": "no: 1\n", "group_vars/web/plain": "plain: 1\n", "group_vars/web/sub/f.yml": "sub: 1\n", "group_vars/web/sub.d/g.yml": "no: 1\n", "host_vars/w1/x.json": '{"j": 1}'}, "list")
case("vars: first form wins", {"hosts": "[web]\nw1\n", "group_vars/web": "x: none\n", "group_vars/web.yml": "x: yml\n", "group_vars/web.json": '{"x": "json"}', "host_vars/w1.yaml": "y: yaml\n", "host_vars/w1.yml": "y: yml\n"}, "list")
case("vars: directory before file", {"hosts": "[web]\nw1\n", "group_vars/web/a.yml": "x: dir\n", "group_vars/web.yml": "x: yml\n"}, "list")
case("vars: empty files", {"hosts": "[web]\nw1\n", "group_vars/web.yml": "", "group_vars/all.yml": "---\n", "host_vars/w1.yml": "{}\n"}, "list")
case("vars: two sources", {"one/hosts": "[web]\nw1\n", "one/group_vars/web.yml": "a: one\nb: one\n", "one/host_vars/w1.yml": "h: one\n", "two/hosts": "[web]\nw2\n[sub]\nw1\n[web:children]\nsub\n", "two/group_vars/all.yml": "a: two-all\n", "two/group_vars/web.yml": "b: two\n", "one/group_vars/sub.yml": "b: sub\n", "two/host_vars/w1.yml": "h: two\n"}, "list", "export", sources=["one/hosts", "two/hosts"])
case("vars: priority in a file", {"hosts": "[a]\nh\n[b]\nh\n", "group_vars/a.yml": "ansible_group_priority: 10\nx: a\n", "group_vars/b.yml": "x: b\n"}, "list")
case("vars: group_vars is a file", {"hosts": "[web]\nw1\n", "group_vars": "x: 1\n"}, "list")
case("vars: localhost", {"hosts": "[web]\nw1\n", "group_vars/all.yml": "x: 1\n", "host_vars/localhost.yml": "y: 2\n"}, "localhost", "all", "host:w1")
case("vars: ungrouped", {"hosts": "u1\n[web]\nw1\n", "group_vars/ungrouped.yml": "x: 1\n"}, "list")

# --- Scripts --------------------------------------------------------------------------------

def script(text):
    return {"text": "#!/bin/sh\n" + text, "mode": 0o755}


META = """cat <<'END'
{"web": {"hosts": ["w1", "w2"], "vars": {"g": "{{ x }}", "n": 1}, "children": ["sub"]},
 "sub": ["s1"], "empty": {},
 "_meta": {"hostvars": {"w1": {"a": [1, null, 2.5], "u": {"__ansible_unsafe": "{{ no }}"}}, "s1": {}, "stray": {"b": 1}}}}
END
"""
case("script: with _meta", {"inv.sh": script(META)}, "list", "export", "graph", "all", sources=["inv.sh"])
case("script: without _meta", {"inv.sh": script("""case $1 in
--list) echo '{"web": {"hosts": ["w1", "w2"]}, "all": {"vars": {"x": 1}}}' ;;
--host) test "$2" = w1 && echo '{"a": 1}' ;;
esac
exit 0
""")}, "list", sources=["inv.sh"])
case("script: sole host", {"inv.sh": script("""echo '{"w1": {"a": 1}, "_meta": {"hostvars": {}}}'""")}, "list", sources=["inv.sh"])
case("script: children as dictionary", {"inv.sh": script("""echo '{"a": {"children": {"b": {}}}, "b": {"hosts": ["h"]}, "_meta": {"hostvars": {}}}'""")}, "list", sources=["inv.sh"])
case("script: fails", {"inv.sh": script("echo oops >&2\nexit 3\n")}, "list", sources=["inv.sh"])
case("script: not JSON", {"inv.sh": script("echo nonsense here\n")}, "list", sources=["inv.sh"])
case("script: hosts is a dictionary", {"inv.sh": script("""echo '{"web": {"hosts": {"w1": {}}}, "_meta": {"hostvars": {}}}'""")}, "list", sources=["inv.sh"])
case("script: executable INI", {"hosts": {"text": "[web]\nw1 a=1\n", "mode": 0o755}}, "list")
case("script: in a directory", {"inv/a": "[web]\nw0\n", "inv/b.sh": script(META)}, "list", sources=["inv"])

# --- Plugins --------------------------------------------------------------------------------

PLAIN = "[web]\nw1 os=debian env=prod tags='[\"x\", \"y-z\"]' d=\"{'k': 'v', 'e': ''}\"\nw2 os=alpine env=test empty=''\n[db]\nd1 os=debian\n[all:vars]\nx=1\n"
case("constructed: all kinds", {"a": PLAIN, "b.yml": """
plugin: ansible.builtin.constructed
strict: false
compose:
  greeting: "'hello ' ~ inventory_hostname"
  both: greeting ~ os
  bad: nothing_there
  number: 1 + 2
groups:
  debians: os == 'debian'
  bad-name: "'prod' in env"
  in_web: "'web' in group_names"
keyed_groups:
  - key: os
    prefix: os
  - key: env
    separator: ""
  - key: env
  - key: tags
    prefix: tag
  - key: d
    prefix: dict
    parent_group: dicts
  - key: empty
    prefix: e
    default_value: none
"""}, "list", "graph", sources=["a", "b.yml"])
case("constructed: separators", {"a": PLAIN, "b.yml": """
plugin: constructed
leading_separator: false
keyed_groups:
  - key: os
  - key: d
    trailing_separator: false
  - key: d
    separator: "-"
    prefix: p
    default_value: dflt
  - key: os
    parent_group: "{{ os ~ '-parent' }}"
    prefix: o
"""}, "list", "graph", sources=["a", "b.yml"])
case("constructed: strict", {"a": PLAIN, "b.yml": "plugin: constructed\nstrict: true\ncompose:\n  bad: nothing_there\n"}, "list", sources=["a", "b.yml"])
case("constructed: variables of files", {"a": PLAIN, "group_vars/web.yml": "role: front\n", "b.yml": "plugin: constructed\nuse_vars_plugins: true\nkeyed_groups:\n  - key: role\n"}, "list", "graph", sources=["a", "b.yml"])
case("constructed: without files", {"a": PLAIN, "group_vars/web.yml": "role: front\n", "b.yml": "plugin: constructed\nkeyed_groups:\n  - key: role\n"}, "graph", sources=["a", "b.yml"])
case("generator: layers", {"g.yml": """
plugin: ansible.builtin.generator
hosts:
  name: "{{ operation }}_{{ application }}_{{ environment }}_runner"
  parents:
    - name: "{{ operation }}_{{ application }}_{{ environment }}"
      parents:
        - name: "{{ operation }}_{{ application }}"
          parents:
            - name: "{{ operation }}"
            - name: "{{ application }}"
        - name: "{{ application }}_{{ environment }}"
          parents:
            - name: "{{ application }}"
              vars:
                application: "{{ application }}"
            - name: "{{ environment }}"
              vars:
                environment: "{{ environment }}"
    - name: runner
layers:
  operation: [build, launch]
  environment: [dev, prod]
  application: [web, api]
"""}, "list", "graph", "export", sources=["g.yml"])
case("plugin: not one", {"p.yml": "plugin: host_list\n"}, "list", sources=["p.yml"], except_={"list": "a plugin that cannot be used is an error, where the reference warns and goes on without"})

# --- Patterns -------------------------------------------------------------------------------

HOSTS = """
lone
web1.old
[web]
web1
web2
web3
web10
[db]
db1
db2
web3
[staging]
web2
db2
[prod:children]
web
db
[empty]
[eu:children]
prod
"""
case("patterns: names", HOSTS, "all", "*", "web", "db1", "web,db", "web:db", "db,web", "web1", "prod", "eu", "lone", "ungrouped", "empty", "nothing", "web,nothing,db1")
case("patterns: sets", HOSTS, "web:&staging", "web:!staging", "web:&staging:!web2", "!web", "&staging", "prod:&web:!web1", "!staging:web:&prod", "all:!prod", "web:!web*", "&web:&db", "web,&db,!nothing", "all,!all")
case("patterns: globs", HOSTS, "web*", "web?", "*1", "web[1-2]", "w*:!*3", "*.old", "[wd]*1", "web[!1]", "we[b]1", "*web*", "db*,lone", "e*", "web1*", "WEB*", "*e*[0]", "w?b")
case("patterns: regexes", HOSTS, "~web[0-9]", "~(web|db)1$", "~.*2", "~w.*:!~.*3", "~(?i)WEB1", "~nothing", "~db[12],web1", "~^web$", "~e")
case("patterns: subscripts", HOSTS, "web[0]", "web[-1]", "web[1:2]", "web[1:]", "web[0:0]", "web[2:0]", "web[1-2]", "web[:2]", "prod[0]", "prod[-2]", "web[0:100]", "web[100:]", "db[1]:web[0]", "web*[0]", "web*[1]", "web[0]:&staging", "all[0]", "all[2:3]", "web1[0]", "empty[0]", "web[-4]", "prod[1:3]:!db")
case("patterns: subscripts beyond", HOSTS, "web[100]", "web[-100]", "db1[1]", "empty[3]",
     except_=dict.fromkeys(["web[100]", "web[-100]", "db1[1]"], "an error, as the reference has it for a play; its `ansible --list-hosts` shows no host"))
case("patterns: limits", HOSTS, "all -l web", "web -l staging", "all -l !web", "web -l db1", "all -l web1,web2", "all -l web:&staging", "web -l nothing", "prod -l ~.*1", "db -l web3,db*", "lone -l all", "all -l @limit",  "all -l lone,@limit")
CASES[-1]["files"]["limit"] = "web1\n  db1 \n\nnothing\n!lone\n"
case("patterns: localhost", HOSTS, "localhost", "127.0.0.1", "::1", "localhost,web1", "all,localhost", "local*", "all:!localhost", "localhost -l web", "localhost -l localhost", "localhost[0]",
     except_={"localhost -l web": "the limit leaves nothing, as the reference has it for a play; its `ansible --list-hosts` shows localhost all the same"})
case("patterns: odd ones", HOSTS, ",", ",,web1", " web1 , db1 ", "web1 db1", "web:", ":web", "web::db", "web1:22", "!all", "*:!*", "all[1:2],web1", "web,web,web1", "web3,web", "[", "]", "web[", "a-b_c", "web1.old")
case("patterns: order", "[b]\nb2\nb1\n[a]\na2\na1\nb1\n[top:children]\nb\na\n[other]\nx\n[mid:children]\ntop\nother\n", "all", "top", "mid", "a,b", "b,a", "*", "a*", "mid:!b1")
case("patterns: order over levels", "[one:children]\ntwo\nthree\n[two:children]\nfour\n[four]\nh4\n[three]\nh3\n[two]\nh2\n[one]\nh1\n", "all", "one", "list")
case("patterns: addresses", "10.0.0.1\n10.0.0.2\n2001:db8::1\n[v6]\nfe80::1\n", "10.0.0.1", "10.0.0.*", "10.0.0.1:10.0.0.2", "2001:db8::1", "fe80::1", "10.0.0.[12]", "2001:db8::1,10.0.0.1", "10.0.0.1:!10.0.0.1")
case("patterns: dots", "[a.b]\nx1\n[web]\na.b\n", "a.b", "a.*", "web")

# --- Limits and one host --------------------------------------------------------------------

case("show: limits", HOSTS, "limit:web", "limit:staging", "limit:nothing", "limit:web1,lone")
case("show: one host", HOSTS, "host:web1", "host:lone", "host:nothing", "host:web")
case("show: graphs", HOSTS, "graph", "graph:web", "graph:empty", "graph:nothing", "graph:all")
case("show: yaml", HOSTS, "yaml", "yaml-export")

# --- Recording ------------------------------------------------------------------------------

INVENTORY = {
    "list": ["--list"],
    "export": ["--list", "--export"],
    "yaml": ["--list", "-y"],
    "yaml-export": ["--list", "-y", "--export"],
    "graph": ["--graph"],
    "graph-vars": ["--graph", "--vars"],
}
LIMITED = re.compile(r"(.*) -l (.*)")


def command(question):
    if question in INVENTORY:
        return ["ansible-inventory", *INVENTORY[question]]
    kind, _, rest = question.partition(":")
    if kind == "graph":
        return ["ansible-inventory", "--graph", rest]
    if kind == "host":
        return ["ansible-inventory", "--host", rest]
    if kind == "limit":
        return ["ansible-inventory", "--list", "-l", rest]
    found = LIMITED.fullmatch(question)
    if found:
        return ["ansible", found[1], "--list-hosts", "-l", found[2]]
    return ["ansible", question, "--list-hosts"]


def lay_out(files, root):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = {"text": content, "mode": 0o644}
        path.write_text(content["text"], newline="")
        path.chmod(content["mode"])


def ask(programs, entry, question, root):
    program, *arguments = command(question)
    arguments = [word for source in entry["sources"] for word in ("-i", source)] + arguments
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root / "home"),
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CONFIG": str(root / "no.cfg"),
        "COLUMNS": "10000",
    }
    path = str(pathlib.Path(programs, program)) if programs else program
    done = subprocess.run([path, *arguments], cwd=root, env=environment, capture_output=True, text=True)
    said = re.findall(r"Could not match supplied host pattern, ignoring: (.*)", done.stderr)
    answer = {"status": done.returncode}
    if done.returncode == 0:
        answer["text"] = simplify(program, arguments, done.stdout.replace(str(root), "ROOT"))
    if said:
        answer["unmatched"] = said
    unread = re.findall(r"Unable to parse (.*) as an inventory source", done.stderr)
    if unread:
        answer["unread"] = [os.path.relpath(path, root) for path in unread]
    return answer


def simplify(program, arguments, text):
    if program == "ansible":
        return [line.strip() for line in text.splitlines()[1:]]
    if "--graph" in arguments or "-y" in arguments:
        return text
    return json.loads(text)


def known():
    """The answers recorded so far, by what was asked."""
    try:
        cases = json.loads((HERE / "cases.json").read_text())
    except FileNotFoundError:
        return {}
    return {(key(entry), answer["question"]): answer for entry in cases for answer in entry["answers"]}


def key(entry):
    return json.dumps([entry["files"], entry["sources"]], sort_keys=True)


def main():
    programs = sys.argv[1] if len(sys.argv) > 1 else None
    recorded = []
    before = known()
    for entry in CASES:
        reasons = entry.pop("except_", {})
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory).resolve()
            lay_out(entry["files"], root)
            asked = []
            for question in entry.pop("questions"):
                answer = before.get((key(entry), question))
                if answer is None:
                    answer = ask(programs, entry, question, root)
                answer.pop("except", None)
                if question in reasons:
                    answer["except"] = reasons[question]
                asked.append({**answer, "question": question})
        recorded.append({**entry, "answers": asked})
    text = json.dumps(recorded, indent=1, ensure_ascii=False, sort_keys=False)
    (HERE / "cases.json").write_text(text + "\n")
    print(len(recorded), "cases,", sum(len(entry["answers"]) for entry in recorded), "answers")


if __name__ == "__main__":
    main()
