# service_facts: what the service managers of a host know, in their own words.
# out:  sysv, upstart, chkconfig and status, openrc and runlevels, units, files and states, src,
#       rcctl_NAME, rcd and about; raw output

service_facts_read() {
	case $(uname -s) in
	(FreeBSD) ! have service || service_facts_rcd ;;
	(*)
		service_facts_scripts
		service_facts_systemd
		if have lssrc; then answer_output src lssrc -a; fi
		! have rcctl || service_facts_rcctl
		;;
	esac
}

# service_facts_scripts: SysV, upstart, Red Hat's chkconfig, OpenRC.
service_facts_scripts() {
	if have service && ! have chkconfig && ! have rc-status; then
		said=$(service --status-all 2>/dev/null)
		rc=$?
		if test "${rc}" != 4 || test -e /etc/init.d; then
			test "${rc}" = 0 || warn "Unable to query 'service' tool (${rc})"
			answer sysv "${said}"
		fi
	fi
	if have chkconfig; then
		service_facts_chkconfig
	elif have initctl; then
		answer_output upstart initctl list
	elif have rc-status && have rc-update; then
		answer_output openrc rc-status -a -s -m
		answer_output runlevels rc-update show -v
	fi
}

# service_facts_chkconfig: some list by themselves, some want to be asked.
service_facts_chkconfig() {
	for way in '' '-l --allservices' --list; do
		# shellcheck disable=SC2086 # words
		said=$(chkconfig ${way} 2>/dev/null)
		case ${said} in
		(*[0-6]:o*) break ;;
		esac
	done
	answer chkconfig "${said}"
	answer status ''
	printf '%s\n' "${said}" | while read -r name rest; do
		case ${rest} in
		([0-6]:o*)
			service "${name}" status >/dev/null 2>&1 </dev/null
			printf '%s %s\n' "${name}" "$?"
			;;
		esac
	done
}

# service_facts_systemd: units that are loaded, files of units, and the states of units that are
# not loaded, in their order.
service_facts_systemd() {
	have systemctl && test -d "${systemd:=/run/systemd/system}" || return 0
	answer_output units systemctl list-units --no-pager --type service --all --plain
	answer_output files systemctl list-unit-files --no-pager --type service --all
	known=$(systemctl list-units --no-pager --type service --all --plain --no-legend 2>/dev/null |
		sed 's/ .*//')
	# A template is no unit that has a state.
	others=$(systemctl list-unit-files --no-pager --type service --all --no-legend 2>/dev/null |
		sed 's/ .*//' | grep -v '@\.service$' | {
		printf '%s\n' "${known}" | sed 's/^/-/'
		cat
	} | awk '/^-/ { known[substr($0, 2)] = 1; next } !($0 in known)')
	test -n "${others}" || return 0
	answer others "${others}"
	# shellcheck disable=SC2086 # names of units have no blanks
	answer_output states systemctl show --property=ActiveState -- ${others}
}

service_facts_rcctl() {
	for what in all on started failed rogue; do
		answer_output "rcctl_${what}" rcctl ls "${what}"
	done
	answer rcctl_variables ''
	rcctl ls all 2>/dev/null | while read -r name; do
		rcctl get "${name}" 2>/dev/null | sed "s/^/${name} /"
	done
}

# service_facts_rcd: FreeBSD's services that are enabled.
service_facts_rcd() {
	for script in $(service -e 2>/dev/null); do
		name=${script##*/}
		answer rcd "${name}"
		description=$(service "${name}" describe 2>/dev/null) || {
			answer about failed
			continue
		}
		said=$(service "${name}" status 2>&1)
		answer about "$?
${description}
${said}"
	done
}
