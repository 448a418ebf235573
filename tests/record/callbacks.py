"""The reference's callbacks and ours, side by side.

callbacks.py --play PLAY [CALLBACK...]    compares what PLAY prints with what is recorded
callbacks.py --record VENV [CALLBACK...]  records what VENV's ansible-playbook prints (the package `ansible`)

What cannot be equal is taken out of both: times, ids, blank lines, and the excerpts of errors, which are ours.
"""

import argparse
import difflib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent / "callbacks"
PLAYBOOKS = ["tasks", "loops", "roles"]
CALLBACKS = {
    "minimal": {"ANSIBLE_STDOUT_CALLBACK": "minimal"},
    "oneline": {"ANSIBLE_STDOUT_CALLBACK": "oneline"},
    "json": {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"},
    "unixy": {"ANSIBLE_STDOUT_CALLBACK": "community.general.unixy"},
    "dense": {"ANSIBLE_STDOUT_CALLBACK": "community.general.dense"},
    "null": {"ANSIBLE_STDOUT_CALLBACK": "community.general.null"},
    "yaml": {"ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
    "profile": {"ANSIBLE_STDOUT_CALLBACK": "community.general.null",
                "ANSIBLE_CALLBACKS_ENABLED": "ansible.posix.timer,ansible.posix.profile_tasks,profile_roles",
                "PROFILE_TASKS_SORT_ORDER": "none"},
}


def normal(text, folder):
    text = text.replace(str(folder), "FOLDER").replace(str(HERE), "HERE")
    # The reference's excerpts and ours.
    text = re.sub(r"\[ERROR\]: .*\n(?:Origin: .*\n\n(?:.*\n)*? +\^ column \d+\n\n)?", "", text)
    text = re.sub(r"^error: .*\n(?:(?: +-->| +[|╭]|\d+ +[|│]| *[|│]|caused by:|hint:|\.\.\.).*\n?)*", "", text, flags=re.M)
    text = re.sub(r"\[(WARNING|DEPRECATION WARNING)\]: .*\n(?:Origin: .*\n\n(?:.*\n)*? +\^ column \d+\n\n)?", "", text)
    text = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+Z?", "TIME", text)
    text = re.sub(r"\d:\d\d:\d\d\.\d+", "SPAN", text)
    text = re.sub(r"\w+day \d\d \w+ \d{4} +\d\d:\d\d:\d\d [+-]\d{4}", "NOW", text)
    text = re.sub(r"(NOW \(SPAN\)       SPAN) \*+ ", r"\1 STARS", text)
    text = re.sub(r'"id": "[^"]*"', '"id": "ID"', text)
    text = re.sub(r'"src": "[^"]*"', '"src": "SRC"', text)
    text = re.sub(r"-+ \d+\.\d\ds", "--- Ns", text)
    text = re.sub(r"hours, \d+ minutes, \d+ seconds", "hours, N minutes, N seconds", text)
    # A failure that is ignored or rescued has a line of ours before it.
    text = re.sub(r"^note: failed on .*\n", "", text, flags=re.M)
    text = re.sub(r"^took .*\n", "", text, flags=re.M)
    lines = text.splitlines()
    if any(line.startswith("ROLES RECAP") for line in lines):
        # The slowest comes first, and that is another one each time.
        at = next(number for number, line in enumerate(lines) if line.startswith("ROLES RECAP"))
        lines[at + 3:] = sorted(lines[at + 3:])
    return "\n".join(line.rstrip("\r") for line in lines).strip("\n") + "\n"


def tidy(text):
    """Without blank lines, the path of `copy` on the controller, and, in JSON, what only the reference's
    callbacks can see and the shape of differences, which is the modules' own."""
    text = re.sub(r' *"src": "SRC",\n?', "", text)
    if text.startswith("{"):
        return json.dumps(cleaned(json.loads(text)), indent=1, sort_keys=True).splitlines(keepends=True)
    return [line.rstrip() + "\n" for line in text.splitlines() if line.strip()]


def cleaned(value):
    if isinstance(value, dict):
        return {key: cleaned(it) for key, it in value.items() if not key.startswith("_ansible_") and key not in ("diff", "exception")}
    return [cleaned(it) for it in value] if isinstance(value, list) else value


def run(command, callback, playbook):
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "LC_ALL": "C.UTF-8", "TZ": "UTC",
                       "ANSIBLE_LOCALHOST_WARNING": "false", "PLAY_RECORD": "false", **CALLBACKS[callback]}
        done = subprocess.run(
            [*command, f"{playbook}.yml", "-i", "hosts", "--diff", "--forks", "1", "-e", f"folder={folder}"],
            cwd=HERE, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = done.stderr.decode(errors="replace")
        if "is not built" in said:
            sys.exit(f"callbacks: {said}")
        return normal(done.stdout.decode(errors="replace"), folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--play")
    parser.add_argument("--record")
    parser.add_argument("callbacks", nargs="*")
    options = parser.parse_args()
    failed = passed = 0
    for callback in options.callbacks or CALLBACKS:
        for playbook in PLAYBOOKS:
            file = HERE / "recorded" / f"{callback}-{playbook}.txt"
            if options.record:
                file.parent.mkdir(exist_ok=True)
                file.write_text(run([f"{options.record}/bin/ansible-playbook"], callback, playbook))
                continue
            if not file.exists():
                print(f"callbacks: {file.name} is not recorded")
                continue
            ours, theirs = run([options.play, "run"], callback, playbook), file.read_text()
            ours, theirs = tidy(ours), tidy(theirs)
            if ours == theirs:
                passed += 1
                continue
            failed += 1
            sys.stdout.writelines(difflib.unified_diff(theirs, ours, f"{file.name}", "play"))
    print(f"callbacks: {passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
