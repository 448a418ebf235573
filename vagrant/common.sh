# What the scripts of this folder share. It is read with `.`, never run.
# shellcheck shell=sh disable=SC2034  # the readers use them

# Where things that another clone can use again are kept: the root file system and the daemon's pid and log.
cache=${PLAY_VAGRANT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/play-vagrant}
provider=${VAGRANT_DEFAULT_PROVIDER:-docker}

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
