# firewalld: what a zone lets through, now and for good.
# in:   zone  kind=setting|target|zone  query  add  remove (lists)  wanted=0|1  permanent=0|1
#       immediate=0|1  forced=0|1 (immediate was asked for)  offline=0|1  target  timeout  check=0|1
# out:  offline=0|1, zone, changed
firewalld_main() {
	have firewall-cmd || fail 'Failed to find required executable "firewall-cmd"'
	down=0
	firewall-cmd --state >/dev/null 2>&1 || down=1
	answer offline "${down}"
	if test "${down}-${offline:?}" = 1-1; then
		immediate=0
	fi
	if test "${immediate:?}-${down}" = 1-1; then
		fail 'firewall is not currently running, unable to perform immediate actions without a running firewall daemon'
	fi
	if test -z "${zone?}"; then
		zone=$(firewalld_say --get-default-zone) || fail "${zone}"
	fi
	answer zone "${zone}"
	test "${permanent:?}" = 0 || firewalld_level permanent
	test "${immediate}" = 0 || firewalld_level runtime
}

# firewalld_say ARGUMENT...: firewalld, or its files where it does not run.
firewalld_say() {
	if test "${down}" = 1; then
		firewall-offline-cmd "$@" 2>&1
	elif test "${level-}" = permanent; then
		firewall-cmd --permanent "$@" 2>&1
	else
		firewall-cmd "$@" 2>&1
	fi
}

# firewalld_level permanent|runtime
firewalld_level() {
	level=$1
	is=0
	! "firewalld_${kind:?}_is" || is=1
	test "${is}" != "${wanted:?}" || return 0
	changed
	test "${check:?}" = 0 || return 0
	"firewalld_${kind}_do"
}

firewalld_setting_is() {
	eval "set -- ${query?}"
	said=$(firewalld_say "--zone=${zone}" "$@")
	case $? in
	(0) return 0 ;;
	(1) return 1 ;;
	esac
	fail "${said}"
}

firewalld_setting_do() {
	if test "${wanted}" = 1; then
		eval "set -- ${add?}"
		if test "${level}" = runtime && test "${timeout:?}" != 0; then
			set -- "$@" "--timeout=${timeout}"
		fi
	else
		eval "set -- ${remove?}"
	fi
	said=$(firewalld_say "--zone=${zone}" "$@") || fail "${said}"
}

firewalld_target_is() {
	said=$(firewalld_say "--zone=${zone}" --get-target) || fail "${said}"
	test "${said}" = "${target:?}"
}

firewalld_target_do() {
	test "${wanted}" = 1 || target=default
	said=$(firewalld_say "--zone=${zone}" "--set-target=${target}") || fail "${said}"
}

firewalld_zone_is() {
	said=$(firewalld_say --get-zones) || fail "${said}"
	case " ${said} " in
	(*" ${zone} "*) return 0 ;;
	esac
	return 1
}

firewalld_zone_do() {
	verb=new
	test "${wanted}" = 1 || verb=delete
	said=$(firewalld_say "--${verb}-zone=${zone}") || fail "${said}"
}
