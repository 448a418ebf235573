# make: runs make where it has something to do.
# in:   chdir  make (a program, or empty)  words  check=0|1
# out:  command, rc, stale; raw output
make_main() {
	make_find
	unset CDPATH
	case ${chdir:?} in
	(-*) chdir=./${chdir} ;;
	esac
	cd "${chdir}" 2>/dev/null || fail "Unable to change directory before execution: ${chdir}"
	answer command "${make}"
	eval "set -- ${words?}"
	make_said=$("${make}" -q "$@" 2>&1)
	make_rc=$?
	if [ "${make_rc}" = 0 ]; then
		return
	fi
	answer stale 1
	if [ "${check:?}" = 1 ]; then
		[ "${make_rc}" = 1 ] || fail "${make_said}"
		return
	fi
	raw
	"${make}" "$@"
	answer rc "$?"
}

# make_find: sets make to the program's path; GNU's, where there are two.
make_find() {
	if [ -n "${make?}" ]; then
		have "${make}" || fail "there is no ${make} on the host"
		return
	fi
	make=$(command -v gmake) || make=$(command -v make) ||
		fail 'there is no make on the host: install it first'
}
