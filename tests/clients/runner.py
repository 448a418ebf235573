"""ansible-runner on play and on the reference: the same events in the same order, with the same keys."""
import os
import pathlib
import shutil
import sys
import tempfile

import ansible_runner

project, play, reference = sys.argv[1:]
PLAYBOOKS = {"site.yml": 0, "failing.yml": 2, "handlers.yml": 0}


def run(names, playbook):
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(project, folder + "/project")
        path = os.environ["PATH"]
        os.environ["PATH"] = names + ":" + path
        try:
            runner = ansible_runner.run(private_data_dir=folder, playbook=playbook, ident="one", quiet=True,
                                        inventory="localhost ansible_connection=local")
        finally:
            os.environ["PATH"] = path
        events = [(event["event"], sorted(event.get("event_data", {}))) for event in runner.events]
        assert pathlib.Path(folder, "artifacts/one/rc").read_text() == str(runner.rc)
        return runner.rc, runner.status, runner.stats, [event for event in events if event[0] != "verbose"]


for playbook, code in PLAYBOOKS.items():
    mine = run(os.path.dirname(shutil.which("ansible-playbook")), playbook)
    theirs = run(reference, playbook)
    assert mine[0] == theirs[0] == code, (playbook, mine[:2], theirs[:2])
    assert mine[1] == theirs[1], (playbook, mine[1], theirs[1])
    names = [event for event, _ in mine[3]], [event for event, _ in theirs[3]]
    assert names[0] == names[1], (playbook, *names)
    for (event, keys), (_, wanted) in zip(mine[3], theirs[3]):
        missing = set(wanted) - set(keys)
        assert not missing, (playbook, event, missing)
    assert mine[2] == theirs[2], (playbook, mine[2], theirs[2])
print(f"{len(PLAYBOOKS)} playbooks: the reference's events, status and stats")
