# deb822_repository: sources of apt in stanzas.

# deb822_probe: the file of the source, and its key.
# in:   path (the file's name)  slug  url (of the key, or empty)  verify=0|1; what edit_probe reads
# out:  keyring (the key's path without its end), old_key, key_end, key, no_tool; what edit_probe answers
deb822_probe() {
	parts=/etc/apt/sources.list.d/
	etc=/etc/apt/
	if have apt-config; then
		eval "$(apt-config shell parts Dir::Etc::sourceparts/d etc Dir::Etc/d)"
	fi
	path=${parts%/}/${path:?}
	keyring=${etc%/}/keyrings/${slug:?}
	answer keyring "${keyring}"
	for end in asc gpg; do
		test -f "${keyring}.${end}" || continue
		answer key_end "${end}"
		answer_file old_key "${keyring}.${end}"
	done
	edit_probe
	test -z "${url?}" || key_fetch "${url}"
}

# deb822_forget PATH...: takes keys away.
deb822_forget() {
	rm -f -- "$@" || fail "cannot remove $1"
}

# deb822_folder PATH: makes the folder of a key.
deb822_folder() {
	folder=${1%/*}
	test -d "${folder}" || mkdir -p -- "${folder}" || fail "cannot make ${folder}"
}
