#!/bin/sh
# Installs those of the named Debian packages that are missing: packages.sh NAME...
# When nothing is missing it asks dpkg once and is done.
set -eu

missing=
for name in "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing="$missing $name"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "packages: this machine has no apt-get; install by hand:$missing" >&2
    exit 1
fi

root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "packages: installing$missing" >&2
install() {
    # shellcheck disable=SC2086  # the list is meant to be split
    root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq -y \
        --no-install-recommends install $missing >"$log" 2>&1 </dev/null
}
# The lists may be old or absent: look them up only where the first try fails.
install || { root apt-get -o DPkg::Lock::Timeout=300 -qq update >"$log" 2>&1 && install; } || {
    cat "$log" >&2
    echo "packages: apt-get could not install$missing" >&2
    exit 1
}
