#!/bin/sh
# What twenty_tasks.yml checks, as an administrator would write it down for `ssh host sudo sh < by_hand.sh`.
# It only looks: each line says ok or differs, and it ends with the number that differ.
set -u
export LC_ALL=C
differ=0

ok() {
    name=$1
    shift
    if "$@" >/dev/null 2>&1; then
        echo "ok $name"
    else
        echo "differs $name"
        differ=$((differ + 1))
    fi
}

# facts: the sources that a gather reads
facts() {
    cat /etc/os-release /proc/meminfo /proc/cpuinfo /proc/mounts /proc/uptime /proc/loadavg /etc/resolv.conf
    uname -a && hostname && id && env && date
    ip -o addr && ip route && df -P -k && ls -l /dev/disk/by-uuid
    cat /sys/class/dmi/id/product_name /sys/class/dmi/id/bios_version
}
everything() { facts; true; }

file() { [ "$(stat -c '%F %U:%G %a' "$1")" = "$2" ]; }
content() { file "$1" "$2" && [ "$(sha256sum <"$1")" = "$3  -" ]; }
packages() { [ "$(dpkg-query -W -f '${db:Status-Status}\n' "$@" | grep -cx installed)" = $# ]; }
service() { [ "$(systemctl show -p ActiveState -p UnitFileState --value "$1" | tr '\n' ' ')" = 'active enabled ' ]; }
group() { getent group "$1"; }
user() { getent passwd "$1" | grep -E "^[^:]*:[^:]*:[0-9]+:$(getent group "$1" | cut -d: -f3):[^:]*:/srv/bench:/usr/sbin/nologin$"; }
link() { [ "$(readlink "$1")" = "$2" ]; }

ok facts everything
ok group group bench
ok user user bench
ok folder file /srv/bench 'directory bench:bench 750'
ok 'folder in it' file /srv/bench/etc 'directory root:bench 755'
ok package packages cron
ok 'several packages' packages curl sudo iproute2
ok content content /srv/bench/etc/notice 'regular file root:root 644' \
    a206d1e6ac18e266ccbe793631862bf03ccac67ba632e6c129baea4f78800fdb
ok file content /srv/bench/etc/logrotate 'regular file root:root 644' \
    25d7b210f0cb634bd80de0cc6492a417837e158141a34ef5b5b663f5e6b33ac3
ok template content /srv/bench/etc/app.conf 'regular file root:bench 640' \
    51104d94149144155ff53ebadb8f87ca9216e80bdb2bf6f0ceee83ce43e21398
ok 'template for a unit' content /etc/systemd/system/bench.service 'regular file root:root 644' \
    47cd44fee8738b8ae4ca39f194c0091492d613411f9fe1f52de880cd5d8b18df
ok line grep -qxF workers=4 /srv/bench/etc/settings
ok 'another line' grep -qxF log=info /srv/bench/etc/settings
ok link link /etc/bench.conf /srv/bench/etc/app.conf
ok 'nothing there' test ! -e /srv/bench/etc/old.conf
ok 'command once' test -e /srv/bench/ready
ok 'look at it' stat /srv/bench/ready
ok 'command that only asks' sha256sum /srv/bench/ready
ok service service cron
ok unit service ssh
echo "differ=$differ"
