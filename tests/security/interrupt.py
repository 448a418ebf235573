"""Interrupts: what runs on the hosts is ended, what was cut off is said, the exit code tells how."""
import itertools
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time

from stage import Skip, processes, wait_for

CODES = {"INT": 99, "TERM": 143, "HUP": 129}
NUMBERS = itertools.count(os.getpid() * 100)

DOCKER = """#!/bin/sh
# Stands for docker: what it runs is in a session of its own, and sees the end of its input when the client is gone.
shift
while :; do case $1 in -i) shift ;; -u) shift 2 ;; *) break ;; esac; done
shift
exec setsid -w "$@"
"""

# What is left running where only the first process is ended: a child, a child of the background, a deaf one.
COMMAND = "sleep {mark} & (sleep {mark} &) ; {deaf}sleep {mark}; wait"


def inventory(stage, way):
    if way in ("local", "become"):
        return "h ansible_connection=local"
    if way == "docker":
        stage.write("bin/docker", DOCKER, 0o755)
        return "h ansible_connection=docker"
    return f"h ansible_host=127.0.0.1 {stage.server()}"


def play(stage, way, deaf=False):
    """Starts a play whose second task runs; gives the process and the mark of its commands."""
    mark = f"3{next(NUMBERS)}"
    stage.write("hosts", inventory(stage, way) + "\n")
    become = "  become: true\n  become_user: nobody\n" if "become" in way else ""
    command = COMMAND.format(mark=mark, deaf="trap '' TERM HUP INT; " if deaf else "")
    stage.write(
        "p.yml",
        f"- hosts: h\n  gather_facts: false\n{become}  tasks:\n    - command: id -un\n"
        f"    - name: the long one\n      shell: \"{command}\"\n    - command: echo never\n",
    )
    path = f"{stage.folder}/bin:{os.environ['PATH']}"
    child = stage.start("run", "-i", "hosts", "p.yml", env={"PATH": path})
    if not wait_for(lambda: len(processes(f"sleep\0{mark}")) >= 3, 15):
        child.kill()
        said = child.communicate()[0].decode(errors="replace")
        raise AssertionError(f"{way}: the commands do not start:\n{said}")
    return child, mark


def ways():
    yield "local"
    yield "docker"
    if shutil.which("sudo"):
        yield "become"
    yield "ssh"
    if shutil.which("sudo"):
        yield "ssh become"


def finish(child, seconds):
    try:
        return child.communicate(timeout=seconds)[0].decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return None


def attack_that_stops(stage):
    """INT twice, TERM, HUP: nothing of the task is left, and the screen says what was cut off."""
    for way in ways():
        for name in CODES:
            child, mark = play(stage, way, deaf=name == "TERM")
            began = time.monotonic()
            for _ in range(2 if name == "INT" else 1):
                child.send_signal(getattr(signal, f"SIG{name}"))
                time.sleep(0.5)
            said = finish(child, 20)
            took = time.monotonic() - began
            at = f"{way}, {name}"
            stage.note(f"{at}: {took:.1f} s, {child.returncode}, left {len(processes(mark))}")
            if said is None:
                stage.expect(False, f"{at}: it goes on")
                continue
            stage.expect(child.returncode == CODES[name], f"{at}: exit code {child.returncode}\n{said}")
            stage.expect(not processes(mark), f"{at}: left running: {processes(mark)}")
            stage.expect("PLAY RECAP" in said, f"{at}: no recap\n{said}")
            stage.expect(re.search(r"^  h: the long one$", said, re.M), f"{at}: not said what was cut\n{said}")
            stage.expect("never" not in said, f"{at}: a new task was begun\n{said}")


def attack_that_kills(stage):
    """KILL of the controller: what runs ends with the connection."""
    for way in ways():
        child, mark = play(stage, way, deaf=way == "local")
        child.kill()
        child.communicate()
        gone = wait_for(lambda: not processes(f"sleep\0{mark}"), 8)
        stage.note(f"{way}, KILL: left {len(processes(mark))}")
        stage.expect(gone, f"{way}: left running: {processes(mark)}")


