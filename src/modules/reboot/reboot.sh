# reboot: has the host start anew.

# reboot_probe: what tells one boot from the next, and what will reboot the host.
# in:   boot_time_command  reboot_command  search_paths (a list)  delay (seconds)  message
# out:  boot, command (a line for a shell)
reboot_probe() {
	boot=$(reboot_boot) || fail "${boot_time_command:-the kernel} says nothing of the last boot"
	answer boot "${boot}"
	reboot_words "${reboot_command?}"
	answer command "${line}"
}

# reboot_boot: what differs from boot to boot.
reboot_boot() {
	if test -n "${boot_time_command?}"; then
		/bin/sh -c "${boot_time_command}" 2>&1
	elif test -r /proc/sys/kernel/random/boot_id; then
		cat /proc/sys/kernel/random/boot_id
	else
		sysctl -n kern.boottime 2>/dev/null || who -b
	fi
}

# reboot_words COMMAND: sets line to the whole command. Only the search paths are looked through.
reboot_words() {
	if test -n "$1"; then
		program=${1%%[ 	]*}
		rest=${1#"${program}"}
		reboot_find "${program}" || fail "Unable to find command \"${program}\" in: ${search_paths?}"
		line="'${found}'${rest}"
		return 0
	fi
	minutes=$((${delay:?} / 60))
	if ! reboot_find shutdown; then
		reboot_find reboot || fail "Unable to find command \"shutdown\" in: ${search_paths?}"
		line="'${found}'"
		return 0
	fi
	case $(uname -s) in
	(SunOS) options="-y -g ${delay} -i 6" ;;
	(FreeBSD) options="-r +${delay}s" ;;
	(AIX) options='-Fr' ;;
	(*) options="-r +${minutes}" ;;
	esac
	# shellcheck disable=SC2016 # the message is expanded by the shell that runs the line
	line="'${found}' ${options} \"\${message}\""
}

# reboot_find PROGRAM: sets found to its path.
reboot_find() {
	case $1 in
	(/*)
		found=$1
		test -x "${found}"
		return
		;;
	esac
	program=$1
	eval "set -- ${search_paths:?}"
	for folder in "$@"; do
		found=${folder}/${program}
		test ! -x "${found}" || return 0
	done
	return 1
}

# reboot_run: does it. The connection may break at any moment now.
# in:   line  message
# out:  rc; raw output
reboot_run() {
	export message
	/bin/sh -c "${line:?}"
	answer rc $?
}

# reboot_look: what tells this boot from others.
# in:   boot_time_command
# out:  boot
reboot_look() {
	answer boot "$(reboot_boot)"
}

# reboot_test: a command that shows that the host is ready.
# in:   test_command
# out:  rc; raw output
reboot_test() {
	/bin/sh -c "${test_command:?}"
	answer rc $?
}
