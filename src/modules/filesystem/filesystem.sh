# filesystem: what is on a device.

# filesystem_probe: looks, and writes nothing.
# in:   dev  resize=0|1  info (a list; the device, or where it is mounted, follows)  mounted=0|1
#       (info is about where it is mounted, or where it can be)
# out:  dev, system, exists=0|1, fs, uuid, warning; size, mountpoint, about, about_rc
filesystem_probe() {
	answer dev "${dev:?}"
	system=$(uname -s)
	answer system "${system}"
	test -e "${dev}" || return 0
	answer exists 1
	have blkid || fail 'Failed to find required executable "blkid"'
	filesystem_blkid TYPE
	fs=${found}
	answer blkid_rc "${blkid_rc}"
	test "${blkid_rc}" = 0 || test "${blkid_rc}" = 2 ||
		warn "blkid failed probing ${dev} (rc=${blkid_rc})"
	if test -z "${fs}" && test "${system}" = FreeBSD; then
		fs=$(fstyp "${dev}" 2>/dev/null)
	fi
	answer fs "${fs}"
	filesystem_blkid UUID
	answer uuid "${found}"
	test "${resize:?}" = 1 || return 0
	answer size "$(filesystem_size)"
	mountpoint=$(findmnt --mtab --noheadings --output TARGET --source "${dev}" 2>/dev/null | head -n 1)
	answer mountpoint "${mountpoint}"
	eval "set -- ${info?}"
	test "$#" -gt 0 || return 0
	have "$1" || fail "Failed to find required executable \"$1\""
	if test "${mounted:?}" = 1 && test -n "${mountpoint}"; then
		set -- "$@" "${mountpoint}"
	else
		set -- "$@" "${dev}"
	fi
	about=$("$@" 2>&1)
	answer about_rc "$?"
	answer about "${about}"
}

# filesystem_blkid TAG: sets found and blkid_rc. BusyBox's blkid prints all tags whatever it is asked for.
filesystem_blkid() {
	found=$(blkid -c /dev/null -o value -s "$1" "${dev}" 2>/dev/null)
	blkid_rc=$?
	case ${found} in
	(*' '*) found=$(printf '%s\n' "${found}" | sed -n "s/.*[ :]$1=\"\{0,1\}\([^\" ]*\).*/\1/p") ;;
	esac
}

# filesystem_size: bytes of the device or the file.
filesystem_size() {
	if test -b "${dev}"; then
		blockdev --getsize64 "${dev}"
	elif test -c "${dev}" && test "${system}" = FreeBSD; then
		diskinfo "${dev}" | awk '{ print $3 }'
	elif test -f "${dev}"; then
		wc -c <"${dev}" | tr -d ' '
	fi
}
