# prelude: the small verbs that every fragment uses.
# in:   play_mark (a random word of this session)
# Each request runs in a subshell, so exit ends the request and nothing else.

# answer NAME VALUE: one named answer; the value may hold anything but NUL.
answer() {
	printf '\n%s %s\n%s' "${play_mark?}" "$1" "$2"
}

# answer_file NAME PATH: a file's bytes as a named answer.
answer_file() {
	printf '\n%s %s\n' "${play_mark}" "$1"
	cat <"$2"
}

# answer_output NAME COMMAND...: a command's standard output as a named answer.
answer_output() {
	printf '\n%s %s\n' "${play_mark}" "$1"
	shift
	"$@"
}

# changed: something is different now, or would be in check mode.
changed() {
	answer changed 1
}

# warn TEXT: something the user should know.
warn() {
	answer warning "$1"
}

# fail TEXT: ends the request; the task fails with this message.
fail() {
	answer failed "$1"
	while test $# -ge 3; do
		answer "failed_$2" "$3"
		shift 2
	done
	exit 1
}

# have COMMAND: says whether the host has the command.
have() {
	command -v "$1" >/dev/null 2>&1
}

# play_tools: has programs found in the folders of administration too, which an ordinary user's PATH may lack.
play_tools() {
	PATH=${PATH:-/usr/bin:/bin}:/sbin:/usr/sbin:/usr/local/sbin
}

# raw: what follows is plain output again, after an answer.
raw() {
	printf '\n%s -\n' "${play_mark}"
}

# play_end STATUS: the end of a request, on both streams.
play_end() {
	printf '\n%s .end %s\n' "${play_mark}" "$1"
	printf '\n%s .end\n' "${play_mark}" >&2
}
