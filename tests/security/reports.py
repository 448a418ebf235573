"""What was once reported against Ansible, tried on `play`: each attack names the reports of its kind."""
import json
import os
import pathlib
import shutil
import subprocess

from greeting import serve
from stage import Skip

SECRET = "PLANTEDreport44"

INJECTED = """
- hosts: h
  gather_facts: false
  tasks:
    - command: cat evil
      args: {{chdir: "{folder}"}}
      register: r
    - speaks:
      register: m
    - set_fact: {{kept: "{{{{ r.stdout }}}}", cached: "{{{{ m.text }}}}", cacheable: true}}
    - set_fact: {{again: "{{{{ kept }}}}"}}
    - debug: msg="{{{{ again }}}}"
    - debug: var=again
    - debug: msg="{{{{ hostvars['h'].kept }}}}"
    - debug: msg="{{{{ hostvars['h'] | string | length }}}}"
    - debug: msg="{{{{ ['h'] | map('extract', hostvars, 'kept') | list }}}}"
    - debug: msg="{{{{ r | to_json | from_json }}}}"
    - debug: msg="{{{{ (r | to_yaml | from_yaml).stdout }}}}"
    - debug: {{msg: "{{{{ dict(a=r.stdout) | combine(dict(b=m.text)) | dict2items }}}}"}}
    - debug: msg="{{{{ r.stdout_lines | join('') | trim | replace('a', 'a') | regex_replace('x', 'x') }}}}"
    - debug: msg="{{{{ (r.stdout ~ '') | b64encode | b64decode }}}}"
    - debug: msg="{{{{ '%s' | format(r.stdout) }}}}"
    - debug: msg="{{{{ lookup('file', '{folder}/evil') }}}}"
    - debug: msg="{{{{ lookup('pipe', 'cat {folder}/evil') }}}}"
    - debug: msg="{{{{ query('lines', 'cat {folder}/evil') }}}}"
    - debug: msg="{{{{ lookup('template', 't.j2') }}}}"
    - debug:
        msg: |
          first
          {{{{ r.stdout }}}}
          last
    - debug: msg="{{{{ one }}}} {{{{ two }}}}"
      vars: {{one: "{{{{ r.stdout }}}}", two: "{{{{ one }}}}"}}
    - debug: msg="{{{{ item }}}} {{{{ item.stdout | default('') }}}}"
      loop: ["{{{{ r.stdout }}}}", "{{{{ r }}}}"]
    - assert: {{that: "'x' not in '{{{{ r.stdout }}}}'"}}
      ignore_errors: true
    - assert: {{that: "{{{{ r.stdout }}}}"}}
      ignore_errors: true
    - debug: msg=x
      when: r.stdout
      ignore_errors: true
    - debug: msg=x
      failed_when: "{{{{ r.stdout }}}}"
      ignore_errors: true
    - add_host: {{name: other, words: "{{{{ r.stdout }}}}", ansible_connection: local}}
    - debug: msg="{{{{ hostvars.other.words }}}}"
    - group_by: {{key: "{{{{ r.stdout }}}}"}}
    - debug: msg="{{{{ groups.keys() | list }}}}"
    - copy: {{content: "{{{{ r.stdout }}}}", dest: "{folder}/out"}}
    - template: {{src: t.j2, dest: "{folder}/out2"}}
    - command: echo "{{{{ r.stdout }}}}"
    - include_tasks: more.yml
      vars: {{given: "{{{{ r.stdout }}}}"}}
    - fail: {{msg: "{{{{ r.stdout }}}}"}}
      ignore_errors: true
    - debug: msg="{{{{ lookup('vars', 'kept') }}}} {{{{ lookup('varnames', 'kep') }}}} {{{{ lookup('first_found', ['evil'], skip=true) }}}}"
"""


