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
#       again=0|1 (unmount and mount, where remounting fails)  src
# out:  backup_file
mount_act() {
	made=
	mount_there=
	test "${make:?}" = 0 || mount_make
	test -z "${verb?}" || mount_judge
	test "${write:?}" = 0 || mount_write
	case ${verb?} in
	(mount)
		eval "set -- ${mount_words?}"
		said=$(mount "$@" 2>&1) || mount_undo "Error mounting ${path}: ${said}"
		mount_check
		;;
	(remount)
		eval "set -- ${remount_words?}"
		mount_remount "$@"
		mount_check
		;;
	(umount)
		said=$(umount "${path}" 2>&1) || fail "Error unmounting ${path}: ${said}"
		;;
	esac
	test "${remove:?}" = 0 || mount_remove
}

# mount_remove: the mount point goes, from within its folder.
mount_remove() {
	test -e "${path}" || return 0
	ground_split "${path}"
	ground "${ground_folder?}"
	mount_gone=${path}
	test "${ground_shared?}" = 0 || mount_gone=./${ground_name?}
	said=$(rmdir -- "${mount_gone}" 2>&1) || fail "Error rmdir ${path}: ${said}"
	ground_return
}

# mount_judge: where somebody else may rename what is on the way, it must lead to what is theirs; sets
# mount_there to where that is.
mount_judge() {
	ground_split "${path}"
	test -d "${ground_folder?}" || return 0
	ground "${ground_folder?}"
	if test "${ground_shared?}" = 1; then
		test ! -L "./${ground_name?}" ||
			fail "${path} is a link in a folder of somebody else: name what it leads to in the task"
		mount_there=${ground_at?}
		mount_there=${mount_there%/}/${ground_name}
	fi
	ground_return
}

# mount_check: nothing may be mounted elsewhere because the way became another one meanwhile.
mount_check() {
	test -n "${mount_there}" && test -r /proc/self/mountinfo || return 0
	mount_encoded=$(printf '%s.' "${mount_there}" | sed 's/\\/\\134/g; s/ /\\040/g; s/	/\\011/g')
	cut -d ' ' -f 5 /proc/self/mountinfo | grep -q -F -x -e "${mount_encoded%.}" && return
	test "${verb}" = remount || mount_take_off
	mount_undo "Error mounting ${path}: somebody else changed what is on the way to it meanwhile"
}

# mount_take_off: unmounts what was just mounted, where that came to another place.
mount_take_off() {
	mount_last=$(sed -n '$p' /proc/self/mountinfo)
	case "${mount_last##* - } " in
	(*" ${src?} "*) ;;
	(*) return 0 ;;
	esac
	mount_last=$(printf '%s\n' "${mount_last}" | cut -d ' ' -f 5 | sed 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')
	mount_last=$(printf '%b.' "${mount_last}")
	umount "${mount_last%.}"
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
	if ! ground_trusted "${rest:-/}"; then
		set_nothing
		make_directories "${path}"
		return
	fi
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
