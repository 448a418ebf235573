# sudoers: a rule of sudo in a file of its own.
# in:   path  state=present|absent  content  validation=absent|detect|required  check=0|1
# out:  changed, before
sudoers_main() {
	text_answer before "${path:?}"
	if test "${state:?}" = absent; then
		test -e "${path}" || return 0
		changed
		test "${check:?}" = 1 || rm -f -- "${path}" || fail "cannot remove ${path}"
		return 0
	fi
	sudoers_validate
	if test -f "${path}" && printf '%s' "${content?}" | cmp -s - "${path}"; then
		case $(ls -ld -- "${path}") in
		(-r--r-----*) return 0 ;;
		esac
	fi
	changed
	test "${check:?}" = 0 || return 0
	temp_beside "${path}"
	sudoers_temp=${temp:?}
	ground_watch place_tidy
	{ printf '%s' "${content}" >"${sudoers_temp}"; } 2>/dev/null || fail "cannot write ${path}"
	chmod 0440 -- "${sudoers_temp}" || fail "cannot set the mode of ${path}"
	replace_file "${sudoers_temp}" "${temp_dest?}" 0
}

# sudoers_validate: visudo reads the rule; one that is wrong would lock everybody out.
sudoers_validate() {
	test "${validation:?}" != absent || return 0
	visudo=$(PATH=${PATH}:/usr/sbin:/sbin:/usr/local/sbin command -v visudo) || {
		test "${validation}" = detect || fail 'Failed to find required executable "visudo"'
		return 0
	}
	said=$(printf '%s' "${content?}" | "${visudo}" -c -f - 2>&1) ||
		fail "Failed to validate sudoers rule:
${said}" rc "$?" stdout "${said}"
}
