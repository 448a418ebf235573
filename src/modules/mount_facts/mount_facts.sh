# mount_facts: prints the tables of mounts, and the sizes of those that are wanted.

# mount_facts_read: the tables, unread.
# in:   sources (a list: files, or `mount`)  binary (a command that lists mounts, or empty)
#       dynamic (names of files, blanks around each, that make the binary needless where one of
#       them says something)  timeout (seconds, or empty)
# out:  source, real, text for each source; binary_rc where it was run; uuids, lsblk
mount_facts_read() {
	LC_ALL=C
	export LC_ALL
	missing=0
	eval "set -- ${sources?}"
	for source; do
		case "${dynamic?}" in
		(*" ${source} "*) test "${missing}" = 2 || missing=1 ;;
		esac
		if test "${source}" = mount; then
			mount_facts_binary
			missing=2
			continue
		fi
		test -r "${source}" || continue
		test -f "${source}" || continue
		answer source "${source}"
		answer real "$(readlink -f -- "${source}" || printf '%s' "${source}")"
		text="$(cat <"${source}")"
		answer text "${text}"
		case "${dynamic} ${text:+text}" in
		(*" ${source} "*text) missing=2 ;;
		esac
	done
	test "${missing}" != 1 || test -z "${binary?}" || mount_facts_binary
	answer uuids ''
	ls -ld /dev/disk/by-uuid/* 2>/dev/null
	! have lsblk || answer_output lsblk lsblk --list --noheadings --paths \
		--output NAME,UUID --exclude 2
}

mount_facts_binary() {
	have "${binary:-mount}" || fail "this host has no command \`${binary:-mount}\`"
	answer source mount
	answer text ''
	mount_facts_limited "${binary:-mount}"
	answer binary_rc $?
}

# mount_facts_limited COMMAND...: for a time only, where there is a limit.
mount_facts_limited() {
	if test -z "${timeout?}"; then
		"$@"
		return
	fi
	have timeout || fail "this host has no command \`timeout\`, which the argument of that name needs"
	timeout "${timeout}" "$@"
}

# mount_facts_sizes MOUNT...: one line a mount: its number, then the figures of statvfs(3).
# in:   timeout as above
# out:  sizes; a mount that does not answer in time has `timeout` instead of the figures
mount_facts_sizes() {
	answer sizes ''
	number=0
	for mount; do
		mount_facts_size "${number}" "${mount}" &
		number=$((number + 1))
	done
	wait
}

mount_facts_size() {
	figures="$(mount_facts_limited stat -f -c '%S %s %b %a %c %d' -- "$2" 2>/dev/null)"
	case "$?:${figures}" in
	(0:?*) printf '%s %s\n' "$1" "${figures}" ;;
	(124:* | 143:*) printf '%s timeout\n' "$1" ;;
	esac
}
