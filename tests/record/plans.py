#!/usr/bin/env python3
"""How well a plan says what will be: plans.py [--play BINARY] [--reference VENV] [-v] [CASE ...]

Each parity playbook is planned, and the plan is applied; it is also run with `--check` and then without, by the
reference and by play. Each of the four has a new home, and a new /tmp of its own (which wants root). Counted are
plans that fail where the run does not, changes that are announced and do not come, and changes that come
without having been announced. What a plan says to be known later is no announcement.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "parity"))
import run as parity  # noqa: E402

PRIVATE = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs tmpfs /tmp && exec "$@"', "sh"]
ENTRY = re.compile(r"^  ([~!?x]) (.*?)  \[(?:.*?:)?(\d+)\]")
# The share of results that has to be as it was planned.
GOOD = 0.95
OPTIONS_OF_A_RUN = ("--check", "-C", "--diff", "-D", "--step", "--list-tasks", "--list-tags", "--list-hosts", "--syntax-check")


def planned(text):
    """What a plan says: for each host and line of a playbook, the signs."""
    said, hosts = collections.defaultdict(list), []
    for line in text.splitlines():
        hit = ENTRY.match(line)
        if hit:
            for host in hosts:
                said[host, int(hit.group(3))].append(hit.group(1))
        elif re.match(r"^[^ :]+(, [^ :]+)*$", line):
            hosts = line.split(", ")
    return said


def done(home):
    """What the last run did: for each host and line of a playbook, how its tasks ended."""
    ended, tasks = collections.defaultdict(list), {}
    records = sorted(pathlib.Path(home).glob(".local/state/play/runs/*/events.jsonl"))
    for line in records[-1].read_text().splitlines() if records else []:
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            break  # The run took too long, and was killed while it wrote.
        if event["event"] == "task":
            tasks[event["task"]] = event.get("place", {}).get("line", 0)
        elif event["event"] == "task_done":
            ended[event["host"], tasks[event["task"]]].append(event["status"])
    return ended


def compare_plan(said, ended):
    """Announced changes that did not come, and changes that nobody announced; how many were compared."""
    lies, surprises, compared = [], [], 0
    for at in set(said) | set(ended):
        signs, states = said.get(at, []), ended.get(at, [])
        if set(signs) & {"!", "?"}:
            continue
        compared += max(len(states), 1)
        changes, changed = signs.count("~"), states.count("changed")
        if changes > changed:
            lies.append(at)
        elif changes < changed:
            surprises.append(at)
    return lies, surprises, compared


def changed(text):
    """For each host and task of a run as it is printed, how often it changed."""
    tasks, _ = parity.parse(text)
    return collections.Counter(
        (name, host) for name, lines in tasks for line in lines
        for host in re.findall(r"^changed: \[([^\] ]+)", line) if "(item=" not in line
    )


def call(folder, home, command, reference):
    environment = parity.environment(home, reference)
    try:
        return parity.run([*PRIVATE, *command], folder, environment)
    except subprocess.TimeoutExpired:
        return "timeout", ""


def put_down(case):
    home = tempfile.TemporaryDirectory(dir="/var/tmp")
    folder = pathlib.Path(home.name) / "case"
    parity.put_down(case, folder)
    return home, folder


def first_code(home):
    """How the first of two commands ended; nothing where it took too long."""
    place = pathlib.Path(home.name, "code")
    return int(place.read_text()) if place.exists() else None


def by_plan(case, words, options):
    """Plans and applies within one /tmp."""
    home, folder = put_down(case)
    with home:
        plan = f"{shlex.quote(options.play)} plan {words} -o {home.name}/plan </dev/null >{home.name}/said 2>&1; " \
               f"echo $? >{home.name}/code; {shlex.quote(options.play)} apply {home.name}/plan </dev/null"
        code, text = call(folder, home.name, ["sh", "-c", plan], options.reference)
        said = pathlib.Path(home.name, "said").read_text(errors="replace")
        return first_code(home), said, code, text, compare_plan(planned(said), done(home.name))


def by_check(case, words, program, options):
    """Runs with `--check`, then without, within one /tmp."""
    home, folder = put_down(case)
    with home:
        command = f"{program} {words} --check </dev/null >{home.name}/said 2>&1; echo $? >{home.name}/code; " \
                  f"{program} {words} </dev/null"
        code, text = call(folder, home.name, ["sh", "-c", command], options.reference)
        said = pathlib.Path(home.name, "said").read_text(errors="replace")
        announced, came = changed(said), changed(text)
        lies = [at for at, count in announced.items() if count > came[at]]
        return first_code(home), code, lies


def one(case, options):
    arguments = shlex.split(parity.said_of(case).get("arguments", ""))
    if any(word in OPTIONS_OF_A_RUN for word in arguments):
        return case, None
    words = shlex.join(["playbook.yml", "-i", "inventory", *arguments])
    reference = f"{shlex.quote(options.reference)}/bin/ansible-playbook"
    return case, (
        by_plan(case, words, options),
        by_check(case, words, reference, options),
        by_check(case, words, f"{shlex.quote(options.play)} run", options),
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--play", default=str(HERE.parent.parent / "target/debug/play"))
    parser.add_argument("--reference", default=os.environ.get("PLAY_REFERENCE", str(HERE.parent / ".cache/reference")))
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    options.play = str(pathlib.Path(options.play).resolve())
    options.reference = str(pathlib.Path(options.reference).absolute())
    count = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for case, result in pool.map(lambda case: one(case, options), parity.cases(options.names)):
            name = str(case.relative_to(parity.HERE)).removesuffix(".yml")
            if result is None:
                count["not planned: its options are those of a run"] += 1
                continue
            plan, theirs, ours = result
            judge(name, plan, theirs, ours, count, options.verbose)
    for text, number in sorted(count.items()):
        print(f"{number:6} {text}")
    good = count["results as planned"] >= GOOD * count["results compared"] > 0
    fails = count["play plan fails, the run does not"] + count["apply fails, the run does not"]
    print(f"plans: {'passed' if good and not fails else 'FAILED'}")
    return 0 if good and not fails else 1


def judge(name, plan, theirs, ours, count, verbose):
    first, said, code, text, (lies, surprises, compared) = plan
    count["playbooks"] += 1
    if "timeout" in (code, theirs[1], ours[1]):
        count["took too long"] += 1
        return
    notes = []
    runs_well = theirs[1] == 0
    if runs_well:
        count["playbooks whose run ends well"] += 1
    for who, (checked, real, wrong) in (("ansible-playbook --check", theirs), ("play run --check", ours)):
        if real == 0 and checked != 0:
            count[f"{who} fails, the run does not"] += 1
            notes.append(f"{who} fails")
        if wrong:
            count[f"{who} announces a change that does not come"] += 1
    if runs_well and first not in (0, 2):
        count["play plan fails, the run does not"] += 1
        notes.append(f"the plan fails:\n{said}")
    if first in (0, 2):
        count["plans without an error"] += 1
        count["plans applied"] += 1
        count["results compared"] += compared
        count["results as planned"] += compared - len(lies) - len(surprises)
        if lies or surprises:
            notes.append(f"announced and did not come: {lies}; came and was not announced: {surprises}")
            if verbose:
                notes.append(f"{said}\n{text}")
        else:
            count["plans that were exactly what came"] += 1
        if runs_well and code != 0:
            count["apply fails, the run does not"] += 1
            notes.append(f"apply fails: {code}\n{text}")
    for note in notes:
        print(f"{name}: {note}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
