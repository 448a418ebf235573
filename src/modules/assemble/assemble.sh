# assemble: the fragments of a folder, and the file that is made of them.
# in:   src  ignore_hidden=0|1  items (one empty name)  and what deliver_probe reads
# out:  src, and for each fragment name and content; what deliver_probe answers
assemble_probe() {
	[ -e "${src?}" ] || fail "there is no ${src} on the host"
	[ -d "${src}" ] || fail "${src} is not a folder"
	answer src "${src}"
	set -- "${src%/}"/*
	if [ "${ignore_hidden?}" = 0 ]; then
		set -- "$@" "${src%/}"/.[!.]* "${src%/}"/..?*
	fi
	for assemble_file do
		[ -f "${assemble_file}" ] || continue
		[ -r "${assemble_file}" ] || fail "${assemble_file} cannot be read"
		answer name "${assemble_file##*/}"
		answer_file fragment "${assemble_file}"
	done
	deliver_probe
}
