# delivery: what the controller has, compared with what the host has.

# deliver_probe: looks, and writes nothing.
# in:   dest  items (names below dest, or the one name that dest gets where it
#       is a folder)  tree=0|1  content=0|1 (there is no name: dest must be a
#       file)  follow=0|1  sums=0|1  and what attributes asks with
# out:  base (the folder that takes the items), base_kind, path (the one), kinds
#       (a letter for each item), nodes, sums, link (for each link), has_parent
deliver_probe() {
	eval "set -- ${items?}"
	deliver_base=${dest?}
	if [ "${tree?}" = 0 ]; then
		deliver_one "$1"
		set -- "${deliver_path}"
	else
		deliver_base=${dest%/}
		[ -n "${dest}" ] && [ -z "${deliver_base}" ] && deliver_base=/.
		for deliver_name do
			set -- "$@" "${deliver_base}/${deliver_name}"
			shift
		done
	fi
	answer base "${deliver_base}"
	deliver_kind "${deliver_base}"
	answer base_kind "${deliver_kind}"
	deliver_kinds=
	for deliver_path do
		deliver_kind "${deliver_path}"
		deliver_kinds=${deliver_kinds}${deliver_kind}
		if [ "${deliver_kind}" = l ]; then
			answer_output link link_text "${deliver_path}"
		fi
	done
	answer kinds "${deliver_kinds}"
	deliver_nodes "$@"
	if [ "${sums?}" = 1 ]; then
		deliver_sums "$@"
	fi
}

# deliver_one NAME: sets deliver_path to where the one item goes, and
# deliver_base to its folder.
deliver_one() {
	deliver_path=${dest}
	case ${dest} in
	(*/) deliver_path=${dest}$1 ;;
	(*) [ -d "${dest}" ] && deliver_path=${dest}/$1 ;;
	esac
	if [ "${content?}" = 1 ] && [ -d "${dest}" ]; then
		fail "can not use content with a dir as dest: ${dest}"
	fi
	if [ "${follow?}" = 1 ] && [ -L "${deliver_path}" ] && [ -e "${deliver_path}" ]; then
		ground_real "${deliver_path}"
		deliver_path=${real?}
	fi
	case ${deliver_path} in
	(*/*) deliver_base=${deliver_path%/*} ;;
	(*) deliver_base=. ;;
	esac
	answer path "${deliver_path}"
}

# deliver_kind PATH: sets deliver_kind to a letter: - nothing, l link, d folder,
# f file, u file that cannot be read, o something else.
deliver_kind() {
	deliver_kind=-
	if [ -L "$1" ]; then
		deliver_kind=l
	elif [ -d "$1" ]; then
		deliver_kind=d
	elif [ -f "$1" ]; then
		deliver_kind=f
		[ -r "$1" ] || deliver_kind=u
	elif [ -e "$1" ]; then
		deliver_kind=o
	fi
}

# deliver_nodes PATH...: answers what stands at those where something stands,
# and what attributes asks for.
deliver_nodes() {
	deliver_count=$#
	for deliver_path do
		shift
		if [ -e "${deliver_path}" ] || [ -L "${deliver_path}" ]; then
			set -- "$@" "${deliver_path}"
		fi
	done
	look_line=
	if [ "$#" -gt 0 ]; then
		look_line=$(look_records "$@")
		answer nodes "${look_line}"
	fi
	# The owners of many may be many, and a link gives way to a file: their
	# numbers are asked for.
	case ${deliver_count}${tree?}${deliver_kinds?} in
	(10[!l-]) ;;
	(*) look_line= ;;
	esac
	look_wants "${1-}"
}

# deliver_sums PATH...: answers the checksums of the files among them.
deliver_sums() {
	for deliver_path do
		shift
		if [ -f "${deliver_path}" ] && [ -r "${deliver_path}" ] \
			&& [ ! -L "${deliver_path}" ]; then
			set -- "$@" "${deliver_path}"
		fi
	done
	if [ "$#" -gt 0 ]; then
		answer_output sums digest sha1 "$@"
	fi
}

# deliver_folders: makes the folders that are missing.
# in:   folders  and what attributes sets
deliver_folders() {
	eval "set -- ${folders?}"
	for deliver_path do
		make_directories "${deliver_path}"
	done
}

# deliver_settle: sets the attributes of what has its content already.
# in:   path (may be empty)  shown (what is told of; may be empty)  batches
#       links (pairs: text, path)  and what attributes sets
# out:  after
deliver_settle() {
	set_batches "${batches?}"
	eval "set -- ${links?}"
	while [ "$#" -gt 0 ]; do
		make_link "$1" "$2"
		shift 2
	done
	[ -z "${path?}" ] || settle "${path}"
	[ -z "${shown?}" ] || look after "${shown}"
}
