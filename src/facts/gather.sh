# facts: prints the raw sources of a host's facts, unread.
# Flat files come through one grep for many of them, `path:line` each, since a process costs more
# than everything else here. What may be slow runs beside the rest.

# facts_main: the sections of the wanted collectors.
# in:   wanted (names of collectors, blanks around each)  fact_path  python (an interpreter, or
#       empty)  timeout (seconds for a file system that does not answer)
# out:  see each function
facts_main() {
	facts_env
	PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin"
	LC_ALL=C
	export PATH LC_ALL
	answer_output uname uname -snrvm
	facts_slow </dev/null 2>/dev/null | facts_quick 2>/dev/null
}

# facts_quick: everything that answers at once, and then what came from beside it.
facts_quick() {
	exec 3<&0 </dev/null
	facts_commands
	facts_exist
	facts_system
	facts_user
	facts_date
	facts_network
	facts_hardware
	cat <&3
}

# facts_slow: programs that take their time.
facts_slow() {
	facts_name
	facts_python
	facts_programs
}

# wants COLLECTOR...: says whether one of the collectors is wanted.
wants() {
	for collector; do
		case "${wanted?}" in
		(*" ${collector} "*) return 0 ;;
		esac
	done
	return 1
}

# facts_files PATH...: the lines of the files that are there, each with its path.
facts_files() {
	answer_output files grep '' /dev/null "$@"
}

# facts_env: the environment, before anything here changes it; entries end in NUL or in a line end.
facts_env() {
	wants env user chroot || return 0
	answer env ''
	cat /proc/self/environ 2>/dev/null || env
}

# facts_commands: where the commands are that say something by being there.
facts_commands() {
	answer commands ''
	for command in ip systemctl initctl; do
		command -v "${command}"
	done
}

# facts_exist: which of the paths are there that say something by being there.
facts_exist() {
	answer exist ''
	for path in /sys/kernel/security/apparmor /run/systemd/system \
		/dev/.run/systemd /dev/.systemd /etc/init /sbin/openrc /etc/init.d \
		/etc/dinit.d /run/ostree-booted /etc/arch-release /etc/vmware-release \
		/etc/selinux/config /sys/fs/selinux/enforce; do
		test -e "${path}" && printf '%s\n' "${path}"
	done
	wants pkg_mgr || return 0
	for path in /usr/bin/rpm-ostree /usr/bin/yum /usr/bin/dnf-3 \
		/usr/bin/dnf5 /usr/bin/dnf /usr/bin/microdnf /usr/bin/apt-get \
		/usr/bin/zypper /usr/sbin/urpmi /usr/bin/pacman /bin/opkg \
		/usr/pkg/bin/pkgin /opt/local/bin/pkgin /opt/tools/bin/pkgin \
		/opt/local/bin/port /usr/local/bin/brew /opt/homebrew/bin/brew \
		/sbin/apk /usr/sbin/pkg /usr/sbin/swlist /usr/bin/emerge \
		/usr/sbin/pkgadd /usr/bin/pkg /usr/bin/xbps-install \
		/usr/local/sbin/pkg /usr/bin/swupd /usr/sbin/sorcery \
		/usr/bin/installp; do
		test -e "${path}" && printf '%s\n' "${path}"
	done
}

# facts_system: the small files of /etc and /proc that most collectors read.
facts_system() {
	facts_files /etc/os-release /usr/lib/os-release /etc/debian_version \
		/etc/altlinux-release /etc/oracle-release /etc/slackware-version \
		/etc/centos-release /etc/redhat-release /etc/vmware-release \
		/etc/openwrt_release /etc/system-release /etc/alpine-release \
		/etc/SuSE-release /etc/gentoo-release /etc/lsb-release \
		/etc/sourcemage-release /etc/coreos/update.conf \
		/etc/resolv.conf /etc/hosts /etc/machine-id \
		/var/lib/dbus/machine-id /etc/selinux/config \
		/sys/fs/selinux/policyvers /sys/fs/selinux/enforce \
		/proc/cmdline /proc/loadavg /proc/1/comm /proc/self/status \
		/proc/sys/crypto/fips_enabled /etc/ssh/ssh_host_*_key.pub \
		/etc/openssh/ssh_host_*_key.pub /etc/ssh_host_*_key.pub
	facts_links
	if wants platform; then
		answer elf ''
		head -c 5 /bin/sh
	fi
	if wants chroot; then
		answer_output roots stat -c '%d %i' / /proc/1/root/.
		answer_output root_type stat -f -c %T /
	fi
}

