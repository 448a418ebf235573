#!/bin/sh
# Brings up the machines and waits until each answers by SSH: up.sh [--reference] [MACHINE...]
#
# Without names: machine1 and machine2; with --reference: reference1 and reference2, which have Python.
# `modules` and its `twin` with Python are those of tests/modules.
# It may be run again at any time, and takes a second or two when all is up. With Docker (the default) it
# also installs what is missing, starts a daemon where none answers, and makes the image. For others, set
# VAGRANT_DEFAULT_PROVIDER to virtualbox or libvirt; then Vagrant and the provider are yours to install.
#
# It leaves in vagrant/.vagrant: ssh-config (for `ssh -F`), known_hosts, hosts (an inventory).
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"
cd "$here"
state=$here/.vagrant

main() {
    image=plain
    machines=
    for argument in "$@"; do
        case $argument in
        --reference) machines="$machines reference1 reference2" ;;
        -*) die "unknown option $argument: up.sh [--reference] [MACHINE...]" ;;
        *) machines="$machines $argument" ;;
        esac
    done
    [ -n "$machines" ] || machines='machine1 machine2'
    case $machines in *reference* | *twin*) image='plain python' ;; esac

    # shellcheck disable=SC2086  # lists are meant to be split, here and below
    if answers $machines; then
        say "up:$(printf ' %s' $machines)"
        return 0
    fi

    if [ "$provider" = docker ]; then
        sh ../tests/packages.sh vagrant docker.io iptables openssh-client
        ./daemon.sh start
        # shellcheck disable=SC2086
        ./image.sh $image
    fi
    command -v vagrant >/dev/null || die "Vagrant is missing; see https://developer.hashicorp.com/vagrant"
    # One after the other: two that start at once may both find the same port free.
    # shellcheck disable=SC2086
    vagrant up --no-color --no-parallel --provider="$provider" $machines >"$state/up.log" 2>&1 </dev/null || {
        tail -n 30 "$state/up.log" >&2
        die "vagrant up failed; its output is in $state/up.log"
    }
    describe
    # shellcheck disable=SC2086
    wait_for $machines
}

# answers MACHINE...: do all of them let us in, as far as we know of them?
answers() {
    [ -f "$state/ssh-config" ] || return 1
    for machine in "$@"; do
        grep -qx "Host $machine" "$state/ssh-config" || return 1
        ssh -n -F "$state/ssh-config" -o BatchMode=yes -o ConnectTimeout=5 "$machine" true 2>/dev/null || return 1
    done
}

# Writes down how the running machines are reached, since each question to Vagrant takes seconds.
describe() {
    running=$(vagrant status --machine-readable </dev/null | awk -F, '$3 == "state" && $4 == "running" { print $2 }')
    # shellcheck disable=SC2086
    vagrant ssh-config $running </dev/null >"$state/ssh-config.new" || die "vagrant ssh-config failed"
    # Vagrant turns the check of host keys off; here they are known.
    sed -e 's|UserKnownHostsFile .*|UserKnownHostsFile "'"$state/known_hosts"'"|' \
        -e 's|StrictHostKeyChecking .*|StrictHostKeyChecking yes|' \
        "$state/ssh-config.new" >"$state/ssh-config"
    rm "$state/ssh-config.new"
    known_hosts
    {
        echo "# Written by up.sh: the machines that run now."
        awk '$1 == "Host" { host = $2 }
            $1 == "HostName" { address = $2 }
            $1 == "User" { user = $2 }
            $1 == "Port" { port = $2 }
            $1 == "IdentityFile" && !(host in seen) {
                seen[host] = 1
                print host " ansible_host=" address " ansible_port=" port " ansible_user=" user \
                    " ansible_ssh_private_key_file=" $2
            }' "$state/ssh-config"
        echo
        echo "[all:vars]"
        echo "ansible_ssh_common_args=-o UserKnownHostsFile=$state/known_hosts"
    } >"$state/hosts"
}

# The keys come over a connection that does not leave this computer.
known_hosts() {
    : >"$state/known_hosts.new"
    awk '$1 == "HostName" { address = $2 } $1 == "Port" { print address, $2 }' "$state/ssh-config" |
        while read -r address port; do
            tries=0
            until ssh-keyscan -T 5 -p "$port" "$address" >>"$state/known_hosts.new" 2>/dev/null; do
                tries=$((tries + 1))
                [ "$tries" -lt 30 ] || die "no SSH server answers at $address port $port"
                sleep 1
            done
        done
    mv "$state/known_hosts.new" "$state/known_hosts"
}

wait_for() {
    tries=0
    until answers "$@"; do
        tries=$((tries + 1))
        if [ "$tries" -ge 30 ]; then
            for machine in "$@"; do
                ssh -n -F "$state/ssh-config" -o BatchMode=yes -o ConnectTimeout=5 "$machine" true >&2 ||
                    say "$machine does not let us in; try: ssh -v -F $state/ssh-config $machine"
            done
            exit 1
        fi
        sleep 1
    done
    say "up:$(printf ' %s' "$@"); ssh -F vagrant/.vagrant/ssh-config $1"
}

# One at a time; -o, so that a daemon started here does not keep the lock.
if [ -z "${PLAY_UP_LOCKED:-}" ] && command -v flock >/dev/null; then
    mkdir -p "$state"
    PLAY_UP_LOCKED=yes exec flock -o "$state/lock" "$here/up.sh" "$@"
fi
main "$@"
