# placing: a file's new content comes to its place whole, or not at all.
# in:   dest  content (unless another is given)  temp (a finished file beside
#       dest)  source (a file of the host)  keep=0|1 (owner and mode of dest)
#       backup=0|1  unsafe_writes=0|1  validate (words; %s is the new file)
#       and what attributes needs
# out:  backup_file, after

# place_main: puts temp, or content, in the place of dest.
place_main() {
	[ -d "${dest?}" ] && fail "${dest} is a directory"
	[ -n "${temp?}" ] || place_make=1
	[ -z "${place_make-}" ] || temp_beside "${dest}"
	trap 'rm -f -- "${temp}"' EXIT
	trap 'exit 1' HUP INT TERM
	[ -z "${place_make-}" ] || write_content "${temp}" "${source?}"
	validate_file "${temp}"
	if [ "${keep?}" = 1 ] || [ ! -e "${dest}" ]; then
		take_after "${dest}" "${temp}"
	else
		take_after "${source?}" "${temp}"
		chown -- "$(id -u):$(id -g)" "${temp}" 2>/dev/null
	fi
	set_attributes "${temp}"
	if [ "${backup?}" = 1 ] && [ -e "${dest}" ]; then
		back_up "${dest}"
	fi
	replace_file "${temp}" "${dest}" "${unsafe_writes?}"
	[ -e "${temp}" ] || trap - EXIT
	set_labels "${dest}"
	look after "${dest}"
}

# temp_main: answers the name of a new empty file beside dest.
temp_main() {
	temp_beside "${dest?}"
	answer temp "${temp}"
}

# forget_main: removes a file that was brought and is not wanted after all.
forget_main() {
	rm -f -- "${temp?}"
}

