# dpkg_selections: what dpkg is to do with a package.
# in:   name  selection  check=0|1
# out:  changed, before
dpkg_selections_main() {
	have dpkg || fail 'this host has no dpkg'
	line=$(dpkg --get-selections "${name:?}" 2>/dev/null)
	before=${line##*[[:blank:]]}
	test -n "${before}" ||
		fail "Failed to find package '${name}' to perform selection '${selection:?}'."
	answer before "${before}"
	test "${before}" != "${selection:?}" || return 0
	changed
	test "${check:?}" = 0 || return 0
	said=$(printf '%s %s\n' "${name}" "${selection}" | dpkg --set-selections 2>&1) ||
		fail "${said}"
}
