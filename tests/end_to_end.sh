#!/bin/sh
# The playbooks on the real machines: the first run changes, the second does not; what goes wrong is said
# and stops nobody else.
#
# end_to_end.sh               with play, on machine1 and machine2
# end_to_end.sh --reference   the same checks with Ansible, on reference1 and reference2: are they right?
#
# The machines are made anew when a run before left its traces. Ends with `N passed, N failed`.
set -u
cd "$(dirname -- "$0")/.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
state=$PWD/vagrant/.vagrant
key=$HOME/.vagrant.d/insecure_private_key
passed=0
failed=0

prepare() {
    reference=
    machines='machine1 machine2'
    play=${PLAY:-$PWD/target/debug/play}
    case ${1:-} in
    --reference)
        reference=yes
        machines='reference1 reference2'
        tests/setup.sh || exit 1
        bin=$PWD/tests/.cache/reference/bin
        export ANSIBLE_HOME="$work/ansible"
        export ANSIBLE_DEPRECATION_WARNINGS=false
        export ANSIBLE_PYTHON_INTERPRETER=/usr/bin/python3
        # A shared connection would let one host in by the key of another.
        export ANSIBLE_SSH_ARGS='-o ControlMaster=no'
        export ANSIBLE_PIPELINING=true
        ;;
    '') [ -x "$play" ] || die "there is no $play; run cargo build" ;;
    *) die "unknown option $1" ;;
    esac
    # shellcheck disable=SC2086  # a list of names
    fresh $machines

    # The same machines under the names of the playbooks, whatever they are called here.
    sed -n "s/^${machines%%1 *}\([12]\) /machine\1 /p" "$state/hosts" >"$work/by_key"
    sed 's/ ansible_ssh_private_key_file=.*//' "$work/by_key" >"$work/by_password"
    for inventory in by_key by_password; do
        printf '\n[all:vars]\nansible_ssh_common_args=-o UserKnownHostsFile=%s\n' \
            "$state/known_hosts" >>"$work/$inventory"
    done
    port=$(sed -n 's/^machine1 .*ansible_port=\([0-9]*\).*/\1/p' "$work/by_key")
    echo vagrant >"$work/password"
    echo wrong >"$work/wrong"
    chmod 0600 "$work/password" "$work/wrong"
    # A password counts only where no key opens the door.
    export SSH_AUTH_SOCK=
}

die() {
    echo "end_to_end: $*" >&2
    exit 1
}

fresh() {
    vagrant/up.sh "$@" || exit 1
    used=
    for machine in "$@"; do
        ssh -n -F "$state/ssh-config" "$machine" 'test -e used || { touch used; false; }' && used=yes
    done
    [ -n "$used" ] || return 0
    vagrant/down.sh "$@" && vagrant/up.sh "$@" || exit 1
    for machine in "$@"; do ssh -n -F "$state/ssh-config" "$machine" touch used; done
}

playbook() {
    name=$1
    shift
    if [ -n "$reference" ]; then
        "$bin/ansible-playbook" "playbooks/$name" "$@"
    else
        "$play" run "playbooks/$name" "$@"
    fi
}

adhoc() {
    if [ -n "$reference" ]; then "$bin/ansible" "$@"; else "$play" "$@"; fi
}

# check WHAT COMMAND...: what it prints is shown where it fails, and is in $work/output for `said`.
check() {
    what=$1
    shift
    started=$(date +%s)
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
        printf 'ok      %s (%s s)\n' "$what" "$(($(date +%s) - started))"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$what"
        sed 's/^/        /' "$work/log"
    fi
}

# code NUMBER COMMAND...: runs it without a terminal and expects that exit code.
code() {
    expected=$1
    shift
    "$@" >"$work/output" 2>&1 </dev/null
    got=$?
    sed -i 's/\x1b\[[0-9;]*m//g' "$work/output"
    cat "$work/output"
    [ "$got" = "$expected" ] || {
        echo "exit code $got, expected $expected"
        return 1
    }
}

# recap HOST WORD...: the line of the host in the recap has every word, such as changed=0.
recap() {
    line=$(grep -E "^$1 +(:|.*ok=)" "$work/output" | grep -F 'unreachable=' | tail -n 1)
    shift
    for word in "$@"; do
        case " $line " in
        *" $word "*) ;;
        *)
            echo "the recap has no $word: ${line:-no line at all}"
            return 1
            ;;
        esac
    done
}

said() {
    grep -E -q -- "$1" "$work/output" || {
        echo "nothing said: $1"
        return 1
    }
}

