# modprobe: a module of the kernel, now and after the next boot.

# modprobe_probe: looks, and writes nothing.
# in:   name  persistent=disabled|absent|present
# out:  loaded=0|1; file and text for each file in modules-load.d and modprobe.d
modprobe_probe() {
	have modprobe || fail 'Failed to find required executable "modprobe"'
	loaded=0
	! modprobe_is_loaded || loaded=1
	answer loaded "${loaded}"
	test "${persistent:?}" != disabled || return 0
	for file in "${play_root-}/etc/modules-load.d"/* "${play_root-}/etc/modprobe.d"/*; do
		if test -f "${file}" && test -r "${file}"; then
			answer file "${file#"${play_root-}"}"
			answer_file text "${file}"
		fi
	done
}

# modprobe_is_loaded: a module, or a part of the kernel.
modprobe_is_loaded() {
	plain=$(printf '%s' "${name:?}" | tr - _)
	while read -r module rest; do
		test "${module}" != "${plain}" || return 0
	done <"${play_root-}/proc/modules" || fail 'cannot read /proc/modules'
	grep -q "/$(printf '%s' "${name}" | sed 's/[][\.*^$]/\\&/g')\.ko" \
		"${play_root-}/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null
}

# modprobe_act: the one place that changes something; with check=1 modprobe itself only tries.
# in:   name  verb=|load|unload  params  files (a list: path, text, …)  check=0|1
# out:  loaded=0|1
modprobe_act() {
	eval "set -- ${params?}"
	test "${check:?}" = 0 || set -- -n "$@"
	case ${verb?} in
	(load) modprobe_load "$@" ;;
	(unload)
		set -- -r "${name:?}"
		test "${check}" = 0 || set -- "$@" -n
		modprobe_run "$@"
		;;
	esac
	test "${check}" = 0 || return 0
	eval "set -- ${files?}"
	while test "$#" -gt 1; do
		text_write "${play_root-}$1" "$2"
		shift 2
	done
}

# modprobe_load [-n] PARAMETER...: some modules say that all is well and are not there.
modprobe_load() {
	if test "${1-}" = -n; then
		shift
		modprobe_run -n "${name:?}" "$@"
		return
	fi
	modprobe_run "${name:?}" "$@"
	if modprobe_is_loaded; then
		answer loaded 1
		return
	fi
	answer loaded 0
	said=$(modprobe -n --first-time "${name}" "$@" 2>&1) || warn "${said}"
}

modprobe_run() {
	said=$(modprobe "$@" 2>&1) || fail "${said}"
}
