"""A planted secret is looked for wherever something is written, shown or run."""
import base64
import os
import pathlib
import re
import shutil
import subprocess
import threading

from greeting import serve
from stage import Skip

# Every word of these is looked for; none stands on a command line or in an environment of ours.
VAR, SEALED, LOGIN, ARGUMENT, BECOME = "PLANTEDvar99", "PLANTEDvault88", "PLANTEDlogin77", "PLANTEDarg66", "PLANTEDbecome55"
ALL = [VAR, SEALED, LOGIN, ARGUMENT, BECOME]

# Each is done with `no_log`, all failures are ignored; `{s}` is the secret's name.
HIDDEN = {
    "ok": "command: echo {{ S }}\n      changed_when: false",
    "changed": "command: echo {{ S }}",
    "failed": "shell: echo {{ S }} >&2; exit 3",
    "failed by condition": "command: echo {{ S }}\n      failed_when: true",
    "message": "fail: {msg: \"{{ S }}\"}",
    "debug": "debug: {msg: \"{{ S }}\"}",
    "debug var": "debug: {var: S}",
    "assertion": "assert: {that: [\"S == 'x'\"], fail_msg: \"{{ S }}\"}",
    "retried": "command: echo {{ S }}\n      retries: 1\n      delay: 0\n      until: false",
    "retried items": "command: echo {{ item }}\n      loop: [\"{{ S }}1\", \"{{ S }}2\"]\n      retries: 1\n      delay: 0\n      until: false",
    "skipped": "command: echo {{ S }}\n      when: S == 'x'",
    "skipped items": "command: echo {{ item }}\n      loop: [\"{{ S }}1\"]\n      when: item == 'x'",
    "items": "command: echo {{ item }}\n      loop: [\"{{ S }}1\", \"{{ S }}2\"]",
    "failing items": "shell: echo {{ item }}; exit 1\n      loop: [\"{{ S }}1\", \"{{ S }}2\"]",
    "label": "command: echo x\n      loop: [1]\n      loop_control: {label: \"{{ S }}\"}",
    "loop over text": "command: echo x\n      loop: \"{{ S }}\"",
    "lookup": "debug: {msg: \"{{ lookup('file', '/none/' ~ S) }}\"}",
    "pipe": "debug: {msg: \"{{ lookup('pipe', 'echo ' ~ S ~ ' >&2; exit 3') }}\"}",
    "include": "include_tasks: \"{{ S }}.yml\"",
    "include role": "include_role: {name: \"{{ S }}\"}",
    "include vars": "include_vars: \"{{ S }}.yml\"",
    "filter": "debug: {msg: \"{{ S | from_json }}\"}",
    "no filter": "debug: {msg: \"{{ S | nosuch }}\"}",
    "undefined": "debug: {msg: \"{{ hostvars[S].x }}\"}",
    "condition": "command: echo x\n      when: S",
    "until": "command: echo x\n      until: S | int('a') > {}\n      retries: 1\n      delay: 0",
    "changed_when": "command: echo x\n      changed_when: S | from_json",
    "environment": "command: echo x\n      environment: \"{{ S }}\"",
    "wrong argument": "file: {path: /tmp, mode: \"{{ S }}\"}",
    "unknown argument": "ping: {data: x, nonsense: \"{{ S }}\"}",
    "wrong choice": "file: {path: /tmp, state: \"{{ S }}\"}",
    "copied": "copy: {content: \"{{ S }}\\n\", dest: \"{{ playbook_dir }}/out\"}",
    "copied again": "copy: {content: \"{{ S }} two\\n\", dest: \"{{ playbook_dir }}/out\"}",
    "line": "lineinfile: {path: \"{{ playbook_dir }}/out\", line: \"{{ S }} three\"}",
    "template": "template: {src: t.j2, dest: \"{{ playbook_dir }}/out\"}",
    "broken template": "template: {src: broken.j2, dest: \"{{ playbook_dir }}/out\"}",
    "validate": "copy: {content: \"{{ S }}\\n\", dest: \"{{ playbook_dir }}/out2\", validate: 'sh -c \"cat %s >&2; exit 1\"'}",
    "custom": "speaks: {text: \"{{ S }}\"}",
    "async": "command: echo {{ S }}\n      async: 20\n      poll: 1",
    "async failed": "shell: echo {{ S }}; exit 1\n      async: 20\n      poll: 1",
    "timeout": "shell: echo {{ S }}; sleep 5\n      timeout: 1",
    "unreachable": "command: echo {{ S }}\n      delegate_to: nowhere\n      ignore_unreachable: true\n      vars: {ansible_user: \"{{ S }}\"}",
    "become": "command: echo x\n      become: true\n      become_user: \"{{ S }}\"",
    "connection": "command: echo x\n      connection: \"{{ S }}\"",
    "set_fact": "set_fact: {x: \"{{ S }}\"}",
    "group": "add_host: {name: \"nohost\", x: \"{{ S }}\"}",
    "uri": "uri: {url: \"http://127.0.0.1:1/{{ S }}\", headers: {X-Key: \"{{ S }}\"}, timeout: 1}",
    "get_url": "get_url: {url: \"http://127.0.0.1:1/{{ S }}\", dest: /tmp/x, timeout: 1}",
    "script": "script: no{{ S }}.sh",
    "fetch": "fetch: {src: \"/none/{{ S }}\", dest: got/}",
    "notify": "command: echo {{ S }}\n      notify: hidden handler",
}