changed_both() {
    code 0 "$@" || return 1
    for host in machine1 machine2; do
        recap "$host" unreachable=0 failed=0 || return 1
        ! recap "$host" changed=0 >/dev/null || {
            echo "$host: changed=0 in the first run"
            return 1
        }
    done
}

same_both() {
    code 0 "$@" && recap machine1 changed=0 unreachable=0 failed=0 && recap machine2 changed=0 unreachable=0 failed=0
}

ping_by() {
    code 0 "$@" && said '^machine1 \| SUCCESS' && said '^machine2 \| SUCCESS' && said '"ping": "pong"'
}

# prompted COMMAND ARGUMENT...: answers the prompt on a terminal of its own, as a person would.
prompted() {
    word=$1
    shift
    case $word-${reference:-no} in
    adhoc-no) set -- "$play" "$@" ;;
    adhoc-yes) set -- "$bin/ansible" "$@" ;;
    playbook-no) set -- "$play" run "$@" ;;
    playbook-yes) set -- "$bin/ansible-playbook" "$@" ;;
    esac
    sshpass -P 'assword:' -p vagrant "$@"
}

# The original wish, word for word; the playbook says `machine2`.
wished_ping() {
    code 0 prompted adhoc all -m ping -b -k -u vagrant -i "$work/by_password" &&
        said '^machine2 \| SUCCESS' && said '"ping": "pong"'
}
wished_run() {
    code 0 prompted playbook playbooks/tomcat.yml -i "$work/by_password" -b -u vagrant --ask-pass &&
        recap machine2 changed=0 unreachable=0 failed=0 && ! recap machine1 unreachable=0 >/dev/null
}

site_by_http() {
    # shellcheck disable=SC2086
    set -- $machines
    ssh -n -F "$state/ssh-config" "$1" 'for i in 1 2 3 4; do curl -sf http://127.0.0.1/; done' >"$work/output"
    cat "$work/output"
    said "machine1 version $version" && said "machine2 version $version"
}

no_python() {
    for machine in $machines; do
        ssh -n -F "$state/ssh-config" "$machine" '! command -v python3 && ! command -v python' || return 1
    done
}

tomcat_runs() {
    for machine in $machines; do
        ssh -n -F "$state/ssh-config" "$machine" 'systemctl is-active tomcat10 && java -version' || return 1
    done
}

# One inventory with everything that can go wrong on the way to a host; `good` is between them.
bad_hosts() {
    ssh-keygen -q -N '' -t ed25519 -f "$work/stranger"
    {
        echo "down ansible_port=1"
        echo "wrong_key ansible_ssh_private_key_file=$work/stranger"
        echo "wrong_password ansible_password=wrong ansible_ssh_private_key_file=$work/stranger"
        echo "good ansible_ssh_private_key_file=$key"
        echo "refused ansible_user=nosudo ansible_ssh_private_key_file=$key ansible_become_password=nosudo"
        echo "silent ansible_user=needspw ansible_ssh_private_key_file=$key"
        echo "wrong_sudo ansible_user=needspw ansible_ssh_private_key_file=$key ansible_become_password=wrong"
        echo "right_sudo ansible_user=needspw ansible_ssh_private_key_file=$key ansible_become_password=needspw"
        echo "[all:vars]"
        echo "ansible_host=127.0.0.1"
        echo "ansible_port=$port"
        echo "ansible_user=vagrant"
        echo "ansible_ssh_common_args=-o UserKnownHostsFile=$state/known_hosts -o IdentitiesOnly=yes"
    } >"$work/bad"
}

bad_run() {
    code 4 playbook ping.yml -i "$work/bad" -b || return 1
    for host in good right_sudo; do recap "$host" ok=1 unreachable=0 failed=0 || return 1; done
    for host in down wrong_key wrong_password; do
        recap "$host" ok=0 unreachable=1 failed=0 && said "$host\]: UNREACHABLE!" || return 1
    done
    for host in refused silent wrong_sudo; do
        recap "$host" ok=0 unreachable=0 failed=1 && said "$host\]: FAILED!" || return 1
    done
}

refused_run() {
    code 2 playbook ping.yml -i "$work/bad" -b -l 'good:refused' && recap good ok=1 && recap refused failed=1
}

