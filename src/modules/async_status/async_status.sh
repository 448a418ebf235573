# async_status: jobs that run in the background, each in a folder of its own.
# A folder holds: out, err (the program's output), about, pid, done or late.

# async_start: starts a program that outlives the session.
# in:   folder  mark  about  program  limit (seconds)
# out:  folder
async_start() {
	answer folder "${folder:?}"
	# The program itself keeps the umask of the session.
	(umask 077 && mkdir -p -- "${folder}") || fail "the folder of the job cannot be made: ${folder}"
	async_trusted || fail "the folder of the job is where user ${ground_stranger:-} may put another in its place: ${folder} (ansible_async_dir)"
	printf '%s' "${about?}" >"${folder}/about" || fail "the folder of the job cannot be written"
	async_keep </dev/null >/dev/null 2>&1 &
}

# async_trusted: says whether nobody else can put another folder in the job's place. A
# group of this user's may.
async_trusted() {
	ground_trusted "${folder}/" && return
	ground_is_user "${ground_stranger:-none}" && [ $((0x${ground_stranger_mode:-2} & 2)) = 0 ]
}

# async_keep: runs the program and watches its time.
async_keep() {
	trap '' HUP
	async_run &
	passed=0
	while ! test -e "${folder}/done"; do
		if test "${passed}" -ge "${limit:?}"; then
			async_end
			return 0
		fi
		sleep 1
		passed=$((passed + 1))
	done
}

# async_run: runs the program, which writes down its own process.
async_run() {
	# shellcheck disable=SC2016 # the inner shell expands it
	begin='echo "$$" >"$1/pid" && exec sh -s'
	if have setsid; then
		async_feed | setsid sh -c "${begin}" sh "${folder}" >"${folder}/out" 2>"${folder}/err"
	else
		async_feed | sh -c "${begin}" sh "${folder}" >"${folder}/out" 2>"${folder}/err"
	fi
	: >"${folder}/done"
}

async_feed() {
	printf '%s\n' "${program:?}"
}

# async_end: ends a program that takes too long.
async_end() {
	: >"${folder}/late"
	read -r job <"${folder}/pid" || return 0
	kill -TERM -- "-${job}" 2>/dev/null || kill -TERM "${job}"
}

# async_look: the state of a job.
# in:   folder
# out:  folder  state=missing|running|late|ended  pid  about  out  err
async_look() {
	answer folder "${folder:?}"
	if ! test -d "${folder}"; then
		answer state missing
		return 0
	fi
	if test -e "${folder}/late"; then
		answer state late
		test ! -f "${folder}/pid" || answer_file pid "${folder}/pid"
		return 0
	fi
	if ! test -e "${folder}/done" && ! async_ended; then
		answer state running
		return 0
	fi
	answer state ended
	for name in about out err; do
		test ! -f "${folder}/${name}" || answer_file "${name}" "${folder}/${name}"
	done
}

# async_ended: says whether the program is gone, though nobody has said so yet.
async_ended() {
	test -f "${folder}/pid" || return 1
	read -r job <"${folder}/pid" || return 1
	! kill -0 "${job}" 2>/dev/null
}

# async_cleanup: removes what is kept of a job.
# in:   folder
# out:  folder
async_cleanup() {
	answer folder "${folder:?}"
	rm -rf -- "${folder}"
}
