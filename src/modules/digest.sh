# digest: checksums of files, in one shape whatever tools the host has.

# digest ALGORITHM FILE...: prints a line for each file that can be read, in
# order; it begins with the checksum in hexadecimal digits, and may have a
# backslash before it.
digest() {
	digest_how=$1
	shift
	case $* in
	(*"
"*) ;;
	(*)
		digest_command "$@"
		return
		;;
	esac
	# BusyBox prints a line break in a name as it is.
	for digest_file do
		digest_command <"${digest_file}"
	done
}

# digest_command [FILE...]: the checksums by the command that the host has.
digest_command() {
	if have "${digest_how}sum"; then
		"${digest_how}sum" -- "$@"
	elif have openssl; then
		openssl dgst -r "-${digest_how}" "$@"
	elif have shasum && [ "${digest_how}" != md5 ]; then
		shasum -a "${digest_how#sha}" -- "$@"
	elif have "${digest_how}"; then
		"${digest_how}" -r "$@"
	else
		fail "the host has no command that makes ${digest_how} checksums"
	fi
}

# digest_of ALGORITHM FILE: sets digest to the file's checksum; empty where it
# cannot be read.
digest_of() {
	digest_how=$1
	digest=$(digest_command <"$2") 2>/dev/null
	digest=${digest%% *}
	digest=${digest#*= }
}
