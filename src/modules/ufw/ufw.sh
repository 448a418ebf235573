# ufw: the uncomplicated firewall. It is told, and what it says before and after tells what changed.
# in:   state  default  direction  logging  rule=0|1  relative=zero|first-ipv4|…  insert
#       head  tail (lists)  note  dry=0|1
# out:  command (each), before, rules, dry (what a rule would do), default=same|other, after, rules_after
ufw_main() {
	LC_ALL=C
	LANGUAGE=C
	export LC_ALL LANGUAGE
	ufw=$(command -v ufw) || fail 'Failed to find required executable "ufw"'
	ufw_say status verbose
	before=${said}
	answer before "${before}"
	answer rules "$(ufw_rules)"
	test -z "${state?}" || ufw_state
	test -z "${default?}" || ufw_default
	test "${rule:?}" = 0 || ufw_rule
	if test -n "${logging?}"; then
		test "${dry:?}" = 1 || ufw_say logging "${logging}"
	fi
	test "${dry:?}" = 0 || return 0
	ufw_say status verbose
	answer after "${said}"
	answer rules_after "$(ufw_rules)"
}

# ufw_say ARGUMENT...: runs it, tells that, and sets said.
ufw_say() {
	answer command "${ufw} $*"
	said=$("${ufw}" "$@" 2>&1) || fail "${said}"
}

# ufw_rules: the rules and policies as ufw keeps them.
ufw_rules() {
	ufw_policies
	for file in /lib/ufw/user.rules /lib/ufw/user6.rules /etc/ufw/user.rules /etc/ufw/user6.rules \
		/var/lib/ufw/user.rules /var/lib/ufw/user6.rules; do
		test ! -r "${play_root-}${file}" || grep -h '^### tuple' "${play_root-}${file}"
	done
}

ufw_state() {
	case ${state} in
	(enabled) verb=enable ;;
	(disabled) verb=disable ;;
	(reloaded) verb=reload ;;
	(*) verb=reset ;;
	esac
	test "${dry}" = 1 || ufw_say -f "${verb}"
}

# ufw_default: `Default: deny (incoming), allow (outgoing), disabled (routed)`
ufw_default() {
	now=$(printf '%s\n' "${before}" |
		sed -n "s/^Default:.*[ ,]\([a-z]*\) (${direction:-incoming}).*/\1/p")
	test -n "${now}" || ufw_configured
	case ${now} in
	("${default}" | disabled) return 0 ;;
	esac
	answer default other
	test "${dry}" = 0 || return 0
	if test -n "${direction}"; then
		ufw_say default "${default}" "${direction}"
	else
		ufw_say default "${default}"
	fi
}

# ufw_configured: sets now by the file of the policies: a firewall that is off does not tell them.
ufw_configured() {
	case ${direction} in
	(outgoing) chain=OUTPUT ;;
	(routed) chain=FORWARD ;;
	(*) chain=INPUT ;;
	esac
	case $(ufw_policies | grep "_${chain}_") in
	(*ACCEPT*) now=allow ;;
	(*DROP*) now=deny ;;
	(*REJECT*) now=reject ;;
	esac
}

ufw_policies() {
	grep '^DEFAULT_.*_POLICY=' "${play_root-}/etc/default/ufw" 2>/dev/null
}

# ufw_rule: the words before the number, the number, the words after it, the comment.
ufw_rule() {
	test -z "${insert?}" || ufw_place
	ufw_say --version
	case ${said} in
	(*'ufw 0.'[0-9].* | *'ufw 0.'[0-9] | *'ufw 0.'[12]* | *'ufw 0.3'[0-4]*) note= ;;
	esac
	eval "set -- ${head?}"
	test "${dry}" = 0 || set -- --dry-run "$@"
	test -z "${insert}" || set -- "$@" insert "${insert}"
	eval "set -- \"\$@\" ${tail?}"
	test -z "${note?}" || set -- "$@" comment "${note}"
	ufw_say "$@"
	answer dry "${said}"
}

# ufw_place: the number of the rule, where it counts from another rule than the first. ufw does not
# take a number above the last one's.
ufw_place() {
	test "${relative:?}" != zero || return 0
	insert=$("${ufw}" status numbered | awk -v relative="${relative}" -v insert="${insert}" '
		match($0, /^\[ *[0-9]+\] /) {
			number = substr($0, 2, RLENGTH - 3) + 0
			six = /\(v6\)/ || /[0-9A-Fa-f]*:[0-9A-Fa-f]*:/
			last = number
			if (six) {
				if (!first6) first6 = number
				last6 = number
			} else last4 = number
		}
		END {
			if (relative == "first-ipv4") from = 1
			else if (relative == "last-ipv4") from = last4 ? last4 : 1
			else if (relative == "first-ipv6") from = first6 ? first6 : (last4 ? last4 + 1 : 1)
			else from = last6 ? last6 : last + 1
			if (insert + from <= last) print insert + from
		}')
}
