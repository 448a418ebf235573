#!/bin/sh
# Runs playbooks/demo.yml twice through the local connection: the first run has to change things, the second none.
#
# demo.sh [COMMAND...]    the command that runs a playbook; the default is the one that make builds
set -eu
cd "$(dirname -- "$0")/.."
[ $# -gt 0 ] || set -- target/debug/play run

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# once WHICH EXPECTED: shows the run and checks the number after `changed=` in its recap.
once() {
    which=$1
    expected=$2
    shift 2
    printf '\n$ %s playbooks/demo.yml -e folder=%s\n' "$*" "$folder/demo"
    "$@" playbooks/demo.yml -e "folder=$folder/demo" 2>&1 | tee "$folder/output"
    # The exit code of a pipe is that of tee, so the recap speaks: nothing failed, and so much changed.
    recap=$(sed 's/\x1b\[[0-9;]*m//g' "$folder/output" | grep -E '^localhost .*changed=' || true)
    changed=$(printf '%s\n' "$recap" | sed -n 's/.*changed=\([0-9]*\).*/\1/p')
    case $recap in
    *unreachable=0*failed=0*) ;;
    *)
        echo "demo: the $which run failed" >&2
        exit 1
        ;;
    esac
    [ "$changed" -gt 0 ] && seen=changed || seen=same
    [ "$seen" = "$expected" ] || {
        echo "demo: the $which run reported changed=$changed" >&2
        exit 1
    }
}

once first changed "$@"
first=$changed
once second same "$@"
printf '\ndemo: the first run changed %s things, the second changed=0. Nothing of it is left on this computer.\n' "$first"
