# attributes: owner, group, mode, flags and SELinux context of files.
# in:   want_owner want_group (names to look up)  want_umask want_flags
#       want_context=0|1 (what to ask for)
#       set_owner set_group set_mode set_flags set_context (what to set; empty:
#       leave it)

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

# set_time PATH VERB TIME: sets one of the times.
set_time() {
	[ -z "$3" ] || { set_value=$3 && set_batch_time "$2" "$1"; }
}

# set_batches LIST: the list is one of threes: a verb, a value, a list of paths.
set_batches() {
	eval "set -- $1"
	while [ "$#" -gt 0 ]; do
		set_batch "$1" "$2" "$3"
		shift 3
	done
}

set_batch() {
	set_verb=$1
	set_value=$2
	eval "set -- $3"
	case ${set_verb} in
	(owner) must chown -h -- "${set_value}" "$@" ;;
	(owner-via) must chown -- "${set_value}" "$@" ;;
	(group) must chgrp -h -- "${set_value}" "$@" ;;
	(group-via) must chgrp -- "${set_value}" "$@" ;;
	(mode) must chmod -- "${set_value}" "$@" ;;
	(context) set_batch_context "$@" ;;
	(atime) set_batch_time -a "$@" ;;
	(mtime) set_batch_time -m "$@" ;;
	esac
}

set_batch_context() {
	eval "must chcon -h ${set_value} -- \"\$@\""
}

set_batch_time() {
	set_which=$1
	shift
	case ${set_value} in
	(now) must touch -c "${set_which}" -- "$@" ;;
	(*) must touch -c "${set_which}" -t "${set_value}" -- "$@" ;;
	esac
}
