# placing: a file's new content comes to its place whole, or not at all.
# in:   dest  content (unless another is given)  temp (a finished file beside
#       dest)  source (a file of the host)  keep=0|1 (owner and mode of dest)
#       backup=0|1  unsafe_writes=0|1  validate (words; %s is the new file)
#       was (the checksum of the content that the new one was made from) and
#       what attributes needs
# out:  backup_file, after

# place_main: puts temp, or content, in the place of dest.
place_main() {
	[ -d "${dest?}" ] && fail "${dest} is a directory"
	place_absolute "${source?}"
	source=${place_path}
	place_brought=${temp?}
	temp_beside "${dest}"
	ground_watch place_tidy
	place_fill
	place_owners
	if [ "${ground_shared?}" = 1 ]; then
		set_all "${temp}"
	else
		set_attributes "${temp}"
	fi
	if [ "${backup?}" = 1 ] && [ -n "${temp_old}" ]; then
		back_up "${temp_dest}"
	fi
	replace_file "${temp}" "${temp_dest}" "${unsafe_writes?}"
	if [ "${ground_shared?}" = 1 ]; then
		set_labels "../${ground_name?}"
	else
		[ -e "${temp}" ] || ground_watch :
		set_labels "${temp_dest}"
	fi
	ground_leave
	look after "${temp_dest}"
}

# place_absolute PATH: sets place_path to the same from the root.
place_absolute() {
	place_path=$1
	case $1 in
	('' | /*) ;;
	(*) place_path=${PWD%/}/$1 ;;
	esac
}

# place_tidy: what is no longer wanted goes.
place_tidy() {
	case ${temp-} in
	(/*) rm -f -- "${temp}" ;;
	esac
	[ -z "${place_brought-}" ] || temp_forget "${place_brought}"
	[ -z "${private-}" ] || rm -rf -- "${private}"
}

# place_fill: gives temp its content, and has it validated. A command that is to
# find it right gets a name that nobody else can make mean another file.
place_fill() {
	if [ "${ground_shared}" = 0 ]; then
		[ "${temp}" = "${place_brought}" ] || write_content "${temp}" "${source}"
		validate_file "${temp}"
	elif [ -n "${place_brought}" ]; then
		validate_file "${place_brought}"
		write_content "${temp}" "${place_brought}"
	elif [ -n "${validate?}" ]; then
		private_folder
		write_content "${private}/new" "${source}"
		validate_file "${private}/new"
		write_content "${temp}" "${private}/new"
		rm -rf -- "${private}"
	else
		write_content "${temp}" "${source}"
	fi
	place_unchanged
}

# place_unchanged: where the new content was made from the old one, and somebody
# else may rename things here, it must have been this file's and nobody else's.
# in:   was (the checksum of the old content; or empty)
place_unchanged() {
	if [ -z "${was-}" ] || [ "${ground_shared}" = 0 ]; then
		return 0
	fi
	[ ! -L "${temp_old}" ] || fail "${temp_dest} is a link in a folder of somebody else: name what it leads to in the task"
	# Without a second name only root is at risk: others can read no more than they could.
	if [ "${temp_old}" = ./old ] || [ "$(id -u)" != 0 ]; then
		[ ! -f "${temp_old}" ] || digest_of sha1 "${temp_old}"
	fi
	[ "${digest-}" = "${was}" ] ||
		fail "${temp_dest} became another file while the task worked on it, and nothing was written"
}

# place_owners: owner and mode that the file has before the task sets others.
place_owners() {
	if [ "${keep?}" = 1 ] || [ -z "${temp_old}" ]; then
		take_after "${temp_old}" "${temp}"
		return
	fi
	take_after "${source}" "${temp}"
	chown -- "$(id -u):$(id -g)" "${temp}" 2>/dev/null
}

# temp_main: answers the name of a new empty file that can become dest.
temp_main() {
	temp_split "${dest?}"
	ground "${ground_folder?}"
	if [ "${ground_shared?}" = 1 ]; then
		private_folder
		temp=${private:?}/new
	else
		temp_new
	fi
	answer temp "${temp}"
}

# forget_main: removes a file that was brought and is not wanted after all.
forget_main() {
	temp_forget "${temp?}"
}

# temp_forget PATH: the same, with the folder that was made for it.
temp_forget() {
	rm -f -- "$1"
	case $1 in
	(*/.play.*/new) rmdir -- "${1%/*}" 2>/dev/null ;;
	esac
}

