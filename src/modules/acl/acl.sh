# acl: an entry of a file's access control list.
# in:   path  mode=set|rm|get  entry  follow=0|1  default=0|1  recursive=0|1  mask=default|mask|no_mask
#       nfs4=0|1  check=0|1
# out:  changed, acl (all entries)
acl_main() {
	test -e "${path:?}" || fail 'Path not found or not accessible.'
	system=$(uname -s)
	case ${system} in
	(Linux | FreeBSD) ;;
	(*) fail 'The acl module is not available on this system.' ;;
	esac
	if test "${system}" = FreeBSD && test "${recursive:?}" = 1; then
		fail 'recursive is not supported on that platform.'
	fi
	prefix=
	test "${nfs4:?}" = 0 || prefix=nfs4_
	case ${mode:?} in
	(set) acl_change -m ;;
	(rm) acl_change -x ;;
	esac
	acl_get
}

# acl_change FLAG: asks first what would be different.
acl_change() {
	have "${prefix}setfacl" || fail "Failed to find required executable \"${prefix}setfacl\""
	flag=$1
	test "${nfs4}-${flag}" != 1--m || flag=-a
	set -- "${flag}" "${entry:?}"
	test "${default:?}" = 0 || set -- -d "$@"
	test "${recursive}-${nfs4}" != 1-0 || set -- "$@" --recursive
	case ${mask:?} in
	(mask) set -- "$@" --mask ;;
	(no_mask) set -- "$@" --no-mask ;;
	esac
	acl_physical || set -- "$@" "${physical}"
	acl_differs "$@" || return 0
	changed
	test "${check:?}" = 0 || return 0
	acl_words=
	for acl_word do
		test "${acl_word}" = --recursive && acl_foreign && continue
		ground_quote "${acl_word}"
		acl_words="${acl_words} ${ground_quoted:?}"
	done
	if test "${recursive}-${nfs4}" = 1-0 && acl_foreign; then
		acl_tree
		return
	fi
	acl_real=${path}
	if test "${follow?}" = 1; then
		ground_real "${path}"
		acl_real=${real:?}
	fi
	hold "${acl_real}"
	# setfacl follows a link, and there was none when the place was looked at.
	[ "${ground_shared:?}" = 0 ] || [ ! -L "${held:?}" ] || ground_fooled
	eval "acl_set ${acl_words} \"\${held:?}\""
	let_go
}

# acl_set WORD... PATH...
acl_set() {
	said=$("${prefix}setfacl" "$@" 2>&1) || test "${mode}" = rm || fail "${said}"
}

# acl_foreign: says whether somebody else may rename what is there, or below it.
acl_foreign() {
	ground_trusted "${path}" || return 0
	test -d "${path}" || return 1
	acl_user=$(id -u)
	test -n "$(find "${path}/" -type d \( ! -user 0 ! -user "${acl_user}" \
		-o -perm -020 ! -perm -1000 -o -perm -002 ! -perm -1000 \) -print | head -n 1)"
}

# acl_tree: the same for everything below, from within each folder; links are left alone.
acl_tree() {
	set -- ! -type l
	test "${default}" = 0 || set -- -type d
	ground_real "${path}"
	# shellcheck disable=SC2016 # for the inner shell
	acl_paths=$(find "${real:?}" -depth "$@" -exec sh -c '
		quote=$1
		shift
		for name do
			text=$(printf "%s." "${name}" | sed "${quote}")
			printf " \047%s\047" "${text%.}"
		done' sh "s/'/'\"'\"'/g" {} +)
	set_batch call "acl_set${acl_words}" "${acl_paths}"
}

# acl_physical: sets physical to what keeps links from being followed; status 0 where they are.
acl_physical() {
	physical=--physical
	test "${follow:?}-${nfs4}" = 0-0 || return 0
	test "${system}" = Linux || physical=-h
	return 1
}

# acl_differs WORD...: FreeBSD cannot say beforehand.
acl_differs() {
	test "${system}" != FreeBSD || return 0
	said=$("${prefix}setfacl" --test "$@" "${path}" 2>&1) || fail "${said}"
	if test "${nfs4}" = 1; then
		# An entry that is there already stands in the list twice.
		test "$(printf '%s\n' "${said}" | grep -c -F -x -e "${entry}")" != 2
		return
	fi
	# A name may have line ends, and its first lines no list.
	printf '%s\n' "${said}" | grep -v '^#' | grep ': ' | grep -q -v '\*,\*[[:space:]]*$'
}

acl_get() {
	program=getfacl
	set --
	if test "${system}" = Linux; then
		program=${prefix}getfacl
		test "${nfs4}" = 1 || set -- --absolute-names
		set -- "$@" --omit-header
	fi
	have "${program}" || fail "Failed to find required executable \"${program}\""
	test "${default}" = 0 || set -- -d "$@"
	test "${recursive}-${nfs4}" != 1-0 || set -- "$@" --recursive
	acl_physical || set -- "$@" "${physical}"
	said=$("${program}" "$@" "${path}" 2>&1) || fail "${said}"
	answer acl "${said}"
}
