# ready: a shell says who it is: its number, its process group, its user.
# in:   play_mark
# out:  a line with these on stdout, and its mark on stderr, so that noise before
#       them is told apart
play_group=$$
if [ -r "/proc/$$/stat" ]; then
	IFS= read -r play_stat <"/proc/$$/stat"
	# shellcheck disable=SC2086 # each field is a word
	set -- ${play_stat##*) }
	play_group=$3
fi
play_user=$(id -un 2>/dev/null) || play_user=${USER-}
printf '\n%s .ready %s %s %s\n' "${play_mark}" "$$" "${play_group}" "${play_user}"
printf '\n%s .ready\n' "${play_mark}" >&2