# facts_links: where links lead that say something by it; `ls` prints `NAME -> TARGET`.
facts_links() {
	wants service_mgr pkg_mgr distribution || return 0
	answer links ''
	set --
	for path in /sbin/init /usr/bin/dnf /usr/bin/microdnf /etc/products.d/baseproduct; do
		test -h "${path}" && set -- "$@" "${path}"
	done
	test $# = 0 || ls -ld "$@"
}

# facts_user: the entry of the user in the users' database, as Python's getpass would find it.
facts_user() {
	wants user || return 0
	test -r /proc/self/status || answer_output ids facts_ids
	user="${LOGNAME:-${USER:-${LNAME:-${USERNAME:-}}}}"
	test -n "${user}" || user="$(id -u)"
	answer_output passwd facts_passwd "${user}"
}

facts_ids() {
	id -ru
	id -u
	id -rg
	id -g
}

# facts_passwd NAME-OR-NUMBER: one line of passwd(5).
facts_passwd() {
	if have getent; then
		getent passwd "$1" || getent passwd "$(id -u)"
		return
	fi
	grep -e "^$1:" /etc/passwd || grep -e "^[^:]*:[^:]*:$(id -u):" /etc/passwd
}

# facts_date: the time with nanoseconds where date knows them, and the rule of the time zone.
facts_date() {
	wants date_time || return 0
	answer_output date date '+%s %z %Z %N'
	zone="${TZ:-/etc/localtime}"
	zone="${zone#:}"
	case "${zone}" in
	(/*) ;;
	(*) zone="/usr/share/zoneinfo/${zone}" ;;
	esac
	test ! -r "${zone}" || answer_output zone tail -n 1 "${zone}"
	answer tz "${TZ:-}"
}

# facts_network: interfaces, addresses and routes.
facts_network() {
	wants network || return 0
	facts_files /sys/class/net/*/address /sys/class/net/*/mtu \
		/sys/class/net/*/operstate /sys/class/net/*/type \
		/sys/class/net/*/speed /sys/class/net/*/flags \
		/sys/class/net/*/bridge/bridge_id \
		/sys/class/net/*/bridge/stp_state \
		/sys/class/net/*/bonding/slaves /sys/class/net/*/bonding/mode \
		/sys/class/net/*/bonding/miimon \
		/sys/class/net/*/bonding/lacp_rate \
		/sys/class/net/*/bonding/primary \
		/sys/class/net/*/bonding/all_slaves_active \
		/sys/class/net/*/bonding_slave/perm_hwaddr
	answer links ''
	ls -ld /sys/class/net/*/device /sys/class/net/*/device/driver/module \
		/sys/class/net/*/brif/*
	have ip || return 0
	answer_output addresses ip addr show
	answer_output default_ipv4 ip -4 route get 8.8.8.8
	answer_output default_ipv6 ip -6 route get 2404:6800:400a:800::1012
	answer_output local_ipv4 ip -4 route show table local
	answer_output local_ipv6 ip -6 route show table local
}

# facts_hardware: processors, memory, uptime.
facts_hardware() {
	wants hardware || return 0
	facts_files /proc/meminfo /proc/cpuinfo /proc/uptime /sys/hypervisor/type
	answer nproc "$(nproc)"
}

# facts_name: the host's full name, by way of its address and back, as Python's getfqdn does.
facts_name() {
	wants platform || return 0
	name="$(uname -n)"
	if ! have getent; then
		answer_output hostname_f hostname -f
		return 0
	fi
	found="$(getent ahosts "${name}")" || return 0
	answer_output hosts getent hosts "${found%%[[:space:]]*}"
}

# facts_python: what the interpreter says of itself, where there is one.
facts_python() {
	wants python platform || return 0
	for command in "${python?}" python3.14 python3.13 python3.12 python3.11 \
		python3.10 python3.9 /usr/bin/python3 python3; do
		test -n "${command}" || continue
		have "${command}" || continue
		answer_output python "${command}" -I -S -c "${facts_python_text}" &&
			return 0
	done
}

facts_python_text='
import json, sys
from importlib.machinery import PathFinder
v = sys.version_info
print(json.dumps(dict(
    executable=sys.executable, version=list(v), type=sys.implementation.name,
    ssl="_ssl" in sys.builtin_module_names or PathFinder.find_spec("_ssl") is not None,
)))'

# facts_programs: other programs that know something.
facts_programs() {
	! wants caps || ! have capsh || answer_output capsh capsh --print
	! wants lsb || ! have lsb_release || answer_output lsb lsb_release -a
	if wants systemd && have systemctl && test -d /run/systemd/system; then
		answer_output systemd systemctl --version
	fi
	if wants pkg_mgr && test -x /usr/bin/rpm && test -e /usr/bin/apt-get; then
		rpm -q --whatprovides /usr/bin/apt-get >&2 && answer apt_rpm 1
	fi
	return 0
}
