# expect: a program runs at a terminal of its own, and is answered.

# expect_start: begins, and answers the folder that the conversation is in.
# in:   chdir  creates  removes  echo=0|1; the words
# out:  skipped, dir, started
expect_start() {
	expect_enter
	if [ -n "${creates?}" ] && program_matches "${creates}"; then
		answer skipped "skipped, since ${creates} exists"
		return
	fi
	if [ -n "${removes?}" ] && ! program_matches "${removes}"; then
		answer skipped "skipped, since ${removes} does not exist"
		return
	fi
	have "$1" || fail "The command was not found or was not executable: $1."
	expect_terminal
	private_folder
	dir=${private:?}
	(umask 077 && mkfifo -- "${dir}/in" && : >"${dir}/out") || fail "cannot write in ${dir}"
	expect_words "$@" >"${dir}/words"
	answer dir "${dir}"
	answer started "$(program_now)"
	# exec, because a shell that calls a function keeps what was open before.
	(
		exec </dev/null >/dev/null 2>&1
		expect_run
	) &
}

# expect_enter: goes to the folder that was asked for.
expect_enter() {
	unset CDPATH
	[ -n "${chdir?}" ] || return 0
	cd -- "${chdir}" 2>/dev/null || fail "cannot enter ${chdir}"
}

# expect_terminal: sets expect_by to what gives a program a terminal.
expect_terminal() {
	if have script && script --help 2>&1 | grep -q -e '-c'; then
		expect_by=script
	elif have python3; then
		expect_by=python3
	else
		fail 'nothing on this host gives a program a terminal: install script (util-linux, BusyBox) or python3'
	fi
	have mkfifo || fail 'there is no mkfifo on the host'
}

# expect_words WORDS...: prints a program for sh that becomes these words, at a
# terminal that echoes what is typed only where that is wanted.
expect_words() {
	if [ "${echo:?}" = 0 ]; then
		printf 'stty -echo 2>/dev/null\n'
	fi
	printf 'stty rows 24 cols 80 2>/dev/null\n('
	printf 'exec'
	for expect_word do
		printf " '%s'" "$(printf '%s\n' "${expect_word}" | sed "s/'/'\\\\''/g")"
	done
	# shellcheck disable=SC2016 # that shell expands it
	printf ')\necho $? >"$0.rc"\n'
}

# expect_run: the program at its terminal; the file `end` says that it is over.
expect_run() {
	exec 3<>"${dir}/in"
	expect_command="sh $(expect_quoted "${dir}/words")"
	case ${expect_by} in
	(script) script -q -c "${expect_command}" /dev/null <&3 >"${dir}/out" 2>&1 & ;;
	(*) python3 -c 'import pty, sys; pty.spawn(["sh", sys.argv[1]])' "${dir}/words" <&3 >"${dir}/out" 2>&1 & ;;
	esac
	echo "$!" >"${dir}/pid"
	wait "$!"
	: >"${dir}/end"
}

# expect_quoted TEXT: prints the text as one word for sh.
expect_quoted() {
	printf "'%s'" "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")"
}

# expect_go: says something, if there is something to say, and waits for more
# than is known.
# in:   dir  say=0|1  line  known (bytes)  tenths (how long to wait)
# out:  new, over, waited
expect_go() {
	if [ "${say:?}" = 1 ]; then
		printf '%s\n' "${line?}" 1<>"${dir:?}/in"
	fi
	expect_waited=0
	while :; do
		expect_over=0
		[ ! -e "${dir}/end" ] || expect_over=1
		expect_size=$(wc -c <"${dir}/out")
		[ "${expect_over}" = 0 ] || break
		[ "${expect_size}" -le "${known:?}" ] || break
		[ "${expect_waited}" -lt "${tenths:?}" ] || break
		if sleep 0.1 2>/dev/null; then
			expect_waited=$((expect_waited + 1))
		else
			sleep 1
			expect_waited=$((expect_waited + 10))
		fi
	done
	answer waited "${expect_waited}"
	answer over "${expect_over}"
	answer_output new tail -c "+$((known + 1))" "${dir}/out"
}

# expect_end: ends what still runs, and leaves nothing behind.
# in:   dir
# out:  ended, rc
expect_end() {
	answer ended "$(program_now)"
	if [ ! -e "${dir:?}/end" ]; then
		read -r expect_pid <"${dir}/pid" && kill "${expect_pid}" 2>/dev/null
	elif [ -r "${dir}/words.rc" ]; then
		answer_output rc cat "${dir}/words.rc"
	fi
	rm -rf -- "${dir}"
}
