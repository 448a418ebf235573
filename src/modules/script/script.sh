# script: runs a file of the controller on the host.

# script_probe: says whether the script is to run, and makes the file it will be put into.
# in:   creates  removes  check=0|1
# out:  created, removed (the path that decided), file
script_probe() {
	if test -n "${creates?}" && script_is_there "${creates}"; then
		answer created "${creates}"
	elif test -n "${removes?}" && ! script_is_there "${removes}"; then
		answer removed "${removes}"
	elif test "${check:?}" = 0; then
		script_file
	fi
}

# script_is_there PATH
script_is_there() {
	test -e "$1" || test -L "$1"
}

# script_file: a new empty file that only this user can read.
script_file() {
	umask 077
	private_file play-script.
	file=${private:?}
	answer file "${file}"
}

# script_run: runs the file and takes it away.
# in:   chdir  file  line (the whole command line, for a shell)
# out:  rc; raw output
script_run() {
	trap 'rm -f -- "${file}"' EXIT HUP INT TERM
	chmod 0700 "${file:?}" || fail "cannot make ${file} executable"
	raw
	(
		unset CDPATH
		test -z "${chdir?}" || cd "${chdir}" >/dev/null || exit 2
		exec /bin/sh -c "${line:?}"
	)
	answer rc $?
}
