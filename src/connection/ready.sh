play_group=$$
if [ -r "/proc/$$/stat" ]; then
	IFS= read -r play_stat <"/proc/$$/stat"
	set -- ${play_stat##*) }
	play_group=$3
fi
play_user=$(id -un 2>/dev/null) || play_user=${USER-}
printf '\n%s .ready %s %s %s\n' "${play_mark}" "$$" "${play_group}" "${play_user}"
printf '\n%s .ready\n' "${play_mark}" >&2
