# apt_cache: the lists of packages, for everything that calls apt-get.
# in:   retries  longest_delay (seconds)

# apt_settings: nobody is there to answer questions.
apt_settings() {
	DEBIAN_FRONTEND=noninteractive
	DEBIAN_PRIORITY=critical
	APT_LISTCHANGES_FRONTEND=none
	LC_ALL=C.UTF-8
	LANGUAGE=
	export DEBIAN_FRONTEND DEBIAN_PRIORITY APT_LISTCHANGES_FRONTEND LC_ALL LANGUAGE
}

# apt_update: several tries, with longer and longer times between them.
# Old versions of apt-get end well although something could not be fetched.
apt_update() {
	tries=0
	delay=1
	while :; do
		said=$(apt-get -o APT::Update::Error-Mode=any update 2>&1)
		rc=$?
		case ${said} in
		(*'W: Failed to fetch '* | *'E: Failed to fetch '*) rc=100 ;;
		esac
		test "${rc}" != 0 || return 0
		tries=$((tries + 1))
		test "${tries}" -le "${retries:?}" || break
		test "${delay}" -le "${longest_delay:?}" || delay=${longest_delay}
		sleep "${delay}"
		delay=$((delay * 2))
	done
	fail "Failed to update apt cache after ${retries} retries: $(printf '%s\n' "${said}" | grep '^[EW]: ')"
}
