# iptables: a rule, a chain or a policy of the packet filter.
# in:   what=flush|policy|chain|rule  versions (ipv4 ipv6)  table  chain  policy  numeric=0|1
#       wait  place=append|insert  number  state=present|absent  check=0|1
#       rule_ipv4  rule_ipv6 (lists)
# out:  changed
iptables_main() {
	for version in ${versions:?}; do
		case ${version} in
		(ipv4) program=iptables rule=${rule_ipv4?} ;;
		(*) program=ip6tables rule=${rule_ipv6?} ;;
		esac
		have "${program}" || fail "Failed to find required executable \"${program}\""
		iptables_waiting
		"iptables_${what:?}"
	done
}

# iptables_waiting: sets waits to whether the program knows -w, and seconds after it.
iptables_waiting() {
	waits=0
	test -n "${wait?}" || return 0
	known=$("${program}" --version 2>/dev/null | sed 's/.*v\([0-9.]*\).*/\1/')
	case ${known} in
	(0.* | 1.[0-3].* | 1.4.? | 1.4.1?) ;;
	(1.4.* | 1.5.*) waits=1 ;;
	(*) waits=2 ;;
	esac
}

# iptables_run VERB [RULE-WORD...]: the table, the chain and what is common to all.
iptables_run() {
	verb=$1
	shift
	case ${waits} in
	(1) set -- -w "$@" ;;
	(2) set -- -w "${wait}" "$@" ;;
	esac
	if test "${verb}" = -I && test -n "${number?}"; then
		set -- "${number}" "$@"
	fi
	test -z "${chain?}" || set -- "${chain}" "$@"
	"${program}" -t "${table:?}" "${verb}" "$@"
}

# iptables_do VERB [RULE-WORD...]: the one place that changes something.
iptables_do() {
	changed
	test "${check:?}" = 0 || return 0
	said=$(iptables_run "$@" 2>&1) || iptables_failed "$?" "$@"
}

# iptables_failed STATUS VERB [RULE-WORD...]: what was run, and what it said.
iptables_failed() {
	rc=$1
	shift
	words=$(
		# The program is only told here, with all that it was given.
		eval "${program}() { printf '%s' \"\${program} \$*\"; }"
		iptables_run "$@"
	)
	fail "${said}" rc "${rc}" cmd "${words}" stderr "${said}"
}

iptables_flush() {
	iptables_do -F
}

# iptables_listed: the chain, as -L prints it.
iptables_listed() {
	if test "${numeric:?}" = 1; then
		iptables_run -L --numeric
	else
		iptables_run -L
	fi
}

iptables_policy() {
	# A warning may come before the chain, by either way.
	said=$(iptables_listed 2>&1) || iptables_failed "$?" -L
	now=$(printf '%s\n' "${said}" | sed -n 's/^Chain .*(policy \([A-Z]*\).*/\1/p')
	test -n "${now}" || fail "Can't detect current policy"
	test "${now}" = "${policy:?}" || iptables_do -P "${policy}"
}

iptables_chain() {
	if iptables_listed >/dev/null 2>&1; then
		test "${state:?}" = present || iptables_do -X
	else
		test "${state:?}" = absent || iptables_do -N
	fi
}

iptables_rule() {
	eval "set -- ${rule}"
	if iptables_run -C "$@" >/dev/null 2>&1; then
		test "${state:?}" = present || iptables_do -D "$@"
	elif test "${state:?}" = present; then
		case ${place:?} in
		(insert) iptables_do -I "$@" ;;
		(*) iptables_do -A "$@" ;;
		esac
	fi
}