TAIL = """
    - block:
        - name: in a block
          shell: "echo {{ S }}; exit 1"
          no_log: true
      rescue:
        - debug: {msg: "rescued {{ ansible_failed_task.name }}"}
        - shell: "echo {{ S }}; exit 1"
          no_log: true
          ignore_errors: true
      always:
        - command: echo {{ S }}
          no_log: true
    - command: echo {{ S }}
      no_log: true
      async: 20
      poll: 0
      register: job
    - async_status: {jid: "{{ job.ansible_job_id }}"}
      no_log: true
      register: r
      until: r.finished
      retries: 20
      delay: 0.3
    - fail: {msg: the end}
  handlers:
    - name: hidden handler
      command: echo {{ S }}
      no_log: true
"""


def ground(stage):
    stage.write("pw.yml", f"S: {VAR}\n")
    stage.write("t.j2", "{{ S }} four\n")
    stage.write("broken.j2", "{{ S }}\n{{ S | nosuch }}\n")
    stage.write("vault.pw", "sesame\n", 0o600)
    stage.write("library/speaks", "#!/bin/sh\n# WANT_JSON\ncat \"$1\" >&2\nprintf '{\"warnings\": [\"'; tr -d '\"{}' <\"$1\"; printf '\"], \"failed\": true}'\n", 0o755)
    stage.write("hosts", "h ansible_connection=local\nnowhere ansible_host=127.0.0.1 ansible_port=1\n")


def task(name, text):
    """A hidden task whose failure does not end the play; only a rescue helps for an include."""
    one = f"    - name: {name}\n      {text}\n      no_log: true\n      ignore_errors: true\n"
    if not text.startswith("include_"):
        return one
    inside = "".join(f"    {line}\n" for line in one.splitlines())
    return f"    - block:\n{inside}      rescue:\n        - command: echo rescued\n"


def environment(stage):
    return {
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(stage.folder / "cache"),
        "ANSIBLE_RETRY_FILES_ENABLED": "True",
        "ANSIBLE_LOG_PATH": str(stage.folder / "run.log"),
    }


def found_in(stage, said, words):
    """The places in which a word stands: the screen, and every file that the run has written."""
    places = [f"screen: {line.strip()[:300]}" for line in said.split("\n") for word in words if word in line]
    for name in ("cache", "run.log", "p.retry"):
        path = stage.folder / name
        files = [path] if path.is_file() else path.rglob("*") if path.is_dir() else []
        for file in files:
            text = file.read_text(errors="replace")
            places += [f"{name}: {word}" for word in words if word in text]
    return places


