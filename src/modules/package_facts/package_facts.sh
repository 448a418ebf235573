# package_facts: what is installed, by each package manager that is asked for.
# out:  for each manager that the host has: its list, by its name

# package_facts_read MANAGER...
package_facts_read() {
	for manager in "$@"; do
		case ${manager} in
		(apk) ! have apk || package_facts_apk ;;
		(apt) ! have dpkg-query || package_facts_apt ;;
		(pacman) ! have pacman || answer_output pacman pacman -Qi ;;
		(pkg) ! have pkg || package_facts_pkg ;;
		(pkg_info) ! have pkg_info || answer_output pkg_info pkg_info -a ;;
		(portage) ! have qlist || answer_output portage package_facts_portage ;;
		(rpm) ! have rpm || answer_output rpm rpm -qa \
			--qf '%{NAME}|%{VERSION}|%{RELEASE}|%{EPOCH}|%{ARCH}\n' ;;
		esac
	done
}

# package_facts_apt: an RPM host may have dpkg too, but no apt.
# out:  native, apt, policy, releases
package_facts_apt() {
	have apt-get || have apt || have aptitude || return 0
	answer native "$(dpkg --print-architecture 2>/dev/null)"
	# shellcheck disable=SC2016 # dpkg expands them
	answer_output apt dpkg-query -W -f '${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${Section}\n'
	have apt-cache || return 0
	answer_output policy package_facts_policy
	answer_output releases apt-cache policy
}

package_facts_policy() {
	# shellcheck disable=SC2016 # dpkg expands it
	dpkg-query -W -f '${binary:Package}\n' | xargs apt-cache policy 2>/dev/null
}

# package_facts_apk: apk before version 3 has no query.
package_facts_apk() {
	if apk query --help >/dev/null 2>&1; then
		answer_output apk apk query --installed --fields name,version --format json '*'
	else
		answer_output apk apk info -v
	fi
}

package_facts_pkg() {
	tab=$(printf '\t')
	set -- "%n${tab}%v${tab}%R${tab}%t${tab}%a"
	answer_output pkg pkg query "$1${tab}%q${tab}%o${tab}%p${tab}%V"
}

package_facts_portage() {
	qlist -Iv | xargs -n 1024 qatom
}