# temp_beside PATH: sets temp to a new empty file beside PATH, mode 0600.
temp_beside() {
	# An upload may begin in another folder than this shell: the name is absolute.
	case $1 in
	(/*) temp_folder=${1%/*}/ ;;
	(*/*) temp_folder=$(pwd)/${1%/*}/ ;;
	(*) temp_folder=$(pwd)/ ;;
	esac
	if [ "${unsafe_writes-0}" = 1 ] && [ ! -w "${temp_folder}" ]; then
		temp_folder=${TMPDIR:-/tmp}/
	fi
	if have mktemp; then
		temp_said=$(mktemp -- "${temp_folder}.play.XXXXXX" 2>&1) \
			|| fail "cannot write beside $1: ${temp_said}"
		temp=${temp_said}
		return
	fi
	temp=${temp_folder}.play.$$.${play_mark?}
	(umask 077 && set -C && : >"${temp}") 2>/dev/null \
		|| fail "cannot write beside $1"
}

# write_content PATH SOURCE: writes what the file SOURCE has, or where that is
# empty content, which is short: printf may be a program.
write_content() {
	if [ -n "$2" ]; then
		{ cat <"$2" >"$1"; } 2>/dev/null \
			|| fail "cannot write $1: is the disk full?"
		return
	fi
	{ printf '%s' "${content?}" >"$1"; } 2>/dev/null \
		|| fail "cannot write $1: is the disk full?"
}

# validate_file PATH: runs the words of validate, %s being the path.
validate_file() {
	[ -n "${validate?}" ] || return 0
	validate_path=$1
	eval "set -- ${validate}"
	validate_left=$#
	while [ "${validate_left}" -gt 0 ]; do
		case $1 in
		(*%s*) set -- "$@" "${1%%%s*}${validate_path}${1#*%s}" ;;
		(*) set -- "$@" "$1" ;;
		esac
		shift
		validate_left=$((validate_left - 1))
	done
	validate_said=$("$@" 2>&1) && return 0
	answer validate_rc "$?"
	fail "validation failed: ${validate_said}"
}

# take_after OLD NEW: gives the file NEW the owner, mode and labels of OLD, or
# what a new file has where there is no OLD.
take_after() {
	if [ ! -e "$1" ]; then
		must chmod -- =rw "$2"
		return
	fi
	# GNU's cp knows ACLs too.
	cp --attributes-only --preserve=mode,ownership -- "$1" "$2" 2>/dev/null \
		|| take_after_look "$1" "$2"
	if selinux_on; then
		chcon --reference="$1" -- "$2" 2>/dev/null
	fi
	return 0
}

# take_after_look OLD NEW: owner and mode of OLD for NEW, without GNU's cp.
take_after_look() {
	look_line=$(look_stat "$1" || look_ls "$1") || fail "cannot look at $1"
	case ${look_line} in
	(ls*)
		# Nothing but ls: cp -p keeps what has to be kept; the content is saved.
		must cp -p -- "$1" "$2.kept"
		cat <"$2" >"$2.kept" || fail "cannot write $2: is the disk full?"
		must mv -f -- "$2.kept" "$2"
		return
		;;
	esac
	# shellcheck disable=SC2086 # numbers
	set -- "$1" "$2" ${look_line%%"
"*}
	chown -- "$5:$6" "$2" 2>/dev/null
	take_mode=$(printf '%o' "0x$4")
	must chmod -- "0${take_mode#"${take_mode%????}"}" "$2"
}

# back_up PATH: keeps a copy of the file beside it, and answers its name.
back_up() {
	back_number=$$
	back_time=$(date '+%Y-%m-%d@%H:%M:%S')
	while [ -e "$1.${back_number}.${back_time}~" ]; do
		back_number=$((back_number + 1))
	done
	must cp -p -- "$1" "$1.${back_number}.${back_time}~"
	answer backup_file "$1.${back_number}.${back_time}~"
}

# replace_file NEW OLD UNSAFE: renames NEW to OLD; writes into OLD where that
# cannot be and UNSAFE is 1 (a file that is a mount point of its own).
replace_file() {
	replace_fresh=0
	[ -e "$2" ] || replace_fresh=1
	if replace_said=$(mv -f -- "$1" "$2" 2>&1); then
		if [ "${replace_fresh}" = 1 ] && selinux_on && have restorecon; then
			restorecon -- "$2" 2>/dev/null
		fi
		return 0
	fi
	[ "$3" = 1 ] || fail "cannot replace $2: ${replace_said}"
	{ cat <"$1" >"$2"; } 2>/dev/null || fail "cannot write $2: ${replace_said}"
}

# make_directories PATH: makes the folder and those above it; each new one
# gets the attributes.
make_directories() {
	make_rest=$1
	make_made=
	case ${make_rest} in
	(/*) make_made=/ ;;
	esac
	while [ -n "${make_rest}" ]; do
		make_name=${make_rest%%/*}
		case ${make_rest} in
		(*/*) make_rest=${make_rest#*/} ;;
		(*) make_rest= ;;
		esac
		[ -n "${make_name}" ] || continue
		make_made=${make_made}${make_name}
		if [ ! -d "${make_made}" ]; then
			must mkdir -- "${make_made}"
			set_attributes "${make_made}"
			set_labels "${make_made}"
		fi
		make_made=${make_made}/
	done
}

# make_link TEXT PATH: PATH becomes a link that says TEXT.
make_link() {
	if [ -d "$2" ] && [ ! -L "$2" ]; then
		must rmdir -- "$2"
	fi
	if [ ! -e "$2" ] && [ ! -L "$2" ]; then
		must ln -s -- "$1" "$2"
		return
	fi
	link_temp=${2%/}.play.$$
	must ln -s -- "$1" "${link_temp}"
	rename_over "${link_temp}" "$2"
}

# rename_over NEW OLD: NEW takes the place of OLD, which may be a link to a
# folder: only mv -T does not move into that.
rename_over() {
	mv -fT -- "$1" "$2" 2>/dev/null && return
	rm -f -- "$2" && mv -f -- "$1" "$2" && return
	rm -f -- "$1"
	fail "cannot replace $2"
}

# settle_main: sets the attributes of a file that has its content already.
# in:   path  and what attributes sets
# out:  after
settle_main() {
	set_attributes "${path?}"
	set_labels "${path}"
	look after "${path}"
}
