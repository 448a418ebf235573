# pam_limits: the table of limits.

# pam_limits_probe: looks, and writes nothing.
# in:   what edit_probe reads
pam_limits_probe() {
	case ${path?} in
	(*/*) folder=${path%/*}/ ;;
	(*) folder=. ;;
	esac
	if test -f "${path}"; then
		test -w "${path}" || fail "${path} is not writable. Use sudo"
	elif ! test -d "${folder}" || ! test -w "${folder}"; then
		fail "the folder ${folder%/} is not there or cannot be written to"
	fi
	edit_probe
}
