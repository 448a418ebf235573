# services: brings a service of whichever manager to a state.
# in:   use=auto|systemd|openrc|sysvinit|rcd|runit  name  state  enabled=|0|1  pattern  sleep
#       arguments (a list)  runlevel  systemd_only (a list: what no other manager can do)
#       check=0|1; for systemd see systemd_probe
# out:  manager; for systemd what systemd_probe answers, else changed
services_main() {
	case ${use:?} in
	(auto) services_detect ;;
	(sysvinit) manager=sysv ;;
	(*) manager=${use} ;;
	esac
	answer manager "${manager}"
	if test "${manager}" = systemd; then
		systemd_probe
		return
	fi
	test -z "${systemd_only?}" ||
		fail "this host is ruled by ${manager}; only systemd knows: ${systemd_only}"
	"${manager}_exists" || fail "Could not find the requested service ${name:?}: host"
	services_boot
	eval "set -- ${arguments?}"
	services_state "$@"
}

# services_detect: sets manager to the one that rules this host.
services_detect() {
	if test -d /run/systemd/system; then
		manager=systemd
	elif test -d /run/openrc || test -d /lib/rc/init.d && have rc-service; then
		manager=openrc
	elif have sv && { test -d /run/runit || test -d /etc/runit; }; then
		manager=runit
	elif have rcctl || test -f /etc/rc.subr; then
		manager=rcd
	elif have rc-service; then
		manager=openrc
	elif test -d /etc/init.d || test -d /etc/rc.d/init.d; then
		manager=sysv
	elif have systemctl; then
		manager=systemd
	else
		fail 'no service manager that is known was found on this host'
	fi
}

# services_do FUNCTION ARGUMENT...: the one place that changes something.
services_do() {
	changed
	test "${check:?}" = 0 || return 0
	said=$("$@" 2>&1) && return 0
	fail "$2 of service ${name} failed: ${said}"
}

# services_boot: whether it starts at boot.
services_boot() {
	case ${enabled?} in
	(1) "${manager}_enabled" || services_do "${manager}_enable" enabling ;;
	(0) ! "${manager}_enabled" || services_do "${manager}_disable" disabling ;;
	esac
}

# services_state ARGUMENT...: whether it runs now.
services_state() {
	test -n "${state?}" || return 0
	if services_running; then
		case ${state} in
		(stopped) services_do "${manager}_run" stop "$@" ;;
		(restarted) services_restart "$@" ;;
		(reloaded) services_do "${manager}_run" reload "$@" ;;
		esac
	elif test "${state}" != stopped; then
		services_do "${manager}_run" start "$@"
	fi
}

# services_running: by the manager's word, or by a pattern in the list of processes.
services_running() {
	if test -z "${pattern?}"; then
		"${manager}_running"
		return
	fi
	# A program that searches the list would stand in it, with the pattern.
	processes=$(ps -eo args 2>/dev/null || ps ww 2>/dev/null || ps)
	case ${processes} in
	(*"${pattern}"*) return 0 ;;
	esac
	return 1
}

# services_restart ARGUMENT...: in two parts where there has to be a time between them.
services_restart() {
	if test -z "${sleep?}"; then
		services_do "${manager}_run" restart "$@"
		return
	fi
	services_do "${manager}_run" stop "$@"
	test "${check}" = 1 || sleep "${sleep}"
	services_do "${manager}_run" start "$@"
}
