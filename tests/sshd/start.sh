#!/bin/sh
# Starts a private SSH server for tests, on every address 127.x.y.z: start.sh DIRECTORY [PORT]
#
# Each of the sixteen million addresses then is a host. The server has its own keys and its own configuration,
# all in DIRECTORY, and touches neither the system's sshd nor ~/.ssh. It lets in, from this computer only,
# whoever runs this script (as root: any user) with the key DIRECTORY/key, or (as root) with their password.
# Without a PORT, or with 0, it takes a free one. It prints what to use, as lines NAME=VALUE:
#
#   port= user= key= known_hosts= pid=
#
# stop.sh DIRECTORY ends it. PLAY_SSHD_CONFIG names a file of further settings, which come first.
set -eu

fail() {
    echo "sshd/start.sh: $*" >&2
    exit 1
}

[ $# -ge 1 ] || fail "say the directory: start.sh DIRECTORY [PORT]"
mkdir -p "$1"
chmod 0700 "$1"
directory=$(CDPATH='' cd -- "$1" && pwd)
port=${2:-0}
# sshd starts itself again for every connection and wants to know where it is.
sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd) || fail "sshd is missing: apt-get install openssh-server"

[ -f "$directory/host_key" ] || ssh-keygen -q -t ed25519 -N '' -C 'a test host' -f "$directory/host_key"
[ -f "$directory/key" ] || ssh-keygen -q -t ed25519 -N '' -C 'a test user' -f "$directory/key"
cp "$directory/key.pub" "$directory/authorized_keys"
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd

configure() {
    {
        [ -z "${PLAY_SSHD_CONFIG:-}" ] || cat "$PLAY_SSHD_CONFIG"
        cat <<CONF
Port $port
ListenAddress 0.0.0.0
AllowUsers *@127.0.0.0/8
HostKey $directory/host_key
PidFile $directory/pid
AuthorizedKeysFile $directory/authorized_keys
StrictModes no
PermitRootLogin yes
PubkeyAuthentication yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
MaxStartups 1000
MaxSessions 200
LoginGraceTime 60
LogLevel VERBOSE
AcceptEnv LANG LC_*
Subsystem sftp internal-sftp
CONF
        # From OpenSSH 9.8 on, failed logins are punished, and tests fail on purpose.
        ! "$sshd" -f /dev/null -T -h "$directory/host_key" 2>/dev/null | grep -qi '^persourcepenalties' ||
            echo "PerSourcePenalties no"
    } >"$directory/config"
}

# The pid file is there when the server listens; it is not when the port was taken.
listens() {
    rm -f "$directory/pid" "$directory/log"
    configure
    "$sshd" -f "$directory/config" -E "$directory/log" </dev/null || return 1
    tries=0
    until [ -s "$directory/pid" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || return 1
        sleep 0.05
        ! grep -q -e 'Cannot bind' -e 'already in use' "$directory/log" || return 1
    done
}

if [ "$port" != 0 ]; then
    listens || { cat "$directory/log" >&2; fail "sshd does not start on port $port"; }
else
    attempt=0
    until
        port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
        listens
    do
        attempt=$((attempt + 1))
        [ "$attempt" -lt 20 ] || { cat "$directory/log" >&2; fail "sshd does not start"; }
    done
fi

# One line for all of 127.x.y.z, and one each for what cannot read patterns.
{
    printf '[127.*]:%s ' "$port"
    cut -d ' ' -f 1,2 "$directory/host_key.pub"
    printf '[127.0.0.1]:%s,[localhost]:%s ' "$port" "$port"
    cut -d ' ' -f 1,2 "$directory/host_key.pub"
} >"$directory/known_hosts"

cat <<EOF
port=$port
user=$(id -un)
key=$directory/key
known_hosts=$directory/known_hosts
pid=$(cat "$directory/pid")
EOF
