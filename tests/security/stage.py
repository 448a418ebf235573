"""A place to attack `play` on: a folder, an inventory, an sshd of its own, and what was expected."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


class Skip(Exception):
    """This machine lacks what the case needs."""


class Stage:
    def __init__(self, play):
        self.play = play
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="play-security-"))
        self.wrong = []
        self.notes = []
        self.sshd = None
        self.children = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        if self.sshd:
            subprocess.run([HERE.parent / "sshd/stop.sh", self.sshd["folder"]], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def expect(self, good, what):
        if not good:
            self.wrong.append(what)

    def note(self, text):
        self.notes.append(text)

    def write(self, name, text, mode=0o644):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    def environment(self, more=None):
        keep = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
        return {**keep, "HOME": str(self.folder), "ANSIBLE_HOST_KEY_CHECKING": "False", **(more or {})}

    def start(self, *words, env=None, **more):
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.STDOUT)
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("preexec_fn", default_signals)
        child = subprocess.Popen(
            [self.play, *map(str, words)],
            cwd=self.folder,
            env=self.environment(env),
            start_new_session=True,
            **more,
        )
        self.children.append(child)
        return child

    def run(self, *words, env=None, timeout=60, **more):
        child = self.start(*words, env=env, **more)
        try:
            out, _ = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            out, _ = child.communicate()
            return "hangs", (out or b"").decode(errors="replace")
        return child.returncode, (out or b"").decode(errors="replace")

    def server(self, config=""):
        """An sshd of its own, for root or for whoever runs this; gives what to write in an inventory."""
        folder = self.folder / "sshd"
        env = dict(os.environ)
        if config:
            env["PLAY_SSHD_CONFIG"] = str(self.write("sshd_more", config))
        done = subprocess.run(
            [HERE.parent / "sshd/start.sh", folder], capture_output=True, text=True, env=env
        )
        if done.returncode:
            raise Skip(done.stderr.strip())
        said = dict(line.split("=", 1) for line in done.stdout.split() if "=" in line)
        self.sshd = {"folder": str(folder), **said}
        return (
            f"ansible_port={said['port']} ansible_user={said['user']} "
            f"ansible_ssh_private_key_file={said['key']}"
        )


def default_signals():
    """Who runs this with nohup ignores HUP, and so would the child."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def needs(program):
    if not shutil.which(program):
        raise Skip(f"there is no {program}")


def processes(word):
    """The command lines of all processes that name `word`, without our own."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            line = pathlib.Path("/proc", entry, "cmdline").read_bytes()
        except OSError:
            continue
        if word.encode() in line:
            found.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return found


def wait_for(check, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.05)
    return bool(check())
