#!/bin/sh
# Makes a Debian a machine for tests. It runs as root inside the guest: in the container that becomes
# the Docker image, or as Vagrant's provisioner in a virtual machine. Everything in it is public: these
# users and passwords are for machines that live on this computer only.
#
# guest.sh [PACKAGE...]   further packages, such as python3 for a machine that Ansible is to reach as well
set -eu

export DEBIAN_FRONTEND=noninteractive
# Docker's own Debian image forbids that packages start their services; a machine has to.
rm -f /usr/sbin/policy-rc.d

missing=
for name in openssh-server sudo systemd systemd-sysv dbus iproute2 ca-certificates "$@"; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing="$missing $name"
done
if [ -n "$missing" ]; then
    apt-get -qq update
    # shellcheck disable=SC2086  # the list is meant to be split
    apt-get -qq -y --no-install-recommends install $missing
    apt-get clean
fi
[ ! -d /usr/local/share/ca-certificates ] || update-ca-certificates >/dev/null

# Vagrant's well-known keys, the older RSA one and that of Vagrant 2.3.5 and later.
keys='ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzIw+niNltGEFHzD8+v1I2YJ6oXevct1YeS0o9HZyN1Q9qgCgzUFtdOKLv6IedplqoPkcmF0aYet2PkEDo3MlTBckFXPITAMzF8dJSIFo9D8HfdOV0IAdx4O7PtixWKn5y2hMNG0zQPyUecp4pzC6kivAIhyfHilFR61RGL+GPXQ2MWZWFYbAGjyiYJnAmCP3NOTd0jMZEnDkbUvxhMmBYSdETk1rRgm+R4LOzFUGaHqHDLKLX+FIPKcF96hrucXzcWyLbIbEgE98OHlnVYCzRdK8jlqm8tehUc9c9WhQ== vagrant insecure public key
ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN1YdxBpNlzxDqfJyw/QKow1F+wvG9hXGoqiysfJOn5Y vagrant insecure public key'

# user NAME SUDOERS-LINE: the password is the name; the keys open every one of them.
user() {
    id "$1" >/dev/null 2>&1 || useradd -m -s /bin/bash "$1"
    echo "$1:$1" | chpasswd
    install -d -m 0700 -o "$1" -g "$1" "/home/$1/.ssh"
    printf '%s\n' "$keys" >"/home/$1/.ssh/authorized_keys"
    chmod 0600 "/home/$1/.ssh/authorized_keys"
    chown "$1:$1" "/home/$1/.ssh/authorized_keys"
    [ -z "$2" ] || printf '%s\n' "$2" >"/etc/sudoers.d/$1"
    [ -z "$2" ] || chmod 0440 "/etc/sudoers.d/$1"
}
user vagrant 'vagrant ALL=(ALL:ALL) NOPASSWD: ALL'
user needspw 'needspw ALL=(ALL:ALL) ALL'
user nosudo ''

# Tests open many connections at once, by key and by password.
cat >/etc/ssh/sshd_config.d/play.conf <<'CONF'
PasswordAuthentication yes
PubkeyAuthentication yes
MaxStartups 200
MaxSessions 100
UseDNS no
CONF

# The rest is for containers; a virtual machine has its own identity and its own init.
[ -f /.dockerenv ] || exit 0

# Every machine makes its own host keys and (in machine-init) its own id when it first starts.
rm -f /etc/ssh/ssh_host_*
: >/etc/machine-id
mkdir -p /etc/systemd/system/ssh.service.d
cat >/etc/systemd/system/ssh.service.d/keys.conf <<'CONF'
[Service]
ExecStartPre=
ExecStartPre=/usr/bin/ssh-keygen -A
ExecStartPre=/usr/sbin/sshd -t
CONF

# A machine that is thrown away needs no fsync after every file of a package, no manuals, no translations.
cat >/etc/dpkg/dpkg.cfg.d/play <<'CONF'
force-unsafe-io
path-exclude=/usr/share/man/*
path-exclude=/usr/share/doc/*
path-include=/usr/share/doc/*/copyright
path-exclude=/usr/share/locale/*
CONF
# Some packages link a manual page and stop where its folder is missing.
for section in 1 2 3 4 5 6 7 8; do mkdir -p "/usr/share/man/man$section"; done
cat >/etc/apt/apt.conf.d/90play <<'CONF'
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
CONF

# Without lists this folder is old, or `cache_valid_time` would take it for fresh.
rm -rf /var/lib/apt/lists/*
touch -d 2000-01-01 /var/lib/apt/lists

# What Docker gives a container otherwise than a machine has it is put right before the init starts.
cat >/sbin/machine-init <<'INIT'
#!/bin/sh
uuid() { cat /proc/sys/kernel/random/uuid; }

[ -s /etc/machine-id ] || uuid | tr -d - >/etc/machine-id

# Docker hides the control groups from a container without privileges. Under version 1 systemd mounts what
# it needs by itself; under version 2 it wants them to be there, writable.
if ! grep -qv '^0::' /proc/self/cgroup; then
    mount -t cgroup2 -o rw,nosuid,nodev,noexec,nsdelegate cgroup2 /sys/fs/cgroup
fi

# These are files of their own here: over Docker's mounts nothing could be renamed.
for file in /etc/hostname /etc/hosts; do
    cp "$file" /run/docker-file
    ! umount "$file" 2>/dev/null || { cat /run/docker-file >"$file" && chmod 0644 "$file"; }
done
rm -f /run/docker-file

# Every start is a boot: the kernel's number would stay the same.
uuid >/run/boot-id
mount --bind /run/boot-id /proc/sys/kernel/random/boot_id

exec /sbin/init
INIT
chmod 0755 /sbin/machine-init
