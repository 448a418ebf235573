# tempfile: a new empty file or folder that only the user may enter.
# in:   folder (empty: the host's place for such)  prefix  suffix  state
# out:  path, after
tempfile_main() {
	folder=${folder:-${TMPDIR:-/tmp}}
	umask 077
	if [ ! -d "${folder}" ]; then
		tempfile_random
		fail "[Errno 2] No such file or directory: '${folder%/}/${prefix?}${tempfile_word}${suffix?}'"
	fi
	tempfile_left=100
	while [ "${tempfile_left}" -gt 0 ]; do
		tempfile_random
		path=${folder%/}/${prefix?}${tempfile_word}${suffix?}
		if tempfile_make; then
			answer path "${path}"
			look after "${path}"
			return
		fi
		[ -w "${folder}" ] || fail "[Errno 13] Permission denied: '${path}'"
		tempfile_left=$((tempfile_left - 1))
	done
	fail "no free name was found in ${folder}"
}

# tempfile_make: makes it, unless the name is taken.
tempfile_make() {
	if [ "${state?}" = directory ]; then
		mkdir -- "${path}" 2>/dev/null
	else
		(set -C && : >"${path}") 2>/dev/null
	fi
}

# tempfile_random: sets tempfile_word to eight letters that nobody can guess.
tempfile_random() {
	tempfile_word=
	if [ -r /dev/urandom ] && have od; then
		tempfile_word=$(od -An -N4 -tx1 /dev/urandom)
	fi
	case ${tempfile_word} in
	('') tempfile_word=$$${tempfile_left} ;;
	(*) tempfile_word=$(printf '%s' "${tempfile_word}" | tr -d ' \n') ;;
	esac
}