# Ways to become root that want a terminal: sudo with requiretty, doas for a password, and su.
terminal_hosts() {
    ssh -F "$state/ssh-config" machine1 sudo sh -s >"$work/output" 2>&1 <<'GUEST' || return 1
set -e
printf 'Defaults:needspw requiretty\n' >/etc/sudoers.d/terminal
chmod 0440 /etc/sudoers.d/terminal
DEBIAN_FRONTEND=noninteractive apt-get install -q -y opendoas
echo 'permit needspw' >/etc/doas.conf
chmod 0400 /etc/doas.conf
echo root:needspw | chpasswd
GUEST
    for method in sudo doas su; do
        echo "$method ansible_become_method=$method ansible_become_password=needspw"
        echo "at_once_$method ansible_become_method=$method ansible_become_password=needspw ansible_ssh_use_tty=true"
        echo "wrong_$method ansible_become_method=$method ansible_become_password=wrong"
    done >"$work/terminal"
    sed -n '/^\[all:vars\]/,$p' "$work/bad" | sed 's/^ansible_user=.*/ansible_user=needspw/' >>"$work/terminal"
    echo "ansible_ssh_private_key_file=$key" >>"$work/terminal"
}

terminal_run() {
    terminal_hosts && code 2 playbook ping.yml -i "$work/terminal" -b || return 1
    for method in sudo doas su; do
        recap "$method" ok=1 failed=0 && recap "at_once_$method" ok=1 failed=0 && recap "wrong_$method" ok=0 failed=1 &&
            said "Incorrect $method password on wrong_$method" || return 1
    done
    left=$(ssh -n -F "$state/ssh-config" machine1 'ls -d /tmp/.play-*; pgrep -u needspw')
    [ -z "$left" ]
}

unknown_host_key() {
    sed "s|UserKnownHostsFile=.*|UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes|" "$work/by_key" >"$work/unknown"
    code 4 adhoc all -i "$work/unknown" -m ping && said 'machine1 \| UNREACHABLE!' && said 'machine2 \| UNREACHABLE!'
}

no_secrets() {
    code 4 playbook ping.yml -i "$work/bad" -b -vvvv || return 1
    # The user has the name of the password; how the host was reached names the user.
    ! grep -v ' as needspw$' "$work/output" | grep -n -E 'needspw.?$|=wrong'
}

main() {
    prepare "$@"
    version=1

    [ -n "$reference" ] || check "the machines have no Python" no_python
    check "ping, by key" ping_by adhoc all -i "$work/by_key" -m ping
    check "ping, by a password from a file, as root" \
        ping_by adhoc all -i "$work/by_password" -m ping -b -u vagrant --connection-password-file "$work/password"
    check "ping, by a password at the prompt, as root" wished_ping
    check "a wrong password: unreachable" \
        code 4 adhoc all -i "$work/by_password" -m ping -u vagrant --connection-password-file "$work/wrong"
    check "an unknown host key: unreachable" unknown_host_key

    check "site.yml, first run: changed on both" changed_both playbook site.yml -i "$work/by_key" -i playbooks/hosts -b
    check "site.yml, the site answers" site_by_http
    check "site.yml, second run: changed=0" same_both playbook site.yml -i "$work/by_key" -i playbooks/hosts -b
    check "site.yml, check mode: changed=0" same_both playbook site.yml -i "$work/by_key" -i playbooks/hosts -b --check --diff
    version=2
    check "site.yml, a new version: changed on both" \
        changed_both playbook site.yml -i "$work/by_key" -i playbooks/hosts -b -e site_version=2
    check "site.yml, the new version answers" site_by_http

    check "tomcat.yml, by password, both at once: changed on both" changed_both playbook tomcat.yml \
        -i "$work/by_password" -b --connection-password-file "$work/password" -e machines=all
    check "tomcat.yml, Tomcat runs" tomcat_runs
    check "tomcat.yml, second run: changed=0" same_both playbook tomcat.yml \
        -i "$work/by_password" -b --connection-password-file "$work/password" -e machines=all
    check "tomcat.yml, on machine2 alone, by a password at the prompt: changed=0" wished_run

    bad_hosts
    check "eight hosts, six of them bad: each says why, the others finish, exit code 4" bad_run
    check "sudo refuses: exit code 2" refused_run
    [ -n "$reference" ] || {
        check "the inventory is the Vagrant project" \
            ping_by adhoc 'machine*' -i vagrant/ -m ping
        check "no password in the output of -vvvv" no_secrets
        check "sudo, doas and su that want a terminal: it is there, a wrong password is said" terminal_run
    }

    printf '\nend to end: %s passed, %s failed\n' "$passed" "$failed"
    [ "$failed" = 0 ]
}

main "$@"
