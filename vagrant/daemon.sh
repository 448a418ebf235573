#!/bin/sh
# Starts a Docker daemon where none answers, and stops the one it started: daemon.sh start|stop
#
# Its pid and its log are in the cache directory. A daemon that somebody else started is left alone.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
pid_file=$cache/dockerd.pid
log=$cache/dockerd.log

start() {
    ! docker version >/dev/null 2>&1 || return 0
    root docker version >/dev/null 2>&1 || begin
    docker version >/dev/null 2>&1 ||
        die "the Docker daemon runs, but $(id -un) may not use it: sudo adduser $(id -un) docker, and log in again"
}

begin() {
    if [ -d /run/systemd/system ]; then
        root systemctl start docker 2>/dev/null || true
        ! comes_up || return 0
    fi
    mkdir -p "$cache"
    # A small container or virtual machine may have mounted no control groups at all.
    if ! grep -q ' /sys/fs/cgroup' /proc/mounts; then
        root mount -t cgroup2 cgroup2 /sys/fs/cgroup || say "no control groups are mounted on /sys/fs/cgroup"
    fi
    # The daemon chooses its storage by itself: overlay2, and vfs where that cannot be. What may be
    # missing is a kernel for nft; then the older tables, and at last none: the machines then
    # answer on their ports, but reach nothing outside.
    try || try_with_legacy_tables || try --iptables=false --ip-masq=false || {
        grep -E 'level=(error|fatal)|failed|unable' "$log" | tail -n 10 >&2
        die "the Docker daemon does not start; its log is $log"
    }
}

# try [OPTION...]: starts a daemon, detached from this terminal, and waits for its answer.
try() {
    # A daemon that died left its pid, which may be that of another process by now.
    root rm -f "$pid_file"
    # setsid and the redirections let it outlive the shell or the CI job that started it.
    (
        cd /
        exec >"$log" 2>&1 </dev/null
        set -- setsid dockerd --pidfile "$pid_file" --mtu "$(mtu)" --log-level warn "$@"
        [ "$(id -u)" = 0 ] || set -- sudo "$@"
        exec "$@"
    ) &
    daemon=$!
    ! comes_up || return 0
    root kill "$daemon" 2>/dev/null || true
    wait "$daemon" 2>/dev/null || true
    return 1
}

try_with_legacy_tables() {
    [ -x /usr/sbin/iptables-legacy ] || return 1
    mkdir -p "$cache/legacy"
    for name in iptables ip6tables iptables-save ip6tables-save iptables-restore ip6tables-restore; do
        ln -sf "/usr/sbin/$(echo "$name" | sed 's/tables/tables-legacy/')" "$cache/legacy/$name"
    done
    (PATH=$cache/legacy:$PATH && export PATH && try)
}

# comes_up: waits half a minute at most, less when the daemon just started has ended.
comes_up() {
    tries=0
    until root docker version >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || return 1
        [ -z "${daemon:-}" ] || root kill -0 "$daemon" 2>/dev/null || return 1
        sleep 0.5
    done
}

# A bridge with larger packets than the way out has loses them silently.
mtu() {
    device=$(ip route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
    cat "/sys/class/net/$device/mtu" 2>/dev/null || echo 1500
}

stop() {
    [ -f "$pid_file" ] || return 0
    pid=$(cat "$pid_file")
    case $(cat "/proc/$pid/comm" 2>/dev/null) in
    dockerd) ;;
    *) return 0 ;;
    esac
    if [ -n "$(docker ps -q)" ]; then
        say "containers still run; the daemon stays"
        return 0
    fi
    root kill "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
}

case ${1:-} in
start) start ;;
stop) stop ;;
*) die "say start or stop" ;;
esac
