# get_url: looks whether a file is there as it shall be, and fetches it if not.

# get_url_probe: in:  dest  tmp_dest  force=0|1  algorithm  checksum (may be
#                     empty)  and what http_request and attributes read
# out:  dest, is_dir, node; right (nothing has to be fetched); out, sum,
#       sum_there, same, wrong_sum, md5, and what http_request answers
get_url_probe() {
	answer dest "${dest?}"
	file=${dest}
	if [ -d "${dest}" ]; then
		answer is_dir 1
		file=
		look_line=
		look_wants "${dest}"
	else
		get_url_folder
		look node "${dest}"
		look_wants "${dest}"
		get_url_there
	fi
	[ -z "${get_url_right-}" ] || return 0
	http_out "${tmp_dest?}"
	get_url_fetch
}

# get_url_folder: the file can only come into a folder that is there.
get_url_folder() {
	case ${dest} in
	(*/*) set -- "${dest%/*}" ;;
	(*) set -- . ;;
	esac
	[ -d "${1:-/}" ] || fail "the folder of dest does not exist: $1"
}

# get_url_there: what the file that is there means for the request.
get_url_there() {
	[ -n "${look_line?}" ] || return 0
	if [ "${force?}" = 0 ] && [ -n "${checksum?}" ]; then
		digest_of "${algorithm?}" "${dest}"
		if [ "${digest?}" = "${checksum}" ]; then
			answer right 1
			get_url_right=1
		fi
		return
	fi
	if [ "${force}" = 0 ]; then
		# shellcheck disable=SC2086 # numbers
		set -- ${look_line%%"
"*}
		[ "$1" = ls ] || shift 8
		# shellcheck disable=SC2034 # http_request reads it
		since=$2
	fi
}

# get_url_fetch: makes the request, and compares what came.
# in:   file (the file that is to be; empty: not known yet)  algorithm  checksum
#       and what http_request reads
get_url_fetch() {
	http_request
	case ${http_status?}:${method?} in
	(200:GET) get_url_sums ;;
	(*:GET) ;;
	(*) http_forget ;;
	esac
}

# get_url_sums: in:  out  file  algorithm  checksum
get_url_sums() {
	digest_of sha1 "${out?}"
	get_url_sum=${digest}
	answer sum "${digest}"
	answer size "$(wc -c <"${out}")"
	if [ -n "${checksum?}" ]; then
		digest_of "${algorithm?}" "${out}"
		if [ "${digest}" != "${checksum}" ]; then
			answer wrong_sum "${digest}"
			http_forget
			return
		fi
	fi
	digest_of md5 "${out}"
	answer md5 "${digest}"
	[ -n "${file?}" ] || return 0
	look node "${file}"
	look_wants "${file}"
	[ -f "${file}" ] || return 0
	digest_of sha1 "${file}"
	answer sum_there "${digest}"
	if [ "${digest}" = "${get_url_sum}" ]; then
		http_forget
	fi
}
