# apt_key: the keyrings of apt.

# apt_key_probe: every keyring, or the one that is meant; and the key, where it is a file.
# in:   keyring  file  url (or empty)  verify=0|1
# out:  for each keyring: ring, content; key, no_tool
apt_key_probe() {
	if test -n "${keyring?}"; then
		set -- "${keyring}"
	else
		etc=/etc/apt/
		if have apt-config; then
			eval "$(apt-config shell etc Dir::Etc/d)"
		fi
		answer folder "${etc%/}/trusted.gpg.d"
		set -- "${etc%/}/trusted.gpg" "${etc%/}/trusted.gpg.d"/*.gpg "${etc%/}/trusted.gpg.d"/*.asc
	fi
	for ring in "$@"; do
		test -f "${ring}" || continue
		answer ring "${ring}"
		answer_file content "${ring}"
	done
	if test -n "${file?}"; then
		test -r "${file}" || fail "Unable to extract key from '${file}'"
		answer_file key "${file}"
	elif test -n "${url?}"; then
		key_fetch "${url}"
	fi
}

# apt_key_remove PATH: takes away a keyring that holds nothing any more.
apt_key_remove() {
	rm -f -- "$1" || fail "cannot remove $1"
}
