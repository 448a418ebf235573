# sysvinit: a service by its script in /etc/init.d and the links in rc?.d.
# in:   name  state  enabled=|0|1  runlevels (a list)  pattern  sleep  daemonize=0|1  check=0|1
#       arguments (a list)
# out:  changed; boot=1, boot_rc, boot_stdout, boot_stderr; ran=1, rc, stdout, stderr
sysvinit_main() {
	script=${play_root-}/etc/init.d/${name:?}
	test -e "${script}" || fail "Could not find the requested service ${name}: "
	private_folder
	files=${private:?}
	trap 'rm -rf -- "${files}"' EXIT
	up=0
	! sysvinit_is_up || up=1
	eval "set -- ${runlevels?}"
	sysvinit_boot "$@"
	case ${state?}-${up} in
	(restarted-*) sysvinit_do stop start ;;
	(reloaded-*) sysvinit_do reload ;;
	(started-0) sysvinit_do start ;;
	(stopped-1) sysvinit_do stop ;;
	esac
	return 0
}

# sysvinit_run COMMAND...: runs it, its output in files: a daemon may keep them open.
sysvinit_run() {
	"$@" >"${files:?}/out" 2>"${files}/err"
	rc=$?
	said=$(cat "${files}/out")
	errors=$(cat "${files}/err")
	return "${rc}"
}

# sysvinit_do VERB...: the one place that acts on the script.
sysvinit_do() {
	changed
	answer ran 1
	test "${check:?}" = 0 || return 0
	for verb in "$@"; do
		eval "set -- ${arguments?}"
		if test "${daemonize:?}" = 1 && have setsid; then
			set -- setsid "${script}" "${verb}" "$@"
		else
			set -- "${script}" "${verb}" "$@"
		fi
		sysvinit_run "$@" || {
			sysvinit_said ''
			case ${state} in
			(stopped) verb=stop ;;
			(*) verb=${state%ed} ;;
			esac
			answer failed "Failed to ${verb} service: ${name}"
			exit 1
		}
		test "${state}" != restarted || sleep "${sleep:?}"
	done
	sysvinit_said ''
}

# sysvinit_said PREFIX: what the last program said, and its status.
sysvinit_said() {
	answer_file "$1stdout" "${files:?}/out"
	answer_file "$1stderr" "${files}/err"
	answer "$1rc" "${rc:?}"
}

# sysvinit_is_up: by a pattern in the list of processes, by the script's words, by its status.
sysvinit_is_up() {
	if test -n "${pattern?}"; then
		sysvinit_has_process "${pattern}"
		return
	fi
	if have service; then
		sysvinit_run service "${name}" status
	else
		sysvinit_run "${script}" status
	fi
	case ${name}-${said} in
	(iptables-*ACCEPT*) return 0 ;;
	esac
	if test "$(printf '%s\n' "${said}" | wc -l)" -le 1; then
		words=$(printf '%s\n' "${said}" | tr '[:upper:]' '[:lower:]' | sysvinit_without_name)
		case ${words} in
		(*stop* | *'is dead '* | *'dead but '* | *'could not access pid file'* | *inactive*) return 1 ;;
		(*'not '*) ;;
		(*run* | *start* | *active*) return 0 ;;
		esac
	fi
	case ${rc} in
	(0) return 0 ;;
	(1 | 2 | 3 | 4 | 69) return 1 ;;
	esac
	if sysvinit_has_process "${name}"; then
		warn 'Used ps output to match service name and determine it is up, this is very unreliable'
		return 0
	fi
	warn 'Unable to determine if service is up, assuming it is down'
	return 1
}

# sysvinit_without_name: the input without the service's name.
sysvinit_without_name() {
	service=$(printf '%s' "${name}" | tr '[:upper:]' '[:lower:]')
	service=${service} awk '{
		while (at = index($0, ENVIRON["service"])) {
			printf "%s", substr($0, 1, at - 1)
			$0 = substr($0, at + length(ENVIRON["service"]))
		}
		print
	}'
}

# sysvinit_has_process WORDS: whether a process has them in its line. The list is made before it is
# searched: a program that searches has the words in its own line.
sysvinit_has_process() {
	processes=$(ps auxww 2>/dev/null || ps -ef 2>/dev/null || ps)
	case ${processes} in
	(*"$1"*) return 0 ;;
	esac
	return 1
}

# sysvinit_is_enabled [RUNLEVEL]: says whether that run level, or any, starts it.
sysvinit_is_enabled() {
	# shellcheck disable=SC2231 # the question mark matches
	for link in "${play_root-}/etc/rc"${1-?}.d/S[0-9][0-9]"${name}"; do
		test ! -e "${link}" && test ! -L "${link}" || return 0
	done
	return 1
}

# sysvinit_boot RUNLEVEL...: whether it starts at boot, in some run levels or in the usual ones.
sysvinit_boot() {
	test -n "${enabled?}" || return 0
	differs=0
	if test "$#" = 0; then
		is=0
		! sysvinit_is_enabled || is=1
		test "${is}" = "${enabled}" || differs=1
	fi
	for level in "$@"; do
		is=0
		! sysvinit_is_enabled "${level}" || is=1
		test "${is}" = "${enabled}" || differs=1
	done
	test "${differs}" = 1 || return 0
	changed
	answer boot 1
	test "${check:?}" = 0 || return 0
	sysvinit_switch "$@"
	sysvinit_said boot_
	case ${errors} in
	(*'illegal runlevel specified'*)
		fail "Illegal runlevel specified for enable operation on service ${name}"
		;;
	esac
}

# sysvinit_switch RUNLEVEL...
sysvinit_switch() {
	levels=$(printf '%s' "$@")
	if have update-rc.d; then
		case ${enabled}-$# in
		(1-0) sysvinit_run update-rc.d "${name}" defaults ;;
		(1-*) sysvinit_run update-rc.d "${name}" enable "$@" ;;
		(*) sysvinit_run update-rc.d "${name}" disable "$@" ;;
		esac
	elif have chkconfig; then
		word=off
		test "${enabled}" = 0 || word=on
		if test "$#" = 0; then
			sysvinit_run chkconfig "${name}" "${word}"
		else
			sysvinit_run chkconfig --level "${levels}" "${name}" "${word}"
		fi
	elif have insserv; then
		if test "${enabled}" = 1; then
			sysvinit_run insserv "${name}"
		else
			sysvinit_run insserv -r "${name}"
		fi
	else
		fail 'there is no update-rc.d, chkconfig or insserv on this host'
	fi
}
