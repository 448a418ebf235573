# group: a group of accounts, by the tools of shadow-utils, libuser, BusyBox or BSD's pw.
# in:   name  state=present|absent  gid gid_min gid_max  local force non_unique system check=0|1
# out:  changed, gid
group_main() {
	group_find_tool
	if line=$(group_line); then
		line=${line#*:*:}
		known=${line%%:*}
	else
		known=
	fi
	case ${state:?}:${known} in
	(absent:) ;;
	(absent:*) group_do group_remove ;;
	(present:) group_do group_add ;;
	(present:"${gid?}") answer gid "${known}" ;;
	(present:*)
		test -z "${gid}" || group_do group_change
		test -z "${gid}" || test "${check:?}" = 1 || known=${gid}
		answer gid "${known}"
		;;
	esac
	if test -z "${known}" && line=$(group_line); then
		line=${line#*:*:}
		answer gid "${line%%:*}"
	fi
}

# group_line: the line of the group.
group_line() {
	if test "${local:?}" = 0 && have getent; then
		line=$(getent group "${name:?}") || return 1
		case ${line} in
		("${name}:"*) printf '%s\n' "${line}" && return 0 ;;
		esac
		return 1
	fi
	while read -r line; do
		case ${line} in
		("${name:?}:"*) printf '%s\n' "${line}" && return 0 ;;
		esac
	done </etc/group
	return 1
}

group_find_tool() {
	if test "${local}" = 1; then
		have lgroupadd || fail 'this host has no lgroupadd: "local" needs libuser'
		tool=libuser
	elif have groupadd && have groupmod; then
		tool=shadow
	elif have pw; then
		tool=pw
	elif have addgroup; then
		tool=busybox
	else
		fail 'this host has none of groupadd, addgroup and pw'
	fi
}

# group_do FUNCTION: the one place that changes something.
group_do() {
	changed
	test "${check:?}" = 0 || return 0
	said=$("$1" 2>&1) || fail "${said}" rc "$?" name "${name}"
}

group_add() {
	case ${tool} in
	(pw) set -- pw groupadd "${name}" ;;
	(busybox) set -- addgroup ;;
	(libuser) set -- lgroupadd ;;
	(*) set -- groupadd ;;
	esac
	test -z "${gid}" || set -- "$@" -g "${gid}"
	case ${tool}:${non_unique:?} in
	(shadow:1 | pw:1) set -- "$@" -o ;;
	esac
	case ${tool}:${system:?} in
	(shadow:1 | libuser:1) set -- "$@" -r ;;
	(busybox:1) set -- "$@" -S ;;
	esac
	if test "${tool}" = shadow; then
		test -z "${gid_min?}" || set -- "$@" -K "GID_MIN=${gid_min}"
		test -z "${gid_max?}" || set -- "$@" -K "GID_MAX=${gid_max}"
	fi
	test "${tool}" = pw || set -- "$@" "${name}"
	"$@"
}

group_change() {
	case ${tool} in
	(pw) set -- pw groupmod "${name}" ;;
	(libuser) set -- lgroupmod ;;
	(busybox)
		group_edit
		return
		;;
	(*) set -- groupmod ;;
	esac
	set -- "$@" -g "${gid}"
	test "${tool}:${non_unique}" != shadow:1 || set -- "$@" -o
	test "${tool}" = pw || set -- "$@" "${name}"
	"$@"
}

# group_edit: changes the id in /etc/group, where BusyBox has no tool for it.
group_edit() {
	while IFS=: read -r other _ id _; do
		if test "${id}" = "${gid}" && test "${other}" != "${name}"; then
			printf 'the id %s belongs to the group %s\n' "${gid}" "${other}" >&2
			return 1
		fi
	done </etc/group
	export name gid
	cp -p /etc/group /etc/group.play || return
	awk 'BEGIN { FS = OFS = ":" }
		$1 == ENVIRON["name"] { $3 = ENVIRON["gid"] }
		{ print }' /etc/group >/etc/group.play || return
	mv -f /etc/group.play /etc/group
}

group_remove() {
	case ${tool} in
	(pw) pw groupdel "${name}" ;;
	(libuser) lgroupdel "${name}" ;;
	(busybox) delgroup "${name}" ;;
	(*)
		if test "${force:?}" = 1; then
			groupdel -f "${name}"
		else
			groupdel "${name}"
		fi
		;;
	esac
}
