# end: ends what another session has left running.

# play_family PID: the process and all its descendants, where /proc tells.
play_family() {
	play_all=" $1 "
	play_before=
	until [ "${play_all}" = "${play_before}" ]; do
		play_before=${play_all}
		for play_stat in /proc/[0-9]*/stat; do
			play_adopt "${play_stat}"
		done
	done
}

# play_adopt FILE: adds a process to the family when its parent belongs to it.
play_adopt() {
	{ IFS= read -r play_line <"$1"; } 2>/dev/null || return 0
	play_pid=${play_line%% *}
	# shellcheck disable=SC2086 # each field is a word
	set -- ${play_line##*) }
	case ${play_all} in
	(*" ${play_pid} "*) ;;
	(*" ${2:-none} "*) play_all="${play_all}${play_pid} " ;;
	esac
}

# play_signal SIGNAL GROUP PID...: to the group and to each process; fails where
# none of them is there any more.
play_signal() {
	play_name=$1
	play_found=1
	kill -s "${play_name}" -- "-$2" 2>/dev/null && play_found=0
	shift 2
	for play_to in "$@"; do
		kill -s "${play_name}" "${play_to}" 2>/dev/null && play_found=0
	done
	return "${play_found}"
}

# play_kill PID GROUP: asks the session's processes to end, then ends them.
play_kill() {
	play_group=$2
	play_family "$1"
	# shellcheck disable=SC2086 # each number is a word
	set -- ${play_all}
	play_signal TERM "${play_group}" "$@"
	play_turns=0
	while [ "${play_turns}" -lt 20 ]; do
		play_signal 0 "${play_group}" "$@" || return 0
		sleep 0.1 2>/dev/null || sleep 1
		play_turns=$((play_turns + 1))
	done
	play_signal KILL "${play_group}" "$@"
	return 0
}
