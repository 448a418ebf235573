"""Writes the record of a run that never was: generate.py HOSTS TASKS FOLDER

For looking at a page of many hosts: some are slow, some fail, some change, one prints what it should not.
"""

import datetime
import json
import random
import sys
from pathlib import Path


def main():
    hosts, tasks, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    random.seed(7)
    began = datetime.datetime(2026, 11, 29, 11, 48, 30, tzinfo=datetime.timezone.utc)
    names = [f"{'web' if n % 3 else 'db'}{n:03}.example.org" for n in range(hosts)]
    lines = []

    def tell(when, event, /, **body):
        time = (began + datetime.timedelta(seconds=when)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        lines.append(json.dumps({"number": len(lines) + 1, "time": time, "event": event, **body}))

    tell(0, "run_started", schema=1, run={
        "id": "20261129-114830-120-9a3f", "play": "0.1.0", "verb": "run", "what": ["site.yml"], "user": "anna",
        "controller": "ops1", "pid": 1, "folder": "/srv/site", "check": False, "diff": True, "verbosity": 0,
        "limit": [], "tags": [], "skip_tags": [], "inventory": ["hosts"], "extra_vars": []})
    tell(0, "playbook_started", path="site.yml")
    tell(0, "play_started", play=1, name="site", hosts=names, check=False)
    words = ["install packages", "write configuration", "restart service", "check health", "create users", "open firewall"]
    free = {name: 0.0 for name in names}
    gone, counts = set(), {name: [0] * 7 for name in names}
    for number in range(1, tasks + 1):
        if len(gone) == hosts:
            break
        name = f"{'nginx' if number % 2 else 'base'} : {words[number % len(words)]} {number}"
        place = {"path": "roles/base/tasks/main.yml", "line": number * 4, "column": 3,
                 "excerpt": ["  notify: restart", f"- name: {words[number % len(words)]} {number}"]}
        tell(max(free.values()), "task", task=number, play=1, name=name, action="apt", handler=False, check=False,
             no_log=False, verbose=False, hosts=hosts, place=place)
        begin = max(free[it] for it in names if it not in gone)
        done = []
        for host in names:
            if host in gone:
                continue
            connect = random.uniform(.1, .6) if number == 1 else 0
            seconds = connect + random.expovariate(1 / .4) + .05
            if number % 17 == 3 and host == names[hosts // 2]:
                seconds += 25
            chance = random.random()
            status = "failed" if chance < .4 / tasks else "skipped" if number % 7 == 5 else "changed" if chance < .15 else "ok"
            if number == 2 and host == names[-1] and hosts > 2:
                status = "unreachable"
            done.append((begin + seconds, host, status, seconds, begin - free[host], connect))
        for end, host, status, seconds, wait, connect in sorted(done):
            data, diff, counter = {}, [], counts[host]
            if status == "failed":
                gone.add(host)
                data = {"msg": "the unit nginx.service did not start", "rc": 1,
                        "stderr": f"Job for nginx.service failed on {host}.\n</script><script>window.hostile = 1</script>\x1b[31m\x01" + "x" * 3000}
                counter[3] += 1
            elif status == "unreachable":
                gone.add(host)
                data = {"msg": "connection timed out after 10 s"}
                counter[2] += 1
            elif status == "skipped":
                counter[4] += 1
            else:
                counter[0] += 1
            if status == "changed":
                counter[1] += 1
                diff = [{"text": {"before": "workers 2\nuser www\n", "after": f"workers 4\nuser www\n# {host}\n",
                                  "before_header": "/etc/nginx/nginx.conf", "after_header": "/etc/nginx/nginx.conf"}}]
            flags = {status: True} if status in ("changed", "failed", "skipped", "unreachable") else {}
            tell(end, "task_done", task=number, name=name, host=host, status=status, seconds=round(seconds, 6),
                 wait=round(max(wait, 0), 6), connect=round(connect, 6), data=data, **flags, **({"diff": diff} if diff else {}))
            free[host] = end
    end = max(free.values())
    keys = ["ok", "changed", "unreachable", "failed", "skipped", "rescued", "ignored"]
    tell(end, "finished", hosts={name: dict(zip(keys, counts[name])) for name in names}, stats={}, seconds=end, interrupted=False)
    tell(end, "run_ended", code=2 if gone else 0)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n")


main()
