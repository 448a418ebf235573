# files: brings bytes to a file of the host and takes them away.
# out:   ready (the bytes may come), content

# play_create PATH: an empty file that only we may read, in place of what was
# there. It never writes through a link that somebody else has laid.
play_create() {
	umask 077
	play_why=$({ play_remove "$1" && set -C && true >"$1" && [ -f "$1" ]; } 2>&1) ||
		play_refuse "$1" "${play_why}"
}

# play_remove PATH: takes away what is there; most often nothing is.
play_remove() {
	if [ -e "$1" ] || [ -L "$1" ]; then
		rm -f -- "$1"
	fi
}

# play_refuse PATH TEXT: fails with the reason that ends the shell's own words.
play_refuse() {
	fail "cannot write $1: ${2##*: }"
}

# play_write PATH BODY: writes a short text. Each shell's printf tells when the
# disk is full.
play_write() {
	play_create "$1"
	play_why=$({ printf '%s' "$2" >"$1"; } 2>&1) || {
		rm -f -- "$1"
		play_refuse "$1" "${play_why}"
	}
}

# play_receive PATH SIZE: writes SIZE bytes from the session's own input; where
# that cannot be finished, nothing stays. What cannot be written is read all
# the same: the shell would run it otherwise.
play_receive() {
	play_create "$1"
	play_path=$1
	trap 'rm -f -- "${play_path}"' EXIT
	trap 'exit 1' HUP INT TERM
	answer ready 1
	play_why=$(play_take "$2" | {
		{ cat >"$1" || play_drain; } 2>&1
	}) || play_refuse "$1" "${play_why}"
	[ "$(wc -c <"$1")" -eq "$2" ] || play_short
	trap - EXIT
}

# play_short: less came than was announced, because the line was cut or the file
# became shorter: what came goes, and so does this shell, since nobody can tell
# any more what is a file's and what is a request.
play_short() {
	rm -f -- "${play_path}"
	kill -9 $$
	exit 1
}

# play_drain: reads what is left, and fails.
play_drain() {
	cat >/dev/null
	return 1
}

# play_take SIZE: that many bytes of the input, and not one more.
play_take() {
	if head -c 1 </dev/null >/dev/null 2>&1; then
		head -c "$1"
	else
		dd bs=1 count="$1" 2>/dev/null
	fi
}

# play_fetch PATH MOST: a file's bytes, but for those beyond MOST.
play_fetch() {
	[ -e "$1" ] || fail "$1 does not exist"
	[ ! -d "$1" ] || fail "$1 is a directory"
	[ -r "$1" ] || fail "$1 cannot be read: permission denied"
	answer content ''
	if head -c 1 </dev/null >/dev/null 2>&1; then
		head -c "$2" <"$1"
	else
		cat <"$1"
	fi
}
