#!/usr/bin/env python3
"""Runs every module on a real machine and compares what it answers and does with the reference.

usage: run.py [--play BINARY] [-v] [CASE ...]      play on the machine `modules`
       run.py --record VENV [CASE ...]             the reference on `twin`; writes recorded/CASE.json where
                                                   that is not yet of this text
       run.py --trips                              also prints the table of round trips
       run.py --broken                             the suite notices modules that are broken on purpose

A case is CASE.yml beside this file, named for its module:

    packages:  Debian packages that its setup needs. Those of all cases are installed at once, without starting
               a service, and purged at the end; such cases run last
    setup:     tasks that come first
    reference: tasks before these, on the twin alone (what the reference's module needs there)
    facts:     whether facts are gathered
    tasks:     what is tried, each in check mode, then twice. `ends` says how these three end
               (default `changed changed ok`); `trips` says why a converged one costs more than one
    teardown:  tasks that come last
    varies:    {key: why} whose value is not the same twice; that it is there and its type are compared
    unordered: {key: why} whose list is compared without its order
    differs:   {key: why} that differs from the reference on purpose; it must differ
    files:     {pattern: why} of files that the module changes, but not to the same bytes twice
    needs:     {command of the shell: what the machine has to have}; where it fails the case cannot be run
    cannot:    why it cannot be run on this machine (and nothing else)

A key is the dotted way into a result, with `*` and `?`; `first.` (`check.`, `second.`) before it means
that run alone, and `1.first.` that of the second task.

Play may say more than the reference in check mode, and have a `diff` where the reference has none.

Of every task: check mode says what the first run will and changes no file, the three runs end as
expected, their results and the files that the first one changed are those of the reference.
"""

import argparse
import fcntl
import fnmatch
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
import time

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RUNS = ("check", "first", "second")
PLACES = "/etc /home /opt /root /srv /usr/local /var/lib/dpkg /var/spool"

# What no case compares, and why.
NOWHERE = {
    "invocation": "the reference adds it only for its own callbacks",
    "warnings": "the texts are our own",
    "deprecations": "the texts are our own",
    "exception": "a Python traceback",
    "changed_when_result": "the case's own",
}
VARIES = {"start": "a time", "end": "a time", "delta": "a time", "*.atime": "a time", "*.mtime": "a time",
          "*.ctime": "a time", "*.inode": "chance", "*.dev": "chance"}
# Files that change by themselves, or by logging in.
NOISE = ["/root/.ansible*", "/home/vagrant/.ansible*", "/root/.cache*", "/home/*/.cache*"]

LISTING = (
    f"{{ find {PLACES} -xdev -printf '%p\\t%y %m %u:%g %l\\t%T@\\n'; "
    f"find {PLACES} -xdev -type f -exec sha256sum -- {{}} +; }} 2>/dev/null | LC_ALL=C sort"
)


def load(path):
    case = yaml.safe_load(path.read_text()) or {}
    return {"name": path.stem, **case}


def tried(task):
    """A task without what is said of it."""
    return {key: value for key, value in task.items() if key not in ("ends", "trips")}


def playbook(case):
    """The play of a case, the same for both sides."""
    tasks = []
    for number, task in enumerate(case["tasks"]):
        task = {**tried(task), "ignore_errors": True, "diff": True}
        before = {"raw": f"{LISTING} >/dev/shm/before; true", "changed_when": False}
        after = {"raw": f"{LISTING} | diff /dev/shm/before -; true", "changed_when": False}
        tasks += [
            {"name": f"{number} before", **before},
            {"name": f"{number} check", **task, "check_mode": True, "register": f"check{number}"},
            {"name": f"{number} written", **after, "register": f"written{number}"},
            {"name": f"{number} first", **task, "register": f"first{number}"},
            {"name": f"{number} files", **after, "register": f"files{number}"},
            {"name": f"{number} second", **task, "register": f"second{number}"},
        ]
    said = []
    for number in range(len(case["tasks"])):
        names = ", ".join(f"'{run}': {run}{number} | default(none)" for run in RUNS)
        lines = ", ".join(
            f"'{word}': ({word}{number} | default({{}})).stdout_lines | default([])" for word in ("written", "files")
        )
        said.append({
            "name": f"{number} said",
            "debug": {"msg": f"RESULT {number} {{{{ {{ {names}, {lines} }} | to_json }}}}"},
        })
    return [{
        "hosts": "all",
        "become": True,
        "gather_facts": bool(case.get("facts")),
        "tasks": [
            *({"name": "setup", **task} for task in case.get("setup", [])),
            {"name": "all", "block": tasks, "always": said + [
                {"name": "teardown", **task} for task in case.get("teardown", [])
            ]},
        ],
    }]


