# relay: stands between a connection and the shell of a session. $1 is the session's
# mark, $2 the shell, $3 the text of `watch.sh`. It becomes one line (see `relay.rs`):
# no single quotes, no backslashes but in \n, a command on each line.

# What asks the session's group to end is not to end this before the rest.
trap : TERM

{
	cat
	# Nobody holds the pipe any more: the shell behind it sees the end of its input.
	exec "$2" -c "$3" play "$$" >&-
} 2>/dev/null | {
	"$2"
	printf "\n%s .gone\n" "$1"
}
