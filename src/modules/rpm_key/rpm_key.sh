# rpm_key: the keys that rpm trusts.

# rpm_key_probe: the keys that are there, and the one that is meant, where it is a file or an address.
# in:   key  verify=0|1
# out:  known; key, no_tool
rpm_key_probe() {
	have rpm || fail 'this host has no rpm'
	answer known "$(rpm -q --qf '%{VERSION}\n' gpg-pubkey 2>/dev/null)"
	case ${wanted:?} in
	(*://*) key_fetch "${wanted}" ;;
	(*)
		test ! -f "${wanted}" || answer_file key "${wanted}"
		;;
	esac
}

# rpm_key_import: has rpm trust a key.
# in:   key (its text)
rpm_key_import() {
	private_file play-key.
	file=${private:?}
	trap 'rm -f -- "${file}"' EXIT HUP INT TERM
	printf '%s\n' "${key:?}" >"${file}"
	said=$(rpm --import "${file}" 2>&1) || fail "rpm cannot import the key: ${said}"
}

# rpm_key_erase ID: has rpm forget a key.
rpm_key_erase() {
	said=$(rpm --erase --allmatches "gpg-pubkey-$1" 2>&1) || fail "rpm cannot forget the key: ${said}"
}