# temp_split PATH: sets temp_dest to the path from the root, and its parts.
temp_split() {
	# An upload may begin in another folder than this shell: the name is absolute.
	place_absolute "$1"
	temp_dest=${place_path}
	ground_split "${temp_dest}"
}

# temp_beside PATH: sets temp to a new empty file that can take the place of
# PATH, mode 0600, temp_old to what is there (empty: nothing) and temp_dest to
# PATH. In a shared folder the shell stands in a folder of our own until
# replace_file and ground_leave, and the names are for there.
temp_beside() {
	temp_split "$1"
	ground "${ground_folder}"
	if [ "${ground_shared}" = 1 ] && temp_replaces; then
		temp_in_room
		return
	fi
	[ "${ground_shared}" = 0 ] || ground_return
	temp_old=
	if [ -e "${temp_dest}" ] || [ -L "${temp_dest}" ]; then
		temp_old=${temp_dest}
	fi
	if [ -n "${place_brought-}" ]; then
		temp=${place_brought}
	else
		temp_new
	fi
}

# temp_replaces: says whether the file can be replaced; else it is written into.
temp_replaces() {
	[ "${unsafe_writes-0}" = 0 ] || [ -w . ] || [ "$(id -u)" = 0 ]
}

# temp_in_room: the same in a shared folder.
temp_in_room() {
	ground_room
	temp=./new
	temp_old=
	(set -C && : >./new) 2>/dev/null || fail "cannot write beside ${temp_dest}: is the disk full?"
	if [ ! -e "../${ground_name}" ] && [ ! -L "../${ground_name}" ]; then
		return
	fi
	temp_old=./old
	# Where there are no hard links, what stands there is looked at only once.
	ground_pin "${ground_name}" ./old || temp_old=../${ground_name}
}

