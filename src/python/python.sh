# python: a shell becomes a Python that serves.

# play_python: the first interpreter there is takes the shell's place.
# in:   pythons (words), boot (its program), mark
# out:  a line with the mark and `hello`, or with the mark and `none`
play_python() {
	eval "set -- ${pythons}"
	for play_one; do
		case ${play_one} in
		*' '*)
			# A program with arguments, such as `/usr/bin/env python3`.
			eval "set -- ${play_one}"
			command -v "$1" >/dev/null 2>&1 && exec "$@" -u -c "${boot}" "${mark}"
			;;
		*)
			command -v "${play_one}" >/dev/null 2>&1 || continue
			# One of many may be a wrapper that finds no Python behind it.
			[ $# -eq 1 ] ||
				"${play_one}" -c '' </dev/null >/dev/null 2>&1 || continue
			exec "${play_one}" -u -c "${boot}" "${mark}"
			;;
		esac
	done
	printf '\n%s none\n' "${mark}"
	exit 127
}
