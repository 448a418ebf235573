"""An unprivileged user swaps names in a folder of his own while root writes there."""
import os
import subprocess
import sys

from stage import Skip

# Runs as nobody: what is made for a while becomes a link to root's file, a folder one to root's folder.
ATTACKER = """
import os, sys, time
os.setgroups([]); os.setgid(65534); os.setuid(65534)
folder, file, victim = sys.argv[1:]
os.chdir(folder)
while True:
    for name in os.listdir('.'):
        if not name.startswith(('.play', '.ansible', 'ansible', 'tmp')) or name.endswith('.x') or os.path.islink(name):
            continue
        try:
            target = victim if os.path.isdir(name) else file
            os.rename(name, name + '.x')
            os.symlink(target, name)
        except OSError:
            pass
"""

WRITERS = {
    "copy": 'copy: {content: "{{ n }}\\n", dest: "{{ d }}/f", mode: "0644"}',
    "template": 'template: {src: t.j2, dest: "{{ d }}/f", mode: "0644"}',
    "lineinfile": 'lineinfile: {path: "{{ d }}/f", line: "line {{ n }}"}',
    "blockinfile": 'blockinfile: {path: "{{ d }}/f", block: "block {{ n }}"}',
    "ini_file": 'ini_file: {path: "{{ d }}/f", section: s, option: o, value: "{{ n }}", mode: "0644"}',
    "assemble": 'assemble: {src: "{{ parts }}", dest: "{{ d }}/f", mode: "0644"}',
    "archive": 'archive: {path: "{{ parts }}", dest: "{{ d }}/f", mode: "0644", force_archive: true}',
}


def attack_by_renaming(stage):
    """root's file is never overwritten, given away or made readable."""
    if os.geteuid() != 0:
        raise Skip("an attack on root needs root")
    stage.folder.chmod(0o755)
    victim = stage.folder / "victim"
    theirs = stage.folder / "theirs"
    for folder in (victim, theirs):
        folder.mkdir()
    stage.write("parts/a", "a\n")
    stage.write("t.j2", "{{ n }}\n")
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("attacker.py", ATTACKER)
    os.chown(theirs, 65534, 65534)
    for name, task in WRITERS.items():
        (victim / "f").write_text("ROOT DATA\n")
        (victim / "f").chmod(0o600)
        os.chown(victim / "f", 0, 0)
        (theirs / "f").unlink(missing_ok=True)
        (theirs / "f").write_text("a=b\n")
        os.chown(theirs / "f", 65534, 65534)
        stage.write("p.yml", f"- hosts: h\n  gather_facts: false\n  vars: {{d: {theirs}, parts: {stage.folder}/parts}}\n  tasks:\n    - {task}\n      loop: [1, 2, 3, 4, 5, 6]\n      loop_control: {{loop_var: n}}\n      ignore_errors: true\n")
        attacker = subprocess.Popen([sys.executable, stage.folder / "attacker.py", theirs, victim / "f", victim])
        try:
            code, said = stage.run("run", "-i", "hosts", "p.yml", timeout=120)
        finally:
            attacker.kill()
            attacker.wait()
        about = (victim / "f").stat()
        harm = []
        if (victim / "f").read_bytes() != b"ROOT DATA\n":
            harm.append("overwritten")
        if about.st_uid != 0:
            harm.append("given away")
        if about.st_mode & 0o777 != 0o600:
            harm.append(f"{about.st_mode & 0o777:o}")
        if sorted(os.listdir(victim)) != ["f"]:
            harm.append(f"other files: {os.listdir(victim)}")
        stage.expect(not harm, f"{name}: root's file is {', '.join(harm)}")
        stage.expect("PLAY RECAP" in said, said[-500:])
    stage.note(f"{len(WRITERS)} modules, six times each")
