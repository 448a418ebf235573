#!/bin/sh
# The same twenty converged tasks on two machines, by play, by ansible-playbook and by `ssh host sh < script`,
# in turn, so that what else the computer does falls on all alike: compare.sh [RUNS]    (7)
#
# Prints every run, the medians and the ratios. A run that changes something or fails ends the comparison.
# PLAY names the binary (target/release/play); MACHINES the machines (reference1 reference2, as Ansible needs
# Python on them).
set -u
cd "$(dirname -- "$0")/.." || exit 1
runs=${1:-7}
play=${PLAY:-target/release/play}
machines=${MACHINES:-reference1 reference2}
ansible=tests/.cache/reference/bin/ansible-playbook
ssh_config=vagrant/.vagrant/ssh-config
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export ANSIBLE_CONFIG="$PWD/benches/ansible.cfg"

die() {
    echo "compare: $*" >&2
    exit 1
}

inventory() {
    for machine in $machines; do
        grep "^$machine " vagrant/.vagrant/hosts || die "$machine does not run: make machines-reference"
    done
    sed -n '/^$/,$p' vagrant/.vagrant/hosts
}

by_play() { "$play" run benches/twenty_tasks.yml -i "$work/hosts"; }
by_ansible() { "$ansible" benches/twenty_tasks.yml -i "$work/hosts"; }

# All machines at once, as the other two do.
by_hand() {
    pids=
    for machine in $machines; do
        ssh -F "$ssh_config" "$machine" sudo sh <benches/by_hand.sh >"$work/by_hand.$machine" 2>&1 &
        pids="$pids $!"
    done
    for pid in $pids; do wait "$pid" || return 1; done
    for machine in $machines; do sed "s/^/$machine: /" "$work/by_hand.$machine"; done
}

now() { date +%s%N | cut -c 1-13; }

# converged NAME: did every machine report that nothing had to change?
converged() {
    for machine in $machines; do
        case $1 in
        by_hand) grep -qx "$machine: differ=0" "$work/output" ;;
        *) sed 's/\x1b\[[0-9;]*m//g' "$work/output" | grep -q "^$machine .*changed=0 .*unreachable=0 .*failed=0" ;;
        esac || return 1
    done
}

measure() {
    started=$(now)
    "$1" >"$work/output" 2>&1 </dev/null
    code=$?
    took=$(($(now) - started))
    if [ "$code" != 0 ] || ! converged "$1"; then
        tail -n 40 "$work/output" >&2
        die "$1 was not ok everywhere (exit code $code)"
    fi
    echo "$took" >>"$work/$1"
    printf ' %9s ms' "$took"
}

median() { sort -n "$work/$1" | awk '{ a[NR] = $1 } END { print (a[int((NR + 1) / 2)] + a[int((NR + 2) / 2)]) / 2 }'; }

main() {
    inventory >"$work/hosts" || exit 1
    ways='by_ansible by_hand'
    if [ -x "$play" ]; then ways="by_play $ways"; else echo "compare: there is no $play, so only the other two" >&2; fi

    "$ansible" --version | sed -n 1p
    printf '%s cores, load %s, machines: %s, %s runs each\n' \
        "$(nproc)" "$(cut -d ' ' -f 1-3 /proc/loadavg)" "$machines" "$runs"
    # A new machine has no package lists yet.
    for machine in $machines; do
        ssh -F "$ssh_config" "$machine" sudo apt-get -qq update >"$work/output" 2>&1 </dev/null ||
            { tail -n 10 "$work/output" >&2; die "$machine has no package lists"; }
    done
    # The first run converges the machines; Ansible's connections stay open from one run to the next.
    by_ansible >"$work/output" 2>&1 </dev/null || { tail -n 40 "$work/output" >&2; die "the machines could not be prepared"; }

    printf '%4s' run
    for way in $ways; do printf ' %12s' "$way"; done
    echo
    run=1
    while [ "$run" -le "$runs" ]; do
        printf '%4s' "$run"
        for way in $ways; do measure "$way"; done
        echo
        run=$((run + 1))
    done
    printf 'median'
    for way in $ways; do printf '  %s %s ms' "$way" "$(median "$way")"; done
    echo
    for other in by_ansible by_hand; do
        [ ! -f "$work/by_play" ] || awk -v other="$other" -v p="$(median by_play)" -v o="$(median "$other")" \
            'BEGIN { printf "play takes %.2f of the time of %s (%.1f times faster)\n", p / o, other, o / p }'
    done
}

main "$@"