def attack_by_text_that_is_a_template(stage):
    """A host's text stays text, whatever it goes through (CVE-2016-9587, 2017-7481, 2021-3583, 2023-5764, 2024-11079)."""
    evil = '{{ lookup("pipe", "touch %s/hurt") }}{%% set x = lookup("pipe", "touch %s/hurt") %%}{{ 6*7007 }}' % (stage.folder, stage.folder)
    stage.write("evil", evil)
    stage.write("t.j2", "{{ kept }} {{ r.stdout }} {{ m.text }}\n")
    stage.write("more.yml", '- debug: msg="{{ given }}"\n- set_fact: {given2: "{{ given }}"}\n- debug: msg="{{ given2 }}"\n')
    stage.write("library/speaks", "#!/bin/sh\n# WANT_JSON\ncat <<'EOJ'\n" + json.dumps({"text": evil, "msg": evil, "warnings": [evil], "diff": {"before": evil, "after": "x"}}) + "\nEOJ\n", 0o755)
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("p.yml", INJECTED.format(folder=stage.folder))
    env = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(stage.folder / "cache")}
    for more in ([], ["-vvv", "-D"]):
        code, said = stage.run("run", "-i", "hosts", *more, "p.yml", env=env, timeout=120)
        stage.expect(code == 0, f"exit code {code}: {said[-1500:]}")
        stage.expect("42042" not in said, "rendered: " + "\n".join(line for line in said.split("\n") if "42042" in line)[:1500])
        stage.expect(not (stage.folder / "hurt").exists(), "a lookup of a host's text was run")
    for name in ("out", "out2"):
        stage.expect("42042" not in (stage.folder / name).read_text(), f"{name} is rendered")
    stage.note(f"{INJECTED.count('    - ')} ways tried")


def attack_by_no_log_as_a_setting(stage):
    """`no_log` of the configuration and of a play hides items too (CVE-2024-0690, 2020-14332, 2019-14846)."""
    stage.write("hosts", "h ansible_connection=local\n")
    tasks = (
        "  tasks:\n    - command: echo {{ item }}\n      loop: ['" + SECRET + "1', '" + SECRET + "2']\n"
        "    - command: echo {{ item.k }}\n      loop: [{k: '" + SECRET + "'}]\n      loop_control: {label: '{{ item.k }}'}\n"
        "    - shell: echo " + SECRET + "; exit 1\n      ignore_errors: true\n"
        "    - debug: msg=" + SECRET + "\n"
    )
    stage.write("plain.yml", "- hosts: all\n  gather_facts: false\n" + tasks)
    stage.write("play.yml", "- hosts: all\n  gather_facts: false\n  no_log: true\n" + tasks)
    for book, env in (("plain.yml", {"ANSIBLE_NO_LOG": "1"}), ("play.yml", {})):
        for more, callback in (([], "default"), (["-vvvv"], "default"), (["-C", "-vvvv"], "default"), (["-vvvv"], "minimal"),
                               (["-vvvv"], "json"), (["-vvvv"], "dense"), (["-vvvv"], "unixy"), (["-vvvv"], "oneline")):
            env = {**env, "ANSIBLE_STDOUT_CALLBACK": callback}
            code, said = stage.run("run", "-i", "hosts", *more, book, env=env)
            stage.expect(SECRET not in said, f"{book} {more} {callback}: " + "\n".join(x for x in said.split("\n") if SECRET in x)[:600])
            stage.expect(code == 0, f"{book} {callback}: {code} {said[-500:]}")


