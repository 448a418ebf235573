#!/bin/sh
# Ends the server that start.sh began, and its connections: stop.sh DIRECTORY
set -eu
directory=$(CDPATH='' cd -- "${1:?say the directory}" 2>/dev/null && pwd) || exit 0
[ -s "$directory/pid" ] || exit 0
pid=$(cat "$directory/pid")

# The number may belong to somebody else by now.
if tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -e "$directory/config"; then
    # Its connections are its children, and do not end with it.
    children=$(ps -o pid= --ppid "$pid" || true)
    # shellcheck disable=SC2086  # one number a word
    kill "$pid" $children 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
fi
rm -f "$directory/pid"
