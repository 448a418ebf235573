# debconf: answers to the questions that packages ask.

# debconf_probe: the answers that are there.
# in:   name  secret=0|1  question
# out:  shown, password
debconf_probe() {
	have debconf-show || fail 'this host has no debconf'
	shown=$(debconf-show "${name:?}" 2>&1) || fail "cannot ask for the answers of ${name}: ${shown}"
	answer shown "${shown}"
	test "${secret:?}" = 0 ||
		answer password "$(printf 'GET %s\n' "${question:?}" | debconf-communicate "${name}" 2>/dev/null)"
}

# debconf_set: gives an answer. It goes through a pipe: it may be a password.
# in:   name  question  kind  value  unseen=0|1
# out:  said
debconf_set() {
	set --
	test "${unseen:?}" = 0 || set -- -u
	said=$(printf '%s %s %s %s\n' "${name:?}" "${question:?}" "${kind:?}" "${value?}" |
		debconf-set-selections "$@" 2>&1) || fail "${said:-debconf-set-selections failed}"
	answer said "${said}"
}
