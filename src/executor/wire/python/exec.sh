# exec: a command line of an action plugin.

# exec_run: runs it; its stdin comes in base64, where there is any.
# in:   command, input
# out:  its output raw; the status is its own
exec_run() {
	if [ -z "${input}" ]; then
		/bin/sh -c "${command}"
		return
	fi
	printf '%s' "${input}" | exec_decode | /bin/sh -c "${command}"
}

# exec_decode: base64 to bytes, with what the host has.
exec_decode() {
	if command -v base64 >/dev/null 2>&1; then
		base64 -d
	else
		openssl base64 -d -A
	fi
}
