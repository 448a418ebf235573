#!/usr/bin/env python3
"""Runs the same playbooks through ansible-playbook and play and compares what comes out.

usage: run.py [--play BINARY] [--reference VENV] [-v] [CASE ...]

A case is a folder below this one with `playbook.yml` (or a single file CASE.yml). Beside it may
stand `inventory` (default: h1, h2 and h3 over local connections), `arguments` (one a line), `stdin` (what
is typed), and
`differs` (a line that says why a difference is on purpose; the case then must differ) or `open` (a
difference that is a known fault of play: it is named and counted, and must still be there).

Compared: the exit code, the recap, and for every task in order its name and each host's (and
item's) status and what `debug` shows. The order of hosts within a task is not compared: it is
chance in both.
"""

import argparse
import concurrent.futures
import difflib
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
INVENTORY = "h1\nh2\nh3\n[odd]\nh1\nh3\n[even]\nh2\n[all:vars]\nansible_connection=local\n"
RECAP = re.compile(r"^(\S+)\s+: (ok=.*)$")


def cases(names):
    found = sorted(
        [p.parent for p in HERE.glob("*/*/playbook.yml")]
        + [p for p in HERE.glob("*/*.yml") if p.name != "playbook.yml" and not (p.parent / "playbook.yml").exists()]
    )
    if names:
        found = [p for p in found if any(n in str(p.relative_to(HERE)) for n in names)]
    return found


