"""ansible-runner on play and on the reference: the same events in the same order, with the same keys and the
same values that programs look at; status, figures, artifacts; an ident; a run that is cancelled.

runner.py PROJECT PLAY'S-NAMES REFERENCE'S-BIN"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import ansible_runner

project, names, reference = sys.argv[1:]
PLAYBOOKS = {"site.yml": 0, "failing.yml": 2, "handlers.yml": 0}
# What a program reads of an event's data.
READ = ["playbook", "play", "play_pattern", "task", "task_action", "task_args", "host", "remote_addr", "changed", "failures",
        "ok", "processed", "skipped", "ignored", "rescued", "dark", "ignore_errors", "handler", "is_conditional"]
MADE = pathlib.Path("/tmp/play-clients")


def folder_of(run):
    folder = tempfile.mkdtemp()
    shutil.copytree(project, folder + "/project")
    path = os.environ["PATH"]
    os.environ["PATH"] = run + ":" + path
    return folder, path


def run(commands, playbook, **more):
    """A run: its object, its events without what only `-v` says, the files it left."""
    MADE.unlink(missing_ok=True)
    folder, path = folder_of(commands)
    try:
        runner = ansible_runner.run(private_data_dir=folder, playbook=playbook, ident="one", quiet=True,
                                    inventory="localhost ansible_connection=local", **more)
        artifacts = pathlib.Path(folder, "artifacts/one")
        assert (artifacts / "rc").read_text() == str(runner.rc)
        assert (artifacts / "status").read_text() == runner.status
        files = sorted(p.name for p in artifacts.iterdir())
        events = [event for event in runner.events if event["event"] != "verbose"]
        stats = runner.stats
        return runner, events, files, (artifacts / "stdout").read_text(), stats
    finally:
        os.environ["PATH"] = path
        shutil.rmtree(folder)


def same(playbook, mine, theirs):
    kinds = [[event["event"] for event in events] for events in (mine, theirs)]
    assert kinds[0] == kinds[1], (playbook, *kinds)
    for ours, reference_s in zip(mine, theirs):
        kind = ours["event"]
        missing = set(reference_s) - set(ours)
        assert not missing, (playbook, kind, missing)
        data, wanted = ours.get("event_data", {}), reference_s.get("event_data", {})
        missing = set(wanted) - set(data)
        assert not missing, (playbook, kind, missing)
        for key in READ:
            assert data.get(key) == wanted.get(key), (playbook, kind, key, data.get(key), wanted.get(key))
        for key in ("changed", "failed", "skipped", "msg", "rc", "stdout"):
            found = data.get("res", {}).get(key), wanted.get("res", {}).get(key)
            assert found[0] == found[1], (playbook, kind, "res", key, *found)


def links(playbook, events):
    """Each event knows its parent, and has its place in what was printed."""
    known = {event["uuid"] for event in events} | {None, ""}
    orphans = [event["event"] for event in events if event.get("parent_uuid") not in known]
    assert not orphans, (playbook, orphans)
    counters = [event["counter"] for event in events]
    assert counters == sorted(counters), (playbook, counters)
    assert all(event["start_line"] <= event["end_line"] for event in events), playbook


def cancelled(commands, ends):
    """A run that is cancelled at its first task: status, code, and that nothing goes on (where `ends`; the
    reference leaves the command on the host)."""
    mark = f"play-cancelled-{os.getpid()}"
    began = time.monotonic()
    started = []
    runner, *_ = run(commands, "slow.yml", extravars={"mark": mark},
                     event_handler=lambda event: started.append(event["event"]) or True,
                     cancel_callback=lambda: "playbook_on_task_start" in started)
    assert runner.status == "canceled", runner.status
    assert time.monotonic() - began < 60
    for _ in range(100 if ends else 0):
        alive = subprocess.run(["pgrep", "-f", f"sleep 77.*{mark}"], capture_output=True, text=True).stdout.split()
        if not alive:
            return runner.rc
        time.sleep(0.1)
    if ends:
        raise AssertionError(f"the task goes on after the run was cancelled: {alive}")
    return runner.rc


for playbook, code in PLAYBOOKS.items():
    mine, events, files, printed, stats = run(names, playbook)
    theirs, wanted, wanted_files, _, wanted_stats = run(reference, playbook)
    assert mine.rc == theirs.rc == code, (playbook, mine.rc, theirs.rc)
    assert mine.status == theirs.status, (playbook, mine.status, theirs.status)
    assert stats == wanted_stats, (playbook, stats, wanted_stats)
    assert files == wanted_files, (playbook, files, wanted_files)
    assert "PLAY RECAP" in printed
    same(playbook, events, wanted)
    links(playbook, events)
codes = cancelled(names, True), cancelled(reference, False)
assert codes[0] == codes[1], codes
print(f"{len(PLAYBOOKS)} playbooks: events, values, status, stats and artifacts are the reference's; cancelled: {codes[0]}")
