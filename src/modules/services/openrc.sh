# openrc: services by rc-service and rc-update.
# in:   name  runlevel

openrc_exists() {
	rc-service --exists "${name:?}" 2>/dev/null || test -e "/etc/init.d/${name}"
}

openrc_running() {
	rc-service "${name:?}" status >/dev/null 2>&1
}

openrc_enabled() {
	test -e "/etc/runlevels/${runlevel:=default}/${name:?}" ||
		test -L "/etc/runlevels/${runlevel}/${name}"
}

openrc_enable() {
	rc-update add "${name:?}" "${runlevel:=default}"
}

openrc_disable() {
	rc-update delete "${name:?}" "${runlevel:=default}"
}

# openrc_run VERB ARGUMENT...
openrc_run() {
	verb=$1
	shift
	rc-service "${name:?}" "${verb}" "$@"
}