def attack_that_waits(stage):
    """INT once: what runs is finished, nothing new is begun."""
    for way in ways():
        stage.write("hosts", inventory(stage, way) + "\n")
        stage.write(
            "p.yml",
            "- hosts: h\n  gather_facts: false\n  tasks:\n"
            f"    - shell: touch {stage.folder}/started; sleep 2; touch {stage.folder}/finished\n"
            "    - command: echo never\n",
        )
        path = f"{stage.folder}/bin:{os.environ['PATH']}"
        child = stage.start("run", "-i", "hosts", "p.yml", env={"PATH": path})
        stage.expect(wait_for((stage.folder / "started").exists, 20), f"{way}: it does not start")
        child.send_signal(signal.SIGINT)
        said = finish(child, 20) or ""
        stage.expect(child.returncode == 99, f"{way}: exit code {child.returncode}\n{said}")
        stage.expect((stage.folder / "finished").exists(), f"{way}: the task was not finished\n{said}")
        stage.expect("PLAY RECAP" in said and "no new ones were started" in said, f"{way}: {said}")
        stage.expect("never" not in said, f"{way}: a new task was begun")
        (stage.folder / "finished").unlink(missing_ok=True)
        (stage.folder / "started").unlink(missing_ok=True)


def attack_on_what_stays(stage):
    """What a task left running on purpose outlives the run, also one that is interrupted later."""
    mark = f"3{next(NUMBERS)}"
    stage.write("hosts", f"h ansible_host=127.0.0.1 {stage.server()}\nl ansible_connection=local\n")
    stage.write(
        "p.yml",
        f"- hosts: all\n  gather_facts: false\n  tasks:\n    - shell: nohup setsid sleep {mark} >/dev/null 2>&1 &\n",
    )
    code, said = stage.run("run", "-i", "hosts", "p.yml")
    time.sleep(1.5)
    stage.expect(code == 0, said)
    left = [line for line in processes(f"sleep\0{mark}")]
    stage.expect(len(left) == 2, f"{len(left)} of 2 are left")
    subprocess.run(["pkill", "-f", f"sleep {mark}"], check=False)


def attack_on_a_pause(stage):
    """A pause is left at once."""
    stage.write("hosts", "h ansible_connection=local\n")
    for module in ("pause: {seconds: 600}", "wait_for: {timeout: 600}", "command: sleep 0.1"):
        retries = "\n      retries: 100\n      delay: 600\n      until: false" if "sleep" in module else ""
        stage.write(
            "p.yml",
            f"- hosts: h\n  gather_facts: false\n  tasks:\n    - {module}{retries}\n    - command: echo never\n",
        )
        for signals in (["INT"], ["TERM"]) if "wait_for" not in module else (["INT", "INT"],):
            child = stage.start("run", "-i", "hosts", "p.yml")
            hears = b""
            while b"TASK" not in hears and child.poll() is None:
                hears += os.read(child.stdout.fileno(), 4096)
            time.sleep(1)
            began = time.monotonic()
            for name in signals:
                child.send_signal(getattr(signal, f"SIG{name}"))
                time.sleep(0.3)
            said = finish(child, 8)
            took = time.monotonic() - began
            at = f"{module}, {signals}"
            stage.expect(said is not None, f"{at}: it goes on")
            stage.expect(child.returncode == CODES[signals[-1]], f"{at}: {child.returncode}\n{said}")
            stage.expect(took < 4, f"{at}: {took:.1f} s")
            stage.expect(said and "PLAY RECAP" in said, f"{at}: no recap\n{said}")


def on_terminal(stage, keys, *words, seconds=40, env=None):
    """Runs on a terminal of its own and presses keys, or sends a signal, each when a text has come: (text, keys)."""
    pid, end = pty.fork()
    if pid == 0:
        os.chdir(stage.folder)
        env = {**stage.environment(env), "TERM": "xterm"}
        os.execve(stage.play, [str(stage.play), *map(str, words)], env)
    said = b""
    begun = time.monotonic()
    keys = list(keys)
    status = None
    while time.monotonic() - begun < seconds:
        if keys and keys[0][0] in said:
            time.sleep(1)
            what = keys.pop(0)[1]
            os.write(end, what) if isinstance(what, bytes) else os.kill(pid, what)
        if select.select([end], [], [], 0.05)[0]:
            try:
                said += os.read(end, 65536)
            except OSError:
                break
        else:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                break
            status = None
    if status is None:
        for _ in range(40):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                break
            time.sleep(0.05)
        else:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(end)
            return None, said.decode(errors="replace")
    os.close(end)
    return os.waitstatus_to_exitcode(status), said.decode(errors="replace")


SPINNER = re.compile("[\u2800-\u28ff]")


