# texts: short files of a host's configuration, each written whole.
# Fragments that use them find /etc and /proc below play_root, which is empty
# but for tests.

# text_write PATH TEXT: puts the text in the place of the file, or of what a
# link leads to; owner and mode stay.
text_write() {
	text_dest=$(readlink -f -- "$1" 2>/dev/null) || text_dest=$1
	case ${text_dest} in
	(*/*) mkdir -p -- "${text_dest%/*}/" 2>/dev/null ;;
	esac
	temp_beside "${text_dest}"
	text_temp=${temp:?}
	trap 'rm -f -- "${text_temp}"' EXIT
	{ printf '%s' "$2" >"${text_temp}"; } 2>/dev/null ||
		fail "cannot write $1: is the disk full?"
	take_after "${text_dest}" "${text_temp}"
	replace_file "${text_temp}" "${text_dest}" 1
	rm -f -- "${text_temp}"
	trap - EXIT
}

# text_answer NAME PATH: answers a file, where it is there and can be read.
text_answer() {
	if test -f "$2" && test -r "$2"; then
		answer_file "$1" "$2"
	fi
}
