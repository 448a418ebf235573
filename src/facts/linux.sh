# facts_linux: what only Linux has: addresses, routes, sizes of file systems.
# in:   uname, wanted, timeout as facts_main has them
facts_linux() {
	if wants service_mgr && test ! -r /proc/1/comm; then
		answer_output first_process ps -p 1 -o comm=
	fi
	wants network && facts_network
	wants hardware && facts_mounts
	wants virtual && facts_virtual
}

# facts_network: addresses and routes by ip, or what the kernel's tables give without it.
facts_network() {
	if have ip; then
		answer_output addresses ip addr show
		answer_output default_ipv4 ip -4 route get 8.8.8.8
		answer_output default_ipv6 ip -6 route get 2404:6800:400a:800::1012
		answer_output local_ipv4 ip -4 route show table local
		answer_output local_ipv6 ip -6 route show table local
		return 0
	fi
	answer_output files grep '' /proc/net/route /proc/net/fib_trie \
		/proc/net/if_inet6 /proc/net/ipv6_route
}

# facts_mounts: sizes of the file systems that stand on a device.
facts_mounts() {
	facts_select_mounts
	answer sizes ''
	test -z "${here}" || eval "stat -f -c '${sizes} %n' -- ${here}"
}

# facts_far_mounts: the same for those that may not answer, each by itself and for a time only.
facts_far_mounts() {
	facts_select_mounts
	answer sizes ''
	eval "for mount in ${far}; do facts_far_mount \"\${mount}\" & done"
	wait
}

facts_far_mount() {
	limit=
	have timeout && limit="timeout ${timeout:?}"
	# shellcheck disable=SC2086 # a word and a number, or nothing
	${limit} stat -f -c "${sizes} %n" -- "$1" && return 0
	test $? = 1 || printf 'timeout %s\n' "$1"
}

sizes='%S %s %b %a %c %d'

# facts_select_mounts: sets here and far to quoted lists of mount points.
facts_select_mounts() {
	here=
	far=
	IFS='
'
	set -f
	lines="$(grep -e '^[/\\]' -e '^[^ ]*:/' /proc/mounts)"
	for line in ${lines}; do
		mount="${line#* }"
		kind="${mount#* }"
		mount="${mount%% *}"
		case "${mount}" in
		(*\\* | *"'"*) mount="$(facts_unescape "${mount}")" ;;
		esac
		case "${line%% *} ${kind%% *}" in
		(*:/* | //* | *\ fuse.* | *\ nfs* | *\ cifs | *\ smb*) far="${far} '${mount}'" ;;
		(*) here="${here} '${mount}'" ;;
		esac
	done
	set +f
	unset IFS
}

# facts_unescape TEXT: the kernel's \040 as the character it stands for, ready for single quotes.
facts_unescape() {
	text="$(printf '%s' "$1" | sed -e 's/\\\([0-7][0-7][0-7]\)/\\0\1/g')"
	printf '%b' "${text}" | sed -e "s/'/'\\\\''/g"
}

# facts_virtual: who runs this system, and what it could run itself.
facts_virtual() {
	answer_output first_env cat /proc/1/environ
	answer_output modules grep -e '^kvm ' -e '^vboxdrv ' -e '^virtio ' /proc/modules
	test ! -d /rhev || answer_output vdsm grep -h -x -e vdsm -e vdsmd /proc/[0-9]*/comm
}

# facts_slow_linux: programs that take their time.
facts_slow_linux() {
	wants hardware && facts_slow_hardware
	if wants hardware virtual && have dmidecode; then
		facts_dmidecode
	fi
	if wants virtual && test -e /proc/sysinfo && have lscpu; then
		answer_output lscpu lscpu
	fi
	wants network && have ethtool && facts_ethtool
	return 0
}

facts_slow_hardware() {
	have lsblk && answer_output lsblk lsblk --list --noheadings --paths \
		--output NAME,UUID --exclude 2
	have lspci && answer_output lspci lspci -D
	if have sg_inq; then
		for path in /sys/block/*; do
			answer_output "sg_inq ${path##*/}" sg_inq "/dev/${path##*/}"
		done
	fi
	facts_far_mounts
	have vgs || return 0
	test "$(id -u)" = 0 || return 0
	for command in vgs lvs pvs; do
		have "${command}" || continue
		answer_output "${command}" "${command}" --noheadings --nosuffix \
			--units g --separator ,
	done
}

# facts_dmidecode: the strings of the firmware, where the kernel does not show them.
facts_dmidecode() {
	answer_output 'dmi system-product-name' dmidecode -s system-product-name
	test ! -e /sys/devices/virtual/dmi/id/product_name || return 0
	for word in bios-release-date bios-vendor bios-version \
		baseboard-asset-tag baseboard-product-name baseboard-serial-number \
		baseboard-manufacturer baseboard-version chassis-asset-tag \
		chassis-serial-number chassis-manufacturer chassis-version \
		chassis-type system-serial-number system-uuid system-version \
		system-manufacturer; do
		answer_output "dmi ${word}" dmidecode -s "${word}"
	done
}

facts_ethtool() {
	for path in /sys/class/net/*/mtu; do
		name="${path%/mtu}"
		name="${name##*/}"
		answer_output "features ${name}" ethtool -k "${name}" ||
			answer "features ${name}" ''
		answer_output "timestamping ${name}" ethtool -T "${name}" ||
			answer "timestamping ${name}" ''
	done
}
