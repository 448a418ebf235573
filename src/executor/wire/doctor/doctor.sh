# doctor: what a host is like, as far as tasks depend on it. Nothing is changed.
# out:  system, user, space (a line a file system: POINT SIZE FREE, in kilobytes), temporary (why it cannot be
#       written; empty where it can), clock (seconds since 1970)

doctor_look() {
	answer system "$(uname -srm 2>/dev/null)"
	answer user "$(id -un 2>/dev/null || id -u)"
	for path in / /tmp /var; do
		test -d "${path}" || continue
		answer space "$(df -Pk -- "${path}" 2>/dev/null | awk 'END { print $6, $2, $4 }')"
	done
	folder=${TMPDIR:-/tmp}
	file=${folder}/.play-doctor-$$
	answer temporary "$( (umask 077 && set -C && : >"${file}" && rm -f -- "${file}") 2>&1)"
	answer clock "$(date +%s 2>/dev/null)"
}
