#!/bin/sh
# Makes two disks, /dev/case1 and /dev/case2, for a kernel that need not have a device mapper: disks.sh make|remove
#
# LVM then keeps its books, and activates nothing.
set -eu
make() {
    [ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
    for number in 1 2; do
        loop=$(losetup -f)
        truncate -s 64M "/var/tmp/disk$number"
        mknod "/dev/case$number" b 7 "${loop#/dev/loop}"
        losetup "/dev/case$number" "/var/tmp/disk$number"
    done
    printf '%s\n' 'global { activation = 0 }' 'activation { udev_sync = 0 udev_rules = 0 }' \
        'devices { obtain_device_list_from_udev = 0 }' >/etc/lvm/lvmlocal.conf
}

remove() {
    vgremove --force case 2>/dev/null || true
    for number in 1 2; do
        losetup -d "/dev/case$number"
        rm -f "/dev/case$number" "/var/tmp/disk$number"
    done
    rm -rf /etc/lvm/archive /etc/lvm/backup
}

"$1"
