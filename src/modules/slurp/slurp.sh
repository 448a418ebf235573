# slurp: a file as it is.
# in:   src
# out:  source, content
slurp_main() {
	[ -r "${src?}" ] || slurp_refused
	[ ! -d "${src}" ] || fail "Source is a directory and must be a file: ${src}"
	answer source "${src}"
	answer_file content "${src}"
}

# slurp_refused: says why the file cannot be read. What opens it tells what no test can: a file that is not there from
# one below a folder that may not be entered.
slurp_refused() {
	case $(LC_ALL=C cat "${src}" 2>&1 >/dev/null) in
	*': No such file or directory') fail "File not found: ${src}" ;;
	*': Permission denied') fail "File is not readable: ${src}" ;;
	*) fail "Unable to slurp file: ${src}" ;;
	esac
}
