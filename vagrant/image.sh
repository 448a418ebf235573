#!/bin/sh
# Makes the Docker images of the machines, from Debian's packages; no image registry is asked.
#
# image.sh [plain|python]...   play-debian12 (no Python), play-debian12-python
#
# The bare root file system is kept in the cache directory ($PLAY_VAGRANT_CACHE, else ~/.cache/play-vagrant).
# PLAY_VAGRANT_FROM=registry starts from Docker's debian:bookworm-slim instead; so does a machine that has no
# debootstrap and no apt to get it from.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=common.sh
. "$here/common.sh"

suite=bookworm
packages=openssh-server,sudo,systemd,systemd-sysv,dbus,iproute2,ca-certificates
base=play-debian12-base

main() {
    [ $# -gt 0 ] || set -- plain
    for variant in "$@"; do
        case $variant in
        plain) image play-debian12 ;;
        python) image play-debian12-python python3 python3-apt ;;
        *) die "unknown variant \`$variant\`: plain or python" ;;
        esac
    done
}

# image NAME [PACKAGE...]: the base, and guest.sh run in it.
image() {
    name=$1
    shift
    recipe=$(cat "$here/image.sh" "$here/guest.sh" | cksum | tr ' ' -)
    if [ "$(label "$name")" = "$recipe" ]; then
        return 0
    fi
    base_image
    say "making image $name"
    container=$(docker create --network bridge "$base" sh /guest.sh "$@")
    # shellcheck disable=SC2064  # this container, not a later one
    trap "docker rm -f $container >/dev/null" EXIT
    docker cp -q "$here/guest.sh" "$container:/guest.sh" 2>/dev/null ||
        docker cp "$here/guest.sh" "$container:/guest.sh"
    docker start -a "$container" >"$cache/$name.log" 2>&1 </dev/null || {
        tail -n 20 "$cache/$name.log" >&2
        die "guest.sh failed in the image $name; its output is in $cache/$name.log"
    }
    old=$(docker image inspect --format '{{.Id}}' "$name" 2>/dev/null || true)
    docker commit --change 'CMD ["/sbin/machine-init"]' --change "LABEL play.recipe=$recipe" \
        "$container" "$name" >/dev/null
    docker rm -f "$container" >/dev/null
    trap - EXIT
    # The one before goes, unless a machine still runs it.
    [ -z "$old" ] || docker image rm "$old" >/dev/null 2>&1 || true
}

label() {
    docker image inspect --format '{{index .Config.Labels "play.recipe"}}' "$1" 2>/dev/null || true
}

base_image() {
    recipe_base=$(echo "$suite $packages" | cksum | tr ' ' -)
    [ "$(label "$base")" != "$recipe_base" ] || return 0
    if [ "${PLAY_VAGRANT_FROM:-packages}" = registry ] ||
        { ! command -v debootstrap >/dev/null && ! command -v apt-get >/dev/null; }; then
        say "fetching debian:$suite-slim from the registry"
        docker pull -q "debian:$suite-slim" >/dev/null || die "the registry did not answer"
        docker tag "debian:$suite-slim" "$base"
        return 0
    fi
    tar=$cache/$suite-$(dpkg --print-architecture)-$recipe_base.tar
    [ -f "$tar" ] || root_file_system "$tar"
    docker import --change "LABEL play.recipe=$recipe_base" "$tar" "$base" >/dev/null
}

# root_file_system TAR: debootstrap takes most of a minute, and is done once a machine.
root_file_system() {
    sh "$here/../tests/packages.sh" debootstrap
    mirror=${PLAY_DEBIAN_MIRROR:-$(mirror_of "$suite")}
    say "making the root file system from ${mirror:=http://deb.debian.org/debian} (once, about a minute)"
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/rootfs.XXXXXX")
    # shellcheck disable=SC2064  # this directory, not a later one
    trap "root rm -rf '$work'" EXIT
    root debootstrap --variant=minbase --include="$packages" "$suite" "$work/root" "$mirror" \
        >"$cache/debootstrap.log" 2>&1 </dev/null || {
        tail -n 20 "$cache/debootstrap.log" >&2
        die "debootstrap failed; its log is $cache/debootstrap.log"
    }
    like_this_machine "$work/root" "$mirror"
    root rm -rf "$work/root/var/cache/apt/archives" "$work/root/var/lib/apt/lists"
    root mkdir -p "$work/root/var/cache/apt/archives/partial" "$work/root/var/lib/apt/lists/partial"
    root tar -C "$work/root" -cf "$work/root.tar" .
    mv "$work/root.tar" "$1"
    root rm -rf "$work"
    trap - EXIT
}

# mirror_of SUITE: the mirror this machine itself takes SUITE from, if it does.
mirror_of() {
    # shellcheck disable=SC2016  # apt's own variables
    apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 2>/dev/null |
        awk -v suite="$1" '$2 == suite && $3 == "main" && $1 ~ /^https?:/ { print $1; exit }'
}

# like_this_machine ROOT MIRROR: the packages of today, by the proxy and the certificates used here.
like_this_machine() {
    security=$(mirror_of "$suite-security")
    root tee "$1/etc/apt/sources.list" >/dev/null <<LIST
deb $2 $suite main
deb $2 $suite-updates main
deb ${security:-http://deb.debian.org/debian-security} $suite-security main
LIST
    apt-config dump Acquire::http::Proxy Acquire::https::Proxy 2>/dev/null | grep '"..*"' |
        root tee "$1/etc/apt/apt.conf.d/80proxy" >/dev/null
    if [ -d /usr/local/share/ca-certificates ]; then
        root cp -R /usr/local/share/ca-certificates "$1/usr/local/share/"
    fi
}

main "$@"