def attack_by_every_kind_of_result(stage):
    """With `no_log`, at every verbosity."""
    ground(stage)
    tasks = "".join(task(name, text) for name, text in HIDDEN.items())
    stage.write("p.yml", "- hosts: h\n  gather_facts: false\n  vars_files: [pw.yml]\n  tasks:\n" + tasks + TAIL)
    for more in ([], ["-v"], ["-vv"], ["-vvv"], ["-vvvv"], ["-D"], ["-vvvv", "-D", "-C"]):
        code, said = stage.run("run", "-i", "hosts", *more, "p.yml", env=environment(stage), timeout=120)
        reached = "the end" in said or "-C" in more
        stage.expect(code == 2 and reached, f"{more}: exit code {code}\n{said[-1500:]}")
        places = found_in(stage, said, ALL)
        stage.note(f"{' '.join(more) or 'plain':<12} {len(HIDDEN) + 8} kinds of results, found {len(places)}")
        stage.expect(not places, f"{more}: found {len(places)}: " + "\n".join(places[:12]))


def attack_by_the_debugger(stage):
    ground(stage)
    stage.write(
        "p.yml",
        "- hosts: h\n  gather_facts: false\n  vars_files: [pw.yml]\n  tasks:\n"
        '    - shell: "echo {{ S }}; exit 1"\n      no_log: true\n      debugger: on_failed\n',
    )
    keys = stage.write("keys", "p result\np result._result\np task\np task.args\nr\np nosuch(S)\nc\n")
    with open(keys) as typed:
        _, said = stage.run("run", "-i", "hosts", "p.yml", stdin=typed)
    stage.expect("debug" in said, said)
    stage.expect(not found_in(stage, said, ALL), f"{said}")


def attack_by_sealed_values(stage):
    """Without `no_log`: what came out of a vault is not in what is sent, as it is shown with -vvvv."""
    ground(stage)
    sealed = subprocess.run(
        [stage.play, "vault", "encrypt_string", "--vault-password-file", "vault.pw", "--stdin-name", "S"],
        input=SEALED, capture_output=True, text=True, cwd=stage.folder, env=stage.environment(),
    )
    stage.write("pw.yml", sealed.stdout)
    stage.write(
        "p.yml",
        "- hosts: h\n  gather_facts: false\n  vars_files: [pw.yml]\n  tasks:\n"
        "    - copy: {content: \"{{ S }}\\n\", dest: \"{{ playbook_dir }}/out\", mode: '0600'}\n"
        "    - command: test -n {{ S }}\n      no_log: true\n"
        "    - uri: {url: 'http://127.0.0.1:1/', url_username: me, url_password: \"{{ S }}\", force_basic_auth: true, timeout: 1}\n      ignore_errors: true\n"
        "    - get_url: {url: 'http://127.0.0.1:1/', dest: /tmp/none, url_username: me, url_password: \"{{ S }}\", timeout: 1}\n      ignore_errors: true\n"
        "    - debug: {msg: \"{{ S | nosuch }}\"}\n      ignore_errors: true\n"
        "    - debug: {msg: \"{{ lookup('file', S) }}\"}\n      no_log: true\n      ignore_errors: true\n",
    )
    for more in ([], ["-vvvv"]):
        code, said = stage.run("run", "-i", "hosts", "--vault-password-file", "vault.pw", *more, "p.yml", env=environment(stage))
        stage.expect(code == 0, said[-1500:])
        login = base64.b64encode(f"me:{SEALED}".encode()).decode()
        places = found_in(stage, said, [SEALED, login])
        stage.expect(not places, "\n".join(places))


class Watch:
    """Looks at every process's arguments and environment, as often as it can."""

    def __init__(self):
        self.found = set()
        self.looks = 0
        self.goes_on = True
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        words = [word.encode() for word in ALL]
        while self.goes_on:
            self.looks += 1
            for entry in os.listdir("/proc"):
                if not entry.isdigit() or int(entry) == os.getpid():
                    continue
                for part in ("cmdline", "environ"):
                    try:
                        text = pathlib.Path("/proc", entry, part).read_bytes()
                    except OSError:
                        continue
                    for word in words:
                        if word in text:
                            at = max(0, text.find(word) - 60)
                            self.found.add(f"{part}: {text[at:at + 120]!r}")

    def end(self):
        self.goes_on = False
        self.thread.join()
        return self.found


