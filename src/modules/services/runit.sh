# runit: services by sv. A service is enabled where its folder is linked to where runit looks.
# in:   name

# runit_folder: sets folder to where runit looks.
runit_folder() {
	for folder in "${SVDIR:-/var/service}" /etc/service /service /etc/runit/runsvdir/default; do
		test -d "${folder}" && return 0
	done
	return 1
}

# runit_source: sets source to where the service is defined.
runit_source() {
	for source in "/etc/sv/${name:?}" "/etc/runit/sv/${name}"; do
		test -d "${source}" && return 0
	done
	return 1
}

runit_exists() {
	runit_source || { runit_folder && test -d "${folder}/${name:?}"; }
}

runit_running() {
	runit_folder || return 1
	case $(sv status "${folder}/${name:?}" 2>&1) in
	(run:*) return 0 ;;
	esac
	return 1
}

runit_enabled() {
	runit_folder && test -e "${folder}/${name:?}" && ! test -e "${folder}/${name}/down"
}

runit_enable() {
	runit_folder && runit_source || return 1
	rm -f -- "${source}/down"
	test -e "${folder}/${name:?}" || ln -s "${source}" "${folder}/${name}"
}

runit_disable() {
	runit_folder || return 1
	if test -L "${folder}/${name:?}"; then
		rm -f -- "${folder}/${name}"
	else
		: >"${folder}/${name}/down"
	fi
}

# runit_run VERB: runsv needs some seconds to see a new service.
runit_run() {
	runit_folder || return 1
	case $1 in
	(start) verb=up ;;
	(stop) verb=down ;;
	(reload) verb=reload ;;
	(*) verb=$1 ;;
	esac
	tries=0
	while ! test -p "${folder}/${name:?}/supervise/ok" && test "${tries}" -lt 7; do
		sleep 1
		tries=$((tries + 1))
	done
	sv "${verb}" "${folder}/${name}"
}