def machine(name):
    """The line of the inventory for a machine, and the variables of all."""
    hosts = ROOT / "vagrant/.vagrant/hosts"
    lines = hosts.read_text().splitlines() if hosts.exists() else []
    found = [line for line in lines if line.startswith(name + " ")]
    if not found:
        sys.exit(f"modules: there is no machine {name}; run vagrant/up.sh {name}")
    rest = lines[lines.index("[all:vars]"):]
    return "host " + found[0].split(" ", 1)[1] + "\n" + "\n".join(rest) + "\n"


def run(case, name, command, env):
    """The results of each task, the round trips of its runs, and all that was printed."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "playbook.yml").write_text(yaml.safe_dump(playbook(case), sort_keys=False, allow_unicode=True))
        (folder / "inventory").write_text(machine(name))
        if (HERE / "files").exists():
            shutil.copytree(HERE / "files", folder / "files")
        env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "LC_ALL": "C.UTF-8", "PLAY_RECORD": "false", "NO_COLOR": "1",
               "ANSIBLE_NOCOLOR": "1", "ANSIBLE_PIPELINING": "true", "ANSIBLE_DEPRECATION_WARNINGS": "0",
               "ANSIBLE_RETRY_FILES_ENABLED": "0", **env}
        try:
            done = subprocess.run(
                [*command, "playbook.yml", "-i", "inventory"], cwd=folder, env=env, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
            text = done.stdout.decode(errors="replace")
        except subprocess.TimeoutExpired as error:
            text = (error.stdout or b"").decode(errors="replace") + "\nmodules: it took longer than 300 s\n"
    return results(text), trips(text), text


def results(text):
    found = {}
    for hit in re.finditer(r'"msg": (?="RESULT )', text):
        said, _ = json.JSONDecoder().raw_decode(text, hit.end())
        number, said = said.removeprefix("RESULT ").split(" ", 1)
        found[int(number)] = json.loads(said)
    return [found[number] for number in sorted(found)]


def trips(text):
    """How many times the host was asked, for each run of each task."""
    found, task = {}, None
    for line in text.splitlines():
        if hit := re.match(r"TASK \[(.*)\]", line):
            task = hit.group(1)
        elif hit := re.match(r"<host> round trips: (\d+)", line):
            found[task] = found.get(task, 0) + int(hit.group(1))
    return found


def changes(lines):
    """What became different, as {path: what it is now}: without times, and without what is noise."""
    def parsed(mark):
        seen = {}
        for line in (line[2:] for line in lines if line.startswith(mark)):
            if hit := re.match(r"(\S+)\t(.*)\t[\d.]+$", line):
                seen.setdefault(hit.group(1), {})["kind"] = hit.group(2)
            elif hit := re.match(r"([0-9a-f]{64})  (.*)$", line):
                seen.setdefault(hit.group(2), {})["bytes"] = hit.group(1)
        return seen
    before, after = parsed("< "), parsed("> ")
    found = {}
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path) and not any(fnmatch.fnmatch(path, noise) for noise in NOISE):
            found[path] = after.get(path, "gone")
    return found


def matches(rule, way):
    parts = way.split(".", 2)
    return any(fnmatch.fnmatchcase(".".join(parts[skip:]), rule) for skip in range(3))


def plain(result):
    """A result without what no case compares; what differs as the reference shows it with --diff."""
    if not isinstance(result, dict):
        return result
    result = {key: value for key, value in result.items() if key not in NOWHERE}
    facts = dict(result.get("ansible_facts") or {})
    if facts.pop("discovered_interpreter_python", None) is not None and not facts:
        del result["ansible_facts"]
    elif facts:
        result["ansible_facts"] = facts
    diff = result.pop("diff", None) or []
    shown = [side for one in (diff if isinstance(diff, list) else [diff]) for side in sides(one)]
    return {**result, "diff": shown} if shown else result


def sides(diff):
    """The two texts of a difference; nothing where they are the same."""
    if "prepared" in diff:
        return [diff["prepared"]] if diff["prepared"] else []
    texts = [diff.get(word, "") for word in ("before", "after")]
    texts = [text if isinstance(text, str) else json.dumps(text, indent=4, sort_keys=True) + "\n" for text in texts]
    return [dict(zip(("before", "after"), texts))] if texts[0] != texts[1] else []


def in_order(case, result, way):
    """A result whose lists without an order of their own are sorted."""
    if not isinstance(result, dict):
        return result
    loose = [key for key in result if any(matches(rule, f"{way}.{key}") for rule in case.get("unordered", {}))]
    return {**result, **{key: sorted(result[key], key=json.dumps) for key in loose if isinstance(result[key], list)}}


def compare(ours, theirs, way):
    """Yields where two values differ: the way there, what each says."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            yield from compare(ours.get(key, "(absent)"), theirs.get(key, "(absent)"), f"{way}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs)):
            yield from compare(one, other, f"{way}.{number}")
    elif ours != theirs or isinstance(ours, bool) != isinstance(theirs, bool):
        yield way, ours, theirs


