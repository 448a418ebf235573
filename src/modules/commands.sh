# commands: programs of the host, one after the other.
# in:   commands (a list of lists)  stop=0|1 (at the first that fails)
# out:  for each that was run: stdout, stderr, rc
commands_main() {
	eval "set -- ${commands?}"
	for commands_words in "$@"; do
		eval "commands_one ${commands_words}"
		test "${rc:?}" = 0 || test "${stop:?}" = 0 || return 0
	done
	return 0
}

# commands_one PROGRAM ARGUMENT...: sets rc; what it says comes in pieces that are named.
commands_one() {
	if ! have "$1"; then
		rc=127
		answer stdout ''
		answer stderr "Failed to find required executable \"$1\""
		answer rc "${rc}"
		return 0
	fi
	answer stdout ''
	exec 3>&1
	commands_said=$("$@" 2>&1 >&3 3>&-)
	rc=$?
	exec 3>&-
	answer stderr "${commands_said}"
	answer rc "${rc}"
}
