# archive: files become an archive, or one file is compressed.
# in:   paths  excludes (words: paths and patterns)  dest  format  patterns
#       force=0|1  remove=0|1  check=0|1  and what attributes asks with
# out:  expanded, excluded, missing (each repeated), root, archived (ended by
#       NUL), many (an archive, not one file), problem, dest, before, changed,
#       after
archive_main() {
	unset CDPATH
	LC_ALL=C
	export LC_ALL
	archive_no_split=
	set --
	eval "set -- ${paths:?}"
	archive_left=$#
	while [ "${archive_left}" -gt 0 ]; do
		archive_pattern=$1
		shift
		IFS=
		# shellcheck disable=SC2086 # the pattern is meant to expand
		for archive_path in ${archive_pattern}; do
			set -- "$@" "${archive_path}"
			answer expanded "${archive_path}"
			[ "${archive_path}" = "${archive_pattern}" ] || archive_no_split=1
		done
		unset IFS
		archive_left=$((archive_left - 1))
	done
	archive_choose "$@"
}

# archive_choose PATH...: goes on with the paths that are not excluded.
archive_choose() {
	for archive_path do
		shift
		archive_is_excluded "${archive_path}" || set -- "$@" "${archive_path}"
	done
	archive_is_many "$@"
	archive_name_dest "$@"
	archive_find_root "$@"
	answer root "${archive_root}"
	for archive_path do
		shift
		if [ -e "${archive_path}" ] || [ -L "${archive_path}" ]; then
			set -- "$@" "${archive_path}"
		else
			answer missing "${archive_path}"
		fi
	done
	look before "${dest}"
	archive_make "$@"
	look after "${dest}"
	look_wants "${dest}"
}

# archive_is_excluded PATH: says whether a path is one of excludes; those are
# told the first time.
archive_is_excluded() {
	archive_this=$1
	archive_found=1
	set --
	eval "set -- ${excludes?}"
	IFS=
	for archive_pattern do
		# shellcheck disable=SC2086 # the pattern is meant to expand
		for archive_out in ${archive_pattern}; do
			[ "${archive_out}" != "${archive_this}" ] || archive_found=0
			[ -n "${archive_told-}" ] || answer excluded "${archive_out}"
		done
	done
	unset IFS
	archive_told=1
	return "${archive_found}"
}

# archive_is_many PATH...: sets archive_many to 1 where an archive is to be
# made, and to 0 where one file is to be compressed.
archive_is_many() {
	archive_many=1
	if [ "$#" = 1 ] && [ -z "${archive_no_split}" ] && [ ! -d "$1" ]; then
		case ${force:?}${format:?} in
		(0gz | 0bz2 | 0xz | 0zstd) archive_many=0 ;;
		esac
	fi
	answer many "${archive_many}"
}

