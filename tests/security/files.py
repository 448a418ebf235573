"""Files of the controller: what a host may have written there, and with which rights."""
import os
import shutil
import subprocess
import sys

from stage import Skip, wait_for

# Stands for a hostile host: it runs the real shell and rewrites what that says and hears.
EVIL = """#!{python}
import os, re, subprocess, sys, threading
SAYS = {says!r}.encode()
ASKED = {asked!r}.encode()
p = subprocess.Popen(["/bin/sh"] + sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE) \\
    if len(sys.argv) < 2 else os.execv("/bin/sh", ["/bin/sh"] + sys.argv[1:])
def pump(src, dst, change):
    while True:
        b = os.read(src, 65536)
        if not b:
            os.close(dst)
            return
        b = change(b)
        while b:
            b = b[os.write(dst, b):]
out = lambda b: re.sub(rb"( source\\n)[^\\n]*", lambda m: m.group(1) + SAYS, b)
into = lambda b: b.replace(SAYS, ASKED) if b"play_fetch " in b else b
t = threading.Thread(target=pump, args=(0, p.stdin.fileno(), into), daemon=True)
t.start()
pump(p.stdout.fileno(), 1, out)
os._exit(p.wait())
"""


def attack_by_the_name_of_a_fetched_file(stage):
    """A host that answers with another name than it was asked for."""
    motd = stage.write("motd", "from evil\n")
    for number, (says, flat, asked) in enumerate(
        [
            ("/../good/etc/motd", False, str(motd)),
            ("/../../group_vars/all", False, str(motd)),
            ("../../../p.yml", False, str(motd)),
            ("/x/ansible.cfg", True, str(motd)),
            ("/x/..", True, str(motd)),
            (f"/elsewhere{motd}", False, "$HOME/motd"),
            ("/../../group_vars/all", False, "~/motd"),
            ("/etc/other", True, "~/motd"),
        ]
    ):
        folder = stage.folder / f"try{number}"
        evil = stage.write(
            f"try{number}/evil.py",
            EVIL.format(python=sys.executable, says=says, asked=str(motd)),
            0o755,
        )
        stage.write(f"try{number}/hosts", f"evil ansible_connection=local ansible_shell_executable={evil}\n")
        before = "- hosts: evil\n  gather_facts: false\n  tasks:\n"
        stage.write(
            f"try{number}/p.yml",
            f"{before}    - fetch: {{src: '{asked}', dest: '{folder}/got/', flat: {flat}}}\n",
        )
        stage.run("run", "-i", folder / "hosts", folder / "p.yml")
        for root, _, names in os.walk(folder):
            for name in names:
                path = os.path.join(root, name)
                with open(path, "rb") as file:
                    if file.read() != b"from evil\n":
                        continue
                wanted = f"{folder}/got/motd" if flat else f"{folder}/got/evil/"
                good = path == wanted if flat else path.startswith(wanted)
                stage.expect(good, f"asked for {asked}, said {says}: {path}")
    stage.note(f"{number + 1} names tried")


def attack_by_the_name_of_a_host(stage):
    stage.write("motd", "text\n")
    for name in ("../out", "a/../../out", ".."):
        stage.write("hosts.yml", f'all: {{hosts: {{"{name}": {{ansible_connection: local}}}}}}\n')
        stage.write(
            "d/p.yml",
            "- hosts: all\n  gather_facts: false\n  tasks:\n"
            f"    - fetch: {{src: {stage.folder}/motd, dest: got/}}\n",
        )
        stage.run("run", "-i", "hosts.yml", "d/p.yml")
        for root, _, names in os.walk(stage.folder):
            if "motd" in names and root != str(stage.folder):
                stage.expect("/d/got/" in root + "/", f"host `{name}`: {root}/motd")


def attack_by_links(stage):
    """A link below the host's own folder, as a copied tree may hold one, leads nowhere."""
    stage.write("src/passwd", "evil\n")
    stage.write("victim/passwd", "mine\n")
    stage.write("hosts", "h ansible_connection=local\n")
    link = stage.folder / "got/h" / str(stage.folder / "src").lstrip("/")
    link.parent.mkdir(parents=True)
    link.symlink_to(stage.folder / "victim")
    stage.write(
        "p.yml",
        f"- hosts: h\n  gather_facts: false\n  tasks:\n    - fetch: {{src: {stage.folder}/src/passwd, dest: got/}}\n",
    )
    code, said = stage.run("run", "-i", "hosts", "p.yml")
    text = (stage.folder / "victim/passwd").read_text()
    stage.expect(text == "mine\n", f"the link is followed: {said}")
    stage.expect(code == 2 and "leads out of" in said, said)


