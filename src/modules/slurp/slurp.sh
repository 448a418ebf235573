# slurp: a file as it is.
# in:   src
# out:  source, content
slurp_main() {
	[ -e "${src?}" ] || fail "there is no ${src} on the host"
	[ ! -d "${src}" ] || fail "${src} is a directory, and has no content"
	[ -r "${src}" ] || fail "${src} cannot be read"
	answer source "${src}"
	answer_file content "${src}"
}
