# trials: what the tests of sessions call.

leave() {
	exit 7
}

eat_stdin() {
	cat
}

set_things() {
	cd /
	umask 0
	trial_left=1
	set -e
	exec >/dev/null 2>&1
}

see_things() {
	[ -z "${trial_left-}" ] || fail 'a variable is left'
	false
	[ -n "$(cd . && pwd)" ]
}

speak() {
	printf 'out\0put\n'
	printf 'err\0or' >&2
	answer name 'va

lue'
}

flood() {
	head -c 8000000 /dev/zero >&2
}

go_on_in_background() {
	sleep 3 &
	echo 'done'
}

tick() {
	echo one
	sleep 0.4
	echo two
}

kill_shell() {
	echo last words >&2
	kill -9 $$
}

hang() {
	(sleep "$1" &)
	timeout 5000 sleep "$1"
}

take_to_full() {
	answer ready 1
	play_why=$(play_take "$1" | {
		{ cat >/dev/full || play_drain; } 2>&1
	}) || play_refuse /dev/full "${play_why}"
}

# trial_server: the process of sshd that serves this connection: the first above us that is no shell.
trial_server() {
	trial_pid=$$
	while test "${trial_pid}" -gt 1; do
		read -r trial_line <"/proc/${trial_pid}/stat"
		case ${trial_line} in
		(*'(sshd'*) break ;;
		esac
		# shellcheck disable=SC2086 # each field is a word
		set -- ${trial_line##*) }
		trial_pid=$2
	done
	echo "${trial_pid}"
}

kill_server() {
	echo last words >&2
	kill -9 "$(trial_server)"
}

# count_sleepers SECONDS: how many processes sleep for so long.
count_sleepers() {
	trial_count=0
	for trial_file in /proc/[0-9]*/cmdline; do
		trial_line=$(tr '\0' ' ' <"${trial_file}") 2>/dev/null || continue
		case ${trial_line} in
		("sleep $1 ") trial_count=$((trial_count + 1)) ;;
		esac
	done
	answer count "${trial_count}"
}

forget_file() {
	rm -f -- "$1"
}

be_quiet() {
	sleep "$1"
}

# stop_server: the one that serves this connection; it goes on after a while.
stop_server() {
	trial_pid=$(trial_server)
	(sleep 15 && kill -CONT "${trial_pid}") >/dev/null 2>&1 &
	kill -STOP "${trial_pid}"
	sleep 20
}

echo_back() {
	answer set "${trial_text}"
	answer arg "$1"
}

nothing() {
	:
}
