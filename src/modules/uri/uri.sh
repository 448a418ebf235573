# uri: one request, unless something is there, or is not.
# in:   creates  removes  dest (all may be empty)  most  tmp  and what
#       http_request and attributes read
# out:  skipped; dest, is_dir, node, sum_there, out, sum; what http_content
#       answers
uri_main() {
	uri_look
	[ -n "${out-}" ] || return 0
	uri_exchange
}

# uri_look: looks whether there is anything to be done, and makes out.
uri_look() {
	if [ -n "${creates?}" ] && uri_exists "${creates}"; then
		answer skipped "skipped, since '${creates}' exists"
		return
	fi
	if [ -n "${removes?}" ] && ! uri_exists "${removes}"; then
		answer skipped "skipped, since '${removes}' does not exist"
		return
	fi
	[ -z "${dest?}" ] || uri_dest
	http_out ''
}

uri_exists() {
	[ -e "$1" ] || [ -L "$1" ]
}

# uri_dest: looks at what is at dest.
uri_dest() {
	answer dest "${dest}"
	look_line=
	if [ -d "${dest}" ]; then
		answer is_dir 1
	else
		look node "${dest}"
		if [ -n "${look_line}" ] && [ "${force?}" = 0 ]; then
			# shellcheck disable=SC2086 # numbers
			set -- ${look_line%%"
"*}
			[ "$1" = ls ] || shift 8
			# shellcheck disable=SC2034 # http_request reads it
			since=$2
		fi
	fi
	look_wants "${dest}"
}

# uri_exchange: makes the request; without a dest the content is answered, with
# one its checksum, and the content too where it may have to be told.
uri_exchange() {
	if [ -z "${dest?}" ]; then
		http_content
		return
	fi
	http_request
	[ -s "${out?}" ] || return 0
	digest_of sha1 "${out}"
	answer sum "${digest?}"
	if [ "$(wc -c <"${out}")" -le "${most?}" ]; then
		answer_file content "${out}"
	fi
}

# uri_there: looks at the file that the content shall become.
# in:   file  and what attributes asks with
# out:  node, sum_there
uri_there() {
	look node "${file?}"
	look_wants "${file}"
	if [ -f "${file}" ]; then
		digest_of sha1 "${file}"
		answer sum_there "${digest?}"
	fi
}