ARGUMENTS = f"""
- hosts: h
  gather_facts: false
  vars: {{S: "{ARGUMENT}", N: play-planted}}
  tasks:
    - user: {{name: "{{{{ N }}}}", password: "$6$abc${{{{ S }}}}", create_home: false}}
    - user: {{name: "{{{{ N }}}}", password: "$6$abd${{{{ S }}}}"}}
    - user: {{name: "{{{{ N }}}}", state: absent}}
    - uri: {{url: "{{{{ page }}}}", url_username: me, url_password: "{{{{ S }}}}", force_basic_auth: true, headers: {{X-Key: "{{{{ S }}}}"}}}}
      ignore_errors: true
    - uri: {{url: "{{{{ page }}}}", method: POST, body: "key={{{{ S }}}}", headers: {{Authorization: "Bearer {{{{ S }}}}"}}}}
      ignore_errors: true
    - get_url: {{url: "{{{{ page }}}}", dest: "{{{{ playbook_dir }}}}/page", url_username: me, url_password: "{{{{ S }}}}", headers: {{X-Key: "{{{{ S }}}}"}}}}
      ignore_errors: true
    - copy: {{content: "{{{{ S }}}}\\n", dest: "{{{{ playbook_dir }}}}/secret", mode: '0600'}}
    - lineinfile: {{path: "{{{{ playbook_dir }}}}/secret", line: "a={{{{ S }}}}"}}
    - template: {{src: t.j2, dest: "{{{{ playbook_dir }}}}/secret"}}
    - replace: {{path: "{{{{ playbook_dir }}}}/secret", regexp: four, replace: "{{{{ S }}}}"}}
    - blockinfile: {{path: "{{{{ playbook_dir }}}}/secret", block: "{{{{ S }}}}"}}
    - ini_file: {{path: "{{{{ playbook_dir }}}}/ini", section: a, option: b, value: "{{{{ S }}}}"}}
    - command: cat
      args: {{stdin: "{{{{ S }}}}"}}
"""


def page(peer):
    peer.recv(4096)
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
    peer.close()


def attack_by_arguments_and_environments(stage):
    """What modules are given is in no command line and no environment, on neither end."""
    ground(stage)
    if os.geteuid() != 0:
        raise Skip("only root adds users")
    stage.write("p.yml", ARGUMENTS)
    way = stage.server()
    stage.write("hosts", f"h ansible_host=127.0.0.1 {way}\n")
    port = serve(page)
    watch = Watch()
    texts = []
    for more in ([], ["-vvv"]):
        code, said = stage.run("run", "-i", "hosts", "-e", f"page=http://127.0.0.1:{port}/", *more, "p.yml", env=environment(stage), timeout=120)
        texts.append(said)
        stage.expect(code == 0, said[-2500:])
    found = watch.end()
    stage.note(f"{watch.looks} looks at all processes, found {len(found)}")
    stage.expect(not found, "\n".join(sorted(found)))
    subprocess.run(["userdel", "play-planted"], capture_output=True)


def attack_on_passwords(stage):
    """The passwords of a login and of becoming."""
    ground(stage)
    if not shutil.which("sudo"):
        raise Skip("there is no sudo")
    way = stage.server()
    stage.write("login", LOGIN, 0o600)
    stage.write("become", BECOME, 0o600)
    stage.write("hosts", f"h ansible_host=127.0.0.1 {way}\nw ansible_host=127.0.0.1 {way.replace('/key', '/none')}\n")
    stage.write("p.yml", "- hosts: all\n  gather_facts: false\n  become: true\n  tasks:\n    - command: sleep 0.5\n")
    watch = Watch()
    for more in ([], ["-vvvv"]):
        _, said = stage.run("run", "-i", "hosts", "--connection-password-file", "login", "--become-password-file", "become", *more, "p.yml", env=environment(stage))
        places = found_in(stage, said, ALL)
        stage.expect(not places, "\n".join(places))
        stage.expect("PLAY RECAP" in said, said)
    found = watch.end()
    stage.note(f"{watch.looks} looks at all processes, found {len(found)}")
    stage.expect(not found, "\n".join(sorted(found)))


