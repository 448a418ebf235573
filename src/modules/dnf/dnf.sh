# dnf: asks rpm, and has dnf (or dnf5, yum, microdnf) act.

# dnf_tool: sets tool to the program that is used.
# in:   backend=auto|dnf|dnf4|dnf5|yum|yum4
dnf_tool() {
	case ${backend:?} in
	(dnf5) set -- dnf5 ;;
	(dnf | dnf4 | yum4) set -- dnf-3 dnf yum ;;
	(yum) set -- yum dnf ;;
	(*) set -- dnf dnf5 yum microdnf ;;
	esac
	for tool in "$@"; do
		have "${tool}" && return 0
	done
	fail "this host has none of: $*"
}

# dnf_wait: until nobody else is at it.
# in:   lock_timeout (seconds; negative for ever)
dnf_wait() {
	waited=0
	while dnf_is_locked; do
		if test "${lock_timeout:?}" -ge 0 && test "${waited}" -ge "${lock_timeout}"; then
			fail "${tool} lockfile is held by another process"
		fi
		sleep 1
		waited=$((waited + 1))
	done
}

dnf_is_locked() {
	for file in /var/cache/dnf/*lock.pid /var/lib/dnf/*lock.pid /var/run/yum.pid; do
		test -s "${file}" || continue
		read -r owner <"${file}" || continue
		! kill -0 "${owner}" 2>/dev/null || return 0
	done
	return 1
}

# dnf_probe: what is known of these packages.
# in:   backend  lock_timeout  root  refresh=0|1  check=0|1  latest=0|1  options (a list)
#       the specs
# out:  tool; for each spec: spec, here (what is installed), newest; updates; groups
dnf_probe() {
	have rpm || fail 'this host has no rpm'
	dnf_tool
	answer tool "${tool}"
	if test "${refresh:?}" = 1 && test "${check:?}" = 0; then
		dnf_wait
		eval "dnf_refresh ${options?}"
	fi
	for spec in "$@"; do
		answer spec "${spec}"
		case ${spec} in
		(@*) answer_output groups dnf_groups ;;
		(*://* | *.rpm) answer here "$(dnf_file "${spec}")" ;;
		(*[*?[]*) answer here "$(dnf_rpm -qa --qf "${dnf_format}" "${spec}")" ;;
		(*) dnf_installed "${spec}" ;;
		esac
	done
	if test "${latest:?}" = 1; then
		dnf_wait
		eval "dnf_updates ${options?}"
	fi
}

# dnf_format: name, epoch, version, release, architecture.
dnf_format='%{NAME}|%{EPOCHNUM}|%{VERSION}|%{RELEASE}|%{ARCH}\n'

# dnf_rpm ARGUMENT...: rpm, of the root that is meant.
dnf_rpm() {
	if test "${root:?}" = /; then
		rpm "$@" 2>/dev/null
	else
		rpm --root "${root}" "$@" 2>/dev/null
	fi
}

# dnf_installed SPEC: by its name, with a version or without, or by what a package provides; where
# neither is there, what is there by the names that the spec may begin with.
dnf_installed() {
	if known=$(dnf_rpm -q --qf "${dnf_format}" -- "$1") ||
		known=$(dnf_rpm -q --qf "${dnf_format}" --whatprovides -- "$1"); then
		answer here "${known}"
		return 0
	fi
	name=$1
	while :; do
		case ${name} in
		(*-*) name=${name%-*} ;;
		(*) break ;;
		esac
		if known=$(dnf_rpm -q --qf "${dnf_format}" -- "${name}"); then
			answer other "${known}"
			break
		fi
	done
}

# dnf_file FILE-OR-ADDRESS: what is installed of just the package in the file.
dnf_file() {
	known=$(rpm -qp --qf '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}' "$1" 2>/dev/null) || return 0
	dnf_rpm -q --qf "${dnf_format}" -- "${known}" || :
}

# dnf_groups: the groups that are installed, one a line.
dnf_groups() {
	"${tool}" -q group list --installed --ids 2>/dev/null ||
		"${tool}" -q group list --installed 2>/dev/null
}

dnf_refresh() {
	"${tool}" "$@" -q makecache --refresh >&2 || "${tool}" "$@" -q makecache >&2 ||
		fail 'Failed to update the cache'
}

# dnf_updates OPTION...: the packages that have a newer version.
# out:  updates
dnf_updates() {
	answer updates ''
	"${tool}" "$@" -q check-update
	rc=$?
	test "${rc}" = 0 || test "${rc}" = 100 || fail "${tool} check-update failed"
}

# dnf_act ARGUMENT...: has dnf act and says what is different then.
# in:   backend  lock_timeout  root
# out:  before, after, rc; raw output
dnf_act() {
	dnf_tool
	dnf_wait
	LC_ALL=C.UTF-8
	export LC_ALL
	answer_output before dnf_rpm -qa --qf '%{NAME}-%{EPOCHNUM}:%{VERSION}-%{RELEASE}.%{ARCH}\n'
	raw
	"${tool}" "$@"
	rc=$?
	answer_output after dnf_rpm -qa --qf '%{NAME}-%{EPOCHNUM}:%{VERSION}-%{RELEASE}.%{ARCH}\n'
	answer rc "${rc}"
}

# dnf_list WHAT: packages for `list`.
# in:   backend  root  options (a list)
# out:  list
dnf_list() {
	dnf_tool
	what=$1
	eval "set -- ${options?}"
	answer list ''
	case ${what} in
	(installed) dnf_rpm -qa --qf '%{NAME}|%{EPOCHNUM}|%{VERSION}|%{RELEASE}|%{ARCH}|@System\n' ;;
	(updates | upgrades) dnf_query "$@" --upgrades ;;
	(available) dnf_query "$@" --available ;;
	(repos | repositories) "${tool}" "$@" -q repolist ;;
	(*)
		dnf_rpm -qa --qf '%{NAME}|%{EPOCHNUM}|%{VERSION}|%{RELEASE}|%{ARCH}|@System\n' "${what}"
		dnf_query "$@" --available "${what}"
		;;
	esac
}

dnf_query() {
	"${tool}" -q repoquery --qf '%{name}|%{epoch}|%{version}|%{release}|%{arch}|%{repoid}
' "$@" | grep .
}
