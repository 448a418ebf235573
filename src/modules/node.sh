# node: what stands at a path, in one shape whatever tools the host has.
# in:   (functions only; SELinux is asked for where the kernel has it)

# look NAME PATH: answers what stands at the path, and what a link there says;
# no answer where nothing stands. look_line keeps the text for who asks next.
look() {
	look_line=
	if [ ! -e "$2" ] && [ ! -L "$2" ]; then
		return 0
	fi
	look_line=$(look_stat "$2" || look_ls "$2") || fail "cannot look at $2"
	answer "$1" "${look_line}"
	if [ -L "$2" ]; then
		answer_output "$1.link" link_text "$2"
	fi
}

# look_records PATH...: prints what stands at each, an empty line after each.
look_records() {
	look_stat_form
	if stat -c "gnu ${look_form}
" -- "$@" 2>/dev/null; then
		return
	fi
	for look_path do
		look_stat "${look_path}" || look_ls "${look_path}"
		printf '\n'
	done
}

# look_through NAME PATH: the same for what stands behind all links at its end.
look_through() {
	real_path "$2"
	look "$1" "${real}"
}

# look_stat PATH: kind and mode, uid, gid, size, links, inode, device and the
# three times on a line, then owner, group, and the SELinux context.
look_stat() {
	look_stat_form
	stat -c "gnu ${look_form}" -- "$1" 2>/dev/null && return 0
	# GNU's stat -f means something else: ask BSD's only where -c is unknown.
	stat -c %f / >/dev/null 2>&1 && return 1
	stat -f 'bsd %Xp %u %g %z %l %i %d %a %m %c
%Su
%Sg' "$1" 2>/dev/null
}

# look_stat_form: sets look_form to what GNU's stat shall print.
look_stat_form() {
	look_form='%f %u %g %s %h %i %d %X %Y %Z
%U
%G'
	if selinux_on; then
		look_form="${look_form}
%C"
	fi
}

# look_ls PATH: the same from ls, for a BusyBox built without stat.
look_ls() {
	look_time=$(date -r "$1" +%s 2>/dev/null) || look_time=0
	# shellcheck disable=SC2012 # find may have no -ls
	look_numbers=$(LC_ALL=C ls -ldin -- "$1" 2>/dev/null | head -n 1)
	[ -n "${look_numbers}" ] || return 1
	printf 'ls %s %s\n' "${look_time}" "${look_numbers}"
	# shellcheck disable=SC2012
	LC_ALL=C ls -ld -- "$1" | head -n 1
}

# link_text PATH: what a symbolic link says.
link_text() {
	if have readlink; then
		readlink -- "$1"
		return
	fi
	link_line=$(LC_ALL=C ls -ld -- "$1")
	printf '%s\n' "${link_line#*" $1 -> "}"
}

# real_path PATH: sets real to the path behind all links at its end.
real_path() {
	real=$1
	real_left=40
	while [ -L "${real}" ] && [ "${real_left}" -gt 0 ]; do
		# The dot keeps a line break at the end of the link's text.
		real_to=$(link_text "${real}" && printf .)
		real_to=${real_to%??}
		case ${real_to} in
		(/*) real=${real_to} ;;
		(*)
			case ${real} in
			(*/*) real=${real%/*}/${real_to} ;;
			(*) real=${real_to} ;;
			esac
			;;
		esac
		real_left=$((real_left - 1))
	done
}

# selinux_on: says whether the kernel labels files.
selinux_on() {
	[ -e /sys/fs/selinux/enforce ]
}

# must COMMAND...: runs a command; where it fails, so does the request, with
# what the command said.
must() {
	must_said=$("$@" 2>&1) || fail "${must_said:-"$1 failed"}"
}
