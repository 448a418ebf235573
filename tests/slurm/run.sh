#!/bin/sh
# A real Slurm on this machine (controller and node, munge), as root, and examples/slurm on it:
# run.sh [HOSTS]
#
# HOSTS (200) are local shells in 8 shares; afterwards one recap must have each of them once. With 10000 it
# takes some minutes. PLAY names another play than target/debug/play.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$(dirname -- "$here")")
PLAY=${PLAY:-$root/target/debug/play}
hosts=${1:-200}
shares=8

fail() {
    echo "slurm: $*" >&2
    tail -n 5 "$work"/*.log >&2 2>/dev/null || true
    exit 1
}

main() {
    [ "$(id -u)" = 0 ] || { echo 'slurm: only root can start munged and slurmd' >&2; exit 1; }
    "$root/tests/packages.sh" slurm-wlm munge
    work=$(mktemp -d)
    chmod 755 "$work"
    trap finish EXIT
    trap 'exit 1' INT TERM
    munge_starts
    slurm_starts
    playbook
    array
    merge
    echo "slurm: $hosts hosts in $shares shares, one recap"
}

finish() {
    for name in slurmd slurmctld munged; do
        pid=$(cat "$work/$name.pid" 2>/dev/null) || continue
        kill "$pid" 2>/dev/null || true
        while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
    done
    rm -rf "$work"
}

# A munge of our own: key, socket and files are in the folder.
munge_starts() {
    mkdir -m 755 "$work/munge"
    chown munge: "$work/munge"
    dd if=/dev/urandom of="$work/munge/key" bs=1024 count=1 2>/dev/null
    chown munge: "$work/munge/key"
    chmod 400 "$work/munge/key"
    runuser -u munge -- munged --key-file="$work/munge/key" --socket="$work/munge/socket" \
        --pid-file="$work/munge/pid" --log-file="$work/munge/log" --seed-file="$work/munge/seed" --force \
        >"$work/munged.log" 2>&1 || fail 'munged does not start'
    cp "$work/munge/pid" "$work/munged.pid"
}

slurm_starts() {
    node=$(hostname -s)
    mkdir "$work/state" "$work/spool"
    cat >"$work/slurm.conf" <<EOF
ClusterName=play
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=36817
SlurmdPort=36818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
SchedulerParameters=sched_min_interval=0
NodeName=$node NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$node Default=YES MaxTime=INFINITE State=UP
EOF
    export SLURM_CONF="$work/slurm.conf"
    slurmctld || fail 'slurmctld does not start'
    slurmd || fail 'slurmd does not start'
    tries=0
    until sinfo -h -o %T 2>/dev/null | grep -q idle; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || fail 'the node does not get idle'
        sleep 0.2
    done
}

playbook() {
    cd "$work"
    mkdir records
    {
        echo '[all:vars]'
        echo 'ansible_connection=local'
        echo '[web]'
        number=1
        while [ "$number" -le "$hosts" ]; do
            printf 'web%05d\n' "$number"
            number=$((number + 1))
        done
    } >inventory
    cat >site.yml <<'EOF'
- hosts: web
  gather_facts: false
  tasks:
    - debug: msg="hello from {{ inventory_hostname }}"
    - debug: msg="another is {{ hostvars['web00001'].inventory_hostname }}"
    - command: echo "a shell of {{ inventory_hostname }}"
    - command: echo once
      run_once: true
    - set_fact: {mine: "{{ inventory_hostname }}"}
EOF
}

# The job's state when it has ended; no accounting is kept, so the controller is asked until it is done.
ended() {
    tries=0
    while [ -n "$(squeue -h -j "$1" 2>/dev/null)" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 6000 ] || fail "job $1 does not end"
        sleep 0.2
    done
}

array() {
    job=$(sbatch --parsable --export="ALL,RECORDS=$work/records,PLAY=$PLAY" "$root/examples/slurm/play.sbatch" \
        site.yml -i inventory) || fail 'the array is not taken'
    ended "$job"
    found=$(find records -name events.jsonl | wc -l)
    [ "$found" = "$shares" ] || fail "$found records of $shares"
}

merge() {
    job=$(sbatch --parsable --export="ALL,RECORDS=$work/records,PLAY=$PLAY" "$root/examples/slurm/merge.sbatch") ||
        fail 'the merge is not taken'
    ended "$job"
    recap=$(cat "play-merge-$job.log")
    lines=$(printf '%s\n' "$recap" | grep -c '^web[0-9]* .* failed=0 ') || true
    [ "$lines" = "$hosts" ] || fail "the recap has $lines hosts: $recap"
    printf '%s\n' "$recap" | grep -qx "$shares runs, $hosts hosts" || fail 'the recap does not count the runs'
    [ -s records/report.html ] || fail 'there is no page'
    # What merging costs, outside of Slurm.
    python3 - "$PLAY" runs merge records <<'EOF'
import resource, subprocess, sys, time
begin = time.time()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print("slurm: the merge took %d ms and %d MB" % ((time.time() - begin) * 1000, most / 1024))
EOF
}

main