def run(command, folder, env):
    typed = folder / "stdin"
    done = subprocess.run(
        command, cwd=folder, env=env, input=typed.read_bytes() if typed.exists() else b"",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")


NOISE = re.compile(
    r"^\[(WARNING|DEPRECATION WARNING|ERROR)\]|^Origin: |^<<< caused by|^\s*\^ column|^(warning|error|caused by|hint)\b"
    r"|^ +(-->|\||=|╭|╰|│)|^\d+ (\||│)|^\d+ .*$"
)


def beside(case):
    """What a case of a single file has beside it: all but other cases."""
    if not case.is_file():
        return []
    others = [p for p in case.parent.glob("*") if p.suffix != ".yml"]
    return [p for p in others if not (p / "playbook.yml").exists()]


def recorded(cache, case, arguments, program):
    """What the reference said before about the same case, and where that is kept."""
    seen = hashlib.sha256(f"{program} {arguments} {INVENTORY}".encode())
    parts = [p for folder in [case, *beside(case)] for p in [folder, *folder.rglob("*")]]
    for part in sorted(p for p in parts if p.is_file()):
        seen.update(f"{part.relative_to(HERE)} {part.stat().st_mode} ".encode() + part.read_bytes())
    place = pathlib.Path(cache) / f"{seen.hexdigest()[:24]}.json"
    return place, tuple(json.loads(place.read_text())) if place.exists() else None


def parse(text):
    """The tasks in order, each with the set of its result lines, and the recap."""
    tasks, recap, current = [], {}, None
    block = None
    for line in text.splitlines():
        if re.match(r"^(PLAY|TASK|RUNNING HANDLER|NO MORE HOSTS LEFT)\b.*\*\*\*", line):
            if line.startswith("PLAY RECAP"):
                current = None
                continue
            current = (re.sub(r"\s*\*+$", "", line), [])
            tasks.append(current)
            block = None
            continue
        hit = RECAP.match(line)
        if hit:
            recap[hit.group(1)] = " ".join(hit.group(2).split())
            continue
        if current is None:
            continue
        if block is not None:
            block.append(line)
            if line in ("}", "]"):
                current[1].append("\n".join(block))
                block = None
            continue
        asked = re.match(r"^(\[\S+\] TASK: .*? \(debug\)> )+", line)
        if asked:
            line = line[asked.end():]
            if re.match(r"\S", line) and not re.match(r"^(ok|changed|skipping|fatal|failed): ", line):
                current[1].append(re.sub(r"^\*\*\*.*", "***", line))
                continue
        if re.match(r"^(ok|changed|skipping|fatal|failed|included|\.\.\.ignoring|FAILED - RETRYING|skipping: no hosts)", line):
            line = re.sub(r" \((\d+\.\d s|\d+ (min|h) \d+ \w+)\)$", "", line)
            line = re.sub(r"(?<= for )(\S+, )+\S+", lambda hosts: ", ".join(sorted(hosts[0].split(", "))), line)
            line = re.sub(r"(retries left\)\.)Result was: .*", r"\1", line)
            line = re.sub(r"(FAILED!|UNREACHABLE!) => .*", r"\1", line)
            line = re.sub(r"^(failed: \[.*?\] \(item=.*?\)) => \{.*", r"\1", line)
            if re.match(r"^ok: \[.*\] (=> \(item=.*\) )?=> [\{\[]$", line):
                block = [line]
                continue
            current[1].append(line.rstrip())
    return [(name, sorted(lines)) for name, lines in merged(tasks)], recap


def hosts_of(lines):
    return {name for line in lines for name in re.findall(r"^\w+: \[(\S+?)[\] ]", line)}


def merged(tasks):
    """Tasks without a result are left out (the reference prints a banner for each host that comes
    to a `meta` task); neighbours of one name for other hosts are one."""
    result = []
    for name, lines in tasks:
        if not lines and not name.startswith("PLAY"):
            continue
        if result and result[-1][0] == name and not hosts_of(result[-1][1]) & hosts_of(lines):
            result[-1][1].extend(lines)
        else:
            result.append((name, list(lines)))
    return result


def difference(ours, theirs):
    notes = []
    if ours[0] != theirs[0]:
        notes.append(f"exit code: play {ours[0]}, reference {theirs[0]}")
    (our_tasks, our_recap), (their_tasks, their_recap) = parse(ours[1]), parse(theirs[1])
    if our_recap != their_recap:
        for host in sorted(set(our_recap) | set(their_recap)):
            if our_recap.get(host) != their_recap.get(host):
                notes.append(f"recap of {host}:\n    play      {our_recap.get(host)}\n    reference {their_recap.get(host)}")
    for number in range(max(len(our_tasks), len(their_tasks))):
        ours_here = our_tasks[number] if number < len(our_tasks) else ("nothing", [])
        theirs_here = their_tasks[number] if number < len(their_tasks) else ("nothing", [])
        if ours_here != theirs_here:
            lines = [[here[0], *("  " + line for text in here[1] for line in text.splitlines())] for here in (theirs_here, ours_here)]
            diff = difflib.unified_diff(*lines, "reference", "play", lineterm="", n=1)
            notes.append(f"task {number + 1}, {ours_here[0]}:\n    " + "\n    ".join(list(diff)[2:]))
            break
    return notes


def put_down(case, copy):
    """Copies what a case needs to a new folder; its playbook is `playbook.yml` there."""
    if case.is_file():
        copy.mkdir()
        shutil.copy(case, copy / "playbook.yml")
        for other in beside(case):
            (shutil.copytree if other.is_dir() else shutil.copy)(other, copy / other.name)
    else:
        shutil.copytree(case, copy, symlinks=True)
    inventory = copy / "inventory"
    if not inventory.exists():
        inventory.write_text(INVENTORY)


def environment(home, reference):
    """The environment of both programs."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "LC_ALL": "C.UTF-8",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
        "ANSIBLE_PYTHON_INTERPRETER": f"{reference}/bin/python",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "PARITY": "yes",
        "ANSIBLE_ASYNC_DIR": f"{home}/.ansible_async",
    }


def said_of(case):
    """Arguments of a case, and why it differs or is open, where it says so."""
    extra = {}
    if case.is_file():
        for line in case.read_text().splitlines():
            hit = re.match(r"^# (arguments|differs|open): (.*)$", line)
            if hit:
                extra[hit.group(1)] = hit.group(2)
        return extra
    for name in ("arguments", "differs", "open"):
        if (case / name).exists():
            extra[name] = (case / name).read_text().strip()
    return extra


def one(case, options):
    extra = said_of(case)
    results = {}
    for who in ("play", "reference"):
        with tempfile.TemporaryDirectory() as scratch:
            copy = pathlib.Path(scratch) / "case"
            put_down(case, copy)
            env = environment(scratch, options.reference)
            arguments = shlex.split(extra.get("arguments", ""))
            program = [options.play, "run"] if who == "play" else [f"{options.reference}/bin/ansible-playbook"]
            place = None
            if who == "reference" and options.cache:
                place, before = recorded(options.cache, case, arguments, program)
                if before:
                    results[who] = before
                    continue
            try:
                code, text = run([*program, "playbook.yml", "-i", "inventory", *arguments], copy, env)
            except subprocess.TimeoutExpired:
                code, text = "timeout", ""
            results[who] = (code, text.replace(str(copy), "CASE"))
            if place and code != "timeout":
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(json.dumps(results[who]))
    notes = difference(results["play"], results["reference"])
    return case, extra, notes, results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--play", default=str(HERE.parent.parent / "target/debug/play"))
    parser.add_argument("--reference", default=os.environ.get("PLAY_REFERENCE", str(HERE.parent / ".cache/reference")))
    parser.add_argument("--cache", help="folder that keeps what the reference said, for the next run")
    parser.add_argument("-j", "--jobs", type=int, default=2)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if not pathlib.Path(f"{options.reference}/bin/ansible-playbook").exists():
        print(f"parity: no reference at {options.reference}; run tests/setup.sh", file=sys.stderr)
        return 2
    equal = failed = purposed = opened = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for case, extra, notes, results in pool.map(lambda c: one(c, options), cases(options.names)):
            name = str(case.relative_to(HERE)).removesuffix(".yml")
            differs, known = extra.get("differs"), extra.get("open")
            if notes and known:
                opened += 1
                print(f"open     {name}: {known}")
            elif notes and differs:
                purposed += 1
                print(f"differs  {name}: on purpose: {differs}")
            elif notes or differs or known:
                failed += 1
                print(f"FAILED   {name}" + ("" if notes else ": equal, though it is marked as different"))
                for note in notes:
                    print("  " + note.replace("\n", "\n  "))
                if options.verbose:
                    for who, (code, text) in results.items():
                        print(f"--- {who} (exit {code})\n{text}")
            else:
                equal += 1
                print(f"equal    {name}")
    print(f"{equal + purposed} passed, {failed} failed")
    print(f"parity: {equal} equal, {purposed} different on purpose, {opened} open, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
