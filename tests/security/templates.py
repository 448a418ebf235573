"""Templates that want all memory, or never end: an error within bounds, under `ulimit -v` too."""
import resource

# Each fails with a message; none ends the process or takes more memory than there is.
WANT_TOO_MUCH = [
    "{{ 'a' | indent(10**11) }}",
    "{{ 'a\\nb' | indent(10**9) }}",
    "{{ {'a': 1} | to_nice_json(indent=10**11) }}",
    "{{ {'a': [1]} | to_nice_yaml(indent=10**11) }}",
    "{{ (range(10**6) | list) | join('x' * 10**5) | length }}",
    "{{ ('a' * 10**6) | replace('a', 'b' * 10**6) | length }}",
    "{{ ('a' * 10**6) | regex_replace('a', 'b' * 10**6) | length }}",
    "{{ ('a\\n' * 10**6) | comment(prefix='b' * 10**6) | length }}",
    "{{ 'a' * 10**12 }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ [0] * 10**11 }}",
    "{{ ('%' ~ 10**11 ~ 'd') | format(1) }}",
    "{{ '%*d' % (10**11, 1) }}",
    "{{ 'a'.ljust(10**11) }}",
    "{{ 'a' | center(10**11) }}",
    "{{ 'a'.zfill(10**11) }}",
    "{{ '{:100000000000}'.format(1) }}",
    "{{ ('a ' * 10**4) | wordwrap(1, wrapstring='b' * 10**6) | length }}",
    "{% set a = [0] %}{% for _ in range(60) %}{% set _ = a.extend(a) %}{% endfor %}{{ a | length }}",
    "{% set ns = namespace(t='aa') %}{% for _ in range(60) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}{{ ns.t | length }}",
    "{% set ns = namespace(t=[1]) %}{% for _ in range(60) %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.t }}",
    "{% set ns = namespace(t=[1], u=[1]) %}{% for _ in range(60) %}{% set ns.t = [ns.t, ns.t] %}{% set ns.u = [ns.u, ns.u] %}{% endfor %}{{ ns.t == ns.u }}",
    "{% set ns = namespace(t=[1]) %}{% for _ in range(60) %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.t | flatten | length }}",
    "{% set ns = namespace(t=[1]) %}{% for _ in range(60) %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.t | to_json | length }}",
    "{{ range(10**12) | list | length }}",
    "{{ range(10**12) | unique | length }}",
    "{{ range(10**12) | union([1]) | length }}",
    "{{ range(10**12) | map('string') | list | length }}",
    "{{ range(10**12) | sort | length }}",
    "{{ range(10**12) | batch(2) | list | length }}",
    "{{ range(30) | permutations | list | length }}",
    "{{ range(60) | combinations(30) | list | length }}",
    "{{ range(10**5) | product(range(10**5), range(10**5)) | list | length }}",
    "{{ range(10**5) | zip(range(10**12)) | list | length + range(10**9) | list | length }}",
    "{{ range(40) | powerset | list | length }}",
    "{{ lookup('sequence', 'start=1 end=100000000000') }}",
    "{{ lookup('nested', range(10**5) | list, range(10**5) | list, range(10**5) | list) | length }}",
    "{{ lookup('pipe', 'yes') | length }}",
    "{{ query('lines', 'yes') | length }}",
    "{{ lookup('file', '/dev/zero') | length }}",
    "{{ 'secret' | password_hash('sha512', rounds=10**9) }}",
    "{{ 'secret' | password_hash('bcrypt', rounds=31) }}",
    "{{ 'secret' | password_hash('sha256', rounds=10**12) }}",
    "{{ 'x' | regex_search('(x+x+)+y' * 1000) }}",
    "{{ ('a' * 10**5) | regex_findall('(a*)*b') }}",
    "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
    "{% for i in range(10**12) %}{% endfor %}",
    "{{ '(' * 20000 ~ '1' }}{{ " + "(" * 20000 + "1" + ")" * 20000 + " }}",
    "{{ " + "[" * 20000 + "]" * 20000 + " }}",
    "{{ ('[' * 10**6 ~ ']' * 10**6) | from_json }}",
    "{{ ('[' * 10**6 ~ ']' * 10**6) | from_yaml }}",
    "{{ ('a' * 10**8) ~ ('a' * 10**8) ~ ('a' * 10**8) ~ ('a' * 10**9) | length }}",
    "{{ lipsum(n=10**9) | length }}",
    "{{ 10**8 | string | int | random(seed=1) + (range(10**10) | random(seed=1) | string | length * 10**12) | abs | filesizeformat }}{{ [1] * 10**10 }}",
]


def bound():
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))


def attack_by_templates_under_a_limit(stage):
    """A run with 2 GB of address space does all of them, says why each fails, and goes on."""
    import json

    stage.write("hosts", "h ansible_connection=local\n")
    tasks = [{"debug": {"msg": text}, "ignore_errors": True, "name": f"number {number}"} for number, text in enumerate(WANT_TOO_MUCH)]
    tasks += [
        {"debug": {"msg": "{{ item }}"}, "loop": "{{ range(10**9) }}", "ignore_errors": True, "name": "a loop of a thousand million"},
        {"debug": {"msg": "{{ circle }}"}, "vars": {"circle": "{{ circle }}"}, "ignore_errors": True, "name": "a circle"},
        {"debug": {"msg": "the end is reached"}, "name": "end"},
    ]
    stage.write("p.yml", json.dumps([{"hosts": "h", "gather_facts": False, "tasks": tasks}]))
    code, said = stage.run("run", "-i", "hosts", "p.yml", timeout=900, preexec_fn=bound)
    stage.expect(code == 0 and "the end is reached" in said, f"exit code {code}: {said[-1500:]}")
    failed = said.count("...ignoring")
    stage.expect(failed > 40, f"only {failed} of {len(tasks) - 1} failed: {said[:200]}")
    stage.note(f"{len(tasks) - 1} templates in 2 GB of address space: {failed} are refused, the others fit")


def attack_by_a_loop_of_many_items(stage):
    """A loop of many items takes memory for its items, and no more for each than it did (3,171 bytes on the base)."""
    import os

    stage.write("hosts", "h ansible_connection=local\n")
    peaks = []
    for count in (10_000, 40_000):
        stage.write("p.yml", f"- hosts: h\n  gather_facts: false\n  tasks:\n    - debug: msg=x\n      loop: \"{{{{ range({count}) | list }}}}\"\n      when: false\n")
        child = stage.start("run", "-i", "hosts", "p.yml", stdout=open(os.devnull, "wb"))
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        stage.expect(child.returncode == 0, f"exit code {child.returncode}")
        peaks.append(usage.ru_maxrss)
    each = (peaks[1] - peaks[0]) * 1024 / 30_000
    stage.note(f"{each:.0f} bytes an item: {each / 1024:.1f} GB for a million")
    stage.expect(each < 3171, f"{each:.0f} bytes an item")
