# facts_bsd: the sources on FreeBSD, its kin, and macOS.
# in:   uname, wanted as facts_main has them
facts_bsd() {
	wants loadavg && answer_output loadavg sysctl -n vm.loadavg
	wants service_mgr && answer_output first_process ps -p 1 -o comm=
	case "${uname?}" in
	(Darwin*) wants distribution && answer_output sw_vers sw_vers -productVersion ;;
	esac
	wants hardware virtual && answer_output sysctl facts_sysctl
	wants hardware && facts_bsd_hardware
	if wants network && have ifconfig; then
		answer_output ifconfig ifconfig -a
		answer_output route_ipv4 route -n get default
		answer_output route_ipv6 route -n get -inet6 default
	fi
	if wants virtual; then
		have kldstat && kldstat -q -m vmm && answer vmm 1
		test ! -e /dev/xen/xenstore || answer xenstore 1
	fi
}

# facts_sysctl: one `name: value` or `name=value` a line; a name that there is not is left out.
facts_sysctl() {
	for name in hw.ncpu hw.model hw.memsize hw.pagesize hw.physmem \
		hw.physicalcpu hw.logicalcpu hw.hv_vendor hw.vendor hw.product \
		hw.version hw.uuid hw.serialno hw.usermem kern.boottime \
		kern.osversion kern.osrevision kern.vm_guest security.jail.jailed \
		machdep.cpu.brand_string machdep.cpu.core_count \
		vm.stats.vm.v_page_size vm.stats.vm.v_page_count \
		vm.stats.vm.v_free_count; do
		sysctl "${name}"
	done
}

facts_bsd_hardware() {
	answer_output now date +%s
	if test -r /var/run/dmesg.boot; then
		answer_output dmesg grep -e CPU: -e 'Logical CPUs per core' /var/run/dmesg.boot
	else
		answer dmesg "$(dmesg | grep -e CPU: -e 'Logical CPUs per core')"
	fi
	answer_output vm_stat vm_stat
	answer_output swapinfo swapinfo -k
	answer devices "$(ls /dev)"
	answer fstab ''
	cat /etc/fstab
	answer_output df df -k
	answer_output df_inodes df -i
}
