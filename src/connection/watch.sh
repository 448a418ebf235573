# watch: the connection is gone. $1 is the relay's process. A shell that is idle ends by
# itself; what one still runs after a second is ended: a controller that was killed
# leaves nothing running. It becomes one line, as `relay.sh` does.
play_over=$1

# play_others: says whether the other side of the relay's pipe still lives.
play_others() {
	if [ -r "/proc/${play_over}/task/${play_over}/children" ]; then
		play_kids=
		read -r play_kids <"/proc/${play_over}/task/${play_over}/children"
	else
		# shellcheck disable=SC2009 # pgrep is no part of POSIX
		play_kids=$(ps -A -o ppid= | grep "^ *${play_over} *$")
	fi
	# shellcheck disable=SC2086 # each number is a word
	set -- ${play_kids}
	[ $# -gt 1 ]
}

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