# temp_new: sets temp to a new file beside temp_dest.
temp_new() {
	temp_folder=${ground_folder}
	if [ "${unsafe_writes-0}" = 1 ] && [ ! -w "${temp_folder}" ]; then
		private_folder
		temp=${private:?}/new
		return
	fi
	ground_sweep "${temp_folder}"
	ground_new "${temp_folder}" || fail "cannot write beside ${temp_dest}: ${ground_why?}"
	temp=${ground_made?}
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
	# What it says on its two streams is told apart by the session's mark.
	validate_all=$(
		{
			validate_out=$(
				validate_run "$@" 2>&3
				validate_code=$?
				printf .
				exit "${validate_code}"
			)
			printf '%s%s %s' "${play_mark?}" "$?" "${validate_out%.}"
			printf .
		} 3>&1
	)
	validate_said=${validate_all%%"${play_mark}"*}
	validate_out=${validate_all#*"${play_mark}"}
	validate_code=${validate_out%% *}
	[ "${validate_code}" -ne 0 ] || return 0
	validate_out=${validate_out#* }
	fail "failed to validate: rc:${validate_code} error:${validate_said}" \
		exit_status "${validate_code}" stdout "${validate_out%.}" stderr "${validate_said}"
}

# validate_run COMMAND...: runs it where the task's shell stood first.
validate_run() {
	if [ "${ground_shared?}" = 1 ]; then
		cd -- "${ground_from?}" || cd /
	fi
	"$@"
}

# take_after OLD NEW: gives the file NEW the owner, mode and labels of OLD, or
# what a new file has where there is no OLD, or only a link.
take_after() {
	if [ -z "$1" ] || [ -L "$1" ] || [ ! -e "$1" ]; then
		must chmod -- =rw "$2"
		return
	fi
	case $1 in
	(../*)
		take_after_look "$1" "$2" 0x1ff
		return
		;;
	esac
	# GNU's cp knows ACLs too.
	cp --attributes-only --preserve=mode,ownership -- "$1" "$2" 2>/dev/null \
		|| take_after_look "$1" "$2" 0xfff
	if selinux_on; then
		chcon --reference="$1" -- "$2" 2>/dev/null
	fi
	return 0
}

# take_after_look OLD NEW BITS: owner and mode of OLD for NEW, as far as the mode
# is in BITS, without GNU's cp.
take_after_look() {
	look_line=$(look_stat "$1" || look_ls "$1") || fail "cannot look at $1"
	case ${look_line} in
	(ls*)
		# Nothing but ls: cp -p keeps what has to be kept; the content is saved.
		[ "$3" = 0xfff ] || fail "this host has no stat, which $1 needs"
		must cp -p -- "$1" "$2.kept"
		cat <"$2" >"$2.kept" || fail "cannot write $2: is the disk full?"
		must mv -f -- "$2.kept" "$2"
		return
		;;
	esac
	# shellcheck disable=SC2086 # numbers
	set -- "$1" "$2" "$3" ${look_line%%"
"*}
	# A link that came meanwhile has no mode to be taken.
	[ $((0x$5 & 0xf000)) != $((0xa000)) ] || set -- "$1" "$2" "$3" "$4" 180 "$(id -u)" "$(id -g)"
	chown -- "$6:$7" "$2" 2>/dev/null
	must chmod -- "$(printf '0%o' $((0x$5 & $3)))" "$2"
}

# take_after_bits OLD NEW: gives NEW all bits of the mode of OLD.
take_after_bits() {
	look_line=$(look_stat "$1") || return 0
	# shellcheck disable=SC2086 # numbers
	set -- "$1" "$2" ${look_line%%"
"*}
	must chmod -- "$(printf '0%o' $((0x$4 & 0xfff)))" "$2"
}

# back_up PATH: keeps a copy of the file beside it, and answers its name. In a
# shared folder the copy is made of temp_old, and takes no name that is taken.
back_up() {
	back_number=$$
	back_time=$(date '+%Y-%m-%d@%H:%M:%S')
	if [ "${ground_shared-0}" = 1 ]; then
		if [ "${temp_old?}" != ./old ] && [ "$(id -u)" = 0 ]; then
			fail "cannot keep a copy of $1: its file system has no hard links"
		fi
		must cp -pP -- "${temp_old}" ./backup
		until back_said=$(ln -- ./backup "../${ground_name?}.${back_number}.${back_time}~" 2>&1); do
			back_number=$((back_number + 1))
			[ "${back_number}" -le $(($$ + 20)) ] || fail "cannot keep a copy of $1: ${back_said}"
		done
		rm -f -- ./backup
		answer backup_file "$1.${back_number}.${back_time}~"
		return
	fi
	while [ -e "$1.${back_number}.${back_time}~" ] || [ -L "$1.${back_number}.${back_time}~" ]; do
		back_number=$((back_number + 1))
	done
	must cp -p -- "$1" "$1.${back_number}.${back_time}~"
	answer backup_file "$1.${back_number}.${back_time}~"
}

# replace_file NEW OLD UNSAFE: renames NEW to OLD; writes into OLD where that
# cannot be and UNSAFE is 1 (a file that is a mount point of its own).
replace_file() {
	if [ "${ground_shared-0}" = 1 ]; then
		replace_label "$1" "$2"
		replace_beside "$1" || fail "cannot replace $2: ${replace_said}"
		return 0
	fi
	replace_fresh=0
	[ -e "$2" ] || replace_fresh=1
	if replace_said=$(replace_rename "$1" "$2"); then
		if [ "${replace_fresh}" = 1 ] && selinux_on && have restorecon; then
			restorecon -- "$2" 2>/dev/null
		fi
		return 0
	fi
	[ "$3" = 1 ] || fail "cannot replace $2: ${replace_said}"
	{ cat <"$1" >"$2"; } 2>/dev/null || fail "cannot write $2: ${replace_said}"
}

# replace_rename NEW OLD: by its own folder nobody could follow a file that is
# not where it was made.
replace_rename() {
	case $1 in
	(*/.play.*/new) return 1 ;;
	esac
	mv -f -- "$1" "$2" 2>&1
}

# replace_beside NEW: NEW, which is in the folder of our own, takes the place of
# ground_name beside that: never that of a file in it, should it be a folder now.
replace_beside() {
	replace_said=$(mv -fT -- "$1" "../${ground_name}" 2>&1) && return
	case ${replace_said} in
	(*nvalid\ option* | *nrecognized* | *llegal\ option* | *sage:*) ;;
	(*) return 1 ;;
	esac
	# BSD's -h does not follow a link to a folder.
	mv -fh -- "$1" "../${ground_name}" 2>/dev/null && return
	replace_said='the mv of this host has no -T'
	have link || return
	rm -f -- "../${ground_name}" && replace_said=$(link "$1" "../${ground_name}" 2>&1) && rm -f -- "$1"
}

# replace_label NEW OLD: the SELinux label that a new file has at OLD.
replace_label() {
	if [ -z "${temp_old-}" ] && selinux_on && have matchpathcon; then
		replace_context=$(matchpathcon -n -- "$2" 2>/dev/null) &&
			chcon -h -- "${replace_context}" "$1" 2>/dev/null
	fi
	return 0
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
			make_directory "${make_made}"
		fi
		make_made=${make_made}/
	done
}

# make_directory PATH: makes one folder with the attributes.
make_directory() {
	ground_split "$1"
	ground "${ground_folder}"
	if [ "${ground_shared}" = 0 ]; then
		must mkdir -- "$1"
		set_attributes "$1"
		set_labels "$1"
		return
	fi
	must mkdir -- "./${ground_name}"
	hold_here
	set_attributes "${held?}"
	set_labels "${held}"
	let_go
}

# make_link TEXT PATH: PATH becomes a link that says TEXT.
make_link() {
	ground_split "$2"
	ground "${ground_folder}"
	if [ "${ground_shared}" = 1 ]; then
		make_link_here "$1"
		ground_leave
		return
	fi
	if [ -d "$2" ] && [ ! -L "$2" ]; then
		must rmdir -- "$2"
	fi
	if [ ! -e "$2" ] && [ ! -L "$2" ]; then
		must ln -s -- "$1" "$2"
		return
	fi
	make_temp "${ground_folder}"
	must ln -s -- "$1" "${link_temp}"
	rename_over "${link_temp}" "$2"
}

# make_link_here TEXT: the same in a shared folder.
make_link_here() {
	if [ -d "./${ground_name}" ] && [ ! -L "./${ground_name}" ]; then
		must rmdir -- "./${ground_name}"
	fi
	ground_room
	must ln -s -- "$1" ./new
	replace_beside ./new || fail "cannot make the link ${ground_home?}/${ground_name}: ${replace_said}"
}

# make_temp FOLDER: sets link_temp to a name that nothing has.
make_temp() {
	ground_new "$1" || fail "cannot write in $1: ${ground_why}"
	link_temp=${ground_made}
	must rm -f -- "${link_temp}"
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
	settle "${path?}"
	look after "${path}"
}

# settle PATH: sets the attributes of what stands there.
settle() {
	if [ -z "${set_owner}${set_group}${set_mode}${set_context}${set_flags}" ]; then
		return 0
	fi
	hold "$1"
	set_attributes "${held}"
	set_labels "${held}"
	let_go
}
