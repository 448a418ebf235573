"""Control characters of hosts, items and names do not reach the screen."""
import re

ESCAPES = "\\x1b[2J\\x1b]0;T\\x07\\x9b31m\\rover\\x08"
RAW = ESCAPES.encode().decode("unicode_escape")
# Tabs and line ends stay.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r(?!\n)")


def attack_by_names_items_and_output(stage):
    library = f"#!/bin/sh\nprintf '%s' '{{\"failed\": true, \"msg\": \"A\\u009bB\\u007f\", \"stdout\": \"a\\u001b[2Jb\\nc\\rd\"}}'\n"
    stage.write("library/speaks", library, 0o755)
    host = '"h\\e[2J"'
    stage.write(
        "hosts.yml",
        f"all: {{hosts: {{{host}: {{ansible_connection: local}}}}}}\n",
    )
    stage.write(
        "p.yml",
        f"""
- name: "play\\e[31m"
  hosts: all
  gather_facts: false
  tasks:
    - name: "task\\e]0;x\\a"
      debug: {{msg: "a\\e[2Jb\\x9bc\\r"}}
    - command: printf 'a\\033[2Jb\\233c\\nd\\re'
      loop: ["x\\e[1m", "y\\x9b", "z\\r"]
    - command: printf 'a\\033[2Jb\\rc' >&2
    - shell: printf 'a\\033[2Jb\\rc\\nsecond\\033[0m\\n'; exit 3
      ignore_errors: true
    - speaks:
      ignore_errors: true
    - assert: {{that: false, fail_msg: "x\\e[2J"}}
      ignore_errors: true
    - include_tasks: "no\\e[2Jsuch.yml"
      ignore_errors: true
    - shell: printf 'role\\033[2J\\302\\2331mX\\342\\200\\256'
      register: r
    - block:
        - include_tasks: "{{{{ r.stdout }}}}.yml"
      rescue:
        - debug: msg=rescued
    - fail: {{msg: "{{{{ r.stdout }}}}"}}
      ignore_errors: true
    - copy: {{content: "new\\e[2J", dest: "{stage.folder}/out"}}
    - fail: {{msg: "last\\e[2J\\x9b {{{{ r.stdout }}}}"}}
""",
    )
    for more in ([], ["-v"], ["-vvvv", "-D"]):
        _, said = stage.run("run", "-i", "hosts.yml", *more, "p.yml")
        found = CONTROL.findall(said)
        where = [line for line in said.split("\n") if CONTROL.search(line)]
        stage.expect(not found, f"{more}: {found[:5]} in {where[:3]!r}")
        stage.expect("PLAY RECAP" in said, said[-500:])
    for words in (["inventory", "--list"], ["inventory", "--graph"], ["all", "--list-hosts"], ["run", "--list-tasks", "p.yml"]):
        _, said = stage.run(*words, "-i", "hosts.yml")
        stage.note(f"{words}: {len(CONTROL.findall(said))} control characters in a pipe")


def attack_by_length(stage):
    """A key of 50 MB in a result takes no more than its length does: five times that of 10 MB, not 25 times."""
    import os

    stage.write("library/long", '#!/bin/sh\n# WANT_JSON\nn=$(sed -n \'s/.*"n": *"*\\([0-9]*\\).*/\\1/p\' "$1")\nprintf \'{"changed": false, "\'\nhead -c "$n" /dev/zero | tr "\\000" a\nprintf \'": 1}\\n\'\n', 0o755)
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("p.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - long: {n: '{{ n }}'}\n      register: r\n    - assert: {that: 'r.keys() | map(\"length\") | max == n | int'}\n")
    took = []
    for size in (10_000_000, 50_000_000):
        child = stage.start("run", "-i", "hosts", "-e", f"n={size}", "p.yml", stdout=open(os.devnull, "wb"))
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        stage.expect(child.returncode == 0, f"{size}: exit code {child.returncode}")
        took.append(usage.ru_utime)
        stage.note(f"a key of {size // 1_000_000} MB: {usage.ru_utime:.1f} s of work, {usage.ru_maxrss // 1024} MB at most")
    stage.expect(took[1] < 10 * took[0], f"{took}: more than its length")