def attack_by_reading_along(stage):
    """Everything that is written on the controller keeps to the umask."""
    stage.write("secret", "x\n", 0o600)
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write(
        "p.yml",
        """
- hosts: all
  gather_facts: false
  tasks:
    - fetch: {src: "{{ playbook_dir }}/secret", dest: got/}
    - set_fact: {pw2: x, cacheable: true}
    - debug: msg="{{ lookup('password', playbook_dir ~ '/cred/pw') }}"
    - template: {src: t.j2, dest: "{{ playbook_dir }}/rendered"}
      delegate_to: localhost
    - fail:
""",
    )
    stage.write("t.j2", "x\n")
    env = {
        "ANSIBLE_CACHE_PLUGIN": "jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(stage.folder / "cache"),
        "ANSIBLE_RETRY_FILES_ENABLED": "True",
        "ANSIBLE_LOG_PATH": str(stage.folder / "run.log"),
    }
    known = {str(path) for path in stage.folder.rglob("*")}
    before = os.umask(0o077)
    try:
        code, said = stage.run("run", "-i", "hosts", "p.yml", env=env)
    finally:
        os.umask(before)
    stage.expect(code == 2, said)
    new = [path for path in stage.folder.rglob("*") if str(path) not in known]
    stage.expect(len([path for path in new if path.is_file()]) >= 5, f"{new}\n{said}")
    for path in new:
        mode = path.stat().st_mode & 0o777
        stage.expect(mode & 0o077 == 0, f"{path.relative_to(stage.folder)} is {mode:o}")
        stage.note(f"{mode:o} {path.relative_to(stage.folder)}")


def attack_by_a_full_disk(stage):
    """Retry file, fact cache: a warning, the recap, and the exit code of the run."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        raise Skip("only root can mount a full disk")
    full = stage.folder / "full"
    full.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", full], capture_output=True).returncode:
        raise Skip("no file system can be mounted here")
    try:
        for kind in ("full", "read-only"):
            if kind == "full":
                (full / "filler").write_bytes(b"x" * 4096)
            else:
                (full / "filler").unlink()
                subprocess.run(["mount", "-o", "remount,ro", full], check=True)
            stage.write("hosts", "h ansible_connection=local\ng ansible_connection=local\n")
            stage.write(
                "p.yml",
                "- hosts: all\n  gather_facts: false\n  tasks:\n"
                "    - set_fact: {a: 1, cacheable: true}\n    - fail: {msg: x}\n      when: broken | bool\n",
            )
            for where in ("", "/below/it"):
                env = {
                    "ANSIBLE_CACHE_PLUGIN": "jsonfile",
                    "ANSIBLE_CACHE_PLUGIN_CONNECTION": f"{full}{where}",
                    "ANSIBLE_RETRY_FILES_ENABLED": "True",
                    "ANSIBLE_RETRY_FILES_SAVE_PATH": f"{full}{where}",
                    "ANSIBLE_LOG_PATH": f"{full}{where}/run.log",
                }
                for broken, expected in ((True, 2), (False, 0)):
                    code, said = stage.run("run", "-i", "hosts", "-e", f"broken={broken}", "p.yml", env=env)
                    at = f"{kind}{where}, broken={broken}"
                    stage.expect(code == expected, f"{at}: exit code {code}\n{said}")
                    stage.expect("PLAY RECAP" in said, f"{at}: no recap\n{said}")
                    stage.expect("WARNING" in said.upper(), f"{at}: no warning\n{said}")
                    if broken:
                        stage.expect("retry" in said, f"{at}: nothing of the retry file\n{said}")
    finally:
        subprocess.run(["umount", "-l", full], check=False)


def attack_by_a_full_output(stage):
    """stdout on /dev/full is said, and is no success; a reader that goes away is none of ours."""
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("p.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: msg=x\n")
    for words in (["run", "-i", "hosts", "p.yml"], ["all", "-i", "hosts", "-m", "debug"],
                  ["inventory", "-i", "hosts", "--list"], ["--version"], ["doc", "-l"]):
        with open("/dev/full", "wb") as full:
            child = stage.start(*words, stdout=full, stderr=subprocess.PIPE)
            said = child.communicate(timeout=30)[1].decode()
        stage.expect(child.returncode not in (0, 101), f"{words}: exit code {child.returncode}: {said}")
        stage.expect("No space left" in said or "no space left" in said, f"{words}: {said!r}")
    read, write = os.pipe()
    os.close(read)
    child = stage.start("run", "-i", "hosts", "p.yml", stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    said = child.communicate(timeout=30)[1].decode()
    stage.expect(child.returncode == 0, f"a closed pipe: {child.returncode} {said}")
