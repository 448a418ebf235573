# apt: asks dpkg and apt, and has apt-get act.

# apt_probe: everything that has to be known before a decision.
# in:   update=0|1  valid_for (seconds)  retries  longest_delay  lock_timeout  clean=0|1
#       policy=0|1 (candidates too)  options (a list for apt-get)  simulate (a list: words for
#       apt-get, or empty)  check=0|1; the names, which may be patterns
# out:  cache_time, cache_updated (in check mode: they are too old), clean, names, installed, providers, automatic, policy,
#       simulated, simulated_rc
apt_probe() {
	have apt-get || fail 'this host has no apt-get'
	apt_settings
	apt_clean
	apt_refresh
	answer cache_time "$(apt_cache_time)"
	test $# = 0 || apt_names "$@"
	test -n "${simulate?}" || return 0
	eval "set -- ${options?} --simulate ${simulate}"
	answer simulated ''
	apt-get "$@"
	answer simulated_rc $?
}

# apt_clean: takes away the packages that were fetched.
apt_clean() {
	test "${clean:?}" = 1 || return 0
	archives=/var/cache/apt/archives
	for file in "${archives}"/*.deb "${archives}"/partial/*; do
		test -e "${file}" || continue
		answer clean 1
		test "${check:?}" = 1 || apt-get clean || fail 'apt-get clean failed'
		return 0
	done
}

# apt_cache_time: when the lists of packages were brought here last, in seconds of the epoch.
apt_cache_time() {
	for file in /var/lib/apt/periodic/update-success-stamp /var/lib/apt/lists; do
		stat -c %Y "${file}" 2>/dev/null && return 0
	done
	echo 0
}

# apt_refresh: brings the lists of packages here where they are too old.
apt_refresh() {
	test "${update:?}" = 1 || return 0
	age=$(($(date +%s) - $(apt_cache_time)))
	test "${age}" -gt "${valid_for:?}" || test "${valid_for}" = 0 || return 0
	if test "${check:?}" = 1; then
		answer cache_updated 1
		return 0
	fi
	before=$(apt_lists)
	apt_update
	if test "${before}" != "$(apt_lists)"; then
		answer cache_updated 1
	fi
	test ! -d /var/lib/apt/lists || touch -c /var/lib/apt/lists
}

# apt_lists: the lists of packages that are here, with their sizes and dates.
apt_lists() {
	# shellcheck disable=SC2010 # apt makes plain names of addresses
	ls -ln /var/lib/apt/lists 2>/dev/null | grep -v -e '^d' -e '^total' -e ' lock$'
}

# apt_names NAME...: what dpkg knows of these packages, and apt where that is needed.
apt_names() {
	count=$#
	while test "${count}" -gt 0; do
		name=$1
		shift
		case ${name} in
		(*[*?[]*)
			# shellcheck disable=SC2046 # names of packages hold no blanks
			set -- "$@" $(apt_matching "${name}")
			;;
		(*) set -- "$@" "${name}" ;;
		esac
		count=$((count - 1))
	done
	answer names "$*"
	test $# != 0 || return 0
	known=$(dpkg-query -W -f='${db:Status-Abbrev}\t${Package}\t${Architecture}\t${Version}\n' -- "$@" 2>/dev/null)
	rc=$?
	answer installed "${known}"
	if test "${rc}" != 0 || printf '%s\n' "${known}" | grep -q -v '^.i'; then
		# shellcheck disable=SC2016 # dpkg-query expands these
		answer_output providers dpkg-query -W -f='${db:Status-Abbrev}\t${Package}\t${Provides}\n'
	fi
	apt_automatic "$@"
	test "${policy:?}" = 0 || answer_output policy apt-cache policy -- "$@" 2>/dev/null
}

# apt_matching PATTERN: the packages whose names the pattern matches, one a line.
apt_matching() {
	apt-cache pkgnames "${1%%[*?[]*}" | while read -r candidate; do
		# shellcheck disable=SC2254 # the pattern is meant to match
		case ${candidate} in
		($1) printf '%s\n' "${candidate}" ;;
		esac
	done
}

# apt_automatic NAME...: which of these are here only because others need them.
apt_automatic() {
	states=/var/lib/apt/extended_states
	test -r "${states}" || return 0
	wanted=$(printf 'Package: %s\n' "$@")
	answer automatic "$(grep -F -x -A 2 -e "${wanted}" "${states}")"
}

# apt_act: has apt-get do something, and lets its output through.
# in:   specs (a list: name, = or >=, version; three words each)  policy_rc_d
#       what apt-get is told is given as arguments
# out:  rc; raw output
apt_act() {
	apt_settings
	eval "apt_resolve ${specs?}"
	eval "set -- \"\$@\" ${resolved}"
	apt_policy_in
	raw
	apt-get "$@"
	answer rc $?
	apt_policy_out
}

# apt_resolve NAME RELATION VERSION...: sets resolved to words name=version for apt-get.
apt_resolve() {
	resolved=
	while test $# -ge 3; do
		apt_find_version "$@" ||
			fail "no available installation candidate for $1$2$3"
		resolved="${resolved} '$1=${version}'"
		shift 3
	done
}

# apt_find_version NAME RELATION VERSION: sets version to the first one that will do.
apt_find_version() {
	for version in $(apt-cache madison -- "$1" | sed 's/^[^|]*| *\([^ |]*\) *|.*$/\1/'); do
		case ${version} in
		(*[!A-Za-z0-9.+:~_-]*) continue ;;
		esac
		if test "$2" = '>='; then
			dpkg --compare-versions "${version}" ge "$3" && return 0
			continue
		fi
		# shellcheck disable=SC2254 # the version may be a pattern
		case ${version} in
		($3) return 0 ;;
		esac
	done
	return 1
}

# apt_policy_in, apt_policy_out: say for this run what may be done to services.
apt_policy_in() {
	test -n "${policy_rc_d?}" || return 0
	policy_file=/usr/sbin/policy-rc.d
	trap apt_leave EXIT HUP INT TERM
	if test -e "${policy_file}"; then
		mv -f -- "${policy_file}" "${policy_file}.play" ||
			fail "cannot put ${policy_file} aside"
	fi
	printf '#!/bin/sh\nexit %s\n' "${policy_rc_d}" >"${policy_file}" ||
		fail "cannot write ${policy_file}"
	chmod 0755 "${policy_file}"
}

apt_policy_out() {
	test -n "${policy_rc_d}" || return 0
	policy_rc_d=
	rm -f -- "${policy_file}"
	test ! -e "${policy_file}.play" || mv -f -- "${policy_file}.play" "${policy_file}"
}

# apt_leave: leaves nothing behind.
apt_leave() {
	apt_policy_out
	test -z "${folder-}" || rm -rf -- "${folder}"
}

# apt_mark NAME...: these are here because somebody asked for them.
apt_mark() {
	raw
	apt-mark manual -- "$@"
	answer rc $?
}

# apt_deb: installs package files.
# in:   options (a list for apt-get)  policy_rc_d  check=0|1; the files or their addresses
# out:  needed=0|1, rc; raw output
apt_deb() {
	apt_settings
	folder=$(mktemp -d "${TMPDIR:-/tmp}/play-apt.XXXXXX") ||
		fail 'cannot make a temporary folder'
	trap apt_leave EXIT HUP INT TERM
	count=$#
	while test "${count}" -gt 0; do
		apt_bring "$1"
		shift
		apt_is_here "${deb}" || set -- "$@" "${deb}"
		count=$((count - 1))
	done
	if test $# = 0; then
		answer needed 0
		return 0
	fi
	answer needed 1
	eval "set -- ${options?} install \"\$@\""
	test "${check:?}" = 0 || set -- --simulate "$@"
	specs=
	apt_act "$@"
}

# apt_bring FILE-OR-ADDRESS: sets deb to the path of a file on the host.
apt_bring() {
	case $1 in
	(*://*)
		deb=${folder}/${1##*/}
		if have curl; then
			curl -fsSL -o "${deb}" -- "$1" || fail "cannot fetch $1"
		elif have wget; then
			wget -q -O "${deb}" -- "$1" || fail "cannot fetch $1"
		else
			fail 'this host has neither curl nor wget to fetch the package with'
		fi
		;;
	(/*) deb=$1 ;;
	(*) deb=./$1 ;;
	esac
	test -r "${deb}" || fail "Unable to install package: there is no file $1"
}

# apt_is_here FILE: says whether just this version is installed.
apt_is_here() {
	package=$(dpkg-deb -f "$1" Package) || fail "Unable to install package: $1 is no package"
	version=$(dpkg-deb -f "$1" Version)
	architecture=$(dpkg-deb -f "$1" Architecture)
	case ${architecture} in
	(all) ;;
	(*) package=${package}:${architecture} ;;
	esac
	here=$(dpkg-query -W -f='${db:Status-Status} ${Version}' -- "${package}" 2>/dev/null)
	test "${here}" = "installed ${version}"
}