def against(case, ours, theirs):
    """What is not as the reference's, and should be."""
    used, notes = set(), []
    for number, (one, other) in enumerate(zip(ours, theirs)):
        for name in RUNS:
            mine, its = (in_order(case, plain(said[name]), f"{number}.{name}") for said in (one, other))
            for way, mine, its in compare(mine, its, f"{number}.{name}"):
                known = [rule for rule in case.get("differs", {}) if matches(rule, way) or matches(rule + ".*", way)]
                used.update(known)
                varies = any(matches(rule, way) for rule in {**VARIES, **case.get("varies", {})})
                if its == "(absent)" and (name == "check" or way.endswith(".diff")):
                    continue
                alike = type(mine) is type(its) and "(absent)" not in (mine, its)
                if not known and not (varies and alike):
                    notes.append(f"{way}: play {short(mine)}, reference {short(its)}")
        patterns = case.get("files", {})
        for way, mine, its in compare(changes(one["files"]), changes(other["files"]), ""):
            path = re.sub(r"\.(kind|bytes)$", "", way[1:])
            if not any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns):
                notes.append(f"{number}.first: file {way[1:]}: play {short(mine)}, reference {short(its)}")
    notes += [f"`{rule}` is marked as different, and is equal" for rule in case.get("differs", {}) if rule not in used]
    return notes


def short(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) < 300 else text[:300] + "…"


def status(result):
    if not isinstance(result, dict):
        return "missing"
    for word in ("unreachable", "failed", "skipped"):
        if result.get(word):
            return word
    return "changed" if result.get("changed") else "ok"


def as_expected(case, ours):
    notes = []
    for number, task in enumerate(case["tasks"]):
        if number >= len(ours):
            notes.append(f"{number}: no result")
            continue
        wanted = task.get("ends", "changed changed ok").split()
        for name, want in zip(RUNS, wanted):
            got = status(ours[number][name])
            if got != want:
                said = ours[number][name]
                notes.append(f"{number}.{name}: {got}, expected {want}: {short(said.get('msg', said) if said else said)}")
        for path in changes(ours[number]["written"]):
            notes.append(f"{number}.check: check mode wrote {path}")
    return notes


def converged(case, counts):
    """A task that has nothing to do costs one round trip, or says why not."""
    notes = []
    for number, task in enumerate(case["tasks"]):
        wanted = task.get("ends", "changed changed ok").split()
        cost = counts.get(f"{number} second", 0)
        if wanted[2] == "ok" and cost > 1 and "trips" not in task:
            notes.append(f"{number}.second: {cost} round trips to do nothing")
    return notes


def recorded(case):
    return HERE / "recorded" / f"{case['name']}.json"


