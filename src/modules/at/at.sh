# at: a job that runs once, later.
# in:   state=present|absent  command  script_file  count  units  unique=0|1  check=0|1
# out:  changed, script_file
at_main() {
	have at || fail 'Failed to find required executable "at"'
	if test -n "${command?}"; then
		private_file at
		script_file=${private:?}
		trap 'rm -f -- "${script_file}"' EXIT
		printf '%s\n' "${command}" >"${script_file}"
	fi
	if test "${state:?}" = absent; then
		at_remove
		return
	fi
	if test "${unique:?}" = 1; then
		at_matching
		test -z "${jobs}" || return 0
	fi
	changed
	answer script_file "${script_file:?}"
	test "${check:?}" = 0 || return 0
	said=$(at -f "${script_file}" now + "${count:?}" "${units:?}" 2>&1) || fail "${said}"
}

at_remove() {
	at_matching
	test -n "${jobs}" || return 0
	changed
	test "${check:?}" = 0 || return 0
	for job in ${jobs}; do
		said=$(at -r "${job}" 2>&1) || fail "${said}"
	done
}

# at_matching: sets jobs to the numbers of those that hold the script.
at_matching() {
	have atq || fail 'Failed to find required executable "atq"'
	test -r "${script_file:?}" || fail "cannot read ${script_file}"
	jobs=
	show=-c
	test "$(uname -s)" != AIX || show=-lv
	text=$(sed 's/[[:space:]]*$//' <"${script_file}")
	for job in $(atq | sed 's/[[:blank:]].*//'); do
		case $(at "${show}" "${job}" 2>/dev/null | sed 's/[[:space:]]*$//') in
		(*"${text}"*) jobs="${jobs:+${jobs} }${job}" ;;
		esac
	done
}
