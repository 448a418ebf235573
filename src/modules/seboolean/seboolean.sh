# seboolean: a switch of SELinux's policy.
# in:   name  state=on|off  persistent=0|1  anyway=0|1  check=0|1
# out:  changed
seboolean_main() {
	enabled=0
	test ! -e "${play_root-}/sys/fs/selinux/enforce" || enabled=1
	test "${enabled}" = 1 || test "${anyway:?}" = 1 || fail 'SELinux is disabled on this host.'
	if test "${persistent:?}" = 1; then
		seboolean_kept && return 0
		seboolean_do -P
	elif test "${enabled}" = 1; then
		now=$(getsebool "${name:?}" 2>/dev/null) ||
			fail "Failed to determine current state for boolean ${name}"
		test "${now##* }" = "${state:?}" || seboolean_do
	fi
}

# seboolean_kept: says whether the next boot has the state. What is not changed on this host stands in
# no file; semanage knows it.
seboolean_kept() {
	value=0
	test "${state:?}" = off || value=1
	for file in "${play_root-}"/var/lib/selinux/*/active/booleans.local \
		"${play_root-}"/etc/selinux/*/modules/active/booleans.local; do
		test -r "${file}" || continue
		kept=$(sed -n "s/^${name:?}=//p" "${file}")
		test -z "${kept}" || break
	done
	if test -n "${kept-}"; then
		test "${kept}" = "${value}"
		return
	fi
	have semanage || return 1
	line=$(semanage boolean -l -n 2>/dev/null | grep "^${name} ") ||
		fail "SELinux boolean ${name} is not defined in persistent policy"
	case ${line} in
	(*,*"${state}"*")"*) return 0 ;;
	esac
	return 1
}

# seboolean_do [-P]: the one place that changes something.
seboolean_do() {
	changed
	test "${check:?}" = 0 || return 0
	if test "${enabled}" = 1; then
		said=$(setsebool "$@" "${name}" "${state}" 2>&1)
	else
		said=$(semanage boolean -N -m "--${state}" "${name}" 2>&1)
	fi || fail "Failed to set boolean ${name} to ${state}: ${said}"
}
