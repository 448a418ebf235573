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


# Runs as nobody: whatever folder of ours goes in the shared one, it makes anew, with links to root's files.
SQUATTER = """
import os, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
shared, victim = sys.argv[1:]
os.chdir(shared)
known = set()
while True:
    known.update(name for name in os.listdir('.') if name.startswith('.play'))
    for name in known:
        try:
            os.mkdir(name)
        except OSError:
            continue
        for part in ('new', 'new.head', 'new.said', 'new.body'):
            os.symlink(os.path.join(victim, part), os.path.join(name, part))
"""

# Runs as nobody: a folder that root made in his becomes a link to root's, and back, all the time.
SWAPPER = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
os.setgroups([]); os.setgid(65534); os.setuid(65534)
folder, link = sys.argv[1:]
while True:
    libc.syscall(316, -100, folder.encode(), -100, link.encode(), 2)
"""


def victim_of(stage, *names):
    """A folder of root's with a file of each name that nobody else may read or change."""
    if os.geteuid() != 0:
        raise Skip("an attack on root needs root")
    stage.folder.chmod(0o755)
    victim = stage.folder / "victim"
    victim.mkdir(mode=0o755)
    for name in names:
        (victim / name).write_text("ROOT DATA\n")
        (victim / name).chmod(0o600)
    return victim


def is_whole(stage, victim, names, who):
    stage.expect(sorted(os.listdir(victim)) == sorted(names), f"{who}: root's folder has {os.listdir(victim)}")
    for name in names:
        path = victim / name
        if not path.exists():
            continue
        about = path.stat()
        good = path.read_bytes() == b"ROOT DATA\n" and about.st_uid == 0 and about.st_mode & 0o777 == 0o600
        stage.expect(good, f"{who}: root's {name} is changed: {path.read_bytes()[:80]!r} {about.st_uid} {about.st_mode:o}")


def attack_by_names_that_are_free_again(stage):
    """Between two requests of get_url and uri nobody takes the name of their folder."""
    import http.server
    import threading
    import time

    class Hops(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            hop = int(self.path.rsplit("-", 1)[1])
            time.sleep(0.05)
            self.send_response(302 if hop < 5 else 200)
            if hop < 5:
                self.send_header("Location", f"/r-{hop + 1}")
            self.end_headers()
            self.wfile.write(b"SERVER DATA\n")

        def log_message(self, *_):
            pass

    names = ["new", "new.head", "new.said", "new.body"]
    victim = victim_of(stage, *names)
    shared = stage.folder / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hops)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}/r-0"
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("squatter.py", SQUATTER)
    tasks = {
        "get_url": f"get_url: {{url: {url}, dest: {stage.folder}/got, force: true}}",
        "uri": f"uri: {{url: {url}, return_content: true}}",
    }
    squatter = subprocess.Popen([sys.executable, stage.folder / "squatter.py", shared, victim])
    try:
        for name, task in tasks.items():
            stage.write("p.yml", f"- hosts: h\n  gather_facts: false\n  tasks:\n    - {task}\n      loop: [1, 2, 3, 4]\n")
            code, said = stage.run("run", "-i", "hosts", "p.yml", env={"TMPDIR": str(shared)}, timeout=120)
            stage.expect(code == 0, f"{name}: {said[-500:]}")
            is_whole(stage, victim, names, name)
    finally:
        squatter.kill()
        squatter.wait()
        server.shutdown()
    left = [name for name in os.listdir(shared) if (shared / name).stat().st_uid == 0]
    stage.expect(not left, f"left behind: {left}")


def attack_on_the_sweep(stage):
    """What is removed after a run that was killed is never somewhere else."""
    names = ["new", "old", "held", "backup"]
    victim = victim_of(stage, *names)
    theirs = stage.folder / "theirs"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    host = os.uname().nodename.split(".")[0]
    old = theirs / f".play.{host}.4194000.x"
    old.mkdir(mode=0o755)
    (theirs / "link").symlink_to(victim)
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("swapper.py", SWAPPER)
    stage.write("p.yml", f"- hosts: h\n  gather_facts: false\n  tasks:\n    - copy: {{content: '{{{{ item }}}}', dest: {theirs}/f}}\n      loop: '{{{{ range(60) | list }}}}'\n      ignore_errors: true\n")
    swapper = subprocess.Popen([sys.executable, stage.folder / "swapper.py", old, theirs / "link"])
    try:
        _, said = stage.run("run", "-i", "hosts", "p.yml", timeout=120)
    finally:
        swapper.kill()
        swapper.wait()
    stage.expect("PLAY RECAP" in said, said[-500:])
    is_whole(stage, victim, names, "the sweep")


