#!/bin/sh
# Installs what the tests need and this machine lacks: setup.sh [build|tests]
#
# build   a linker and OpenSSL's headers (for cargo build)
# tests   that, the shells and tools of the tests, and Ansible itself as the reference (the default)
#
# A second run finds everything in its place and ends at once. The reference is a virtual environment in
# ~/.cache/play-reference (PLAY_REFERENCE_CACHE names another place); tests/.cache/reference points to it.
# PLAY_REFERENCE=DIRECTORY uses an environment that is there already.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cache=${PLAY_REFERENCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/play-reference}
link=$here/.cache/reference

main() {
    case ${1:-tests} in
    build) build ;;
    tests)
        build
        # The shells that fragments run under, the servers and tools that tests talk to.
        "$here/packages.sh" shellcheck dash bash busybox mksh openssh-client openssh-server sshpass sudo \
            git acl cron iproute2 curl rsync patch tmux python3 python3-venv chromium fonts-dejavu-core
        reference
        validators
        ;;
    *)
        echo "setup: unknown word $1: build or tests" >&2
        exit 1
        ;;
    esac
}

build() {
    command -v cargo >/dev/null || {
        echo "setup: cargo is missing; install Rust: https://rustup.rs" >&2
        exit 1
    }
    "$here/packages.sh" gcc libc6-dev make pkg-config libssl-dev
}

# ansible-core without collections, as new as the newest Python here allows.
reference() {
    mkdir -p "$here/.cache"
    if [ -n "${PLAY_REFERENCE:-}" ]; then
        works "$PLAY_REFERENCE" || {
            echo "setup: there is no ansible-playbook that works in PLAY_REFERENCE=$PLAY_REFERENCE" >&2
            exit 1
        }
        ln -sfn "$PLAY_REFERENCE" "$link"
        return 0
    fi
    ! works "$link" || return 0
    python=$(newest_python)
    case $("$python" -c 'import sys; print(sys.version_info >= (3, 12))') in
    True) version=2.21 ;;
    *) version=2.19 ;;
    esac
    home=$cache/ansible-core-$version
    works "$home" || environment "$home" "$python" "$version"
    ln -sfn "$home" "$link"
}

works() { "$1/bin/ansible-playbook" --version >/dev/null 2>&1; }

newest_python() {
    # pyenv's shims are found but do not run: only what answers counts.
    for python in python3.14 python3.13 python3.12 \
        "$HOME"/.pyenv/versions/3.14.*/bin/python3 "$HOME"/.pyenv/versions/3.13.*/bin/python3 \
        "$HOME"/.pyenv/versions/3.12.*/bin/python3 /usr/bin/python3 python3; do
        if "$python" -c 'import ssl, venv' 2>/dev/null; then
            echo "$python"
            return 0
        fi
    done
    echo "setup: there is no Python for the reference" >&2
    exit 1
}

environment() {
    echo "setup: installing ansible-core $3 for $2 into $1" >&2
    rm -rf "$1"
    mkdir -p "$cache"
    # What Ansible's own filters and modules import beyond ansible-core.
    { "$2" -m venv "$1" && "$1/bin/pip" install --quiet --disable-pip-version-check \
        "ansible-core==$3.*" passlib bcrypt netaddr jmespath; } >"$cache/pip.log" 2>&1 </dev/null || {
        tail -n 20 "$cache/pip.log" >&2
        rm -rf "$1"
        echo "setup: the reference could not be installed from PyPI" >&2
        exit 1
    }
}

# Other people's parsers of what play writes.
validators() {
    link=$here/.cache/validators
    home=$cache/validators
    check="import jsonschema, junitparser, prometheus_client, ansible_runner, kubernetes_validate"
    if ! "$home/bin/python" -c "$check" 2>/dev/null; then
        echo "setup: installing the parsers of other people into $home" >&2
        rm -rf "$home"
        mkdir -p "$cache"
        { "$(newest_python)" -m venv "$home" && "$home/bin/pip" install --quiet --disable-pip-version-check \
            jsonschema check-jsonschema junitparser prometheus_client ansible-runner kubernetes-validate; } >"$cache/pip.log" 2>&1 </dev/null || {
            tail -n 20 "$cache/pip.log" >&2
            exit 1
        }
    fi
    ln -sfn "$home" "$link"
}

main "$@"
