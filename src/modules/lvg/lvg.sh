# lvg: a volume group of LVM.

# lvg_probe: looks, and writes nothing.
# in:   vg  devices (a list)  and what commands_main reads: vgs, pvs and, for activation, vgs
# out:  for each device: device (what a link leads to), there=0|1; for each line of pvs: real;
#       what commands_main answers
lvg_probe() {
	eval "set -- ${devices?}"
	for device in "$@"; do
		real=$(readlink -f -- "${device}" 2>/dev/null) || real=${device}
		answer device "${real}"
		there=0
		test ! -e "${real}" || there=1
		answer there "${there}"
	done
	commands_main
	pvs --noheadings -o pv_name 2>/dev/null | {
		while read -r volume; do
			answer real "$(readlink -f -- "${volume}" 2>/dev/null || printf '%s' "${volume}")"
		done
	}
}
