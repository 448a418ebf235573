# attributes: owner, group, mode, flags and SELinux context of files.
# in:   want_owner want_group (names to look up)  want_umask want_flags
#       want_context=0|1 (what to ask for)
#       set_owner set_group set_mode set_flags set_context (what to set; empty:
#       leave it)  all_owner all_group all_mode (the same, where it is so already)

# look_wants PATH: answers what it takes to tell how the attributes of what was
# looked at last differ from the wanted ones.
look_wants() {
	look_path=$1
	look_names=${look_line#*"
"}
	# shellcheck disable=SC2086 # the first line is numbers and a mode
	set -- ${look_line%%"
"*}
	if [ "${1-}" = ls ]; then
		shift 3
	fi
	look_id want_owner "${want_owner?}" "${look_names%%"
"*}" "${3-}" uid_of user
	look_names=${look_names#*"
"}
	look_id want_group "${want_group?}" "${look_names%%"
"*}" "${4-}" gid_of group
	if [ "${want_umask?}" = 1 ]; then
		answer umask "$(umask)"
	fi
	if [ "${want_flags?}" = 1 ] && [ -n "${look_line}" ]; then
		look_flags "${look_path}"
	fi
	if [ "${want_context?}" = 1 ] && selinux_on; then
		answer selinux 1
		have matchpathcon && answer default_context "$(matchpathcon -n -- "${look_path}")"
	fi
	return 0
}

# look_id ANSWER NAME FOUND NUMBER FUNCTION WORD: answers the number of NAME:
# NUMBER where it is the one FOUND, what FUNCTION prints otherwise.
look_id() {
	case $2 in
	('') return 0 ;;
	("$3") look_number=$4 ;;
	(*) look_number=$("$5" "$2") || return 0 ;;
	esac
	answer "$1" "${look_number}"
}

# uid_of NAME: prints a user's number.
uid_of() {
	id -u -- "$1" 2>/dev/null || number_in /etc/passwd "$1"
}

# gid_of NAME: prints a group's number.
gid_of() {
	number_in /etc/group "$1" && return
	have getent || return
	gid_line=$(getent group "$1") || return
	gid_line=${gid_line#*:*:}
	printf '%s\n' "${gid_line%%:*}"
}

# number_in FILE NAME: prints the third field of the name's line.
number_in() {
	while IFS=: read -r number_name _ number_found _; do
		if [ "${number_name}" = "$2" ]; then
			printf '%s\n' "${number_found}"
			return 0
		fi
	done <"$1"
	return 1
}

# set_attributes PATH: sets owner, group and mode of a file or a link.
set_attributes() {
	if [ -n "${set_owner?}" ]; then
		must chown -h -- "${set_owner}" "$1"
	fi
	if [ -n "${set_group?}" ]; then
		must chgrp -h -- "${set_group}" "$1"
	fi
	# Last, because a change of owner takes setuid away.
	if [ -n "${set_mode?}" ] && [ ! -L "$1" ]; then
		must chmod -- "${set_mode}" "$1"
	fi
}

# set_all PATH: sets owner, group and mode whatever they were: what was looked at
# may have been another file.
set_all() {
	set_owner=${all_owner?}
	set_group=${all_group?}
	set_mode=${all_mode?}
	set_attributes "$1"
}

# set_nothing: nothing is to be set.
set_nothing() {
	set_only '' '' ''
}

# set_only OWNER GROUP MODE: that is to be set, and nothing else.
set_only() {
	set_owner=$1
	set_group=$2
	set_mode=$3
	set_context=''
	set_flags=''
}

# set_labels PATH: sets what stays with the file in its final place.
set_labels() {
	if [ -n "${set_context?}" ]; then
		set_path=$1
		eval "set -- ${set_context}"
		must chcon -h "$@" -- "${set_path}"
		set -- "${set_path}"
	fi
	if [ -n "${set_flags?}" ]; then
		must chattr "${set_flags}" -- "$1"
	fi
}

# look_flags PATH: answers the flags that lsattr knows.
look_flags() {
	look_said=$(lsattr -d -- "$1" 2>&1) || fail "cannot read flags: ${look_said}"
	answer flags "${look_said%% *}"
}

# set_times PATH ATIME MTIME: sets the times that are given. Who may write a file may
# give it both of now, and only its owner may give it one, or another.
set_times() {
	if [ "$2.$3" = now.now ]; then
		must touch -c -- "$1"
		return
	fi
	[ -z "$2" ] || { set_value=$2 && set_verb_time -a "$1"; }
	[ -z "$3" ] || { set_value=$3 && set_verb_time -m "$1"; }
}

# set_batches LIST: the list is one of threes: a verb, a value, a list of paths.
# What is deeper comes first: a folder is given away after all that is in it.
set_batches() {
	eval "set -- $1"
	while [ "$#" -gt 0 ]; do
		set_batch "$1" "$2" "$3"
		shift 3
	done
}

# set_batch VERB VALUE LIST: paths in folders that are ours go into one command.
set_batch() {
	set_verb=$1
	set_value=$2
	eval "set -- $3"
	set_others=
	set_left=$#
	set_known=
	while [ "${set_left}" -gt 0 ]; do
		ground_split "$1"
		if [ "${ground_folder?}" != "${set_known}" ]; then
			set_known=${ground_folder?}
			set_ours=0
			ground_trusted "${set_known}" && set_ours=1
		fi
		if [ "${set_ours}" = 1 ]; then
			set -- "$@" "$1"
		else
			ground_quote "$1"
			set_others="${set_others} ${ground_quoted?}"
		fi
		shift
		set_left=$((set_left - 1))
	done
	[ "$#" = 0 ] || set_verb "$@"
	eval "set_shared ${set_others}"
}

# set_verb PATH...: does it.
set_verb() {
	case ${set_verb} in
	(owner) must chown -h -- "${set_value}" "$@" ;;
	(owner-via) must chown -- "${set_value}" "$@" ;;
	(group) must chgrp -h -- "${set_value}" "$@" ;;
	(group-via) must chgrp -- "${set_value}" "$@" ;;
	(mode) must chmod -- "${set_value}" "$@" ;;
	(context) set_verb_context "$@" ;;
	(atime) set_verb_time -a "$@" ;;
	(mtime) set_verb_time -m "$@" ;;
	(times) must touch -c -- "$@" ;;
	(call) eval "${set_value} \"\$@\"" ;;
	esac
}

set_verb_context() {
	eval "must chcon -h ${set_value} -- \"\$@\""
}

set_verb_time() {
	set_which=$1
	shift
	case ${set_value} in
	(now) must touch -c "${set_which}" -- "$@" ;;
	(*) must touch -c "${set_which}" -t "${set_value}" -- "$@" ;;
	esac
}

# set_shared PATH...: does it in folders that others may change too, a folder at
# a time, from within. Links there are not followed.
set_shared() {
	while [ "$#" -gt 0 ]; do
		ground_split "$1"
		set_known=${ground_folder?}
		set_names=
		set_count=0
		for set_path do
			ground_split "${set_path}"
			[ "${ground_folder?}" = "${set_known}" ] || break
			ground_quote "./${ground_name}"
			set_names="${set_names} ${ground_quoted?}"
			set_count=$((set_count + 1))
		done
		ground "${set_known}"
		if [ "${ground_shared?}" = 1 ]; then
			eval "set_here ${set_names}"
			ground_return
		else
			(cd -- "${set_known}" && eval "set_verb ${set_names}") || exit 1
		fi
		shift "${set_count}"
	done
}

# set_here NAME...: does it in the shared folder where the shell stands.
set_here() {
	case ${set_verb} in
	(*-via)
		warn "links in ${ground_at?} were not followed, since others than root may change them"
		return
		;;
	(owner | group | context)
		set_verb "$@"
		return
		;;
	esac
	set_pins=
	for set_path do
		if [ -d "${set_path}" ] && [ ! -L "${set_path}" ]; then
			(set_folder "${set_path#./}") || exit 1
		else
			ground_quote "${set_path#./}"
			set_pins="${set_pins} ${ground_quoted?}"
		fi
	done
	[ -z "${set_pins}" ] || (eval "set_pinned ${set_pins}") || exit 1
}

# set_folder NAME: for a folder.
set_folder() {
	ground_name=$1
	hold_here
	# It may have become a link since it was looked at.
	[ ! -L "${held?}" ] || ground_fooled
	set_verb "${held?}"
}

# set_pinned NAME...: for files.
set_pinned() {
	set_number=0
	ground_room
	for set_path do
		shift
		set_number=$((set_number + 1))
		ground_pin "${set_path}" "./pin-${set_number}" ||
			fail "cannot take hold of ${ground_home?}/${set_path}"
		[ -L "./pin-${set_number}" ] || set -- "$@" "./pin-${set_number}"
	done
	[ "$#" = 0 ] || set_verb "$@"
}