def fingerprint(case):
    """Of all that the reference was asked to do."""
    parts = [case.get(part) for part in ("reference", "setup", "facts", *filter(case.get, ["packages"]))]
    asked = json.dumps([LISTING, *parts, *map(tried, case["tasks"])], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def is_recorded(case):
    place = recorded(case)
    return place.exists() and json.loads(place.read_text())["case"] == fingerprint(case)


def judge(case, play, env):
    """What is wrong with a case, its round trips, and what was printed."""
    if not is_recorded(case):
        return ["not recorded as it is now: run.py --record"], {}, ""
    kept = json.loads(recorded(case).read_text())
    ours, counts, text = run(case, "modules", [play, "run", "-vvvv"], env)
    notes = as_expected(case, ours)
    return notes + against(case, ours, kept["tasks"]) + converged(case, counts), counts, text


def with_packages(cases, name):
    """The cases, those without packages of their own first; what the others need is there while they run."""
    yield from (case for case in cases if not case.get("packages"))
    rest = [case for case in cases if case.get("packages")]
    packages = sorted({package for case in rest for package in case["packages"]})
    if not packages:
        return
    quiet = "DEBIAN_FRONTEND=noninteractive apt-get -qq -y"
    as_root(name, "apt-get -qq update && printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d && "
                  f"chmod +x /usr/sbin/policy-rc.d && {quiet} install {' '.join(packages)}; rm /usr/sbin/policy-rc.d; "
                  # The bus keeps no rule for a user that was not there when it read the rule.
                  "systemctl reload dbus")
    try:
        yield from rest
    finally:
        as_root(name, f"{quiet} purge --autoremove {' '.join(packages)}")


def lacks(case):
    """What a case needs and the machine does not have."""
    for command, what in case.get("needs", {}).items():
        if ssh("modules", command).returncode:
            return f"this machine lacks {what}"
    return None


def as_root(name, command):
    done = ssh(name, command)
    if done.returncode:
        sys.exit(f"modules: on {name}: {command}\n{done.stdout}")


def ssh(name, command):
    """Runs a command as root."""
    config = str(ROOT / "vagrant/.vagrant/ssh-config")
    return subprocess.run(
        ["ssh", "-n", "-F", config, name, f"sudo sh -c {shlex.quote(command)}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def record(cases, venv):
    bad = 0
    new = [case for case in cases if "cannot" not in case and not is_recorded(case)]
    for case in with_packages(new, "twin"):
        whole = {**case, "setup": case.get("reference", []) + case.get("setup", [])}
        theirs, _, text = run(whole, "twin", [f"{venv}/bin/ansible-playbook"], {})
        for said in theirs:
            said["written"] = []
        notes = [note for note in as_expected(case, theirs)]
        if len(theirs) < len(case["tasks"]):
            print(text)
            bad += 1
            continue
        print(f"recorded {case['name']}" + "".join(f"\n  {note}" for note in notes), flush=True)
        kept = {"case": fingerprint(case), "tasks": theirs}
        recorded(case).write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    return 1 if bad else 0


# Words of the language, which have no case of their own.
LANGUAGE = {"import_playbook", "import_role", "import_tasks", "include_role", "include_tasks", "include_vars", "meta"}


def built(play):
    """The short names of the modules that there are."""
    said = subprocess.run([play, "doc", "-l"], stdout=subprocess.PIPE, check=True, text=True).stdout
    return {line.split()[0].rsplit(".", 1)[-1] for line in said.splitlines() if line.strip()} - LANGUAGE


def suite(cases, options):
    passed, failed, cannot, table = 0, 0, 0, []
    there = built(options.play)
    if not options.names:
        for name in sorted(there - {case["name"] for case in cases}):
            failed += 1
            print(f"FAILED   {name}: it has no case")
    for case in with_packages([case for case in cases if case["name"] in there], "modules"):
        if why := case.get("cannot") or lacks(case):
            cannot += 1
            print(f"cannot   {case['name']}: {why}")
            continue
        begun = time.monotonic()
        notes, counts, text = judge(case, options.play, {})
        table += rows(case, counts)
        if notes:
            failed += 1
            print(f"FAILED   {case['name']}")
            shown = notes if options.verbose else notes[:20]
            for note in shown:
                print(f"  {note}")
            if len(notes) > len(shown):
                print(f"  … and {len(notes) - len(shown)} more")
            if options.verbose:
                print(text)
        else:
            passed += 1
            print(f"passed   {case['name']} ({time.monotonic() - begun:.1f} s)")
        sys.stdout.flush()
    if options.trips:
        print_table(table)
    print(f"modules: {passed} passed, {failed} failed, {cannot} cannot be run here")
    return 1 if failed else 0


def rows(case, counts):
    for number, task in enumerate(case["tasks"]):
        first, second = (counts.get(f"{number} {name}", 0) for name in ("first", "second"))
        wanted = task.get("ends", "changed changed ok").split()
        yield case["name"], wanted[1], first, wanted[2], second, task.get("trips", "")


def print_table(table):
    print(f"\n{'round trips':<28}{'first run':>18}{'second run':>18}")
    for name, did, first, then, second, why in table:
        print(f"{name:<28}{f'{did} {first}':>18}{f'{then} {second}':>18}  {why}".rstrip())
    print()


# Each of these must fail its case: no work on the wire, always changed, never changed.
BROKEN = [("lineinfile", "idle"), ("file", "changed"), ("user", "ok")]


def broken(options):
    """Are the tests able to fail? Each module is broken on purpose, in the debug build."""
    passed = failed = 0
    for name, fault in BROKEN:
        case = load(HERE / f"{name}.yml")
        notes, _, _ = judge(case, options.play, {"PLAY_BROKEN": f"{name}:{fault}"})
        if notes:
            passed += 1
            print(f"noticed  {name} that is broken ({fault}): {notes[0]}")
        else:
            failed += 1
            print(f"FAILED   {name} is broken ({fault}) and nothing noticed")
    print(f"broken modules: {passed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--play", default=str(ROOT / "target/debug/play"))
    parser.add_argument("--record", metavar="VENV", help="run the reference of this environment, and keep its answers")
    parser.add_argument("--trips", action="store_true", help="print the table of round trips")
    parser.add_argument("--broken", action="store_true", help="break modules on purpose: does the suite notice?")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    lock = open(ROOT / "vagrant/.vagrant/modules.lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)  # One at a time: a case sees what another does to the machine.
    if options.broken:
        return broken(options)
    cases = [load(path) for path in sorted(HERE.glob("*.yml")) if not options.names or path.stem in options.names]
    return record(cases, options.record) if options.record else suite(cases, options)


if __name__ == "__main__":
    sys.exit(main())
