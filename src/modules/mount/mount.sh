# mount: what is mounted, and the table of what is to be.

# mount_probe: looks, and writes nothing.
# in:   path  src  fstab (empty: the system's own)
# out:  path, src, system, fstab, own=0|1, table, info or mounts, here=0|1, real
mount_probe() {
	have mount || fail 'Failed to find required executable "mount"'
	system=$(uname -s)
	answer system "${system}"
	answer path "${path:?}"
	answer src "${src?}"
	case ${system}-${fstab?} in
	(SunOS-) fstab=/etc/vfstab ;;
	(*-) fstab=/etc/fstab ;;
	esac
	answer fstab "${fstab}"
	test ! -e "${fstab}" || answer_file table "${fstab}"
	if test "${system}" = Linux && test -r /proc/self/mountinfo; then
		answer_file info /proc/self/mountinfo
	else
		answer_output mounts mount -v
	fi
	test ! -e "${path}" || answer here 1
	unset CDPATH
	if test -d "${path}" && test ! -L "${path}"; then
		answer real "$(cd -P -- "${path}" 2>/dev/null && pwd -P)"
	fi
}

# mount_act: the one place that changes something.
# in:   path  fstab  write=0|1  content  was  new=0|1 (there was no table)  backup=0|1  make=0|1
#       verb=|mount|remount|umount  remove=0|1  mount_words  remount_words (lists)
#       again=0|1 (unmount and mount, where remounting fails)
# out:  backup_file
mount_act() {
	made=
	test "${make:?}" = 0 || mount_make
	test "${write:?}" = 0 || mount_write
	case ${verb?} in
	(mount)
		eval "set -- ${mount_words?}"
		said=$(mount "$@" 2>&1) || mount_undo "Error mounting ${path}: ${said}"
		;;
	(remount)
		eval "set -- ${remount_words?}"
		mount_remount "$@"
		;;
	(umount)
		said=$(umount "${path}" 2>&1) || fail "Error unmounting ${path}: ${said}"
		;;
	esac
	if test "${remove:?}" = 1 && test -e "${path}"; then
		said=$(rmdir -- "${path}" 2>&1) || fail "Error rmdir ${path}: ${said}"
	fi
}

# mount_remount ARGUMENT...: some file systems cannot be remounted.
mount_remount() {
	if test "$#" -gt 0; then
		said=$(mount "$@" 2>&1) && return 0
		test "${again:?}" = 1 || fail 'Options were specified with remounted, but the remount command failed. Unmount it and mount it with all its options instead.'
	fi
	eval "set -- ${mount_words?}"
	said=$(umount "${path}" 2>&1 && mount "$@" 2>&1) ||
		mount_undo "Error mounting ${path}: ${said}"
}

# mount_make: makes the folders above, and notes which, the last one first.
mount_make() {
	rest=${path:?}
	while test -n "${rest}" && test ! -e "${rest}"; do
		made="${made:+${made} }'$(printf '%s' "${rest}" | sed "s/'/'\\\\''/g")'"
		case ${rest} in
		(*/*) rest=${rest%/*} ;;
		(*) rest= ;;
		esac
	done
	said=$(mkdir -p -- "${path}" 2>&1) || fail "Error making dir ${path}: ${said}"
}

# mount_write: puts content in the place of the table.
mount_write() {
	if test "${backup:?}" = 1 && test -e "${fstab:?}"; then
		back_up "${fstab}"
	fi
	text_write "${fstab}" "${content?}"
}

# mount_undo TEXT: a table that does not work could keep the host from starting.
mount_undo() {
	if test "${write:?}" = 1; then
		content=${was?}
		backup=0
		mount_write
	fi
	eval "set -- \"\${1}\" ${made?}"
	said=$1
	shift
	for folder in "$@"; do
		rmdir -- "${folder}" 2>/dev/null
	done
	fail "${said}"
}
