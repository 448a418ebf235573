# stat: all that is known of a path. Writes nothing.

# stat_main: in:  path  follow=0|1  checksum (an algorithm or nothing)
#                 mime=0|1  flags=0|1  context=0|1
# out:  path, record, link, source, access (of r, w, x), sum, mime, flags,
#       version, context
stat_main() {
	answer path "${path?}"
	stat_of=${path}
	if [ "${follow?}" = 1 ] && [ -L "${path}" ]; then
		real_path "${path}"
		stat_of=${real?}
	fi
	if [ ! -e "${stat_of}" ] && [ ! -L "${stat_of}" ]; then
		stat_denied
		return
	fi
	answer_output record record "${stat_of}"
	stat_access=
	[ ! -r "${path}" ] || stat_access=r
	[ ! -w "${path}" ] || stat_access=${stat_access}w
	[ ! -x "${path}" ] || stat_access=${stat_access}x
	answer access "${stat_access}"
	if [ -L "${stat_of}" ]; then
		answer_output link link_text "${path}"
		stat_source
	elif [ -f "${stat_of}" ] && [ -r "${stat_of}" ] && [ -n "${checksum?}" ]; then
		digest_of "${checksum}" "${stat_of}"
		answer sum "${digest?}"
	fi
	stat_more
}

# stat_denied: nothing is there, or nobody may know.
stat_denied() {
	stat_said=$(LC_ALL=C ls -ld -- "${stat_of}" 2>&1)
	case ${stat_said} in
	(*'ermission denied'*) fail "${path}: permission denied" ;;
	esac
}

# stat_source: the path behind the link, with no link in any part of it.
stat_source() {
	if stat_path=$(readlink -f -- "${path}" 2>/dev/null && printf .); then
		answer source "${stat_path%??}"
		return
	fi
	real_path "${path}"
	answer source "${real}"
}

stat_more() {
	if [ "${mime?}" = 1 ] && have file; then
		answer_output mime file --mime-type --mime-encoding -- "${path}"
	fi
	if [ "${flags?}" = 1 ] && have lsattr; then
		stat_flags=$(lsattr -vd -- "${path}" 2>/dev/null) \
			&& answer flags "${stat_flags}"
	fi
	if [ "${context?}" = 1 ] && selinux_on; then
		answer_output context stat -c %C -- "${path}"
	fi
	return 0
}
