# authorized_key: the file of the keys that may log in as a user.

# authorized_key_probe: looks, and writes nothing.
# in:   user  path (empty: the user's own)  follow=0|1  key_path (a file of the
#       host that has the keys; or empty)
# out:  key, uid, gid (where the user is known), keyfile, content, node, folder
authorized_key_probe() {
	[ -z "${key_path?}" ] || authorized_key_file
	authorized_key_user "${user?}"
	if [ -z "${path?}" ]; then
		[ -n "${authorized_home}" ] || fail "there is no user ${user} on the host"
		path=${authorized_home%/}/.ssh/authorized_keys
	fi
	if [ "${follow?}" = 1 ]; then
		ground_real "${path}"
		path=${real?}
	fi
	answer keyfile "${path}"
	look_through node "${path}"
	case ${path} in
	(*/*) look folder "${path%/*}" ;;
	esac
	if [ -f "${path}" ]; then
		[ -r "${path}" ] || fail "${path} cannot be read"
		answer_file content "${path}"
	fi
}

# authorized_key_file: answers the file that has the keys.
authorized_key_file() {
	[ -e "${key_path}" ] || fail "Path to a key file not found: ${key_path}"
	[ -f "${key_path}" ] || fail "Path to a key is a directory and must be a file: ${key_path}"
	[ -r "${key_path}" ] || fail "Failed to read key file ${key_path}"
	answer_file key "${key_path}"
}

# authorized_key_user NAME: answers the user's numbers, and sets authorized_home.
authorized_key_user() {
	authorized_home=
	authorized_line=$(authorized_key_passwd "$1")
	[ -n "${authorized_line}" ] || return 0
	authorized_rest=${authorized_line#*:*:}
	answer uid "${authorized_rest%%:*}"
	authorized_rest=${authorized_rest#*:}
	answer gid "${authorized_rest%%:*}"
	authorized_rest=${authorized_rest#*:*:}
	authorized_home=${authorized_rest%%:*}
}

# authorized_key_passwd NAME: prints the user's line.
authorized_key_passwd() {
	if have getent; then
		getent passwd -- "$1" && return
	fi
	while IFS= read -r authorized_line; do
		case ${authorized_line} in
		("$1":*)
			printf '%s\n' "${authorized_line}"
			return
			;;
		esac
	done </etc/passwd
}

# authorized_key_folder: the folder of the user's keys, which is the user's.
# in:   folder  manage=0|1  owner
authorized_key_folder() {
	set_nothing
	[ -d "${folder?}" ] || make_directories "${folder}"
	[ "${manage?}" = 1 ] || return 0
	ground_real "${folder}"
	hold "${real}"
	must chown -h -- "${owner?}" "${held?}"
	[ -L "${held}" ] || must chmod -- 0700 "${held}"
	let_go
}
