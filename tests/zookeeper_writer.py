"""Writes numbers below /load until the file STOP is there, then says how many of those that were taken are lost.

zookeeper_writer.py SERVERS STOP (kazoo, from PyPI)"""
import os
import sys
import time

from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NodeExistsError

servers, stop = sys.argv[1:]
client = KazooClient(hosts=servers, timeout=20, connection_retry={"max_tries": -1, "max_delay": 1})
client.start(timeout=120)
client.ensure_path("/load")
taken, number, longest = [], 0, 0.0
while not os.path.exists(stop):
    path, began = f"/load/{number}", time.monotonic()
    while True:
        try:
            client.create(path)
            break
        except NodeExistsError:
            # The answer to an earlier try was lost, and the write was not.
            break
        except KazooException:
            time.sleep(0.1)
    longest = max(longest, time.monotonic() - began)
    taken.append(path)
    number += 1
    time.sleep(0.02)
lost = sum(client.exists(path) is None for path in taken)
print(f"lost {lost} of {len(taken)} writes, the longest took {longest:.1f} s", flush=True)