def echo(peer):
    peer.recv(65536)
    body = json.dumps({"a": SECRET, "nested": [SECRET]}).encode()
    peer.sendall(b"HTTP/1.1 200 OK\r\nX-Said: " + SECRET.encode() + b"\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
    peer.close()


def attack_by_secret_arguments(stage):
    """What a module declares secret is in none of its results (CVE-2020-14330, 2021-20228, 2021-3447, 2021-20191)."""
    port = serve(echo)
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("pw.yml", f"S: {SECRET}\n")
    near, none = f"127.0.0.1:{port}", "127.0.0.1:1"
    tasks = [
        f'uri: {{url: "http://{near}/", url_username: me, url_password: "{{{{ S }}}}", return_content: true}}',
        f'uri: {{url: "http://{near}/", url_username: me, url_password: "{{{{ S }}}}", status_code: 500}}',
        f'uri: {{url: "http://me:{{{{ S }}}}@{none}/", timeout: 1}}',
        f'get_url: {{url: "http://me:{{{{ S }}}}@{none}/", dest: /tmp/none, timeout: 1}}',
        f'get_url: {{url: "http://{near}/", dest: "{stage.folder}/got", url_username: me, url_password: "{{{{ S }}}}"}}',
        f'get_url: {{url: "http://{none}/", dest: /tmp/none, url_username: me, url_password: "{{{{ S }}}}", timeout: 1}}',
        f'git: {{repo: "https://me:{{{{ S }}}}@{none}/x.git", dest: "{stage.folder}/clone"}}',
        f'git: {{repo: "https://me:{{{{ S }}}}@{none}/x.git", dest: "{stage.folder}/clone", executable: /none/git}}',
        f'pip: {{name: nothing-there, extra_args: "--index-url http://me:{{{{ S }}}}@{none}/simple", executable: /none/pip}}',
        f'pip: {{name: "git+https://me:{{{{ S }}}}@{none}/x.git", executable: /bin/false}}',
        f'subversion: {{repo: "http://{none}/x", dest: "{stage.folder}/svn", username: me, password: "{{{{ S }}}}"}}',
        f'subversion: {{repo: "http://{none}/x", dest: "{stage.folder}/svn", username: me, password: "{{{{ S }}}}", executable: /none/svn}}',
        'user: {name: root, password: "{{ S }}", update_password: on_create}',
        f'htpasswd: {{path: "{stage.folder}/ht", name: me, password: "{{{{ S }}}}"}}',
        'command: nosuchprogram --password={{ S }}',
        'command: nosuchprogram --password {{ S }} http://me:{{ S }}@h/',
    ]
    stage.write("p.yml", "- hosts: all\n  gather_facts: false\n  vars_files: [pw.yml]\n  tasks:\n" + "".join(f"    - {task}\n      ignore_errors: true\n" for task in tasks))
    for more in ([], ["-vvv", "-D"]):
        code, said = stage.run("run", "-i", "hosts", *more, "p.yml", timeout=180)
        stage.expect(code == 0, f"{more}: {code} {said[-800:]}")
        for line in said.split("\n"):
            # With -vvv the command itself is shown, as it is sent.
            stage.expect(SECRET not in line or "nosuchprogram" in line and "-vvv" in more, f"{more}: {line.strip()[:400]}")
    stage.note(f"{len(tasks)} tasks with a secret argument")


def attack_by_sealed_variables(stage):
    """`include_vars` shows nothing that came out of a vault (CVE-2024-8775)."""
    stage.write("vault.pw", "sesame\n", 0o600)
    stage.write("sealed.yml", f"key: {SECRET}\n")
    stage.write("hosts", "h ansible_connection=local\n")
    subprocess.run([stage.play, "vault", "encrypt", "--vault-password-file", "vault.pw", "sealed.yml"], cwd=stage.folder, env=stage.environment(), capture_output=True, check=True)
    stage.write("p.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - include_vars: sealed.yml\n    - include_vars: {file: sealed.yml, name: below}\n    - include_vars: {dir: d}\n")
    shutil.copytree(stage.folder, stage.folder / "d", ignore=lambda _, names: [name for name in names if name != "sealed.yml"])
    for words in (["run", "-i", "hosts", "p.yml"], ["h", "-i", "hosts", "-m", "include_vars", "-a", "sealed.yml"], ["h", "-i", "hosts", "-m", "include_vars", "-a", "dir=d"]):
        for more, callback in (([], "default"), (["-vvvv"], "default"), ([], "json")):
            env = {"ANSIBLE_STDOUT_CALLBACK": callback, "ANSIBLE_LOAD_CALLBACK_PLUGINS": "1"}
            code, said = stage.run(*words, "--vault-password-file", "vault.pw", *more, env=env)
            stage.expect(code == 0, f"{words} {code} {said[-600:]}")
            stage.expect(SECRET not in said, f"{words} {more} {callback}: {said[-600:]}")


def attack_by_a_folder_for_all(stage):
    """A configuration file in a folder that everybody may write is not read (CVE-2018-10875, 2018-10874)."""
    stage.folder.chmod(0o777)
    stage.write("ansible.cfg", "[defaults]\nno_log = false\nnocows = 1\nstdout_callback = json\nroles_path = /evil\n")
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("p.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: msg=x\n")
    code, said = stage.run("run", "-i", "hosts", "p.yml")
    stage.expect(code == 0 and "PLAY RECAP" in said, f"the file was read: {said}")
    stage.expect("world writable" in said or "everybody" in said or "ansible.cfg" in said, f"nothing is said: {said}")


def attack_by_passwords_that_are_the_same(stage):
    """Generated passwords that are not kept differ each time (CVE-2020-10729)."""
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("p.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: msg=\"<{{ lookup('password', '/dev/null') }}|{{ lookup('password', '/dev/null') }}|{{ lookup('random_choice', range(1000000000) | list) if false else '' }}>\"\n")
    seen = set()
    for _ in range(2):
        _, said = stage.run("run", "-i", "hosts", "p.yml")
        line = next(line for line in said.split("\n") if "<" in line)
        seen |= set(line.split("<")[1].split(">")[0].split("|")[:2])
    stage.expect(len(seen) == 4, f"{seen}")


def attack_on_the_state_of_background_tasks(stage):
    """What a task in the background leaves may be read by its user alone (CVE-2021-3532, 2021-3533)."""
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("p.yml", f"- hosts: all\n  gather_facts: false\n  environment: {{HOME: {stage.folder}/home}}\n  tasks:\n    - command: echo {SECRET}\n      async: 30\n      poll: 0\n    - command: sleep 1\n")
    (stage.folder / "home").mkdir()
    before = os.umask(0)
    try:
        code, said = stage.run("run", "-i", "hosts", "p.yml", env={"HOME": str(stage.folder / "home")})
    finally:
        os.umask(before)
    stage.expect(code == 0, said)
    files = list((stage.folder / "home").rglob("*"))
    folders = [path for path in stage.folder.rglob(".ansible_async")]
    stage.expect(folders, f"no .ansible_async: {files}")
    for path in folders:
        mode = path.stat().st_mode & 0o777
        stage.expect(mode & 0o077 == 0, f"{path} is {mode:o}")


def attack_on_the_key_of_a_user(stage):
    """A user's links do not choose where root makes a key (CVE-2024-9902, 2018-16837)."""
    if os.geteuid() != 0 or not shutil.which("useradd"):
        raise Skip("only root adds users")
    name = "play-reported"
    stage.folder.chmod(0o755)
    subprocess.run(["userdel", "-r", name], capture_output=True)
    home = stage.folder / "home"
    subprocess.run(["useradd", "-m", "-d", home, name], check=True, capture_output=True)
    try:
        victim = stage.folder / "victim"
        victim.mkdir()
        (victim / "id_rsa").write_text("root's\n")
        (victim / "id_rsa").chmod(0o600)
        stage.write("hosts", "h ansible_connection=local\n")
        for kind in ("folder", "key", "public", "dangling"):
            shutil.rmtree(home / ".ssh", ignore_errors=True)
            (home / ".ssh").unlink(missing_ok=True)
            if kind == "folder":
                (home / ".ssh").symlink_to(victim)
            else:
                (home / ".ssh").mkdir()
                where = {"key": ("id_x", "id_rsa"), "public": ("id_x.pub", "id_rsa"), "dangling": ("id_x", "new")}[kind]
                (home / ".ssh" / where[0]).symlink_to(victim / where[1])
            subprocess.run(["chown", "-hR", name, home], check=True)
            file = ".ssh/id_new" if kind == "folder" else ".ssh/id_x"
            stage.write("p.yml", f"- hosts: all\n  gather_facts: false\n  tasks:\n    - user: {{name: {name}, home: {home}, generate_ssh_key: true, ssh_key_type: ed25519, ssh_key_file: {file}, ssh_key_passphrase: {SECRET}}}\n")
            tmp = stage.folder / "tmp"
            tmp.mkdir(exist_ok=True)
            _, said = stage.run("run", "-i", "hosts", "-vvv", "p.yml", env={"TMPDIR": str(tmp)})
            stage.expect(SECRET not in said, f"{kind}: the passphrase is shown")
            stage.expect(not os.listdir(tmp), f"{kind}: a key stays in {os.listdir(tmp)}")
            there = sorted(path.name for path in victim.iterdir())
            stage.expect(there == ["id_rsa"], f"{kind}: {there} {said[-600:]}")
            about = (victim / "id_rsa").stat()
            stage.expect((victim / "id_rsa").read_text() == "root's\n" and about.st_uid == 0 and about.st_mode & 0o777 == 0o600, f"{kind}: {said[-600:]}")
    finally:
        subprocess.run(["userdel", "-r", name], capture_output=True)
