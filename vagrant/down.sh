#!/bin/sh
# Removes the machines of this folder, and with --daemon the Docker daemon that up.sh started:
# down.sh [--daemon] [MACHINE...]. The image and the cache stay for the next time.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
cd "$here"

daemon=
if [ "${1:-}" = --daemon ]; then
    daemon=yes
    shift
fi
if [ -d .vagrant ] && command -v vagrant >/dev/null; then
    vagrant destroy --force --no-color "$@" >.vagrant/down.log 2>&1 </dev/null || {
        tail -n 20 .vagrant/down.log >&2
        die "vagrant destroy failed; its output is in $here/.vagrant/down.log"
    }
    # With names, others may be in use by what these say; up.sh tries every machine before it trusts them.
    [ $# -gt 0 ] || rm -f .vagrant/ssh-config .vagrant/known_hosts .vagrant/hosts
fi
[ -z "$daemon" ] || ./daemon.sh stop
