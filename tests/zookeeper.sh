#!/bin/sh
# A ZooKeeper ensemble of three containers of the machines' image: zookeeper.sh
#
# The first run changes, the second does not; a new configuration is rolled out while a client writes all the
# time and loses nothing; a machine is killed and comes back. PLAY names the binary, ZOOKEEPER_NAMES what the
# containers are called (zk: zk1, zk2, zk3). They are removed at the end. Ends with `N passed, N failed`.
# shellcheck disable=SC2317  # the checks are called by their names
set -u
cd "$(dirname -- "$0")/.." || exit 1
play=${PLAY:-$PWD/target/debug/play}
prefix=${ZOOKEEPER_NAMES:-zk}
key=$HOME/.vagrant.d/insecure_private_key
work=$(mktemp -d) || exit 1
passed=0
failed=0

main() {
    docker image inspect play-debian12 >/dev/null 2>&1 || { echo "zookeeper: no image; run vagrant/up.sh first" >&2; exit 1; }
    trap 'clean' EXIT
    machines
    check "first run: changed" changes
    check "one leads, two follow" roles_are
    check "second run: changed=0" changes_nothing
    roll
    kill_one
    echo "zookeeper: $passed passed, $failed failed"
    exit "$failed"
}

clean() {
    docker rm -f "${prefix}1" "${prefix}2" "${prefix}3" >/dev/null 2>&1
    rm -rf "$work"
}

machines() {
    echo '[zookeeper]' >"$work/hosts"
    for number in 1 2 3; do
        name=$prefix$number
        docker run -d --name "$name" --hostname "$name" -p 127.0.0.1::22 --cap-add=SYS_ADMIN --cgroupns=private \
            --security-opt=apparmor=unconfined --tmpfs=/sys/fs/cgroup --tmpfs=/run \
            --tmpfs=/tmp:exec,mode=1777 play-debian12 >/dev/null || exit 1
        port=$(docker port "$name" 22 | head -n 1 | sed 's/.*://')
        echo "$name ansible_host=127.0.0.1 ansible_port=$port" >>"$work/hosts"
    done
    cat >>"$work/hosts" <<END
[all:vars]
ansible_user=vagrant
ansible_ssh_private_key_file=$key
ansible_ssh_common_args='-o StrictHostKeyChecking=no -o UserKnownHostsFile=$work/known_hosts'
END
    for try in $(seq 60); do
        "$play" all -m ping -i "$work/hosts" >/dev/null 2>&1 && return 0
        sleep 5
    done
    echo "zookeeper: the machines do not answer after $try tries" >&2
    exit 1
}

# What it prints is in $work/out.
run() {
    "$play" run playbooks/zookeeper.yml -i "$work/hosts" -b "$@" >"$work/out" 2>&1
}

changes() {
    run "$@" && ! grep -q 'changed=0' "$work/out"
}

changes_nothing() {
    run && ! grep -q 'changed=[1-9]' "$work/out"
}

check() {
    what=$1
    shift
    started=$(date +%s)
    if "$@"; then
        echo "ok      $what ($(($(date +%s) - started)) s)"
        passed=$((passed + 1))
    else
        echo "FAILED  $what"
        failed=$((failed + 1))
        tail -n 30 "$work/out" | sed 's/^/        /'
    fi
}

# What each says of itself, such as `zk1 follower, zk2 leader`; one that is gone says nothing.
modes() {
    for number in 1 2 3; do
        mode=$(docker exec "$prefix$number" bash -c 'exec 3<>/dev/tcp/127.0.0.1/2181 && printf srvr >&3 && timeout 5 cat <&3' \
            2>/dev/null | sed -n 's/^Mode: //p')
        [ -z "$mode" ] || echo "$prefix$number $mode"
    done | paste -sd, - | sed 's/,/, /g'
}

roles_are() {
    modes >"$work/out"
    sed 's/^/        /' "$work/out"
    [ "$(grep -o leader "$work/out" | wc -l) $(grep -o follower "$work/out" | wc -l)" = "1 2" ]
}

# A client writes numbers, one after the other, each until it is taken; what was taken must be there at the end.
roll() {
    servers=$(for number in 1 2 3; do docker inspect -f '{{.NetworkSettings.IPAddress}}' "$prefix$number"; done | sed 's/$/:2181/' | paste -sd, -)
    client=${XDG_CACHE_HOME:-$HOME/.cache}/play-clients/kazoo
    [ -x "$client/bin/python" ] || { python3 -m venv "$client" && "$client/bin/pip" -q install kazoo; } || exit 1
    "$client/bin/python" tests/zookeeper_writer.py "$servers" "$work/stop" >"$work/writer" 2>&1 &
    writer=$!
    sleep 5
    check "a new configuration under load" changes -e zookeeper_tick_time=2500
    touch "$work/stop"
    wait "$writer"
    tail -n 1 "$work/writer" | tee "$work/out" | sed 's/^/        /'
    check "no write is lost" grep -q '^lost 0 of [1-9]' "$work/out"
    check "one leads, two follow" roles_are
}

kill_one() {
    docker kill "${prefix}3" >/dev/null
    sleep 5
    echo "        without ${prefix}3: $(modes)"
    docker start "${prefix}3" >/dev/null
    port=$(docker port "${prefix}3" 22 | head -n 1 | sed 's/.*://')
    sed -i "s/^\(${prefix}3 .*ansible_port=\).*/\1$port/" "$work/hosts"
    for _ in $(seq 60); do
        "$play" "${prefix}3" -m ping -i "$work/hosts" >/dev/null 2>&1 && break
        sleep 5
    done
    check "a killed machine comes back" run
    check "one leads, two follow" roles_are
}

main
