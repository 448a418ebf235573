"""ansible-runner runs play as it runs ansible-playbook: runner.py PLAY [VENV-OF-ANSIBLE]

The command is found by its name, as anywhere. With a second argument the reference is run too, and the
events and their keys are compared.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import ansible_runner

HERE = Path(__file__).resolve().parent
NEEDED = {
    "playbook_on_start": {"playbook", "playbook_uuid", "uuid"},
    "playbook_on_play_start": {"playbook", "playbook_uuid", "play", "play_uuid", "play_pattern", "name", "pattern", "uuid"},
    "playbook_on_task_start": {"task", "task_uuid", "task_action", "task_args", "task_path", "resolved_action", "name",
                               "is_conditional", "uuid", "play_uuid", "playbook_uuid"},
    "runner_on_start": {"host", "task", "task_uuid"},
    "runner_on_ok": {"host", "remote_addr", "res", "start", "end", "duration", "event_loop", "task", "task_uuid"},
    "runner_on_failed": {"host", "remote_addr", "res", "start", "end", "duration", "ignore_errors", "event_loop", "task"},
    "runner_on_skipped": {"host", "remote_addr", "start", "end", "duration", "event_loop", "task"},
    "playbook_on_stats": {"changed", "dark", "failures", "ignored", "ok", "processed", "rescued", "skipped", "artifact_data"},
}


def run(binaries):
    with tempfile.TemporaryDirectory() as folder:
        result = ansible_runner.run(
            private_data_dir=folder, project_dir=str(HERE / "callbacks"), playbook="tasks.yml",
            inventory=str(HERE / "callbacks/hosts"), quiet=True,
            envvars={"PATH": f"{binaries}:/usr/bin:/bin", "HOME": folder, "ANSIBLE_FORKS": "1", "PLAY_RECORD": "false",
                     "LC_ALL": "C.UTF-8"})
        return result.status, result.rc, list(result.events), dict(result.stats or {})


def told(events):
    """What happened, without what depends on the moment."""
    shown = []
    for event in events:
        if event["event"] not in NEEDED:
            continue
        data = event["event_data"]
        shown.append((event["event"], data.get("host"), data.get("task"), data.get("play"), data.get("task_action")))
    return shown


def main():
    with tempfile.TemporaryDirectory() as binaries:
        command = Path(binaries, "ansible-playbook")
        command.write_text(f'#!/bin/sh\nexec {sys.argv[1]} run "$@"\n')
        command.chmod(0o755)
        status, code, events, stats = run(binaries)
    assert (status, code) == ("failed", 2), (status, code)
    by_id = {event["uuid"]: event for event in events}
    seen = {}
    for event in events:
        seen[event["event"]] = seen.get(event["event"], 0) + 1
        assert "event_data" in event, f"a line outside of events: {event['stdout']!r}"
        missing = NEEDED.get(event["event"], set()) - set(event["event_data"])
        assert not missing, f"{event['event']} lacks {missing}"
        for key in ["uuid", "counter", "stdout", "start_line", "end_line", "created", "pid"]:
            assert key in event, f"{event['event']} lacks {key}"
        if event["event"] in NEEDED and event["event"] != "playbook_on_start":
            assert event["parent_uuid"] in by_id, event
        assert "geheimwort" not in json.dumps(event), event
    assert set(NEEDED) <= set(seen), seen
    assert stats["failures"] == {"b": 1} and stats["ok"]["a"] >= 4, stats
    assert any("TASK [Say]" in event["stdout"] for event in events)
    print("runner:", json.dumps(seen, sort_keys=True))
    if len(sys.argv) > 2:
        theirs = run(os.path.join(sys.argv[2], "bin"))
        ours, other = told(events), told(theirs[2])
        for one, two in zip(ours, other):
            if one != two:
                sys.exit(f"ours   {one}\ntheirs {two}")
        assert len(ours) == len(other), (len(ours), len(other))
        assert stats == theirs[3], (stats, theirs[3])
        for event, needed in NEEDED.items():
            keys = [set(it["event_data"]) for it in theirs[2] if it["event"] == event]
            assert keys and needed <= keys[0], f"{event}: the reference has {keys[0]}"
        print("runner: the same", len(ours), "events as the reference")


main()