def attack_on_a_terminal(stage):
    """Ctrl-C on a terminal: no dead line stays; a pause offers to go on or to stop."""
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write(
        "p.yml",
        "- hosts: h\n  gather_facts: false\n  tasks:\n    - name: long\n      command: sleep 300\n",
    )
    code, said = on_terminal(stage, [(b"TASK [long]", b"\x03"), (b"interrupted: waiting", b"\x03")], "run", "-i", "hosts", "p.yml")
    stage.expect(code == 99, f"exit code {code}\n{said}")
    tail = said.rsplit("PLAY RECAP", 1)[-1]
    stage.expect("PLAY RECAP" in said and "h: long" in tail, said)
    stage.expect(not SPINNER.search(tail), f"a dead line stays: {tail!r}")
    stage.write(
        "p.yml",
        "- hosts: h\n  gather_facts: false\n  tasks:\n    - pause: {seconds: 300}\n    - command: echo went on\n",
    )
    code, said = on_terminal(stage, [(b"Pausing for", b"\x03"), (b"Press 'C'", b"C")], "run", "-i", "hosts", "p.yml")
    stage.expect("Press 'C' to continue the play or 'A' to abort" in said, said)
    stage.expect(code == 0 and "changed=1" in said, f"continue: {code}\n{said}")
    code, said = on_terminal(stage, [(b"Pausing for", b"\x03"), (b"Press 'C'", b"A")], "run", "-i", "hosts", "p.yml")
    stage.expect(code not in (0, None) and "changed=1" not in said, f"abort: {code}\n{said}")
    stage.expect("PLAY RECAP" in said, said)


def attack_on_a_confirmation(stage):
    """The end of a run is no answer to its question, and a resume asks again."""
    stage.write("hosts", "h ansible_connection=local\n")
    stage.write(
        "p.yml",
        "- hosts: h\n  gather_facts: false\n  tasks:\n    - pause: {prompt: Go on}\n    - command: echo went on\n",
    )
    words = ("run", "-i", "hosts", "p.yml")
    for name in ("TERM", "HUP"):
        code, said = on_terminal(stage, [(b"Go on:", getattr(signal, f"SIG{name}"))], *words)
        stage.expect(code == CODES[name] and "ok: [h]" not in said, f"{name}: {code}\n{said}")
        code, said = on_terminal(stage, [(b"Go on:", b"\x03"), (b"Press 'C'", b"A")], *words, "--resume")
        stage.expect("Go on:" in said and "changed=1" not in said, f"{name}, resumed: {code}\n{said}")


def attack_on_the_question_about_a_host(stage):
    """A host that is not known: the question of ssh, its answers, Ctrl-C at it, and no question without a terminal."""
    where = stage.server()
    stage.write("hosts", f"h ansible_host=127.0.0.1 {where}\n")
    known = stage.folder / ".ssh/known_hosts"
    asked = b"(yes/no/[fingerprint])? "
    words = ("run", "-i", "hosts", "p.yml")
    stage.write("p.yml", "- hosts: h\n  gather_facts: false\n  tasks:\n    - ping:\n    - command: echo went on\n")
    more = {"ANSIBLE_HOST_KEY_CHECKING": "True"}
    code, said = stage.run(*words, env=more)
    stage.expect(code == 4 and "its host key is not known" in said and "(yes/no" not in said, f"no terminal: {code}\n{said}")
    code, said = on_terminal(stage, [(asked, b"no\n")], *words, env=more)
    stage.expect(code == 4 and said.count("(yes/no") == 1, f"no: {code}\n{said}")
    stage.expect(not known.exists(), "no: it was added")
    code, said = on_terminal(stage, [(asked, b"\x03"), (b"Press 'C'", b"A")], *words, env=more)
    stage.expect(code in (4, 99) and "went on" not in said, f"Ctrl-C: {code}\n{said}")
    code, said = on_terminal(stage, [(asked, b"what\n"), (b"or the fingerprint: ", b"yes\n")], *words, env=more)
    stage.expect(code == 0 and known.exists(), f"yes: {code}\n{said}")
    tail = said.rsplit("PLAY RECAP", 1)[-1]
    stage.expect(not SPINNER.search(tail), f"a dead line stays: {tail!r}")
    code, said = on_terminal(stage, [], *words, env=more)
    stage.expect(code == 0 and "(yes/no" not in said, f"known: {code}\n{said}")
    known.unlink()
    code, said = on_terminal(stage, [], *words, env={"ANSIBLE_HOST_KEY_CHECKING": "false"})
    stage.expect(code == 0 and "(yes/no" not in said and not known.exists(), f"not checked: {code}\n{said}")
    accept = (*words, "--ssh-common-args=-o StrictHostKeyChecking=accept-new")
    code, said = on_terminal(stage, [], *accept, env=more)
    stage.expect(code == 0 and "(yes/no" not in said and known.exists(), f"accept-new: {code}\n{said}")
