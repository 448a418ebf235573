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
	[ -d "${dest}" ] || fail "${dest} is not a folder of the host"
	if [ -z "${src?}" ]; then
		http_out ''
		answer temp "${out?}"
	fi
}

# unarchive_main: in:  src  dest  creates  check=0|1  keep_newer=0|1  list=0|1
#       options includes excludes (lists)  own_owner own_group own_mode=0|1 (not
#       compared, because they are set)  nodes=0|1  discard (a file to remove)
# out:  dest, src, handler, names, records, node, changed, skipped
unarchive_main() {
	ground_watch unarchive_tidy
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
	unarchive_checks || return 0
	if [ "${list?}" = 1 ]; then
		answer_output names unarchive_names
	fi
	case ${unarchive_handler} in
	(ZipArchive) answer tool "$(command -v unzip)" ;;
	(*) answer tool "$(command -v gtar || command -v tar)" ;;
	esac
	if unarchive_differs; then
		unarchive_stage
	fi
	if [ "${nodes?}" = 1 ]; then
		answer_output records unarchive_records
	fi
	look node "${dest}"
	look_wants "${dest}"
}

# unarchive_tidy: what is no longer wanted goes.
unarchive_tidy() {
	[ -z "${stage-}" ] || rm -rf -- "${stage}"
	[ -z "${discard?}" ] || temp_forget "${discard}"
}

# unarchive_checks: says whether there is something to do; the reference does not
# ask GNU's tar what would change.
unarchive_checks() {
	[ "${check?}" = 1 ] && [ "${unarchive_handler}" != ZipArchive ] || return 0
	case $(tar --version 2>&1) in
	(*GNU*) ;;
	(*) return 0 ;;
	esac
	answer skipped 'remote module (ansible.builtin.unarchive) does not support check mode when using gtar'
	return 1
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
		case $(tar --version 2>&1) in
		(*GNU*) unarchive_tar -t --quoting-style=literal ;;
		(*) unarchive_tar -t ;;
		esac
	elif ! LC_ALL=C.UTF-8 unzip -Z1 "${src}" 2>/dev/null; then
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
	place_absolute "${dest}"
	unarchive_dest=${place_path?}
	[ "${unarchive_dest}" = / ] || unarchive_dest=${unarchive_dest%/}
	place_absolute "${src}"
	src=${place_path}
	if [ "${check}" = 1 ]; then
		private_folder
		stage=${private?}
	else
		unarchive_make_stage
	fi
	if [ "${unarchive_handler}" = ZipArchive ]; then
		unarchive_unzip
	else
		unarchive_said=$(unarchive_tar -x -p -C "${stage}" 2>&1) \
			|| fail "tar cannot unpack ${src}: ${unarchive_said}"
	fi
	unarchive_own_names
	for stage_entry in "${stage}"/* "${stage}"/.[!.]* "${stage}"/..?*; do
		if [ -e "${stage_entry}" ] || [ -L "${stage_entry}" ]; then
			unarchive_tree "${stage_entry}" "${unarchive_dest%/}/${stage_entry##*/}"
		fi
	done
	unarchive_dot
	rm -rf -- "${stage}"
	stage=
}

# unarchive_own_names: BusyBox's tar follows the hard links of an archive wherever they
# lead. A file with more names than stand in the stage is no file of the archive.
unarchive_own_names() {
	unarchive_more=$(find "${stage}" ! -type d -links +1 -exec ls -din -- {} \; 2>/dev/null | awk '
		$2 ~ /^[-lbcps]/ { seen[$1]++; names[$1] = $3 }
		END { for (file in seen) if (names[file] > seen[file]) { print file; exit } }')
	[ -z "${unarchive_more}" ] || fail "${src} has a hard link that leads out of ${unarchive_dest}"
}

# unarchive_dot: an archive that has ./ tells the mode and owner of dest itself.
unarchive_dot() {
	unarchive_dots=$(unarchive_names | grep -c -x -e '\.' -e '\./')
	[ "${unarchive_dots}" -gt 0 ] || return 0
	unarchive_alike "${stage}" "${unarchive_dest}" ||
		unarchive_step unarchive_settle "${stage}" "${unarchive_dest}"
}

# unarchive_make_stage: sets stage to a new folder of our own. Where dest is ours
# it is in there, else on the same file system above it where nobody else may
# rename it, else where the host has temporary files.
unarchive_make_stage() {
	ground "${unarchive_dest}"
	if [ "${ground_shared?}" = 0 ]; then
		ground_new "${unarchive_dest%/}/" -d ||
			fail "cannot write in ${unarchive_dest}: ${ground_why?}"
		stage=${ground_made?}
		return
	fi
	unarchive_above=${ground_at?}
	ground_return
	unarchive_device=$(stat -c %d -- "${unarchive_above}" 2>/dev/null)
	while [ -n "${unarchive_above}" ]; do
		unarchive_above=${unarchive_above%/*}
		[ "$(stat -c %d -- "${unarchive_above}/" 2>/dev/null)" = "${unarchive_device:-none}" ] || break
		if ! ground_trusted "${unarchive_above}/" || [ ! -w "${unarchive_above}/" ]; then
			continue
		fi
		ground_new "${unarchive_above}/" -d || break
		stage=${ground_made}
		unarchive_near=1
		return
	done
	private_folder
	stage=${private}
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
			unarchive_step unarchive_settle "$1" "$2"
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
	unarchive_step unarchive_place "$1" "$2"
}

unarchive_folder() {
	set_nothing
	make_directory "$2"
	unarchive_settle "$1" "$2"
}

# unarchive_settle NEW OLD: gives OLD the owner and mode of NEW.
unarchive_settle() {
	hold "$2"
	take_after "$1" "${held?}"
	let_go
}

# unarchive_place NEW OLD: NEW comes to its place, a file or a link.
unarchive_place() {
	ground_split "$2"
	ground "${ground_folder?}"
	if [ "${ground_shared}" = 0 ]; then
		if [ -L "$1" ] || [ -L "$2" ]; then
			rename_over "$1" "$2"
		else
			must mv -f -- "$1" "$2"
		fi
		return
	fi
	ground_room
	if [ "${unarchive_near-}" = 1 ]; then
		must mv -f -- "$1" ./new
	else
		must cp -pP -- "$1" ./new
	fi
	replace_beside ./new || fail "cannot replace $2: ${replace_said?}"
	ground_leave
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
	unarchive_step unarchive_place "$1" "$2"
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
		if [ -e "${dest%/}/${unarchive_name}" ]; then
			look_stat "${dest%/}/${unarchive_name}" \
				|| look_ls "${dest%/}/${unarchive_name}"
			printf '%s\n%s.\n' "${dest%/}/${unarchive_name}" "${play_mark?}"
		fi
	done
}
