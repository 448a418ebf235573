# rcd: services by BSD's rc.d, or rcctl of OpenBSD.
# in:   name

rcd_exists() {
	if have rcctl; then
		rcctl get "${name:?}" >/dev/null 2>&1
		return
	fi
	for script in "/etc/rc.d/${name:?}" "/usr/local/etc/rc.d/${name}" "/usr/pkg/etc/rc.d/${name}"; do
		test -x "${script}" && return 0
	done
	return 1
}

# rcd_running: the words with "one" work for a service that is not enabled too.
rcd_running() {
	if have rcctl; then
		rcctl check "${name:?}" >/dev/null 2>&1
	else
		rcd_run status >/dev/null 2>&1
	fi
}

# rcd_variable: the name of the variable that enables the service.
rcd_variable() {
	if have service && variable=$(service "${name:?}" rcvar 2>/dev/null); then
		variable=$(printf '%s\n' "${variable}" | sed -n 's/^[$]*\([A-Za-z0-9_]*\)=.*/\1/p' | head -n 1)
	else
		variable=
	fi
	test -n "${variable}" || variable=$(printf '%s' "${name}" | tr -- '-.' '__')_enable
}

rcd_enabled() {
	if have rcctl; then
		test "$(rcctl get "${name:?}" status 2>/dev/null)" = on && return 0
		rcctl ls on 2>/dev/null | grep -F -x -q -e "${name}"
		return
	fi
	have service && service "${name:?}" enabled >/dev/null 2>&1
}

# rcd_set YES|NO
rcd_set() {
	rcd_variable
	if have sysrc; then
		sysrc "${variable}=$1"
	else
		printf '%s\n' 'there is neither sysrc nor rcctl' >&2
		return 1
	fi
}

rcd_enable() {
	if have rcctl; then
		rcctl enable "${name:?}"
	else
		rcd_set YES
	fi
}

rcd_disable() {
	if have rcctl; then
		rcctl disable "${name:?}"
	else
		rcd_set NO
	fi
}

# rcd_run VERB ARGUMENT...
rcd_run() {
	verb=$1
	shift
	if have rcctl; then
		rcctl -f "${verb}" "${name:?}" "$@"
		return
	fi
	rcd_exists
	if have service; then
		service "${name:?}" "one${verb}" "$@"
	else
		"${script}" "one${verb}" "$@"
	fi
}
