# commands: programs of the host, one after the other.
# in:   commands (a list of lists)  stop=0|1 (at the first that fails)
# out:  for each that was run: program (its path), stdout, stderr, rc
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
	if commands_path=$(command -v "$1"); then
		answer program "${commands_path}"
	else
		rc=127
		answer program ''
		answer stdout ''
		answer stderr "Failed to find required executable \"$1\""
		answer rc "${rc}"
		return 0
	fi
	answer stdout ''
	exec 3>&1
	# The status comes last, so that the line ends before it are kept.
	commands_said=$(
		"$@" 2>&1 >&3 3>&-
		printf ' %s' "$?"
	)
	exec 3>&-
	rc=${commands_said##* }
	answer stderr "${commands_said% *}"
	answer rc "${rc}"
}
