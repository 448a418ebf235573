# sysctl: a value of the kernel, now and in a file for the next boot.

# sysctl_probe: what the kernel says, and the file.
# in:   name  and what edit_probe reads
# out:  system, known=0|1, value; what edit_probe answers
sysctl_probe() {
	have sysctl || fail 'Failed to find required executable "sysctl"'
	system=$(uname -s)
	answer system "${system}"
	case ${system} in
	(OpenBSD) value=$(sysctl -n "${name:?}" 2>/dev/null) ;;
	(*) value=$(sysctl -e -n "${name:?}" 2>/dev/null) ;;
	esac && answer value "${value}"
	edit_probe
}

# sysctl_set: sets the value now.
# in:   system  name  value  ignore=0|1
sysctl_set() {
	set -- "${name:?}=${value?}"
	case ${system:?}-${ignore:?} in
	(OpenBSD-* | FreeBSD-0) ;;
	(FreeBSD-1) set -- -i "$@" ;;
	(*-1) set -- -e -w "$@" ;;
	(*) set -- -w "$@" ;;
	esac
	said=$(sysctl "$@" 2>&1)
	sysctl_judge "$?" "setting ${name} failed: ${said}"
}

# sysctl_reload: has the kernel take what the file says.
# in:   system  ignore=0|1  file  all (a list of name=value, for OpenBSD)
sysctl_reload() {
	case ${system:?}-${ignore:?} in
	(FreeBSD-*) said=$(/etc/rc.d/sysctl reload 2>&1) ;;
	(OpenBSD-*)
		eval "set -- ${all?}"
		said=$(for pair in "$@"; do sysctl "${pair}" || exit; done 2>&1)
		;;
	(*-1) said=$(sysctl -e -p "${file:?}" 2>&1) ;;
	(*) said=$(sysctl -p "${file:?}" 2>&1) ;;
	esac
	sysctl_judge "$?" "Failed to reload sysctl: ${said}"
}

# sysctl_judge STATUS TEXT: some errors come with status 0.
sysctl_judge() {
	test "$1" = 0 || fail "$2"
	case $2 in
	(*'sysctl: setting key "'*'": Invalid argument'*) fail "$2" ;;
	(*'sysctl: setting key "'*'": Read-only file system'*) fail "$2" ;;
	esac
}
