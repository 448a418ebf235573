# relay: stands between a connection and the shell of a session. $1 is the session's
# mark, $2 the shell. Once the connection is gone, what the shell still runs is ended:
# a controller that was killed leaves nothing running. It becomes one line (see
# `relay.rs`): no single quotes, no backslashes but in \n, a command on each line.

# What the shell of the pipe says is not the session's.
trap : TERM

# play_others: says whether the other side of the pipe still lives.
play_others() {
	if [ -r "/proc/$$/task/$$/children" ]; then
		play_kids=
		read -r play_kids <"/proc/$$/task/$$/children"
	else
		# shellcheck disable=SC2009 # pgrep is no part of POSIX
		play_kids=$(ps -A -o ppid= | grep "^ *$$ *$")
	fi
	# shellcheck disable=SC2086 # each number is a word
	set -- ${play_kids}
	[ $# -gt 1 ]
}

{
	cat
	exec >&-
	play_turns=0
	while [ "${play_turns}" -lt 10 ] && play_others; do
		sleep 0.1 || sleep 1
		play_turns=$((play_turns + 1))
	done
	if play_others; then
		trap "" TERM
		kill -TERM 0
		sleep 2
		kill -KILL 0
	fi
} 2>/dev/null | {
	"$2"
	printf "\n%s .gone\n" "$1"
}
