# find: everything below some folders. Writes nothing.

# find_main: in:   paths  recurse=0|1  depth (empty: any)  follow=0|1
# out:  for each path: path, and folder (1 or 0), and all below it in tree: each
#       as record has it, then the path, then the session's mark, which no name
#       can hold; errors, as find says them; now
find_main() {
	answer now "$(date +%s)"
	eval "set -- ${paths?}"
	for find_path do
		answer path "${find_path}"
		if [ ! -d "${find_path}" ]; then
			answer folder 0
			continue
		fi
		answer folder 1
		{ find_said=$({ find_said_of "${find_path}" >&3; } 2>&1); } 3>&1
		answer errors "${find_said}"
	done
}

# find_said_of PATH: answers the tree; what find says goes to standard error.
find_said_of() {
	answer_output tree find_tree "$1"
}

# find_tree PATH: the records of everything below the path.
find_tree() {
	find_end=${play_mark?}.
	record_form
	find_form="${record_form?}
%n
${find_end}"
	set -- "${1%/}/"
	if [ "${recurse?}" = 0 ]; then
		set -- "$1" -maxdepth 1
	elif [ -n "${depth?}" ]; then
		set -- "$1" -maxdepth "$((depth + 1))"
	fi
	if [ "${follow?}" = 1 ]; then
		set -- -L "$@"
	fi
	if stat -c %f / >/dev/null 2>&1; then
		LC_ALL=C find "$@" -exec stat -c "${find_form}" -- {} +
		return 0
	fi
	# shellcheck disable=SC2016 # for the inner shell
	find "$@" -exec sh -c '
		end=$1
		shift
		for name do
			printf "ls %s %s\n" "$(date -r "${name}" +%s 2>/dev/null || echo 0)" \
				"$(ls -ldin -- "${name}" | head -n 1)"
			ls -ld -- "${name}" | head -n 1
			printf "%s\n%s\n" "${name}" "${end}"
		done
		' sh "${find_end}" {} +
	return 0
}

# find_read: answers the content, the checksum, or both of files.
# in:   files  content=0|1  checksum (an algorithm or nothing)
# out:  for each file: content, sum
find_read() {
	eval "set -- ${files?}"
	for find_file do
		if [ "${content?}" = 1 ]; then
			if [ -r "${find_file}" ]; then
				answer_file content "${find_file}"
			else
				answer content ''
			fi
		fi
		if [ -n "${checksum?}" ]; then
			digest_of "${checksum}" "${find_file}"
			answer sum "${digest?}"
		fi
	done
}
