# copy: what the host has in one place, copied to another place of the host.

# copy_probe: looks; a tree is copied too where apply says so.
# in:   src  dest  follow=0|1  force=0|1  links=0|1 (links in a tree are
#       followed)  apply=0|1  folder_owner (as chown wants it, for all of a tree)
#       content=0  and what attributes asks with
# out:  path, base, has_base, source, node, sums (of src and path), md5;
#       tree, changed for a folder
copy_probe() {
	[ -e "${src?}" ] || fail "Source ${src} not found"
	[ -r "${src}" ] || fail "Source ${src} not readable"
	answer src "${src}"
	look_through source "${src}"
	copy_source_bits
	if [ -d "${src}" ]; then
		answer tree 1
		copy_tree_main
		return
	fi
	[ -f "${src}" ] || fail "Cannot copy invalid source '${src}': not a file"
	deliver_one "${src##*/}"
	path=${deliver_path?}
	answer base "${deliver_base?}"
	[ ! -d "${deliver_base}" ] || answer has_base 1
	look node "${path}"
	look_wants "${path}"
	digest_of sha1 "${src}"
	answer sum "${digest?}"
	if [ -f "${path}" ] && [ ! -L "${path}" ] && [ "${force?}" = 1 ]; then
		digest_of sha1 "${path}"
		answer sum_there "${digest}"
	fi
	digest_of md5 "${src}"
	answer md5 "${digest}"
}

# copy_source_bits: tells where setuid or setgid of the source can be relied on:
# where nobody else can have made it another file meanwhile.
# out:  source_ours
copy_source_bits() {
	# shellcheck disable=SC2086 # numbers
	set -- ${look_line:-none}
	case $1 in
	(gnu | bsd) ;;
	(*) return 0 ;;
	esac
	[ $((0x$2 & 0xc00)) != 0 ] || return 0
	ground_split "${real?}"
	ground_trusted "${ground_folder?}" && answer source_ours 1
	return 0
}

# copy_tree_main: the folder src goes into dest under its own name, or with a
# slash at its end its content does.
copy_tree_main() {
	case ${src} in
	(*/) path=${dest?} ;;
	(*) path=${dest%/}/${src##*/} ;;
	esac
	[ -e "${path}" ] && [ ! -d "${path}" ] && fail "${path} is not a folder"
	answer path "${path}"
	place_absolute "${path}"
	path=${place_path?}
	place_absolute "${src}"
	src=${place_path}
	set_nothing
	copy_changed=0
	copy_tree "${src%/}/." "${path}"
	copy_owners
	look node "${path}"
	look_wants "${path}"
	[ "${copy_changed}" = 0 ] || changed
}

# copy_tree OLD NEW: makes NEW what OLD is, with all below it.
copy_tree() {
	if [ -L "$1" ] && { [ "${links?}" = 0 ] || [ ! -e "$1" ]; }; then
		copy_link "$1" "$2"
	elif [ -d "$1" ]; then
		[ -d "$2" ] || copy_step copy_make_folder "$1" "$2"
		for copy_entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
			if [ -e "${copy_entry}" ] || [ -L "${copy_entry}" ]; then
				copy_tree "${copy_entry}" "$2/${copy_entry##*/}"
			fi
		done
	elif [ -f "$1" ]; then
		[ -d "$2" ] && fail "$2 is a folder, and $1 is a file"
		copy_same "$1" "$2" || copy_step copy_file "$1" "$2"
	else
		warn "$1 is not a file, folder or link, and was not copied"
	fi
}

# copy_step COMMAND...: the one place that writes.
copy_step() {
	copy_changed=1
	[ "${apply?}" = 0 ] || "$@"
}

copy_link() {
	copy_text=$(link_text "$1" && printf .)
	copy_text=${copy_text%??}
	if [ -L "$2" ]; then
		copy_there=$(link_text "$2" && printf .)
		[ "${copy_text}" = "${copy_there%??}" ] && return
	fi
	copy_step make_link "${copy_text}" "$2"
}

copy_make_folder() {
	make_directories "$2"
	hold "$2"
	take_after "$1" "${held?}"
	let_go
}

# copy_same OLD NEW: says whether NEW has the content of OLD already.
copy_same() {
	if [ -L "$2" ] || [ ! -f "$2" ]; then
		return 1
	fi
	if [ "${force?}" = 0 ]; then
		return 0
	fi
	if have cmp; then
		cmp -s -- "$1" "$2"
		return
	fi
	digest_of sha1 "$1"
	copy_sum=${digest}
	digest_of sha1 "$2"
	[ "${copy_sum}" = "${digest}" ]
}

copy_file() {
	temp_beside "$2"
	ground_watch place_tidy
	write_content "${temp?}" "$1"
	copy_attributes "$1" "${temp}"
	replace_file "${temp}" "${temp_dest?}" 0
	ground_leave
}

# copy_attributes OLD NEW: the mode of OLD, this user as the owner. A change of
# owner takes setuid away: it comes last.
copy_attributes() {
	take_after "$1" "$2"
	chown -- "$(id -u):$(id -g)" "$2" 2>/dev/null
	if [ -u "$1" ] || [ -g "$1" ]; then
		copy_special "$1" "$2"
	fi
}

# copy_special OLD NEW: setuid and setgid, where OLD is still what NEW was made of.
copy_special() {
	ground_split "$1"
	if ! ground_trusted "${ground_folder?}"; then
		warn "$1 has setuid or setgid, which its copy does not get: others than root may change what is in its folder"
		return
	fi
	take_after_bits "$1" "$2"
}

# copy_owners: gives all of the tree its owner and group.
copy_owners() {
	copy_owner=${folder_owner?}
	[ -n "${copy_owner}" ] || return 0
	if [ "${copy_changed}" = 0 ]; then
		set --
		[ -z "${copy_owner%%:*}" ] || set -- ! -user "${copy_owner%%:*}"
		[ -z "${copy_owner#*:}" ] || set -- "$@" ${1+-o} ! -group "${copy_owner#*:}"
		copy_found=$(find "${path}/." \( "$@" \) -print 2>&1 | head -n 1)
		[ -n "${copy_found}" ] || return 0
	fi
	copy_step copy_own
}

copy_own() {
	hold "${path}"
	must chown -hR -- "${copy_owner%:}" "${held}"
	let_go
}
