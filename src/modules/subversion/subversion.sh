# subversion: a working copy, or an export, of a repository.
# in:   repo  dest  revision  executable  username  password
#       checkout  export  force  in_place  switch  update  trust  check =0|1
# out:  before, after (lines), exported, nothing, changed; cmd where a
#       command failed
subversion_main() {
	svn=${executable:-svn}
	have "${svn}" || fail "there is no ${svn} on the host: install subversion first"
	LC_ALL=C
	export LC_ALL
	if [ -n "${password?}" ]; then
		case $("${svn}" --version --quiet) in
		(1.[0-9].*) fail 'the svn of this host is older than 1.10, and takes passwords only where everybody sees them' ;;
		esac
	fi
	case ${dest?} in
	('' | /*) ;;
	(*) dest=$(pwd)/${dest} ;;
	esac
	if [ "${export?}" = 1 ]; then
		subversion_export
	elif [ -n "${dest}" ] && [ -d "${dest}/.svn" ]; then
		subversion_existing
	elif [ -n "${dest}" ] && [ -e "${dest}" ] && [ "${in_place?}" = 0 ]; then
		fail "ERROR: ${dest} folder already exists, but its not a subversion repository."
	else
		subversion_missing
	fi
}

# svn_call WORDS...: runs svn, which shall ask nobody.
svn_call() {
	set -- --non-interactive --no-auth-cache "$@"
	[ "${trust?}" = 0 ] || set -- --trust-server-cert "$@"
	[ -z "${username?}" ] || set -- --username "${username}" "$@"
	if [ -z "${password?}" ]; then
		"${svn}" "$@"
		return
	fi
	printf '%s' "${password}" | "${svn}" --password-from-stdin "$@"
}

# svn_do WORDS...: runs svn; where it fails, so does the request.
svn_do() {
	svn_said=$(svn_call "$@" 2>&1) && return
	answer cmd "${svn} $*"
	fail "${svn_said}"
}

# svn_state WHAT...: sets svn_found to the lines of the revision and the address.
svn_state() {
	svn_do info "$@"
	svn_found=$(printf '%s\n' "${svn_said}" | grep -e '^Revision: ' -e '^URL: ' | sort)
}

# subversion_export: the files alone.
subversion_export() {
	answer exported 1
	if [ -e "${dest:?}" ] && [ "${force:?}" = 0 ]; then
		answer cmd "${svn} export"
		fail "${dest} already exists; use force to write over it"
	fi
	changed
	[ "${check:?}" = 0 ] || return 0
	set -- export -r "${revision:?}"
	[ "${force}" = 0 ] || set -- "$@" --force
	svn_do "$@" "${repo:?}" "${dest}"
}

# subversion_missing: there is no working copy yet.
subversion_missing() {
	if [ "${checkout?}" = 0 ]; then
		answer nothing 1
		[ "${update?}" = 0 ] || return 0
		svn_state -r "${revision:?}" "${repo:?}"
		answer after "${svn_found}"
		return
	fi
	changed
	[ "${check:?}" = 0 ] || return 0
	set -- checkout -r "${revision:?}"
	[ "${in_place:?}" = 0 ] || set -- "$@" --force
	svn_do "$@" "${repo:?}" "${dest:?}"
	if [ "${in_place}${force:?}" = 11 ]; then
		svn_do revert -R "${dest}"
	fi
	svn_state "${dest}"
	answer after "${svn_found}"
}

# subversion_existing: the working copy comes to what is wanted.
subversion_existing() {
	svn_state "${dest}"
	svn_before=${svn_found}
	answer before "${svn_before}"
	if [ "${update?}" = 0 ]; then
		answer nothing 1
		svn_state -r "${revision:?}" "${repo:?}"
		answer after "${svn_found}"
		return
	fi
	svn_do status --quiet --ignore-externals "${dest}"
	svn_mods=$(printf '%s\n' "${svn_said}" | grep '^.\{0,6\}[ACDMR!~]')
	if [ -n "${svn_mods}" ]; then
		[ "${force:?}" = 1 ] || fail 'ERROR: modified files exist in the repository.'
		changed
	fi
	if [ "${check:?}" = 1 ]; then
		svn_state -r "${revision:?}" "${repo:?}"
	else
		subversion_update
		svn_state "${dest}"
	fi
	svn_after=${svn_found}
	answer after "${svn_after}"
	if [ "${switch:?}" = 0 ]; then
		svn_before=${svn_before%%"
"*}
		svn_after=${svn_after%%"
"*}
	fi
	[ "${svn_before}" = "${svn_after}" ] || changed
}

# subversion_update: what writes.
subversion_update() {
	[ -z "${svn_mods}" ] || svn_do revert -R "${dest}"
	if [ "${switch:?}" = 1 ]; then
		case ${svn_before} in
		(*"URL: ${repo:?}") ;;
		(*) svn_do switch --revision "${revision:?}" "${repo}" "${dest}" ;;
		esac
	fi
	svn_do update -r "${revision:?}" "${dest}"
}
