# getent: entries of a database of the host.
# in:   database  key  service
# out:  rc, entries
getent_main() {
	set -- "${database:?}"
	test -z "${key?}" || set -- "$@" "${key}"
	test -z "${service?}" || set -- -s "${service}" "$@"
	if have getent; then
		entries=$(getent "$@" 2>&1)
		answer rc $?
		answer entries "${entries}"
		return 0
	fi
	test -z "${service}" || fail 'this host has no getent, so a service cannot be asked'
	getent_file
}

# getent_file: the file behind the database, where there is no getent.
getent_file() {
	if ! test -r "/etc/${database}"; then
		answer rc 1
		return 0
	fi
	if test -z "${key}"; then
		answer rc 0
		answer entries "$(grep -v '^[[:blank:]]*#' "/etc/${database}")"
		return 0
	fi
	while read -r line; do
		rest=${line#*:*:}
		case ${line}:: in
		('#'*) continue ;;
		("${key}:"* | "${key}"[[:blank:]]*) ;;
		(*)
			case ${rest} in
			("${key}:"*) ;;
			(*) continue ;;
			esac
			;;
		esac
		answer rc 0
		answer entries "${line}"
		return 0
	done <"/etc/${database}"
	answer rc 2
}
