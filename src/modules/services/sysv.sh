# sysv: services by their scripts in /etc/init.d and links in rc?.d.
# in:   name

# sysv_script: sets script to the service's script.
sysv_script() {
	for script in "/etc/init.d/${name:?}" "/etc/rc.d/init.d/${name}"; do
		test -x "${script}" && return 0
	done
	return 1
}

sysv_exists() {
	sysv_script
}

# sysv_running: asks the script. Not all of them mean by their status what the standard says.
sysv_running() {
	said=$(sysv_run status 2>&1)
	rc=$?
	case ${said} in
	(*'not running'* | *stopped* | *'is dead'* | *inactive*) return 1 ;;
	esac
	return "${rc}"
}

# sysv_linked: says whether any run level knows the service.
sysv_linked() {
	for folder in /etc/rc /etc/rc.d/rc /etc/init.d/rc; do
		for link in "${folder}"[0-9S].d/[SK][0-9][0-9]"${name:?}"; do
			test ! -L "${link}" || return 0
		done
	done
	return 1
}

# sysv_enabled: says whether a run level that serves users starts it.
sysv_enabled() {
	for folder in /etc/rc /etc/rc.d/rc /etc/init.d/rc; do
		for link in "${folder}"[2345S].d/S[0-9][0-9]"${name:?}"; do
			test ! -L "${link}" || return 0
		done
	done
	return 1
}

sysv_enable() {
	if have update-rc.d; then
		sysv_linked || update-rc.d "${name:?}" defaults || return
		update-rc.d "${name:?}" enable
	elif have chkconfig; then
		chkconfig --add "${name:?}" && chkconfig "${name}" on
	elif have insserv; then
		insserv "${name:?}"
	else
		printf '%s\n' 'there is no update-rc.d, chkconfig or insserv' >&2
		return 1
	fi
}

sysv_disable() {
	if have update-rc.d; then
		update-rc.d "${name:?}" disable
	elif have chkconfig; then
		chkconfig "${name:?}" off
	elif have insserv; then
		insserv -r "${name:?}"
	else
		printf '%s\n' 'there is no update-rc.d, chkconfig or insserv' >&2
		return 1
	fi
}

# sysv_run VERB ARGUMENT...
sysv_run() {
	if have service; then
		service "${name:?}" "$@"
	else
		sysv_script && "${script}" "$@"
	fi
}