def attack_by_every_output(stage):
    """Outputs, callbacks, JUnit, metrics, the record of the run and its page: no secret, and no control character."""
    from screen import CONTROL

    ground(stage)
    names = ("changed", "failed", "debug", "retried items", "failing items", "label", "lookup", "copied again", "custom", "async failed", "unreachable")
    tasks = "".join(task(name, HIDDEN[name]) for name in names)
    loud = "    - debug: {msg: \"a\\e[2Jb\\x9bc\"}\n    - shell: printf 'x\\033[2Jy\\n'; exit 1\n      loop: [\"i\\e[1m\"]\n      ignore_errors: true\n    - name: \"task\\e]0;x\\a\"\n      command: echo x\n    - fail: {msg: \"the end\\e[2J\"}\n"
    stage.write("p.yml", "- hosts: h\n  gather_facts: false\n  vars_files: [pw.yml]\n  tasks:\n" + tasks + loud)
    state = stage.folder / "state"
    ways = [(["--output", name], {}) for name in ("ansible", "dense", "json", "quiet", "github", "gitlab")]
    ways += [([], {"ANSIBLE_STDOUT_CALLBACK": name}) for name in ("json", "minimal", "oneline", "unixy", "dense", "tree")]
    ways += [([], {"ANSIBLE_CALLBACKS_ENABLED": "junit,profile_tasks,timer,tree", "JUNIT_OUTPUT_DIR": str(stage.folder / "written/junit")})]
    for number, (words, more) in enumerate(ways):
        written = stage.folder / "written"
        written.mkdir(exist_ok=True)
        env = {"XDG_STATE_HOME": str(state), "GITHUB_STEP_SUMMARY": str(written / "summary"), "ANSIBLE_CALLBACK_TREE_DIR": str(written / "tree"), **more}
        files = ["--junit", str(written / f"{number}.xml"), "--metrics", str(written / f"{number}.prom")]
        code, said = stage.run("run", "-i", "hosts", "-v", *words, *files, "p.yml", env=env, timeout=120)
        stage.expect(code == 2, f"{words} {more}: exit code {code}: {said[-600:]}")
        shown = [line for line in said.split("\n") if any(word in line for word in ALL)]
        stage.expect(not shown, f"{words} {more}: {shown[:3]}")
        # GitLab folds by codes of its own.
        said = re.sub(r"\x1b\[0Ksection_(start|end):\d+:[\w-]+(\[\w+=\w+\])?\r\x1b\[0K", "", said)
        # Callbacks of the reference move about the terminal by codes of their own.
        planted = re.compile("\x1b\\[2J|\x9b|\x1b\\]0|i\x1b\\[1m")
        control = planted if more else CONTROL
        where = [line for line in said.split("\n") if control.search(line)]
        stage.expect(not where, f"{words} {more}: {where[:3]!r}")
    code, said = stage.run("report", "-o", "written/page.html", env={"XDG_STATE_HOME": str(state)})
    stage.expect(code == 0, said)
    looked = 0
    for file in [*state.rglob("*"), *(stage.folder / "written").rglob("*")]:
        if file.is_file():
            looked += 1
            text = file.read_text(errors="replace")
            stage.expect(not any(word in text for word in ALL), f"{file} holds a secret")
    stage.expect(looked > 2 * len(ways), f"only {looked} files were written")
    stage.note(f"{len(ways)} outputs, {looked} files, found 0")


OUTPUTS = [(["--output", name], {}) for name in ("ansible", "dense", "json", "quiet", "github", "gitlab")]
CALLBACKS = [([], {"ANSIBLE_STDOUT_CALLBACK": name}) for name in ("json", "minimal", "oneline", "yaml", "unixy", "dense")]


