# unarchive: what an archive holds comes into a folder, each file whole.

# unarchive_look: looks before anything is brought here.
# in:   dest  creates  src (on the host; empty: it is brought)
# out:  dest, skipped, temp (for an archive that is brought)
unarchive_look() {
	answer dest "${dest?}"
	if [ -n "${creates?}" ] && [ -e "${creates}" ]; then
		answer skipped "skipped, since ${creates} exists"
		return
	fi
	[ -d "${dest}" ] || fail "${dest} is no folder of the host"
	if [ -z "${src?}" ]; then
		temp_beside "${TMPDIR:-/tmp}/x"
		answer temp "${temp?}"
	fi
}

# unarchive_main: in:  src  dest  creates  check=0|1  keep_newer=0|1  list=0|1
#       options includes excludes (lists)  own_owner own_group own_mode=0|1 (not
#       compared, because they are set)  nodes=0|1  discard (a file to remove)
# out:  dest, src, handler, names, records, node, changed, skipped
unarchive_main() {
	if [ -n "${discard?}" ]; then
		trap 'rm -f -- "${discard}"' EXIT
	fi
	unarchive_look
	if [ -n "${creates}" ] && [ -e "${creates}" ]; then
		return
	fi
	[ -e "${src}" ] || fail "there is no ${src} on the host"
	[ -r "${src}" ] || fail "${src} cannot be read"
	[ -s "${src}" ] || fail "${src} is empty, and no archive"
	answer src "${src}"
	unarchive_kind
	answer handler "${unarchive_handler}"
	if [ "${list?}" = 1 ]; then
		answer_output names unarchive_names
	fi
	if unarchive_differs; then
		unarchive_stage
	fi
	if [ "${nodes?}" = 1 ]; then
		answer_output records unarchive_records
	fi
	look node "${dest}"
	look_wants "${dest}"
}

# unarchive_kind: sets unarchive_handler and unarchive_cat by how src begins.
unarchive_kind() {
	unarchive_start=$(od -An -tx1 -N6 <"${src}" | tr -d ' \n')
	unarchive_cat='cat'
	unarchive_handler=TarArchive
	case ${unarchive_start} in
	(504b*) unarchive_handler=ZipArchive ;;
	(1f8b* | 1f9d*)
		unarchive_handler=TgzArchive
		unarchive_cat='gzip -dc'
		;;
	# GNU tar finds these out by itself, and so the reference names no handler of their own.
	(425a68*) unarchive_cat='bzip2 -dc' ;;
	(fd377a585a00) unarchive_cat='xz -dc' ;;
	(28b52ffd*) unarchive_cat='zstd -dc' ;;
	esac
	case ${unarchive_handler} in
	(ZipArchive) have unzip || fail "the host has no unzip" ;;
	(*)
		have tar || fail "the host has no tar"
		have "${unarchive_cat%% *}" || fail "the host has no ${unarchive_cat%% *}"
		;;
	esac
}

# unarchive_tar OPTION...: tar over the archive, with what the task asks for.
unarchive_tar() {
	if [ -n "${options?}" ]; then
		case $(tar --version 2>&1) in
		(*GNU*) set -- --show-transformed-names "$@" ;;
		esac
		eval "set -- \"\$@\" ${options}"
	fi
	unarchive_excludes=
	case $(tar --version 2>&1) in
	(*GNU* | *bsdtar*) eval "unarchive_add_excludes ${excludes?}" ;;
	esac
	eval "set -- \"\$@\" ${unarchive_excludes} -f - ${includes?}"
	${unarchive_cat} <"${src}" | LC_ALL=C tar "$@"
}

# unarchive_add_excludes PATTERN...: sets unarchive_excludes to tar's options.
unarchive_add_excludes() {
	for unarchive_pattern do
		unarchive_quote "${unarchive_pattern%/}"
		unarchive_excludes="${unarchive_excludes} --exclude=${unarchive_quoted}"
	done
}

