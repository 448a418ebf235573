# facts: prints the raw sources of a host's facts, unread.
# Flat files come through one grep for all of them, `path:line` each, and links through one ls,
# since a process costs more than all else here. What may be slow runs beside the rest.

# facts_main: the sources of the wanted collectors.
# in:   wanted (names of collectors, blanks around each)  fact_path  python (an interpreter, or
#       empty)  timeout (seconds for a file system that does not answer)
# out:  uname; env; exist, commands (what is there); files; links; one for each program
facts_main() {
	facts_env
	PATH="${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin"
	LC_ALL=C
	export PATH LC_ALL
	uname="$(uname -snrvm)"
	answer uname "${uname}"
	facts_slow </dev/null 2>/dev/null | facts_quick 2>/dev/null
	raw
}

# facts_quick: everything that answers at once, and then what came from beside it.
facts_quick() {
	exec 3<&0 </dev/null
	answer commands ''
	for command in ip systemctl initctl; do
		command -v "${command}"
	done
	facts_exist
	facts_files
	facts_links
	facts_user
	facts_date
	facts_root
	case "${uname}" in
	(Linux*) facts_linux ;;
	(*) facts_bsd ;;
	esac
	cat <&3
}

# facts_slow: programs that take their time.
facts_slow() {
	wants platform && facts_name
	wants python platform && facts_python
	wants local && facts_local
	facts_programs
	case "${uname}" in
	(Linux*) facts_slow_linux ;;
	esac
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

# facts_env: the environment, before anything here changes it; entries end in NUL or in a line end.
facts_env() {
	wants env user chroot || return 0
	answer env ''
	cat /proc/self/environ 2>/dev/null || env
}

# facts_exist: which of the paths are there that say something by being there.
facts_exist() {
	answer exist ''
	for path in /sys/kernel/security/apparmor /run/systemd/system \
		/dev/.run/systemd /dev/.systemd /etc/init /sbin/openrc /etc/init.d \
		/etc/dinit.d /run/ostree-booted /etc/arch-release /etc/vmware-release \
		/etc/selinux/config /sys/fs/selinux/enforce /proc/vz /proc/lve \
		/proc/bc /proc/xen /.dockerenv /.dockerinit /dev/kvm /proc/sysinfo \
		/sys/devices/virtual/dmi/id/product_name /etc/mtab \
		/usr/bin/rpm-ostree /usr/bin/yum /usr/bin/dnf-3 /usr/bin/dnf5 \
		/usr/bin/dnf /usr/bin/microdnf /usr/bin/apt-get /usr/bin/zypper \
		/usr/sbin/urpmi /usr/bin/pacman /bin/opkg /usr/pkg/bin/pkgin \
		/opt/local/bin/pkgin /opt/tools/bin/pkgin /opt/local/bin/port \
		/usr/local/bin/brew /opt/homebrew/bin/brew /sbin/apk /usr/sbin/pkg \
		/usr/sbin/swlist /usr/bin/emerge /usr/sbin/pkgadd /usr/bin/pkg \
		/usr/bin/xbps-install /usr/local/sbin/pkg /usr/bin/swupd \
		/usr/sbin/sorcery /usr/bin/installp; do
		test -e "${path}" && printf '%s\n' "${path}"
	done
}

# facts_files: the lines of the files that the collectors read, each with its path.
facts_files() {
	etc='/etc/os-release /usr/lib/os-release /etc/debian_version
		/etc/altlinux-release /etc/oracle-release /etc/slackware-version
		/etc/centos-release /etc/redhat-release /etc/vmware-release
		/etc/openwrt_release /etc/system-release /etc/alpine-release
		/etc/SuSE-release /etc/gentoo-release /etc/lsb-release
		/etc/sourcemage-release /etc/coreos/update.conf /etc/resolv.conf
		/etc/machine-id /var/lib/dbus/machine-id /etc/selinux/config
		/sys/fs/selinux/policyvers /sys/fs/selinux/enforce
		/proc/cmdline /proc/loadavg /proc/1/comm /proc/self/status
		/proc/sys/crypto/fips_enabled'
	keys='/etc/ssh/ssh_host_*_key.pub /etc/openssh/ssh_host_*_key.pub
		/etc/ssh_host_*_key.pub'
	net='/sys/class/net/*'
	net="${net}/address ${net}/mtu ${net}/operstate ${net}/type ${net}/speed
		${net}/flags ${net}/bridge/bridge_id ${net}/bridge/stp_state
		${net}/bonding/slaves ${net}/bonding/mode ${net}/bonding/miimon
		${net}/bonding/lacp_rate ${net}/bonding/primary
		${net}/bonding/all_slaves_active ${net}/bonding_slave/perm_hwaddr"
	hardware='/proc/meminfo /proc/uptime /proc/sysinfo
		/sys/hypervisor/type /etc/mtab /proc/mounts /proc/self/mountinfo'
	disk='/sys/block/*'
	disk="${disk}/device/vendor ${disk}/device/model ${disk}/device/serial
		${disk}/device/sas_address ${disk}/device/sas_device_handle
		${disk}/removable ${disk}/size ${disk}/dm/name
		${disk}/queue/discard_max_hw_bytes
		${disk}/queue/discard_granularity ${disk}/queue/rotational
		${disk}/queue/scheduler ${disk}/queue/logical_block_size
		${disk}/queue/hw_sector_size ${disk}/*[0-9]/start
		${disk}/*[0-9]/size ${disk}/*[0-9]/queue/logical_block_size"
	virtual='/proc/1/cgroup /proc/xen/capabilities /run/systemd/container'
	wants ssh_pub_keys || keys=
	wants network || net=
	wants hardware || disk=
	wants hardware || hardware=
	wants virtual || virtual=
	wants hardware virtual &&
		etc="${etc} /proc/cpuinfo /sys/devices/virtual/dmi/id/[bcps]*"
	wants fibre_channel_wwn && etc="${etc} /sys/class/fc_host/*/port_name"
	wants iscsi nvme &&
		etc="${etc} /etc/iscsi/initiatorname.iscsi /etc/nvme/hostnqn"
	# shellcheck disable=SC2086 # words and patterns, all of them from here
	answer_output files grep '' /dev/null ${etc} ${keys} ${net} ${hardware} \
		${disk} ${virtual}
}

# facts_links: where links lead; `ls` prints `… NAME -> TARGET`.
facts_links() {
	links=
	for path in /sbin/init /usr/bin/dnf /usr/bin/microdnf /etc/products.d/baseproduct; do
		test -h "${path}" && links="${links} ${path}"
	done
	wants network && links="${links} /sys/class/net/*/device
		/sys/class/net/*/device/driver/module /sys/class/net/*/brif/*"
	wants hardware && links="${links} /sys/block/* /sys/block/*/holders/*
		/sys/block/*/*/holders/* /sys/block/*/slaves/* /dev/disk/by-id/*
		/dev/disk/by-uuid/* /dev/disk/by-label/*"
	# shellcheck disable=SC2086 # words and patterns, all of them from here
	test -z "${links}" || answer_output links ls -ld ${links}
}

# facts_user: the user's entry, found as Python's getpass finds it.
facts_user() {
	wants user || return 0
	test -r /proc/self/status || answer_output ids facts_ids
	user="${LOGNAME:-${USER:-${LNAME:-${USERNAME:-}}}}"
	answer_output passwd facts_passwd "${user:-$(id -u)}"
}

facts_ids() {
	id -ru
	id -u
	id -rg
}

# facts_passwd NAME-OR-NUMBER: one line of passwd(5).
facts_passwd() {
	if have getent; then
		getent passwd "$1" || getent passwd "$(id -u)"
		return
	fi
	id="$(id -u)"
	grep -e "^$1:" /etc/passwd || grep -e "^[^:]*:[^:]*:${id}:" /etc/passwd
}

# facts_date: the time, with nanoseconds where date knows them, and the rule of the time zone.
facts_date() {
	wants date_time || return 0
	answer_output date date '+%s %z %Z %N'
	zone="${TZ:-/etc/localtime}"
	zone="${zone#:}"
	case "${zone}" in
	(/*) ;;
	(*) zone="/usr/share/zoneinfo/${zone}" ;;
	esac
	answer tz "${TZ:-}"
	test ! -r "${zone}" || answer_output zone tail -n 1 "${zone}"
}

# facts_root: the root's inode here and for process 1, and the class byte of a program's header.
facts_root() {
	if wants platform && test -d /proc/self; then
		answer_output elf head -c 5 /bin/sh
	elif wants platform; then
		answer_output bits getconf LONG_BIT
	fi
	wants chroot || return 0
	answer roots ''
	stat -c '%d %i' / /proc/1/root/. && return 0
	answer_output root_type stat -f -c %T /
	answer_output root_inode ls -di /
}

# facts_name: the host's full name, by way of its address and back, as Python's getfqdn does.
facts_name() {
	name="${uname#* }"
	name="${name%% *}"
	if ! have getent; then
		answer_output hostname_f hostname -f
		return 0
	fi
	found="$(getent ahosts "${name}")" || return 0
	answer_output hosts getent hosts "${found%%[[:space:]]*}"
}

# facts_python: what the first interpreter says of itself that there is.
facts_python() {
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

# facts_local: the host's own facts, three answers a file: its path, how running it ended, its text.
facts_local() {
	test -d "${fact_path?}" || return 0
	for file in "${fact_path}"/*.fact; do
		test -e "${file}" || test -h "${file}" || continue
		answer local "${file}"
		if test ! -e "${file}"; then
			answer local_gone 1
		elif test ! -r "${file}" && test ! -x "${file}"; then
			answer local_unreadable 1
		elif test -x "${file}"; then
			exec 4>&1
			answer local_text ''
			why="$("${file}" 2>&1 >&4)"
			answer local_rc $?
			answer local_error "${why}"
		else
			answer_file local_text "${file}"
		fi
	done
}

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
	if wants facter; then
		PATH="${PATH}:/opt/puppetlabs/bin"
		for command in cfacter facter; do
			have "${command}" || continue
			answer_output facter "${command}" --puppet --json ||
				answer_output facter "${command}" --json
			break
		done
	fi
	! wants ohai || ! have ohai || answer_output ohai ohai
	return 0
}
