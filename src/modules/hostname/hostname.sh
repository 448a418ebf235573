# hostname: the host's name, for now and for the next boot.
# in:   wanted  use (a strategy, or auto)  check=0|1
# out:  changed, current, permanent, fqdn
hostname_main() {
	strategy=${use:?}
	wanted=${wanted:?}
	test "${strategy}" != auto || hostname_strategy
	# Debian keeps its name by hand only where systemd does not.
	if test "${strategy}" = debian && test -d /run/systemd/system && have hostnamectl; then
		strategy=systemd
	fi
	case ${strategy} in
	(alpine | debian) strategy=file file=/etc/hostname ;;
	(sles) strategy=file file=/etc/HOSTNAME ;;
	(openbsd) strategy=file file=/etc/myname ;;
	(solaris) strategy=file file=/etc/nodename ;;
	(redhat) strategy=assignment file=/etc/sysconfig/network variable=HOSTNAME ;;
	(openrc) strategy=assignment file=/etc/conf.d/hostname variable=hostname ;;
	(freebsd) strategy=assignment file=/etc/rc.conf.d/hostname variable=hostname ;;
	(macos | macosx) strategy=darwin ;;
	esac
	current=$(hostname_current)
	permanent=$(hostname_permanent)
	answer current "${current}"
	answer permanent "${permanent}"
	if test "${strategy}" = systemd && test "${#wanted}" -gt 64; then
		fail 'name cannot be longer than 64 characters on systemd servers, try a shorter name'
	fi
	# The permanent one first: NetworkManager takes offence at a name that only the kernel knows.
	test "${permanent}" = "${wanted}" || hostname_do hostname_set_permanent
	test "${current}" = "${wanted}" || hostname_do hostname_set_current
	answer fqdn "$(hostname -f 2>/dev/null)"
}

# hostname_strategy: how this host keeps its name.
hostname_strategy() {
	if test -d /run/systemd/system && have hostnamectl; then
		strategy=systemd
	elif test -f /etc/conf.d/hostname; then
		strategy=openrc
	elif test -f /etc/alpine-release || test -f /etc/debian_version; then
		strategy=debian
	elif test -f /etc/HOSTNAME; then
		strategy=sles
	elif test -f /etc/sysconfig/network && test -f /etc/redhat-release; then
		strategy=redhat
	elif test -f /etc/hostname; then
		strategy=debian
	else
		case $(uname -s) in
		(FreeBSD | DragonFly) strategy=freebsd ;;
		(OpenBSD | NetBSD) strategy=openbsd ;;
		(Darwin) strategy=darwin ;;
		(SunOS) strategy=solaris ;;
		(*) strategy=generic ;;
		esac
	fi
}

hostname_current() {
	case ${strategy} in
	(systemd) hostnamectl --transient status 2>/dev/null || uname -n ;;
	(darwin) scutil --get LocalHostName 2>/dev/null || uname -n ;;
	(*) hostname 2>/dev/null || uname -n ;;
	esac
}

# hostname_permanent: the name after the next boot.
hostname_permanent() {
	case ${strategy} in
	(systemd) hostnamectl --static status 2>/dev/null ;;
	(darwin) scutil --get HostName 2>/dev/null ;;
	(file) test ! -r "${file}" || grep -v '^#' "${file}" | head -n 1 ;;
	(assignment) hostname_assigned ;;
	(*) printf '%s\n' "${current}" ;;
	esac
}

# hostname_assigned: the value of the variable in the file, without quotes.
hostname_assigned() {
	test -r "${file}" || return 0
	sed -n "s/^${variable}=[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}[[:blank:]]*\$/\1/p" "${file}" | tail -n 1
}

# hostname_do FUNCTION: the one place that changes something.
hostname_do() {
	changed
	test "${check:?}" = 0 || return 0
	said=$("$1" 2>&1) || fail "cannot set the name of the host: ${said}"
}

hostname_set_current() {
	case ${strategy} in
	(systemd) hostnamectl --transient set-hostname "${wanted}" ;;
	(darwin) scutil --set LocalHostName "${wanted%%.*}" ;;
	(*) hostname "${wanted}" ;;
	esac
}

hostname_set_permanent() {
	case ${strategy} in
	(systemd) hostnamectl --pretty --static set-hostname "${wanted}" ;;
	(darwin) scutil --set HostName "${wanted}" && scutil --set ComputerName "${wanted}" ;;
	(file) printf '%s\n' "${wanted}" | hostname_replace ;;
	(assignment)
		{
			test ! -r "${file}" || grep -v "^${variable}=" "${file}"
			printf '%s="%s"\n' "${variable}" "${wanted}"
		} | hostname_replace
		;;
	esac
}

# hostname_replace: writes a file beside the old one and renames it. Where /etc/hostname is mounted
# (in a container) it cannot be renamed over.
hostname_replace() {
	test ! -e "${file}" || cp -p "${file}" "${file}.play" || return
	cat >"${file}.play" || return
	mv -f "${file}.play" "${file}" 2>/dev/null && return 0
	cat "${file}.play" >"${file}" && rm -f "${file}.play"
}
