# systemd: what systemd knows of a unit, and what it is told to do with it.
# in:   name  scope=system|user|global  force no_block reload reexec want_enabled check=0|1

# systemd_ctl ARGUMENT...: systemctl for the scope.
systemd_ctl() {
	case ${scope:?} in
	(user)
		: "${XDG_RUNTIME_DIR:=/run/user/$(id -u)}"
		export XDG_RUNTIME_DIR
		systemctl --user --no-pager "$@"
		;;
	(global) systemctl --global --no-pager "$@" ;;
	(*) systemctl --no-pager "$@" ;;
	esac
}

# systemd_probe: all that has to be known of the unit.
# out:  show, problem, init_script, init_links, enabled (where show does not tell)
systemd_probe() {
	have systemctl || fail 'this host has no systemctl'
	test "${check:?}" = 1 || systemd_refresh
	test -n "${name?}" || return 0
	if test "${scope}" != global; then
		show=$(systemd_ctl show -- "${name}" 2>&1) ||
			{ answer problem "${show}"; show=; }
		case ${show} in
		(*'gnoring '*) show= ;;
		esac
		answer show "${show}"
	fi
	test -x "/etc/init.d/${name%.service}" && answer init_script 1
	test "${want_enabled:?}" = 1 || return 0
	test -x "/etc/init.d/${name}" && systemd_starts_by_links && answer init_links 1
	case ${show-} in
	(*'
UnitFileState=generated'*) ;;
	(*'
UnitFileState='[a-z]*) return 0 ;;
	esac
	if systemd_ctl is-enabled -- "${name}" >/dev/null 2>&1; then
		answer enabled 1
	else
		answer enabled 0
	fi
}

# systemd_starts_by_links: says whether a link of System V has the script start at boot.
systemd_starts_by_links() {
	for link in /etc/rc?.d/S??"${name}"; do
		test -e "${link}" && return 0
	done
	return 1
}

# systemd_refresh: has the manager read its files, or itself, anew.
systemd_refresh() {
	if test "${reexec:?}" = 1; then
		said=$(systemd_ctl daemon-reexec 2>&1) ||
			fail "failure $? during daemon-reexec: ${said}"
	fi
	if test "${reload:?}" = 1; then
		said=$(systemd_ctl daemon-reload 2>&1) ||
			fail "failure $? during daemon-reload: ${said}"
	fi
}

# systemd_failed: says what could not be done.
systemd_failed() {
	case ${verb} in
	(mask | unmask) fail "Failed to ${verb} the service (${name}): ${said}" ;;
	esac
	fail "Unable to ${verb} service ${name}: ${said}"
}

# systemd_act VERB...: tells systemd what to do with the unit, one verb after the other.
systemd_act() {
	for verb in "$@"; do
		set --
		test "${force:?}" = 0 || set -- "$@" --force
		test "${no_block:?}" = 0 || set -- "$@" --no-block
		said=$(systemd_ctl "$@" "${verb}" -- "${name}" 2>&1) ||
			systemd_failed
		changed
	done
}