# unarchive_quote TEXT: sets unarchive_quoted to the text as one word.
unarchive_quote() {
	unarchive_rest=$1
	unarchive_quoted=
	while :; do
		case ${unarchive_rest} in
		(*\'*)
			unarchive_quoted="${unarchive_quoted}${unarchive_rest%%\'*}'\"'\"'"
			unarchive_rest=${unarchive_rest#*\'}
			;;
		(*) break ;;
		esac
	done
	unarchive_quoted="'${unarchive_quoted}${unarchive_rest}'"
}

# unarchive_names: prints what the archive holds.
unarchive_names() {
	if [ "${unarchive_handler}" != ZipArchive ]; then
		unarchive_tar -t
	elif ! unzip -Z1 "${src}" 2>/dev/null; then
		# BusyBox's unzip has no -Z.
		unzip -l "${src}" \
			| sed -n '4,$s/^ *[0-9][0-9]*  *[-0-9]* [0-9:]*   \(.*\)$/\1/p'
	fi
}

# unarchive_differs: says whether the folder may not be as it shall be. GNU's
# tar can tell without writing anything; of what it says, times do not count.
unarchive_differs() {
	if [ "${unarchive_handler}" = ZipArchive ] || [ "${keep_newer?}" = 1 ]; then
		return 0
	fi
	case $(tar --version 2>&1) in
	(*GNU*) ;;
	(*) return 0 ;;
	esac
	unarchive_said=$(unarchive_tar --diff -C "${dest}" 2>&1)
	unarchive_status=$?
	[ "${unarchive_status}" -le 1 ] || case ${unarchive_said} in
	(*': Warning: Cannot stat'* | *'No such file or directory'*) ;;
	(*) fail "tar cannot read ${src}: ${unarchive_said}" ;;
	esac
	unarchive_filter=': Mod time differs$'
	[ "${own_mode?}" = 0 ] || unarchive_filter="${unarchive_filter}|: Mode differs\$"
	if [ "${own_owner?}" = 1 ] || [ "$(id -u)" != 0 ]; then
		unarchive_filter="${unarchive_filter}|: Uid differs\$"
	fi
	if [ "${own_group?}" = 1 ] || [ "$(id -u)" != 0 ]; then
		unarchive_filter="${unarchive_filter}|: Gid differs\$"
	fi
	printf '%s' "${unarchive_said}" | grep -q -v -E "${unarchive_filter}"
}

# unarchive_stage: unpacks into a folder of its own, compares, and moves what
# differs to its place.
unarchive_stage() {
	unarchive_folder=${dest%/}
	[ "${check?}" = 0 ] || unarchive_folder=${TMPDIR:-/tmp}
	temp_beside "${unarchive_folder}/x"
	stage=${temp}
	trap 'rm -rf -- "${stage}"; rm -f -- "${discard}"' EXIT
	trap 'exit 1' HUP INT TERM
	must rm -f -- "${stage}"
	must mkdir -m 700 -- "${stage}"
	if [ "${unarchive_handler}" = ZipArchive ]; then
		unarchive_unzip
	else
		unarchive_said=$(unarchive_tar -x -p -C "${stage}" 2>&1) \
			|| fail "tar cannot unpack ${src}: ${unarchive_said}"
	fi
	for stage_entry in "${stage}"/* "${stage}"/.[!.]* "${stage}"/..?*; do
		if [ -e "${stage_entry}" ] || [ -L "${stage_entry}" ]; then
			unarchive_tree "${stage_entry}" "${dest%/}/${stage_entry##*/}"
		fi
	done
	rm -rf -- "${stage}"
}

unarchive_unzip() {
	eval "set -- ${options?}"
	set -- -q -o "$@" "${src}"
	eval "set -- \"\$@\" ${includes?}"
	[ -z "${excludes?}" ] || eval "set -- \"\$@\" -x ${excludes}"
	unarchive_said=$(unzip "$@" -d "${stage}" 2>&1)
	# 1 is a warning only.
	[ "$?" -le 1 ] || fail "unzip cannot unpack ${src}: ${unarchive_said}"
}

# unarchive_tree NEW OLD: makes OLD what NEW is, with all below it.
unarchive_tree() {
	eval "unarchive_excluded \"\${1#\"\${stage}/\"}\" ${excludes}" && return
	if [ -L "$1" ]; then
		unarchive_link "$1" "$2"
	elif [ -d "$1" ]; then
		if [ ! -d "$2" ]; then
			[ ! -e "$2" ] || fail "$2 is there, and no folder"
			unarchive_step unarchive_folder "$1" "$2"
		elif ! unarchive_alike "$1" "$2"; then
			unarchive_step take_after "$1" "$2"
		fi
		for stage_entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
			if [ -e "${stage_entry}" ] || [ -L "${stage_entry}" ]; then
				unarchive_tree "${stage_entry}" "$2/${stage_entry##*/}"
			fi
		done
	else
		unarchive_file "$1" "$2"
	fi
}

# unarchive_excluded NAME PATTERN...: says whether the name fits one of them, for
# the sake of a tar that cannot leave anything out.
unarchive_excluded() {
	unarchive_name=$1
	shift
	for unarchive_pattern do
		# shellcheck disable=SC2254 # a pattern
		case ${unarchive_name} in
		(${unarchive_pattern} | */${unarchive_pattern}) return 0 ;;
		esac
	done
	return 1
}

# unarchive_step COMMAND...: the one place that writes.
unarchive_step() {
	[ -n "${unarchive_changed-}" ] || changed
	unarchive_changed=1
	[ "${check}" = 1 ] || "$@"
}

unarchive_link() {
	unarchive_text=$(link_text "$1" && printf .)
	if [ -L "$2" ] && [ "${unarchive_text}" = "$(link_text "$2" && printf .)" ]; then
		return
	fi
	[ -L "$2" ] || [ ! -d "$2" ] || fail "$2 is a folder, and a link in ${src}"
	unarchive_step rename_over "$1" "$2"
}

unarchive_folder() {
	must mkdir -- "$2"
	take_after "$1" "$2"
}

unarchive_file() {
	[ ! -d "$2" ] || [ -L "$2" ] || fail "$2 is a folder, and a file in ${src}"
	if [ "${keep_newer}" = 1 ] && [ -f "$2" ] \
		&& [ -n "$(find "$2" -newer "$1" -print)" ]; then
		return
	fi
	if [ -f "$2" ] && [ ! -L "$2" ] && unarchive_alike "$1" "$2" && cmp -s -- "$1" "$2"; then
		return
	fi
	unarchive_step must mv -f -- "$1" "$2"
}

# unarchive_alike NEW OLD: says whether mode, owner and group are the same, as
# far as the task does not set them.
unarchive_alike() {
	unarchive_fields "$1"
	unarchive_new=${unarchive_found}
	unarchive_fields "$2"
	[ "${unarchive_new}" = "${unarchive_found}" ]
}

# unarchive_fields PATH: sets unarchive_found.
unarchive_fields() {
	set -- "$(look_stat "$1" || look_ls "$1")"
	# shellcheck disable=SC2086 # words
	set -- ${1%%"
"*}
	[ "$1" != ls ] || set -- ls "$4" "$6" "$7"
	[ "${own_mode}" = 0 ] || set -- "$1" - "$3" "$4"
	[ "${own_owner}" = 0 ] || set -- "$1" "$2" - "$4"
	[ "${own_group}" = 0 ] || set -- "$1" "$2" "$3" -
	unarchive_found="$2 $3 $4"
}

# unarchive_records: prints what stands at each path that the archive names.
unarchive_records() {
	unarchive_names | while IFS= read -r unarchive_name; do
		unarchive_name=${unarchive_name#/}
		unarchive_name=${unarchive_name#./}
		if [ -n "${unarchive_name}" ] && [ -e "${dest%/}/${unarchive_name}" ]; then
			look_stat "${dest%/}/${unarchive_name}" \
				|| look_ls "${dest%/}/${unarchive_name}"
			printf '%s\n%s.\n' "${dest%/}/${unarchive_name}" "${play_mark?}"
		fi
	done
}
