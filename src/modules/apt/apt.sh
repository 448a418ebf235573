# apt: asks dpkg and apt, and has apt-get act.

# apt_probe: everything that has to be known before a decision.
# in:   update=0|1  valid_for (seconds)  retries  longest_delay  lock_timeout  clean=0|1
#       policy=always|missing|never (what the sources offer)  release (the one to prefer, or empty)  options (a list for
#       apt-get)  simulate (a list: words for apt-get, or empty)  check=0|1; the names, which may be
#       patterns
# out:  cache_time, cache_updated (in check mode: they are too old), cleaned, names (one a line),
#       installed, automatic, policy, providers, simulated, simulated_rc
apt_probe() {
	have apt-get || fail 'this host has no apt-get'
	apt_settings
	apt_clean
	apt_sources
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
	test "${clean:?}" = 1 && test "${check:?}" = 0 || return 0
	cleaned=$(apt-get clean 2>&1) || fail "apt-get clean failed: ${cleaned}"
	answer cleaned "${cleaned}"
}

# apt_sources: fails where the lists of sources cannot be read. What apt has read already is in its
# cache, which is younger than the files.
apt_sources() {
	cache=/var/cache/apt/pkgcache.bin
	if test -e "${cache}"; then
		newer=$(find /etc/apt/sources.list /etc/apt/sources.list.d -newer "${cache}" 2>/dev/null)
		test -n "${newer}" || return 0
	fi
	apt_asks apt-cache stats
}

# apt_asks PROGRAM ARGUMENT...: its output as `said`; its errors, as apt's libraries say them, fail
# the task.
apt_asks() {
	said=$("$@" 2>/dev/null) && return 0
	fail "$("$@" 2>&1 >/dev/null | sed -n 's/^\([EW]\): /\1:/p' |
		sed -e ':a' -e '$!{N' -e 's/\n/, /' -e 'ba' -e '}')"
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
	test $# != 0 || return 0
	answer names "$(printf '%s\n' "$@")"
	known=$(dpkg-query -W -f='${db:Status-Abbrev}\t${Package}\t${Architecture}\t${Version}\n' -- "$@" 2>/dev/null)
	rc=$?
	answer installed "${known}"
	case ${rc},${known} in
	(0,[a-z][!i]* | *"
"[a-z][!i]*) rc=1 ;;
	esac
	test "${policy:?}" != never || return 0
	apt_automatic "$@"
	test "${policy},${rc}" = missing,0 || apt_policy "$@"
}

# apt_policy NAME...: what the sources offer, and who provides what no source has.
apt_policy() {
	apt_asks apt-cache ${release:+-o} ${release:+"APT::Default-Release=${release}"} policy -- "$@"
	answer policy "${said}"
	offered="
${said}
"
	for name in "$@"; do
		case ${offered} in
		(*"
${name}:
  Installed: (none)
  Candidate: (none)"*)
			apt_providers "${name}"
			answer providers "${name}${providers}"
			;;
		esac
	done
}

# apt_providers NAME: sets providers to the packages that provide it; those that are installed end in =i.
apt_providers() {
	providers=
	for provider in $(apt-cache showpkg -- "$1" 2>/dev/null |
		sed -n -e '1,/^Reverse Provides/d' -e 's/ .*//p'); do
		case $(dpkg-query -W -f='${db:Status-Abbrev}' -- "${provider}" 2>/dev/null) in
		(?i*) provider=${provider}=i ;;
		esac
		providers="${providers} ${provider}"
	done
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
# in:   manual (a list: packages to mark as asked for)  policy_rc_d
#       what apt-get is told is given as arguments
# out:  rc; raw output
apt_act() {
	apt_settings
	apt_policy_in
	raw
	apt-get "$@"
	rc=$?
	answer rc "${rc}"
	apt_policy_out
	test -n "${manual?}" && test "${rc}" = 0 || return 0
	eval "set -- ${manual}"
	apt-mark manual -- "$@" >/dev/null
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

# apt_deb: installs package files: what they need by apt-get, themselves by dpkg.
# in:   options (a list for apt-get)  dpkg (a list for dpkg)  policy_rc_d  force=0|1  downgrade=0|1
#       check=0|1; the files or their addresses
# out:  needed=0|1, needs (the packages that apt-get was to bring), command (dpkg's), rc; raw output
apt_deb() {
	apt_settings
	private_folder
	folder=${private:?}
	trap apt_leave EXIT HUP INT TERM
	own=' '
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
	apt_needs "$@"
	apt_policy_in
	raw
	if apt_bring_needs; then
		eval "set -- ${dpkg?} -i \"\$@\""
		answer command "dpkg $*"
		raw
		dpkg "$@"
		answer rc $?
	fi
	apt_policy_out
}

# apt_needs FILE...: sets needs to the packages that have to come first.
apt_needs() {
	needs=
	simulated=
	eval "simulated=\$(apt-get ${options?} --simulate install \"\$@\" 2>&1)"
	rc=$?
	if test "${rc}" != 0; then
		test "${force:?}" = 0 || return 0
		lacks=$(printf '%s\n' "${simulated}" | sed -n 's/^.* Depends: \([^ ]*\).*$/\1/p')
		lacks=${lacks%%"
"*}
		test -z "${lacks}" || fail "Dependency is not satisfiable: ${lacks}"
		fail "Unable to install package: ${simulated}"
	fi
	for name in $(printf '%s\n' "${simulated}" | sed -n 's/^Inst \([^ ]*\) .*$/\1/p'); do
		case ${own} in
		(*" ${name} "*) ;;
		(*) needs="${needs} ${name}" ;;
		esac
	done
	answer needs "${needs}"
}

# apt_bring_needs: has apt-get install them; they came as dependencies.
apt_bring_needs() {
	test -n "${needs}" || return 0
	simulate=
	test "${check:?}" = 0 || simulate=--simulate
	eval "apt-get ${options} ${simulate} install ${needs}"
	rc=$?
	if test "${rc}" != 0; then
		answer rc "${rc}"
		return 1
	fi
	# shellcheck disable=SC2086 # names of packages hold no blanks
	test "${check}" = 1 || apt-mark auto -- ${needs} >/dev/null
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
	(/* | ./*) deb=$1 ;;
	(*) deb=./$1 ;;
	esac
	test -r "${deb}" ||
		fail "Unable to install package: E:Could not open file $1 - open (2: No such file or directory)"
}

# apt_is_here FILE: says whether just this version is installed; a later one fails the task.
apt_is_here() {
	package=$(dpkg-deb -f "$1" Package) || fail "Unable to install package: $1 is not a package"
	version=$(dpkg-deb -f "$1" Version)
	architecture=$(dpkg-deb -f "$1" Architecture)
	own="${own}${package} ${package}:${architecture} "
	case ${architecture} in
	(all) ;;
	(*) package=${package}:${architecture} ;;
	esac
	here=$(dpkg-query -W -f='${db:Status-Status} ${Version}' -- "${package}" 2>/dev/null)
	case ${here} in
	("installed ${version}") return 0 ;;
	('installed '*) ;;
	(*) return 1 ;;
	esac
	test "${downgrade:?}" = 0 || return 1
	dpkg --compare-versions "${here#installed }" gt "${version}" || return 1
	fail 'A later version is already installed'
}
