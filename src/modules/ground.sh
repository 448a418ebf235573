# ground: where somebody else may rename what we write, no name is trusted.
# A folder is ours where only root and this user may change what is in it and on
# the way to it: names in it stay what they are. Every other folder is shared:
# there we go into it, look where we came to, and use names in it from there.

ground_also=
ground_finals=

# ground FOLDER: sets ground_shared to 0 or 1. Where it is 1, the shell stands in
# the folder afterwards; else where it stood before.
ground() {
	[ "${ground_shared-0}" = 1 ] || ground_from=${PWD}
	ground_shared=0
	[ "$1" != "${ground_ours-}" ] || return 0
	if ground_trusted "$1"; then
		ground_ours=$1
		return 0
	fi
	ground_enter "$1"
	[ "${ground_shared}" = 1 ] || ground_return
}

# ground_trusted FOLDER: says whether it is ours and no link is on the way. Sets
# ground_owner and ground_mode to the number of its owner and its mode, where it is
# there, and ground_stranger and ground_stranger_mode to those of the first folder on
# the way that is not ours (root may own it; so may we).
ground_trusted() {
	ground_rest=$1
	case $1 in
	(/*) ;;
	(*) ground_rest=${PWD}/$1 ;;
	esac
	ground_path=
	set -- /
	while [ -n "${ground_rest}" ]; do
		ground_part=${ground_rest%%/*}
		case ${ground_rest} in
		(*/*) ground_rest=${ground_rest#*/} ;;
		(*) ground_rest= ;;
		esac
		[ -n "${ground_part}" ] || continue
		ground_path=${ground_path}/${ground_part}
		set -- "$@" "${ground_path}"
	done
	ground_owner=
	ground_mode=0
	ground_stranger=
	ground_stranger_mode=0
	ground_count=$#
	ground_modes=$(stat -c '%f %u' -- "$@" 2>/dev/null) ||
		ground_modes=$(ground_modes_ls "$@")
	# shellcheck disable=SC2086 # numbers
	set -- ${ground_modes}
	[ "$#" = $((2 * ground_count)) ] || return 1
	ground_foreign=0
	while [ "$#" -gt 0 ]; do
		ground_owner=$2
		ground_mode=$1
		if [ "${ground_foreign}" = 0 ] && ! ground_is_ours "$1" "$2"; then
			ground_foreign=1
			ground_stranger=$2
			# shellcheck disable=SC2034 # async_status reads it
			ground_stranger_mode=$1
		fi
		shift 2
	done
	return "${ground_foreign}"
}

# ground_modes_ls PATH...: prints what stat -c '%f %u' does, as far as it counts.
ground_modes_ls() {
	# shellcheck disable=SC2012 # the names are left out
	LC_ALL=C ls -ldn -- "$@" 2>/dev/null | while read -r ground_letters _ ground_uid _; do
		ground_bits=$((0x8000))
		case ${ground_letters} in
		(d*) ground_bits=$((0x41c0)) ;;
		esac
		case ${ground_letters} in
		(?????w*) ground_bits=$((ground_bits + 0x10)) ;;
		esac
		case ${ground_letters} in
		(????????w*) ground_bits=$((ground_bits + 2)) ;;
		esac
		case ${ground_letters} in
		(?????????[tT]*) ground_bits=$((ground_bits + 0x200)) ;;
		esac
		printf '%x %s\n' "${ground_bits}" "${ground_uid}"
	done
}

# ground_is_ours MODE UID: a folder of root or this user where nobody else may
# rename: nobody else may write, or each only what is his (as in /tmp).
ground_is_ours() {
	ground_is_user "$2" || return 1
	[ $((0x$1 & 0xf000)) = 16384 ] || return 1
	[ $((0x$1 & 0x12)) = 0 ] || [ $((0x$1 & 0x200)) != 0 ]
}

# ground_is_user UID: root, or this user.
ground_is_user() {
	case $1 in
	(0 | "${ground_me-none}") return 0 ;;
	esac
	ground_me=${ground_me:-"$(id -u)"}
	[ "$1" = "${ground_me}" ]
}

# ground_enter FOLDER: goes there by whatever way, then judges where that is.
# Links in folders that are ours are good, and so are those that belong to root or
# this user. One that somebody else laid, or may have laid, may lead only to what
# that user owns.
ground_enter() {
	ground_start=${PWD}
	unset CDPATH
	[ -d "$1" ] || fail "there is no folder $1 on the host"
	cd -P -- "$1" 2>/dev/null || fail "cannot enter $1"
	ground_where
	ground_walk "${ground_start}" "$1"
	[ "${ground_end:-/}" = "${ground_at}" ] || fail "$1 became another folder meanwhile"
	ground_shared=1
	if ground_trusted "${ground_at}"; then
		ground_shared=0
	fi
	ground_judge "$1" "${ground_at}" "${ground_owner}"
}

# ground_judge PATH END OWNER: fails where a stranger's link led to END, which
# OWNER owns. Whoever may lay the link shall not choose what of others we change.
ground_judge() {
	case ${ground_strangers} in
	('' | "$3 ") return 0 ;;
	esac
	fail "$1 leads to $2 by a link in a folder of user ${ground_strangers% }, who does not own that: name $2 in the task if it is meant"
}

# ground_where: sets ground_at to where the shell stands, as the kernel has it.
ground_where() {
	# The shells of ash's family ask the kernel in cd -P; others may remember.
	case ${BASH_VERSION-}${KSH_VERSION-}${ZSH_VERSION-} in
	('') ground_at=${PWD} ;;
	(*)
		ground_at=$(env pwd -P && printf .)
		ground_at=${ground_at%??}
		;;
	esac
}

# ground_walk FROM PATH: sets ground_end to the path without links (empty for /)
# and ground_strangers to the owners of those links on the way that somebody else
# may have laid, a blank after each.
ground_walk() {
	ground_todo=$2
	case $2 in
	(/*) ;;
	(*) ground_todo=$1/$2 ;;
	esac
	ground_end=
	ground_strangers=
	ground_left=40
	while [ -n "${ground_todo}" ]; do
		ground_step=${ground_todo%%/*}
		case ${ground_todo} in
		(*/*) ground_todo=${ground_todo#*/} ;;
		(*) ground_todo= ;;
		esac
		case ${ground_step} in
		('' | .) ;;
		(..) ground_end=${ground_end%/*} ;;
		(*)
			ground_end=${ground_end}/${ground_step}
			[ ! -L "${ground_end}" ] || ground_follow
			;;
		esac
	done
}

# ground_follow: goes where the link ground_end leads.
ground_follow() {
	ground_left=$((ground_left - 1))
	[ "${ground_left}" -gt 0 ] || fail "too many links at ${ground_end}"
	ground_text=$(link_text "${ground_end}" && printf .)
	ground_text=${ground_text%??}
	if ! ground_trusted "${ground_end%/*}/"; then
		ground_lay "${ground_stranger:-none}"
	elif [ $((0x${ground_mode} & 0x12)) != 0 ]; then
		ground_lay_sticky
	fi
	case ${ground_text} in
	(/*) ground_end= ;;
	(*) ground_end=${ground_end%/*} ;;
	esac
	ground_todo=${ground_text}/${ground_todo}
}

# ground_lay_sticky: in a folder where each may change only what is his, such as /tmp,
# who owns a link has laid it. A link of root or this user stays what it is.
ground_lay_sticky() {
	ground_link=$(ground_link_owner "${ground_end}")
	! ground_is_user "${ground_link:-none}" || return 0
	case " ${ground_strangers}" in
	(*" ${ground_link:-none} "*) ;;
	(*) ground_strangers="${ground_strangers}${ground_link:-none} " ;;
	esac
}

# ground_lay OWNER: notes who may have laid the link ground_end: nobody where root
# or this user did; else who owns a folder on the way to it. In a folder of root's
# that a group may change it is who owns the link itself.
ground_lay() {
	ground_layer=$1
	ground_link=$(ground_link_owner "${ground_end}")
	if ground_is_user "${ground_layer}" || ground_is_user "${ground_link:-none}"; then
		if ground_held_link; then
			! ground_is_user "${ground_link}" || return 0
			! ground_is_user "$1" || ground_layer=${ground_link}
		elif ground_is_user "$1"; then
			ground_layer=none
		fi
	fi
	case " ${ground_strangers}" in
	(*" ${ground_layer} "*) ;;
	(*) ground_strangers="${ground_strangers}${ground_layer} " ;;
	esac
}

# ground_link_owner PATH: prints who owns the link; nothing where it is none.
ground_link_owner() {
	ground_link_line=$(stat -c '%f %u' -- "$1" 2>/dev/null) ||
		ground_link_line=$(ground_modes_ls "$1")
	case ${ground_link_line} in
	(a* | 8*) printf '%s\n' "${ground_link_line#* }" ;;
	esac
}

# ground_held_link: sets ground_link and ground_text to the owner and the text of
# the link ground_end, both of the same link. Status 1 where that is not certain.
ground_held_link() {
	ground_said=$(ground_hold_link || { sleep 2 && ground_hold_link; }) || return
	ground_link=${ground_said%%" "*}
	ground_said=${ground_said#*" "}
	ground_text=${ground_said%?}
}

# ground_hold_link: prints the owner and the text of the link ground_end, and a dot.
# It is looked at in a folder that cannot become another one, before and after it is
# read: who puts another link in its place for a moment must rename it, which sets
# its ctime, and that is two seconds old or more.
ground_hold_link() {
	unset CDPATH
	[ ! -L "${ground_end%/*}/" ] && cd -P -- "${ground_end%/*}/" || return
	ground_where
	[ "${ground_end%/*}" = "${ground_at%/}" ] || return
	ground_name=./${ground_end##*/}
	ground_once=$(stat -c '%f %u %h %i %Z' -- "${ground_name}" 2>/dev/null) || return
	ground_text=$(link_text "${ground_name}" && printf .)
	[ "$(stat -c '%f %u %h %i %Z' -- "${ground_name}")" = "${ground_once}" ] || return
	# shellcheck disable=SC2086 # numbers
	set -- ${ground_once}
	[ $((0x$1 & 0xf000)) = $((0xa000)) ] && [ $(($(date +%s) - $5)) -ge 2 ] || return
	ground_hard=0
	{ read -r ground_hard </proc/sys/fs/protected_hardlinks; } 2>/dev/null
	# Without that protection everybody may have a name of root's links.
	[ "${ground_hard}" = 1 ] || [ "$3" = 1 ] || return
	printf '%s %s.' "$2" "${ground_text%??}"
}

# ground_real PATH: sets real to the path behind all links; one that a stranger
# laid may only lead to what is the stranger's.
ground_real() {
	[ -L "$1" ] || {
		real=$1
		return 0
	}
	ground_walk "${PWD}" "$1"
	real=${ground_end:-/}
	[ -n "${ground_strangers}" ] || return 0
	ground_last=${real}
	[ -e "${ground_last}" ] || ground_last=${real%/*}/
	ground_last_owner=$(stat -c '%u' -- "${ground_last}" 2>/dev/null) ||
		ground_last_owner=$(ground_modes_ls "${ground_last}")
	ground_judge "$1" "${real}" "${ground_last_owner#* }"
}

# ground_return: goes back to where the shell stood first.
ground_return() {
	ground_shared=0
	[ -n "${ground_from-}" ] || return 0
	cd -- "${ground_from}" 2>/dev/null || cd /
}

# ground_split PATH: sets ground_folder and ground_name.
ground_split() {
	ground_name=$1
	while :; do
		case ${ground_name} in
		(?*/) ground_name=${ground_name%/} ;;
		(*) break ;;
		esac
	done
	case ${ground_name} in
	(*/*)
		ground_folder=${ground_name%/*}/
		ground_name=${ground_name##*/}
		;;
	(*) ground_folder=${PWD%/}/ ;;
	esac
}

# ground_quote TEXT: sets ground_quoted to the text as one word.
ground_quote() {
	ground_rest=$1
	ground_quoted=
	while :; do
		case ${ground_rest} in
		(*\'*)
			ground_quoted="${ground_quoted}${ground_rest%%\'*}'\"'\"'"
			ground_rest=${ground_rest#*\'}
			;;
		(*) break ;;
		esac
	done
	ground_quoted="'${ground_quoted}${ground_rest}'"
}

# ground_prefix: sets ground_names to how the names of what this session makes
# for a while begin: whose shell, on which host.
ground_prefix() {
	[ -z "${ground_names-}" ] || return 0
	ground_host=
	{ IFS= read -r ground_host </proc/sys/kernel/hostname; } 2>/dev/null ||
		ground_host=$(uname -n)
	ground_names=.play.${ground_host%%.*}.$$
}

# ground_new FOLDER [-d]: sets ground_made to a new empty file, or folder, in it
# that only this user may read; else ground_why to the reason. FOLDER ends with /.
ground_new() {
	ground_prefix
	if have mktemp; then
		# shellcheck disable=SC2086 # an option, or none
		ground_made=$(mktemp ${2-} -- "$1${ground_names}.XXXXXX" 2>&1) && return
		ground_why=${ground_made}
		return 1
	fi
	ground_number=$((${ground_number-0} + 1))
	ground_made=$1${ground_names}.${play_mark?}${ground_number}
	if [ -n "${2-}" ]; then
		ground_why=$(mkdir -m 700 -- "${ground_made}" 2>&1)
	else
		ground_why=$( (umask 077 && set -C && : >"${ground_made}") 2>&1)
	fi
}

# ground_sweep FOLDER: removes what an earlier shell of ours left there when it
# was killed. Only names that we use are touched, and only what this user owns.
ground_sweep() {
	ground_prefix
	for ground_old in "$1.play.${ground_host}".*.*; do
		if [ ! -O "${ground_old}" ] || [ -L "${ground_old}" ]; then
			continue
		fi
		ground_pid=${ground_old#"$1.play.${ground_host}."}
		ground_pid=${ground_pid%%.*}
		case ${ground_pid} in
		('' | *[!0-9]*) continue ;;
		esac
		if kill -0 "${ground_pid}" 2>/dev/null || [ -d "/proc/${ground_pid}" ]; then
			continue
		fi
		if [ -f "${ground_old}" ]; then
			rm -f -- "${ground_old}"
		else
			(ground_sweep_room "${ground_old}")
		fi
	done
}

# ground_sweep_room FOLDER: the same for a folder; nothing in it is a folder.
ground_sweep_room() {
	unset CDPATH
	ground_into "$1" || return
	ground_empty
	cd .. && rmdir -- "${1##*/}" 2>/dev/null
}

# ground_into FOLDER: enters a folder that only this user may enter, unless that is
# a link, or has become one meanwhile.
ground_into() {
	ground_is_private "$1" || return
	case $1 in
	(/*)
		ground_goal=${1%/*}
		ground_goal=$(unset CDPATH && cd -P -- "${ground_goal:-/}" 2>/dev/null && env pwd -P && printf .) || return
		ground_goal=${ground_goal%??}
		;;
	(*)
		ground_where
		ground_goal=${ground_at}
		;;
	esac
	cd -P -- "$1" 2>/dev/null || return
	ground_where
	[ "${ground_at}" = "${ground_goal%/}/${1##*/}" ] && ground_is_private .
}

# ground_is_private FOLDER: says whether it is one that only this user may enter,
# and no link.
ground_is_private() {
	[ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] || return
	ground_line=$(stat -c '%f %u' -- "$1" 2>/dev/null) || ground_line=$(ground_modes_ls "$1")
	[ $((0x${ground_line%% *} & 0xf1ff)) = $((0x41c0)) ]
}

# ground_empty: removes what we may have made in the folder where we stand.
ground_empty() {
	rm -f -- ./new ./old ./held ./backup ./pin-* 2>/dev/null
}

# ground_room: standing in a shared folder, makes a folder that only this user
# may enter, and goes in. Nobody else can take it for another: who it belongs to
# and where it is are looked at from within.
ground_room() {
	ground_home=${ground_at%/}
	ground_sweep ./
	ground_new ./ -d || fail "cannot write in ${ground_at}: ${ground_why##*: }"
	ground_room_name=${ground_made#./}
	ground_watch "${ground_also:-:}"
	cd -P -- "./${ground_room_name}" 2>/dev/null || ground_fooled
	ground_where
	[ "${ground_at}" = "${ground_home}/${ground_room_name}" ] || ground_fooled
	ground_in_room=1
	ground_is_private . || ground_fooled
	for ground_entry in ./* ./.[!.]* ./..?*; do
		if [ -e "${ground_entry}" ] || [ -L "${ground_entry}" ]; then
			ground_fooled
		fi
	done
}

# ground_watch [COMMAND]: whatever ends the request, what is there for a while
# goes, and the command is run, the last one that was given.
ground_watch() {
	ground_also=${1:-"${ground_also}"}
	trap ground_ended EXIT
	trap 'exit 1' HUP INT TERM
}

# ground_finally FUNCTION: this runs too when the request ends, whatever ground_watch
# is given later.
ground_finally() {
	ground_finals="${ground_finals} $1"
	ground_watch
}

ground_ended() {
	ground_leave
	${ground_also:-:}
	for ground_final in ${ground_finals}; do
		"${ground_final}"
	done
}

# ground_fooled: somebody is at work in the folder.
ground_fooled() {
	ground_in_room=
	fail "somebody else changes what is in ${ground_home} while the task works there, and nothing was written"
}

# ground_leave: removes the folder that ground_room made, and goes back.
ground_leave() {
	if [ -n "${ground_in_room-}" ]; then
		ground_in_room=
		ground_empty
		cd .. && rmdir -- "./${ground_room_name}" 2>/dev/null
	fi
	ground_return
}

# ground_pin NAME PIN: standing in the room, gives what the name beside the room
# means one more name inside, where nobody can make it mean something else.
ground_pin() {
	ln -P -- "../$1" "$2" 2>/dev/null || ln -- "../$1" "$2" 2>/dev/null || return
	[ ! -L "$2" ] || return 0
	ground_hard=0
	{ read -r ground_hard </proc/sys/fs/protected_hardlinks; } 2>/dev/null
	[ "${ground_hard}" != 1 ] || return 0
	# Without that protection everybody may link anybody's file into his folder.
	ground_pin_line=$(look_stat "$2" || look_ls "$2")
	# shellcheck disable=SC2086 # numbers
	set -- ${ground_pin_line%%"
"*}
	[ "$1" != ls ] || set -- ls - "$6" - - "$5"
	if [ "$6" -gt 2 ] && [ "$3" != "${ground_owner}" ]; then
		fail "there are other names of a file of user $3 in a folder of user ${ground_owner}, and it may be meant to be changed by mistake"
	fi
}

# hold PATH: sets held to a name that goes on to mean what stands at PATH now.
# In a shared folder the shell stands elsewhere until let_go.
hold() {
	held=$1
	ground_split "$1"
	case ${ground_name} in
	('' | . | ..)
		ground "$1"
		[ "${ground_shared}" = 0 ] || held=.
		return
		;;
	esac
	ground "${ground_folder}"
	[ "${ground_shared}" = 1 ] || return 0
	hold_here
	: "${held}"
}

# hold_here: the same for ground_name in the shared folder where the shell stands.
hold_here() {
	if [ -d "./${ground_name}" ] && [ ! -L "./${ground_name}" ]; then
		ground_home=${ground_at%/}
		cd -P -- "./${ground_name}" 2>/dev/null || ground_fooled
		ground_where
		[ "${ground_at}" = "${ground_home}/${ground_name}" ] || ground_fooled
		held=.
		return
	fi
	ground_room
	ground_pin "${ground_name}" ./held ||
		fail "cannot take hold of ${ground_home}/${ground_name}"
	held=./held
}

# let_go: what hold began ends.
let_go() {
	[ "${ground_shared}" = 0 ] || ground_leave
}

# private_folder [FOLDER]: sets private to a new folder that only this user may
# enter, in FOLDER or where the host has temporary files; nobody else may rename
# it. The caller removes it.
private_folder() {
	private_place "${1-}"
	ground_new "${private_in%/}/" -d || fail "cannot make a temporary folder: ${ground_why}"
	private=${ground_made}
	: "${private}"
}

# private_file WORD: sets private to a new empty file for this user alone, whose
# name begins with the word; nobody else may rename it. The caller removes it.
private_file() {
	private_place
	if have mktemp; then
		private=$(mktemp -- "${private_in%/}/$1XXXXXX") || fail "cannot make a temporary file in ${private_in}"
		return
	fi
	ground_new "${private_in%/}/" || fail "cannot make a temporary file: ${ground_why}"
	private=${ground_made}
}

# private_place [FOLDER]: sets private_in to where temporary files are safe.
private_place() {
	for private_in in "${1-}" "${TMPDIR-}" /tmp /var/tmp "${HOME-}"; do
		if [ -z "${private_in}" ] || [ ! -d "${private_in}" ] || [ ! -w "${private_in}" ]; then
			continue
		fi
		if ! ground_trusted "${private_in}"; then
			private_in=$(unset CDPATH && cd -P -- "${private_in}" && pwd -P && printf .)
			private_in=${private_in%??}
			ground_trusted "${private_in:-/}" || continue
		fi
		return
	done
	fail 'there is no folder for temporary files where nobody else may rename them: /tmp needs the sticky bit'
}
