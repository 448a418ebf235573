#!/bin/sh
# Ansible's own clients with play in its place: run.sh [CLIENT...]
#
# ansible-runner, molecule (default and docker driver), ansible-lint and ansible-compat come from PyPI into
# ~/.cache/play-clients, the collections of the docker driver from the package `ansible`; Vagrant from Debian. `play links` makes the names, which stand first in PATH. Each
# client runs twice, and a table says what came of it. PLAY names another binary.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$(dirname -- "$here")")
play=${PLAY:-$root/target/debug/play}
cache=${XDG_CACHE_HOME:-$HOME/.cache}/play-clients
venv=$cache/venv
failed=0

main() {
    if [ "${1-}" = --one ]; then
        shift
        "$@"
        return
    fi
    [ -x "$play" ] || { echo "clients: there is no $play; run cargo build" >&2; exit 1; }
    work=$(mktemp -d)
    export work
    trap 'rm -rf "$work"' EXIT
    environment
    "$play" links "$work/bin" >/dev/null
    # What the clients begin finds play under Ansible's names.
    export PATH="$work/bin:$venv/bin:$PATH"
    export ANSIBLE_FORCE_COLOR=0 ANSIBLE_HOME="$work/home"
    [ $# -gt 0 ] || set -- compat lint runner molecule_default molecule_docker vagrant
    for client in "$@"; do
        for round in first second; do
            row "$client" "$round"
        done
    done
    exit $failed
}

row() {
    started=$(date +%s)
    mkdir -p "$work/$1"
    if said=$(cd "$work/$1" && sh "$here/run.sh" --one "$1" "$2" 2>&1); then
        printf '%-18s %-7s ok      %3s s  %s\n' "$1" "$2" "$(($(date +%s) - started))" "$(printf '%s' "$said" | tail -n 1)"
    else
        printf '%-18s %-7s FAILED  %3s s\n%s\n' "$1" "$2" "$(($(date +%s) - started))" "$said"
        failed=1
    fi
}

environment() {
    [ ! -e "$cache/done" ] || return 0
    python=$root/tests/.cache/reference/bin/python3
    "$python" -m venv "$venv"
    "$venv/bin/pip" -q install ansible-runner molecule 'molecule-plugins[docker]' ansible-lint ansible-compat
    touch "$cache/done"
}

# ansible-compat reads --version, the configuration, and installs requirements.
compat() {
    mkdir -p project
    "$venv/bin/python" "$here/compat.py" project
}

lint() {
    cp -R "$here/project/." .
    "$venv/bin/ansible-lint" --offline -q site.yml
    echo "no complaint"
}

runner() {
    "$venv/bin/python" "$here/runner.py" "$here/project" "$work/bin" "$root/tests/.cache/reference/bin"
}

molecule_default() {
    cp -R "$here/molecule/." .
    "$venv/bin/molecule" test -s default
    echo "all steps"
}

molecule_docker() {
    docker info >/dev/null
    collections
    cp -R "$here/molecule/." .
    "$venv/bin/molecule" test -s docker
    echo "all steps"
}

# The driver's playbooks use community.docker, which Galaxy or the package `ansible` has.
collections() {
    reference=$("$root/tests/python/setup.sh")
    ANSIBLE_COLLECTIONS_PATH=$(echo "$reference"/lib/python3*/site-packages)
    export ANSIBLE_COLLECTIONS_PATH PLAY_PYTHON="$venv/bin/python"
    "$venv/bin/python" -c 'import requests, docker'
}

# Once with compatibility mode auto and everything that the provisioner can hand on, once with 2.0.
vagrant() {
    docker info >/dev/null
    cp "$here/Vagrantfile" .
    cp -R "$here/project/." "$here/vagrant/." .
    chmod 600 vault-password
    if [ "$1" = first ]; then
        command vagrant destroy -f --no-color >/dev/null 2>&1 || :
        command vagrant up --provider=docker --no-color 2>&1 | tee out
        grep 'changed=[1-9].*failed=0' out
        grep -q 'galaxy: the role sample is here' out
        grep -q 'vault: opened' out
        if grep -q 'never: not with these tags' out; then return 1; fi
    else
        PLAY_COMPATIBILITY=2.0 command vagrant provision --no-color 2>&1 | tee out
        command vagrant destroy -f --no-color
        grep 'changed=0 .*failed=0' out
    fi
}

main "$@"
