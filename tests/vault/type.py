"""Runs a program on a terminal of its own, and types a line whenever it asks for something.

type.py LINE... -- PROGRAM ARGUMENT...   What the program wrote goes to standard output.
"""

import os
import pty
import select
import signal
import sys
import time

at = sys.argv.index("--")
lines, program = sys.argv[1:at], sys.argv[at + 1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(program[0], program)
said, fresh, end = b"", b"", time.time() + 300
while time.time() < end:
    ready, _, _ = select.select([terminal], [], [], 0.3)
    if ready:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        said, fresh = said + piece, fresh + piece
    elif fresh.rstrip(b" ").endswith(b":") and lines:
        os.write(terminal, lines.pop(0).encode() + b"\n")
        fresh = b""
else:
    os.kill(child, signal.SIGKILL)
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
