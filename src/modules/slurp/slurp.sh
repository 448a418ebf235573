# slurp: a file as it is.
# in:   src
# out:  source, content
slurp_main() {
	[ -e "${src?}" ] || fail "File not found: ${src}"
	[ ! -d "${src}" ] || fail "Source is a directory and must be a file: ${src}"
	[ -r "${src}" ] || fail "File is not readable: ${src}"
	answer source "${src}"
	answer_file content "${src}"
}
