# file: what a path is, and how it becomes what it shall be.

# file_probe: looks, and writes nothing.
# in:   path  src  state  follow=0|1  recurse=0|1  listing=0|1 (of a folder that
#       goes)  mtime atime (local time, may be empty)  owner_number group_number
#       (whose names are asked for, may be empty)  and what attributes asks with
# out:  path, node, real, real_path, src, source_path, source_exists,
#       source_real, source_real_path, is_empty, mtime, atime, tree,
#       owner_known, group_known, no_folder, hidden
file_probe() {
	file_probe_number owner_known passwd "${owner_number?}"
	file_probe_number group_known group "${group_number?}"
	if [ "${state?}" = hard ] && [ -d "${path?}" ] && [ -n "${src?}" ]; then
		path=${path%/}/${src##*/}
	fi
	answer path "${path}"
	answer src "${src}"
	if [ -z "${state}" ] && [ "${recurse?}" = 0 ] && [ -L "${path}" ]; then
		state='link'
	fi
	look node "${path}"
	[ -n "${look_line}" ] || file_probe_folder "${path}"
	file_bearer=${path}
	if [ "${follow?}" = 1 ] && [ -L "${path}" ] && file_follows; then
		ground_real "${path}"
		look real "${real?}"
		answer real_path "${real}"
		file_bearer=${real}
	fi
	file_folder=${file_bearer}
	file_probe_source
	look_wants "${file_bearer}"
	file_probe_time mtime "${mtime?}"
	file_probe_time atime "${atime?}"
	file_probe_content
	if [ "${recurse?}" = 1 ] && [ -d "${file_folder}" ]; then
		answer_output tree file_tree "${file_folder}"
	fi
	if [ "${listing?}" = 1 ] && [ -d "${path}" ] && [ ! -L "${path}" ]; then
		follow=0
		answer_output tree file_tree "${path%/}"
	fi
}

# file_probe_number ANSWER TABLE NUMBER: answers 1 where a user or group has it.
file_probe_number() {
	[ -n "$3" ] || return 0
	while IFS=: read -r _ _ file_number _; do
		if [ "${file_number}" = "$3" ]; then
			answer "$1" 1
			return 0
		fi
	done <"/etc/$2"
	if have getent && getent "$2" "$3" >/dev/null; then
		answer "$1" 1
	fi
}

# file_probe_content: looks whether a folder that a link shall replace is empty.
# Otherwise nobody asks, and looking would change its access time.
file_probe_content() {
	case ${state} in
	(hard | link) ;;
	(*) return 0 ;;
	esac
	if [ -d "${path}" ] && [ ! -L "${path}" ]; then
		[ -n "$(ls -A -- "${path}/" 2>/dev/null)" ] || answer is_empty 1
	fi
}

# file_peek: says whether there is a NUL where a file begins.
# in:   path
# out:  path, appears_binary
file_peek() {
	answer path "${path?}"
	[ -f "${path}" ] && [ -r "${path}" ] || return 0
	file_all=$(head -c 8192 <"${path}" | wc -c)
	file_text=$(head -c 8192 <"${path}" | tr -d '\000' | wc -c)
	[ "${file_all}" -eq "${file_text}" ] || answer appears_binary 1
}

# file_follows: says whether the state is one of what a link leads to.
file_follows() {
	case ${state} in
	(absent | link | hard) return 1 ;;
	esac
}

# file_probe_folder PATH: answers what above the path is there, and no folder; or that
# it may not be entered, so that nobody knows what is in it.
file_probe_folder() {
	file_above=$1
	while :; do
		case ${file_above} in
		(?*/*) file_above=${file_above%/*} ;;
		(*) return 0 ;;
		esac
		if [ -e "${file_above}" ]; then
			if [ ! -d "${file_above}" ]; then
				answer no_folder "${file_above}"
			elif [ ! -x "${file_above}" ]; then
				answer hidden 1
			fi
			return 0
		fi
	done
}

# file_probe_source: looks at what a link leads to, or is to lead to: that
# bears the attributes, but for a link that is not to be followed.
file_probe_source() {
	file_source=${src?}
	file_by_link=0
	if [ "${state}" = link ] && [ -z "${file_source}" ] && [ -L "${path}" ]; then
		file_by_link=1
		file_source=$(link_text "${path}" && printf .)
		file_source=${file_source%??}
	fi
	[ -n "${file_source}" ] || return 0
	case ${state} in
	(hard | link) ;;
	(*) return 0 ;;
	esac
	if [ "${state}" = link ]; then
		file_beside "${path}" "${file_source}"
	fi
	answer source_path "${file_source}"
	[ -e "${file_source}" ] && answer source_exists 1
	if [ "${state}" = link ] && [ "${follow}" = 0 ]; then
		look node "${path}"
		return
	fi
	# Whoever laid the link that is there must not choose what gets attributes.
	[ "${file_by_link}" = 0 ] || file_source=${path}
	ground_real "${file_source}"
	look source_real "${real}"
	file_bearer=${real}
	answer source_real_path "${real}"
}

# file_beside PATH TEXT: sets file_source to where a link that says TEXT leads
# from PATH, or from inside PATH where that is a folder.
file_beside() {
	case $2 in
	(/*) return 0 ;;
	esac
	if [ -d "$1" ] && [ ! -L "$1" ]; then
		file_source=${1%/}/$2
		return
	fi
	case $1 in
	(*/*) file_source=${1%/*}/$2 ;;
	esac
}

# file_probe_time NAME TIME: answers a local time in seconds since 1970.
file_probe_time() {
	[ -n "$2" ] || return 0
	file_seconds=$(date -d "$2" +%s 2>/dev/null) \
		|| file_seconds=$(date -j -f '%Y-%m-%d %H:%M:%S' "$2" +%s 2>/dev/null) \
		|| fail "this host's date does not know the time $2"
	answer "$1" "${file_seconds}"
}

# file_tree PATH: everything below the path, each as look has it, then its
# path, then the session's mark, which no name can hold. What a link leads to
# comes too where follow says so, under the word via: not in folders that
# others may change, where links are not followed.
file_tree() {
	file_end=${play_mark?}.
	if stat -c %f / >/dev/null 2>&1; then
		look_stat_form
		file_form="gnu ${look_form?}
%n
${file_end}"
		find "$1/" ! -path "$1/" -exec stat -c "${file_form}" -- {} +
		[ "${follow}" = 1 ] || return 0
		ground_trusted "$1" || return 0
		file_user=$(id -u)
		# shellcheck disable=SC2016 # for the inner shell
		find "$1/" -type d \( ! -user 0 ! -user "${file_user}" -o -perm -020 ! -perm -1000 \
			-o -perm -002 ! -perm -1000 \) -prune -o -type l -print0 | xargs -0 -r sh -c '
			form=$1
			shift
			find -L "$@" -exec stat -L -c "${form}" -- {} + 2>/dev/null
			' sh "via${file_form#gnu}"
		return 0
	fi
	# shellcheck disable=SC2016 # for the inner shell
	find "$1/" ! -path "$1/" -exec sh -c '
		end=$1
		shift
		for name do
			printf "ls 0 %s\n" "$(ls -ldin -- "${name}" | head -n 1)"
			ls -ld -- "${name}" | head -n 1
			printf "\n%s\n%s\n" "${name}" "${end}"
		done
		' sh "${file_end}" {} +
}

# file_apply: the one place that writes.
# in:   action=none|directory|hard|link|remove|touch  path  target (where the
#       attributes go; empty: nowhere)  src  batches (see set_batches)
#       mtime atime (empty, now, or as touch -t wants it)  shown (what is told)
#       and what attributes sets
# out:  after
file_apply() {
	case ${action?} in
	(directory) make_directories "${target?}" ;;
	(hard) file_make_hard "${src?}" "${path?}" ;;
	(link) make_link "${src?}" "${path?}" ;;
	(remove)
		file_remove "${path?}"
		return
		;;
	(touch) file_make_empty "${target?}" ;;
	esac
	if [ -n "${target?}" ]; then
		set_batches "${batches?}"
		file_settle
	fi
	file_made=
	look after "${shown:-"${path?}"}"
}

# file_settle: sets the attributes and times of the target itself.
file_settle() {
	settle "${target}"
	[ -n "${atime?}${mtime?}" ] || return 0
	hold "${target}"
	set_times "${held?}" "${atime}" "${mtime}"
	let_go
}

# file_make_empty PATH: makes an empty file where there is none.
file_make_empty() {
	ground_split "$1"
	ground "${ground_folder?}"
	if [ "${ground_shared?}" = 0 ]; then
		file_is_there "$1" || file_undone "$1"
		must file_append "$1"
		return
	fi
	ground_room
	must file_append ./new
	if ln -- ./new "../${ground_name?}" 2>/dev/null; then
		file_undone "$1"
	else
		must file_is_there "../${ground_name}"
	fi
	ground_leave
}

# file_undone PATH: what was just made goes again where the request fails before
# it has its owner, mode and times.
file_undone() {
	file_made=$1
	ground_finally file_undo
}

file_undo() {
	[ -z "${file_made-}" ] || (file_remove "${file_made}")
}

file_append() {
	: >>"$1"
}

file_is_there() {
	[ -e "$1" ]
}

# file_make_hard OLD PATH: PATH becomes another name of OLD.
file_make_hard() {
	file_old=$1
	if [ "${follow?}" = 1 ]; then
		ground_real "$1"
		file_old=${real?}
	fi
	ground_split "$2"
	ground "${ground_folder}"
	if [ "${ground_shared}" = 1 ]; then
		file_make_hard_here "$1"
		return
	fi
	if [ -d "$2" ] && [ ! -L "$2" ]; then
		must rm -rf -- "$2"
	fi
	if [ ! -e "$2" ] && [ ! -L "$2" ]; then
		must ln -- "${file_old}" "$2"
		return
	fi
	make_temp "${ground_folder}"
	must ln -- "${file_old}" "${link_temp:?}"
	rename_over "${link_temp}" "$2"
}

# file_make_hard_here: the same in a shared folder.
file_make_hard_here() {
	case ${file_old} in
	(/*) ;;
	(*) file_old=${ground_from?}/${file_old} ;;
	esac
	if [ -d "./${ground_name}" ] && [ ! -L "./${ground_name}" ]; then
		must rm -rf -- "./${ground_name}"
	fi
	ground_room
	must ln -- "${file_old}" ./new
	replace_beside ./new || fail "cannot replace ${ground_home?}/${ground_name}: ${replace_said?}"
	ground_leave
}

# file_remove PATH: removes whatever is there, and all below it.
file_remove() {
	case ${1%%/} in
	('' | .) fail "refusing to remove $1" ;;
	esac
	file_gone=$1
	ground_split "$1"
	ground "${ground_folder}"
	[ "${ground_shared}" = 0 ] || file_gone=./${ground_name}
	if [ -d "${file_gone}" ] && [ ! -L "${file_gone}" ]; then
		must rm -rf -- "${file_gone}"
	else
		must rm -f -- "${file_gone}"
	fi
	ground_return
}
