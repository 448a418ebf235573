# keys: brings a public key to where it can be read.

# key_fetch URL: the key at an address.
# in:   verify=0|1
# out:  key, or no_tool where the host has nothing to fetch it with
key_fetch() {
	private_file play-key.
	file=${private:?}
	trap 'rm -f -- "${file}"' EXIT HUP INT TERM
	if have curl; then
		set -- curl -fsSL -o "${file}" -- "$1"
		test "${verify:?}" = 1 || set -- "$@" -k
	elif have wget; then
		set -- wget -q -O "${file}" -- "$1"
		test "${verify:?}" = 1 || set -- wget --no-check-certificate -q -O "${file}" -- "$4"
	else
		answer no_tool 1
		return 0
	fi
	said=$("$@" 2>&1) || fail "Failed to download key: ${said:-no answer}"
	answer_file key "${file}"
}