# archive_name_dest PATH...: where no dest is given, it is named for the file.
archive_name_dest() {
	if [ -z "${dest?}" ]; then
		if [ "$#" != 1 ] || [ -d "$1" ] || [ -n "${archive_no_split}" ]; then
			fail 'Error, must specify "dest" when archiving multiple files or trees'
		fi
		dest=$1.${format}
	fi
	case ${dest} in
	(/*) ;;
	(*) dest=$(pwd)/${dest} ;;
	esac
	answer dest "${dest}"
}

# archive_find_root PATH...: sets archive_root to the folder above all paths.
archive_find_root() {
	archive_root=
	for archive_path do
		case ${archive_path} in
		(*/*) archive_folder=${archive_path%/*}/ ;;
		(*) archive_folder=$(pwd)/ ;;
		esac
		archive_root=${archive_root:-"${archive_folder}"}
		until [ "${archive_folder#"${archive_root}"}" != "${archive_folder}" ]; do
			archive_root=${archive_root%/}
			archive_root=${archive_root%/*}/
		done
	done
}

# archive_make PATH...: makes dest, where what is to be in it is not in it.
archive_make() {
	if [ "$#" = 0 ]; then
		archive_judge
		return
	fi
	cd -- "${archive_root}" || fail "cannot enter ${archive_root}"
	archive_tools
	archive_check_names "$@"
	if [ "${check:?}" = 0 ]; then
		answer_output archived archive_names '\0' "${archive_root}" "$@"
	fi
	archive_wanted=$({ { archive_stream "$@" || echo failed >&3; } | archive_sum; } 3>&1)
	case ${archive_wanted} in
	(*failed*) fail 'not every file could be packed: see stderr' ;;
	esac
	if [ ! -f "${dest}" ] ||
		[ "${archive_wanted}" != "$(archive_open 2>/dev/null <"${dest}" | archive_sum)" ]; then
		changed
		[ "${check}" = 1 ] || archive_write "$@"
	fi
	[ "${remove:?}" = 1 ] || return 0
	changed
	[ "${check}" = 1 ] || archive_remove "$@"
}

# archive_judge: tells which of the two a dest is that nothing can be added to.
archive_judge() {
	[ -f "${dest}" ] || return 0
	case ${format} in
	(tar | zip) return 0 ;;
	esac
	if archive_open 2>/dev/null <"${dest}" | tar -t -f - >/dev/null 2>&1; then
		answer many 1
	else
		answer many 0
	fi
}

# archive_tools: sees to it that the host has what the format needs.
archive_tools() {
	case ${format} in
	(gz) set -- gzip ;;
	(bz2) set -- bzip2 ;;
	(tar) set -- tar ;;
	(*) set -- "${format}" ;;
	esac
	have "$1" || fail "there is no $1 on the host, which format ${format} needs"
	archive_end='\n'
	if [ "${format}" != zip ] && [ "${archive_many}" = 1 ]; then
		have tar || fail 'there is no tar on the host: install it first'
		case $(tar --version 2>/dev/null) in
		(*GNU* | *bsdtar*) archive_end='\0' ;;
		esac
	fi
}

# archive_check_names PATH...: where names go a line each, none may have two.
archive_check_names() {
	[ "${archive_end}" = '\n' ] || return 0
	[ "$(archive_names '\0' '' "$@" | tr -c -d '\n' | wc -c)" -eq 0 ] ||
		fail 'there are names with line breaks, which only GNU tar can pack'
}

# archive_names END PREFIX PATH...: prints the names below archive_root of what
# goes into the archive, each with PREFIX before it and END behind it.
archive_names() {
	archive_behind=$1
	archive_before=$2
	shift 2
	for archive_path do
		archive_name=./${archive_path#"${archive_root}"}
		archive_least=0
		if [ -d "${archive_name}" ]; then
			archive_name=${archive_name%/}/
			archive_least=1
		fi
		# shellcheck disable=SC2016 # the other shell expands it
		archive_behind="${archive_behind}" archive_before="${archive_before}" \
			archive_not="${dest}" archive_root="${archive_root}" patterns="${patterns?}" \
			find "${archive_name}" -mindepth "${archive_least}" -exec sh -c '
			for path do
				name=${path#./}
				[ "${archive_root}${name}" != "${archive_not}" ] || continue
				eval "set -- ${patterns}"
				for pattern do
					case ${name} in
					(${pattern}) continue 2 ;;
					esac
				done
				printf "%s%s${archive_behind}" "${archive_before}" "${name}"
			done' sh {} +
	done
}

# archive_sorted PATH...: the names as tar or zip shall read them.
archive_sorted() {
	case ${archive_end} in
	('\0') archive_names '\0' '' "$@" | sort -z ;;
	(*) archive_names '\n' '' "$@" | sort ;;
	esac
}

# archive_stream PATH...: prints what the archive has to hold.
archive_stream() {
	case ${format}${archive_many} in
	(zip*) archive_sorted "$@" | zip -q -X - -@ ;;
	(*0) cat <"$1" ;;
	(*)
		if [ "${archive_end}" = '\0' ]; then
			archive_sorted "$@" | tar -c -f - --null --no-recursion -T -
		else
			archive_by_words "$@"
		fi
		;;
	esac
}

# archive_by_words PATH...: the same by a tar that reads no list of names.
archive_by_words() {
	archive_words=$(archive_sorted "$@")
	set -f
	IFS='
'
	# shellcheck disable=SC2086 # a word a line
	set -- ${archive_words}
	unset IFS
	set +f
	tar -c -f - --no-recursion -- "$@"
}

# archive_squeeze: compresses.
archive_squeeze() {
	case ${format} in
	(gz) gzip -n -c ;;
	(bz2) bzip2 -c ;;
	(xz) xz -c ;;
	(zstd) zstd -q -c ;;
	(*) cat ;;
	esac
}

# archive_open: the other way round.
archive_open() {
	case ${format} in
	(gz) gzip -d -c ;;
	(bz2) bzip2 -d -c ;;
	(xz) xz -d -c ;;
	(zstd) zstd -q -d -c ;;
	(*) cat ;;
	esac
}

# archive_sum: prints a sum of what it reads.
archive_sum() {
	for archive_tool in sha256sum sha1sum md5sum cksum; do
		if have "${archive_tool}"; then
			"${archive_tool}"
			return
		fi
	done
}

# archive_write PATH...: writes dest.
archive_write() {
	temp_beside "${dest}"
	ground_watch place_tidy
	{ (archive_back && archive_stream "$@") | archive_squeeze >"${temp:?}"; } ||
		fail "cannot write ${dest}: is the disk full?"
	if [ "$(archive_open <"${temp}" | archive_sum)" != "${archive_wanted}" ]; then
		fail "${dest} was not made: the files changed, or the disk is full"
	fi
	take_after "${temp_old?}" "${temp}"
	replace_file "${temp}" "${dest}" "${unsafe_writes:?}"
	ground_leave
}

# archive_back: goes to where the names of what is packed are meant.
archive_back() {
	[ "${ground_shared?}" = 0 ] || cd -- "${ground_from?}" || return
}

# archive_remove PATH...: removes what is in the archive now, and the folders
# that are empty then. Whoever owns one of them may make it a link meanwhile:
# files are removed from within the folder they were packed from.
archive_remove() {
	# shellcheck disable=SC2016 # the other shell expands it
	archive_names '\0' ./ "$@" | xargs -0 sh -c '
		root=$(env pwd -P && printf .)
		root=${root%??}
		while [ "$#" -gt 0 ]; do
			folder=${1%/*}
			count=0
			for path do
				[ "${path%/*}" = "${folder}" ] || break
				count=$((count + 1))
			done
			(
				cd -P -- "${folder}" || exit
				below=${folder#.}
				here=$(env pwd -P && printf .)
				[ "${here%??}" = "${root%/}${below:-/}" ] ||
					[ "${here%??}" = "${root}${below}" ] || exit
				left=${count}
				for path do
					shift
					[ "${left}" -gt 0 ] || continue
					left=$((left - 1))
					set -- "$@" "./${path##*/}"
				done
				rm -f -- "$@"
			)
			shift "${count}"
		done' sh 2>/dev/null
	for archive_path do
		[ -d "${archive_path}" ] || continue
		find "${archive_path}" -depth -type d -execdir rmdir {} \; 2>/dev/null
		[ ! -d "${archive_path}" ] || find "${archive_path}" -depth -type d -exec rmdir {} + 2>/dev/null
	done
	return 0
}