def shown_by(stage, ways, planted, playbook, *words):
    """Runs a playbook in each way, with and without -v, and looks for words in all that is shown and written."""
    stage.write("p.yml", playbook)
    written = stage.folder / "written"
    written.mkdir(exist_ok=True)
    for number, (more, env) in enumerate(ways):
        env = {
            "XDG_STATE_HOME": str(stage.folder / "state"),
            "ANSIBLE_CALLBACKS_ENABLED": "junit,tree",
            "JUNIT_OUTPUT_DIR": str(written / "junit"),
            "ANSIBLE_CALLBACK_TREE_DIR": str(written / "tree"),
            **env,
        }
        files = ["--junit", written / f"{number}.xml", "--metrics", written / f"{number}.prom"]
        code, said = stage.run("run", "-i", "hosts", *words, *more, *files, "p.yml", env=env, timeout=120)
        stage.expect(code == 0, f"{more} {env}: exit code {code}: {said[-600:]}")
        where = [line for line in said.split("\n") if any(word in line for word in planted)]
        stage.expect(not where, f"{more} {env}: {where[:2]}")
    code, said = stage.run("report", "-o", "written/page.html", env={"XDG_STATE_HOME": str(stage.folder / "state")})
    stage.expect(code == 0, said)
    stage.expect((written / "page.html").stat().st_mode & 0o077 == 0, "the page can be read by others")
    looked = 0
    for file in [*(stage.folder / "state").rglob("*"), *written.rglob("*")]:
        # What a run that resumes needs is for its user alone.
        if not file.is_file() or file.name == "state.jsonl":
            continue
        looked += 1
        text = file.read_text(errors="replace")
        stage.expect(not any(word in text for word in planted), f"{file} holds a secret")
    stage.expect(looked >= 3 * len(ways), f"only {looked} files were written")
    stage.note(f"{len(ways)} outputs, {looked} files, found 0")


def attack_by_names_of_items(stage):
    """What a name says is secret, in the items of loops."""
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("more.yml", "- debug: msg=more\n")
    ways = [(["-v", *more], env) for more, env in OUTPUTS + CALLBACKS] + [([], CALLBACKS[1][1])]
    shown_by(stage, ways, ["PL4NT"], """
- hosts: h
  gather_facts: false
  tasks:
    - debug: msg=hi
      loop: "{{ [{'user': 'bob', 'password': 'PL4NT'}] }}"
    - debug: msg=hi
      loop: "{{ {'password': 'PL4NT', 'user': 'bob'} | dict2items }}"
    - command: echo hi
      loop:
        - {name: DB_PASSWORD, value: PL4NT}
        - {credentials: {a: PL4NT}, passwords: [PL4NT, PL4NT]}
        - {address: "https://bob:PL4NT@host/"}
      loop_control: {loop_var: entry}
    - include_tasks: more.yml
      loop: [{token: PL4NT}]
""")


def attack_by_vaulted_results(stage):
    """What came out of a vault and a command prints: on no output but the screen with -v."""
    stage.write("vault.pw", "sesame\n", 0o600)
    secret = f"{SEALED} battery\n\"second\" {LOGIN}"
    sealed = subprocess.run(
        [stage.play, "vault", "encrypt_string", "--vault-password-file", "vault.pw", "--stdin-name", "S"],
        input=secret, capture_output=True, text=True, cwd=stage.folder, env=stage.environment(),
    )
    stage.write("pw.yml", sealed.stdout)
    stage.write("hosts", "h ansible_connection=local\n")
    ways = [(more, env) for more, env in OUTPUTS if "json" not in more]
    ways += [(["-v", "--output", "json"], {})] + [(["-v"], env) for _, env in CALLBACKS]
    shown_by(stage, ways, [SEALED, LOGIN, "battery"], """
- hosts: h
  gather_facts: false
  vars_files: [pw.yml]
  tasks:
    - command: echo {{ S }}
    - shell: "echo {{ S | quote }} | cat"
    - set_stats: {data: {x: "{{ S }}"}}
""", "--vault-password-file", "vault.pw")
