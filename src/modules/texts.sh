# texts: short files of a host's configuration, each written whole.
# Fragments that use them find /etc and /proc below play_root, which is empty
# but for tests.

# text_write PATH TEXT: puts the text in the place of the file, or of what a
# link leads to; owner and mode stay.
text_write() {
	ground_real "$1"
	text_dest=${real?}
	case ${text_dest} in
	(*/*) mkdir -p -- "${text_dest%/*}/" 2>/dev/null ;;
	esac
	temp_beside "${text_dest}"
	ground_watch place_tidy
	{ printf '%s' "$2" >"${temp:?}"; } 2>/dev/null ||
		fail "cannot write $1: is the disk full?"
	take_after "${temp_old?}" "${temp}"
	replace_file "${temp}" "${temp_dest?}" 1
	place_tidy
	ground_leave
	ground_watch :
}

# text_answer NAME PATH: answers a file, where it is there and can be read.
text_answer() {
	if test -f "$2" && test -r "$2"; then
		answer_file "$1" "$2"
	fi
}
