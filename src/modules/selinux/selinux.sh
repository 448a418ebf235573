# selinux: whether SELinux is on, and by which policy.

# selinux_probe: looks, and writes nothing.
# in:   configfile  kernel=0|1  policy
# out:  config, running (enforcing, permissive, disabled), type (the running policy), known (the
#       policy is there), grubby
selinux_probe() {
	test -f "${configfile:?}" || fail "Unable to find file ${configfile}"
	answer_file config "${configfile}"
	running=disabled
	enforce=${play_root-}/sys/fs/selinux/enforce
	if test -r "${enforce}"; then
		running=permissive
		test "$(cat "${enforce}")" = 0 || running=enforcing
	fi
	answer running "${running}"
	answer type "$(sed -n 's/^SELINUXTYPE=//p' "${play_root-}/etc/selinux/config" 2>/dev/null | tail -n 1)"
	test ! -e "${play_root-}/etc/selinux/${policy:-/}/policy" || answer known 1
	if test "${kernel:?}" = 1; then
		have grubby || fail "'grubby' command not found on host"
		said=$(grubby --info=ALL 2>&1) || fail 'unable to run grubby'
		answer grubby "${said}"
	fi
}

# selinux_act: the one place that changes something.
# in:   configfile  text (empty: leave it)  enforce=|0|1  kernel=|--args|--remove-args
selinux_act() {
	test -z "${text?}" || text_write "${configfile:?}" "${text}"
	if test -n "${enforce?}"; then
		said=$(setenforce "${enforce}" 2>&1) || fail "setenforce failed: ${said}"
	fi
	if test -n "${kernel?}"; then
		said=$(grubby --update-kernel=ALL "${kernel}" selinux=0 2>&1) ||
			fail "unable to change selinux=0 in the kernel's arguments: ${said}"
	fi
}