def attack_by_links_in_a_folder_for_all(stage):
    """In a folder such as /tmp, a stranger's link does not choose what root changes; root's own does."""
    victim = victim_of(stage, "f")
    (victim / "d").mkdir()
    shared = stage.folder / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    for name, target in (("file", victim / "f"), ("folder", victim / "d")):
        (shared / name).symlink_to(target)
        os.lchown(shared / name, 65534, 65534)
    (victim / "own").write_text("a\n")
    (shared / "own").symlink_to(victim / "own")
    stage.write("hosts", "h ansible_connection=local\n")
    tasks = [
        f"lineinfile: {{path: {shared}/file, line: x}}",
        f"copy: {{content: x, dest: {shared}/file, follow: true}}",
        f"file: {{path: {shared}/file, mode: '0644'}}",
        f"file: {{path: {shared}/folder, owner: nobody, state: directory}}",
        f"copy: {{content: x, dest: {shared}/folder/new}}",
        f"file: {{path: {shared}/folder/made, state: directory}}",
    ]
    for task in tasks:
        stage.write("p.yml", f"- hosts: h\n  gather_facts: false\n  tasks:\n    - {task}\n")
        code, said = stage.run("run", "-i", "hosts", "p.yml")
        stage.expect(code == 2, f"{task}: {code} {said[-400:]}")
        stage.expect((victim / "f").read_bytes() == b"ROOT DATA\n" and (victim / "f").stat().st_mode & 0o777 == 0o600, f"{task}: root's file is changed")
        stage.expect((victim / "d").stat().st_uid == 0 and not os.listdir(victim / "d"), f"{task}: root's folder is changed")
    stage.write("p.yml", f"- hosts: h\n  gather_facts: false\n  tasks:\n    - lineinfile: {{path: {shared}/own, line: x}}\n")
    code, said = stage.run("run", "-i", "hosts", "p.yml")
    stage.expect(code == 0 and (victim / "own").read_text() == "a\nx\n", f"root's own link: {code} {said[-400:]}")


def attack_by_the_folder_of_jobs(stage):
    """The folder of background jobs is nobody's who could put another in its place."""
    victim_of(stage)
    theirs = stage.folder / "theirs"
    theirs.mkdir()
    os.chown(theirs, 65534, 65534)
    stage.write("hosts", f"h ansible_connection=local ansible_async_dir={theirs}/jobs\n")
    stage.write("p.yml", "- hosts: h\n  gather_facts: false\n  tasks:\n    - command: echo hi\n      async: 10\n      poll: 0\n")
    code, said = stage.run("run", "-i", "hosts", "p.yml")
    stage.expect(code == 2 and "ansible_async_dir" in said, f"{code} {said[-400:]}")


def attack_by_hard_links_of_an_archive(stage):
    """BusyBox's tar does not take root's files in as files of an archive."""
    import io
    import shutil
    import tarfile

    busybox = shutil.which("busybox")
    if not busybox:
        raise Skip("there is no busybox")
    victim = victim_of(stage, "f")
    (stage.folder / "bin").mkdir()
    (stage.folder / "bin/tar").symlink_to(busybox)
    with tarfile.open(stage.folder / "evil.tar", "w") as archive:
        entry = tarfile.TarInfo("up")
        entry.type, entry.linkname = tarfile.LNKTYPE, "../" * 12 + str(victim / "f")[1:]
        archive.addfile(entry)
        entry = tarfile.TarInfo("good")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"a\n"))
    (stage.folder / "dest").mkdir()
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write("p.yml", f"- hosts: h\n  gather_facts: false\n  tasks:\n    - unarchive: {{src: {stage.folder}/evil.tar, dest: {stage.folder}/dest, remote_src: true, mode: '0666', owner: nobody}}\n")
    path = f"{stage.folder}/bin:{os.environ['PATH']}"
    code, said = stage.run("run", "-i", "hosts", "p.yml", env={"PATH": path})
    stage.expect(code == 2 and "hard link" in said, f"{code} {said[-400:]}")
    is_whole(stage, victim, ["f"], "unarchive")
    stage.expect((victim / "f").stat().st_nlink == 1, "root's file has a second name")
