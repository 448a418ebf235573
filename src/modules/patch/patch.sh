# patch: a difference is applied to files, or taken back.
# in:   src (a file of the host; else text is the difference)  text  discard
#       basedir  dest  strip  blanks  binary  backup  absent  check=0|1
# out:  changed
patch_main() {
	patch_words=
	patch_brought=
	patch_room=
	[ "${discard?}" = 0 ] || patch_brought=${src?}
	ground_finally patch_tidy
	patch_tools
	unset CDPATH
	LC_ALL=C
	export LC_ALL
	patch_absolute "${src?}"
	src=${patch_path}
	patch_absolute "${dest?}"
	dest=${patch_path}
	if [ -n "${src}" ] && [ ! -r "${src}" ]; then
		fail "src ${src} doesn't exist or not readable"
	fi
	if [ -n "${dest}" ] && [ ! -w "${dest}" ]; then
		fail "dest ${dest} doesn't exist or not writable"
	fi
	if [ -n "${basedir?}" ]; then
		cd -- "${basedir}" 2>/dev/null || fail "basedir ${basedir} doesn't exist"
	fi
	if [ -n "${dest}" ]; then
		ground_split "${dest}"
		ground "${ground_folder?}"
		if [ "${ground_shared?}" = 1 ]; then
			patch_shared
			return
		fi
	fi
	patch_way
}

patch_way() {
	case ${absent:?} in
	(0) patch_go -R '' ;;
	(1) patch_go '' -R ;;
	esac
}

# patch_shared: patch works by names, so in a folder that somebody else may change it gets a copy in a
# folder that only this user may enter, and what it makes of that comes to its place as every file does.
patch_shared() {
	ground_return
	private_folder
	patch_room=${private:?}
	if [ "${discard}" = 1 ]; then
		cat <"${src}" >"${patch_room}/diff" && rm -f -- "${src}"
		src=${patch_room}/diff
	fi
	patch_place=${dest}
	# Whether it is still this file when it is replaced, place_main looks.
	ground "${ground_folder}"
	[ ! -L "./${ground_name?}" ] ||
		fail "${patch_place} is a link in a folder of somebody else: name what it leads to in the task"
	cat <"./${ground_name}" >"${patch_room}/file" || fail "cannot read ${patch_place}"
	ground_return
	dest=${patch_room}/file
	digest_of sha1 "${dest}"
	was=${digest:?}
	patch_backup=${backup}
	backup=0
	patch_way
	digest_of sha1 "${dest}"
	if [ "${digest}" != "${was}" ]; then
		patch_bring
	fi
	rm -rf -- "${patch_room}"
}

# patch_tidy: what was there for a while goes.
patch_tidy() {
	[ -z "${patch_brought}" ] || rm -f -- "${patch_brought}"
	[ -z "${patch_room}" ] || rm -rf -- "${patch_room}"
}

# patch_bring: what patch made comes to its place.
patch_bring() {
	# shellcheck disable=SC2034 # place_main reads all of these
	source=${dest} content='' temp='' keep=1 unsafe_writes=0 validate=''
	dest=${patch_place}
	backup=${patch_backup}
	private=${patch_room}
	# shellcheck disable=SC2034
	all_owner='' all_group='' all_mode=''
	set_nothing
	place_main
}

# patch_absolute PATH: sets patch_path to the same from the root.
patch_absolute() {
	patch_path=$1
	case $1 in
	('' | /*) ;;
	(*) patch_path=$(pwd)/$1 ;;
	esac
}

# patch_tools: which patch the host has, and what it can do.
patch_tools() {
	have patch || fail 'there is no patch on the host: install it first'
	case $(patch --version 2>/dev/null) in
	(*GNU*) patch_words='-f -s' ;;
	(*)
		[ "${blanks:?}${binary:?}${backup:?}" = 000 ] ||
			fail 'the patch of this host knows no ignore_whitespace, binary and backup: install GNU patch'
		patch_inside
		return
		;;
	esac
	[ "${blanks}" = 0 ] || patch_words="${patch_words} -l"
	[ "${binary}" = 0 ] || patch_words="${patch_words} --binary"
}

# patch_inside: GNU's patch refuses names that lead out of the folder; for another one it is done here.
patch_inside() {
	[ -z "${dest}" ] || return 0
	patch_names='(^|/)\.\.(/|$)|//'
	[ "${strip:?}" -gt 0 ] || patch_names="${patch_names}|^/"
	patch_tab=$(printf '\t')
	patch_said=$(patch_text | sed -n "s/^[-+*]\{3\} //; t name
		b
		: name
		s/${patch_tab}.*//; s/  *\$//; p" | grep -E -- "${patch_names}" | head -n 1)
	[ -z "${patch_said}" ] ||
		fail "the difference names ${patch_said}, which is not below the folder"
}

# patch_text: the difference.
patch_text() {
	if [ -n "${src}" ]; then
		cat <"${src}"
	else
		printf '%s\n' "${text?}"
	fi
}

# patch_go BACK FORTH: where the way back is free, the work is done; else goes
# the way forth, if all of it is free.
patch_go() {
	if patch_said=$(patch_call --dry-run "$1"); then
		return
	fi
	patch_said=$(patch_call --dry-run "$2") || fail "${patch_said}"
	changed
	[ "${check:?}" = 0 ] || return 0
	if [ "${backup}" = 1 ]; then
		patch_words="${patch_words} --backup --version-control=numbered"
	fi
	patch_said=$(patch_call "$2") || fail "${patch_said}"
}

# patch_call WORDS...: runs patch; empty words are left out.
patch_call() {
	for patch_word do
		shift
		[ -z "${patch_word}" ] || set -- "$@" "${patch_word}"
	done
	set -- "$@" -p "${strip:?}"
	[ -z "${dest}" ] || set -- "$@" "${dest}"
	if [ -n "${src}" ]; then
		# shellcheck disable=SC2086 # words
		patch ${patch_words} "$@" <"${src}" 2>&1
	else
		# shellcheck disable=SC2086
		printf '%s' "${text?}" | patch ${patch_words} "$@" 2>&1
	fi
}

# patch_temp: answers the name of a file for a long difference.
patch_temp() {
	temp_beside "${TMPDIR:-/tmp}/play"
	answer temp "${temp:?}"
}
