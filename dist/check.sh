#!/bin/sh
# Runs what build.sh made where it is to run: check.sh
#
# Bare Debian 11, 12 and 13 roots (debootstrap; kept in ~/.cache/play-dist) and a root with BusyBox alone; the
# .deb alone, beside sox before and after it; the wheels in a fresh environment; the image where Docker answers.
# shellcheck disable=SC2317  # the checks are called by their names
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
out=$(dirname -- "$here")/target/dist
cache=${XDG_CACHE_HOME:-$HOME/.cache}/play-dist
failed=0

# Each check is a process of its own, so that its first failure ends it.
main() {
    if [ "${1-}" = --one ]; then
        shift
        "$@"
        return
    fi
    work=$(mktemp -d)
    export work
    trap 'rm -rf "$work"' EXIT
    [ -x "$out/play" ] || { echo "check: build.sh first" >&2; exit 1; }
    mkdir -p "$cache"
    check "needs no library" static
    if busybox_root; then
        check "BusyBox alone" in_root "$work/busybox"
    else
        echo "BusyBox: no root: there is no static busybox" && failed=1
    fi
    for suite in bullseye bookworm trixie; do
        if debian_root "$suite"; then
            check "Debian $suite" in_root "$cache/$suite"
            check "Debian $suite: .deb" deb "$cache/$suite"
            check "Debian $suite: .deb beside sox" beside_sox "$cache/$suite"
        else
            echo "$suite: no root: debootstrap failed" && failed=1
        fi
    done
    check "wheels" wheels
    if docker info >/dev/null 2>&1; then
        check "image" image
    else
        echo "image: not run, no Docker answers"
    fi
    exit $failed
}

check() {
    name=$1
    shift
    if said=$(sh "$here/check.sh" --one "$@" 2>&1); then
        printf '%-36s ok  %s\n' "$name" "$(printf '%s' "$said" | tail -n 1)"
    else
        printf '%-36s FAILED\n%s\n' "$name" "$said"
        failed=1
    fi
}

static() {
    # A static program that may lie anywhere in memory is "statically linked", any other "not dynamic".
    case $(LC_ALL=C ldd "$out/play" 2>&1) in
    *'statically linked'* | *'not a dynamic executable'*) ;;
    *)
        ldd "$out/play"
        return 1
        ;;
    esac
    stat -c '%s bytes' "$out/play"
}

busybox_root() {
    mkdir -p "$work/busybox/bin" "$work/busybox/tmp" "$work/busybox/root" "$work/busybox/dev"
    static_busybox "$work/busybox/bin/busybox" || return 1
    chroot "$work/busybox" /bin/busybox --install -s /bin
    mknod -m 666 "$work/busybox/dev/null" c 1 3 2>/dev/null || :
    mknod -m 666 "$work/busybox/dev/urandom" c 1 9 2>/dev/null || :
}

# Debian's busybox wants a C library, busybox-static does not; it is unpacked, not installed.
static_busybox() {
    [ -x "$cache/busybox" ] || (
        cd "$work"
        apt-get -qq download busybox-static >&2
        dpkg-deb -x busybox-static_*.deb busybox-static
        cp busybox-static/bin/busybox "$cache/busybox" 2>/dev/null || cp busybox-static/usr/bin/busybox "$cache/busybox"
    ) || return 1
    cp "$cache/busybox" "$1"
}

# A root that is made once; --variant=minbase has dpkg and apt, and little else.
debian_root() {
    [ -e "$cache/$1.done" ] || {
        rm -rf "${cache:?}/$1"
        debootstrap --variant=minbase "$1" "$cache/$1" >"$cache/$1.log" 2>&1 || return 1
        touch "$cache/$1.done"
    }
}

# A playbook, twice, on the root itself.
in_root() {
    cp "$out/play" "$1/tmp/play"
    cat >"$1/tmp/site.yml" <<'END'
- hosts: localhost
  connection: local
  tasks:
    - copy: {dest: /tmp/made, content: "{{ ansible_facts.kernel | length > 0 }}", mode: '0600'}
    - command: cat /tmp/made
      register: read
      changed_when: false
    - assert: {that: read.stdout == 'True'}
END
    rm -f "$1/tmp/made"
    chroot "$1" /tmp/play --version
    chroot "$1" /tmp/play run /tmp/site.yml | grep -q 'changed=1 .*failed=0'
    chroot "$1" /tmp/play run /tmp/site.yml | grep 'changed=0 .*failed=0'
}

# A copy of a root, whose changes do no harm.
copy_of() {
    rm -rf "$work/copy"
    cp -a "$1" "$work/copy"
    cp "$out"/*.deb "$work/copy/tmp/play.deb"
}

deb() {
    copy_of "$1"
    chroot "$work/copy" dpkg -i /tmp/play.deb
    chroot "$work/copy" play --version
    chroot "$work/copy" play-cli localhost -m ping
    chroot "$work/copy" dpkg -r play-cli
    [ ! -L "$work/copy/usr/bin/play" ]
    echo "installed and removed"
}

# sox before and after us: its play stays its own, and play-cli ours.
beside_sox() {
    for order in before after; do
        copy_of "$1"
        cp /etc/resolv.conf "$work/copy/etc/resolv.conf"
        cp /etc/hosts "$work/copy/etc/hosts"
        [ ! -d /etc/apt/apt.conf.d ] || cp -n /etc/apt/apt.conf.d/*proxy* "$work/copy/etc/apt/apt.conf.d/" 2>/dev/null || :
        [ "$order" = after ] || chroot "$work/copy" dpkg -i /tmp/play.deb
        chroot "$work/copy" apt-get -qq update
        chroot "$work/copy" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends sox >/dev/null
        [ "$order" = before ] || chroot "$work/copy" dpkg -i /tmp/play.deb
        chroot "$work/copy" dpkg -S /usr/bin/play | grep -q '^sox:'
        [ "$(chroot "$work/copy" readlink -f /usr/bin/play)" = /usr/bin/sox ]
        chroot "$work/copy" play-cli localhost -m ping
        chroot "$work/copy" dpkg -r play-cli
        [ "$(chroot "$work/copy" readlink -f /usr/bin/play)" = /usr/bin/sox ]
    done
    echo "sox keeps its play, play-cli is ours"
}

wheels() {
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" -q install --no-index --find-links "$out" 'play[names]'
    "$work/venv/bin/play" localhost -m ping
    "$work/venv/bin/ansible-playbook" --version | head -n 1
}

image() {
    docker load -q -i "$out"/play-*-image.tar
    docker run --rm play:latest --version
}

main "$@"
