# apt_repository: the one-line sources of apt.

# apt_repository_probe: every list of sources, as it is.
# out:  parts (the folder of lists), codename, os; for each list: path, content
apt_repository_probe() {
	have apt-get || fail 'this host has no apt-get'
	list=/etc/apt/sources.list
	parts=/etc/apt/sources.list.d/
	if have apt-config; then
		eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
	fi
	answer parts "${parts%/}"
	for file in "${list}" "${parts%/}"/*.list; do
		test -f "${file}" || continue
		answer path "${file}"
		answer_file content "${file}"
	done
	if test -r /etc/os-release; then
		answer codename "$(. /etc/os-release && printf '%s' "${VERSION_CODENAME-}")"
		answer os "$(. /etc/os-release && printf '%s' "${ID-}")"
	fi
}

# apt_repository_write PATH CONTENT...: writes lists, takes empty ones away, and updates what is known
# of packages. Where that fails, everything is as before.
# in:   mode  update=0|1  retries  longest_delay
apt_repository_write() {
	apt_settings
	private_folder
	saved=${private:?}
	number=0
	written=
	trap apt_repository_restore EXIT HUP INT TERM
	while test $# -ge 2; do
		number=$((number + 1))
		printf '%s' "$1" >"${saved}/${number}.path"
		test ! -e "$1" || cp -p -- "$1" "${saved}/${number}.old" ||
			fail "cannot save $1"
		written=${number}
		apt_repository_put "$1" "$2"
		shift 2
	done
	test "${update:?}" = 0 || apt_update
	written=
}

# apt_repository_put PATH CONTENT: the content beside the file, then in its place.
apt_repository_put() {
	if test -z "$2"; then
		rm -f -- "$1"
		return
	fi
	mkdir -p -- "${1%/*}"
	temp=$(mktemp "${1%/*}/.play.XXXXXX") || fail "cannot write beside $1"
	if test -e "$1"; then
		cp -p -- "$1" "${temp}"
	else
		chmod -- "${mode:-=rw}" "${temp}"
	fi
	printf '%s' "$2" >"${temp}" && mv -f -- "${temp}" "$1" && return 0
	rm -f -- "${temp}"
	fail "cannot write $1"
}

# apt_repository_restore: puts back what was there, unless all went well.
apt_repository_restore() {
	number=1
	while test "${number}" -le "${written:-0}"; do
		path=$(cat "${saved}/${number}.path")
		if test -e "${saved}/${number}.old"; then
			cp -p -- "${saved}/${number}.old" "${path}"
		else
			rm -f -- "${path}"
		fi
		number=$((number + 1))
	done
	rm -rf -- "${saved}"
}
