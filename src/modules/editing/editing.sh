# editing: a text of the host is fetched to be changed elsewhere.

# edit_probe: looks, and writes nothing.
# in:   path  and what attributes asks with
# out:  path, real_path, node, content; is_dir
edit_probe() {
	answer path "${path?}"
	if [ -d "${path}" ]; then
		answer is_dir 1
		return
	fi
	ground_real "${path}"
	look node "${real?}"
	answer real_path "${real}"
	look_wants "${real}"
	if [ -n "${look_line?}" ]; then
		[ -r "${real}" ] || fail "${path} cannot be read"
		answer_file content "${real}"
	fi
}

# edit_folder: makes the folders above a file that is to be made.
# in:   folder
edit_folder() {
	set_nothing
	make_directories "${folder?}"
}

# edit_remove: takes a file away.
# in:   path  backup=0|1
# out:  backup_file
edit_remove() {
	temp_split "${path?}"
	ground "${ground_folder?}"
	if [ "${ground_shared?}" = 0 ]; then
		[ "${backup?}" = 0 ] || back_up "${path}"
		must rm -f -- "${path}"
		return
	fi
	temp_in_room
	[ "${backup?}" = 0 ] || back_up "${temp_dest?}"
	must rm -f -- "../${ground_name?}"
	ground_leave
}
