# timezone: the zone of the system's clock, and what the hardware clock has.
# in:   zone  clock=|local|UTC  check=0|1
# out:  changed, zone, clock (as they were), did (each thing that was done)
timezone_main() {
	root=${play_root-}
	timezone_way
	if test -n "${zone?}"; then
		"timezone_verify_${way}"
		now=$("timezone_zone_${way}") || fail "${now}"
		answer zone "${now}"
		test "${now}" = "${zone}" || timezone_do "timezone_set_zone_${way}"
	fi
	if test -n "${clock?}"; then
		now=$("timezone_clock_${way}") || fail "${now}"
		answer clock "${now}"
		test "${now}" = "${clock}" || timezone_do "timezone_set_clock_${way}"
	fi
}

# timezone_do FUNCTION: the one place that changes something.
timezone_do() {
	changed
	test "${check:?}" = 0 || return 0
	said=$("$1" 2>&1) || fail "Error message:
${said}"
	test -z "${said}" || answer did "${said}"
}

# timezone_way: how this host keeps its zone.
timezone_way() {
	case $(uname -s) in
	(Linux)
		if have timedatectl && timedatectl >/dev/null 2>&1; then
			way=systemd
		else
			timezone_files
		fi
		;;
	(Darwin) way=darwin ;;
	(FreeBSD | NetBSD | OpenBSD) way=bsd ;;
	(SunOS)
		have sm-set-timezone || fail 'sm-set-timezone not found. Make sure the smtools package is installed.'
		way=smartos
		;;
	(AIX) way=aix ;;
	(*) fail 'timezone does not know how this system keeps its zone' ;;
	esac
}

timezone_verify() {
	test -f "${root}/usr/share/zoneinfo/${zone}" ||
		fail "Error message:
given timezone \"${zone}\" is not available"
}

# --- systemd

timezone_verify_systemd() { timezone_verify; }

timezone_zone_systemd() {
	timedatectl status | sed -n 's/^[[:blank:]]*Time \{0,1\}zone[[:blank:]]*: *\([^[:blank:]]*\).*/\1/p'
}

timezone_clock_systemd() {
	case $(timedatectl status | sed -n 's/^[[:blank:]]*RTC in local TZ[[:blank:]]*: *//p') in
	(yes*) printf 'local\n' ;;
	(*) printf 'UTC\n' ;;
	esac
}

timezone_set_zone_systemd() {
	timedatectl set-timezone "${zone}" &&
		printf '%s\n' "executed \`$(command -v timedatectl) set-timezone ${zone}\`"
}

timezone_set_clock_systemd() {
	local=no
	test "${clock}" = UTC || local=yes
	timedatectl set-local-rtc "${local}" &&
		printf '%s\n' "executed \`$(command -v timedatectl) set-local-rtc ${local}\`"
}

# --- files of Linux without systemd

# timezone_files: which files, and the form of their lines.
timezone_files() {
	way=files
	file=${root}/etc/timezone form='%s' pattern='^\([^[:space:]]\{1,\}\).*'
	clock_file=
	if have dpkg-reconfigure; then
		clock_file=${root}/etc/default/rcS
	elif test -e "${root}/etc/alpine-release" || test -e "${root}/etc/gentoo-release"; then
		clock_file=${root}/etc/conf.d/hwclock
	else
		file=${root}/etc/sysconfig/clock
		clock_file=${file}
		word=ZONE
		if grep -q '^TIMEZONE[[:space:]]*=' "${file}" 2>/dev/null || test -e "${root}/etc/SuSE-release"; then
			word=TIMEZONE
		fi
		form="${word}=\"%s\""
		pattern="^${word}[[:space:]]*=[[:space:]]*\"\{0,1\}\([^\"[:space:]]\{1,\}\)\"\{0,1\}.*"
	fi
}

timezone_verify_files() { timezone_verify; }

# timezone_first FILE PATTERN: what the first line that matches says.
timezone_first() {
	sed -n "s/$2/\\1/p" "$1" 2>/dev/null | head -n 1
}

# timezone_zone_files: what the file says, where /etc/localtime says the same.
timezone_zone_files() {
	now=$(timezone_first "${file}" "${pattern}")
	localtime=${root}/etc/localtime
	if test "${now}" = "${zone}"; then
		if test -L "${localtime}"; then
			link=$(readlink "${localtime}")
			case ${link} in
			(*/zoneinfo/*) now=${link#*/zoneinfo/} ;;
			(*) now= ;;
			esac
			test -e "${localtime}" || now=
		else
			cmp -s "${localtime}" "${root}/usr/share/zoneinfo/${zone}" || now=
		fi
	fi
	printf '%s\n' "${now:-n/a}"
}

timezone_clock_files() {
	case $(timezone_first "${clock_file}" '^UTC[[:space:]]*=[[:space:]]*\([^[:space:]]*\).*') in
	(yes | Yes | YES | true | True | 1 | on | '"yes"') now=UTC ;;
	('') now=n/a ;;
	(*) now=local ;;
	esac
	if test "${now}" = "${clock}"; then
		case $(timezone_first "${root}/etc/adjtime" '^\(UTC\|LOCAL\)$') in
		(LOCAL) now=local ;;
		(*) now=UTC ;;
		esac
	fi
	printf '%s\n' "${now}"
}

# timezone_edit FILE PATTERN LINE: the line takes the place of the first that matches, the others go.
timezone_edit() {
	gone=0
	test ! -e "$1" || gone=$(grep -c "$2" "$1")
	at=$(grep -n "$2" "$1" 2>/dev/null | head -n 1 | sed 's/:.*//')
	: "${at:=1}"
	text=$(
		test ! -e "$1" || head -n "$((at - 1))" "$1"
		printf '%s\n' "$3"
		test ! -e "$1" || tail -n "+${at}" "$1" | grep -v "$2"
		printf .
	)
	text_write "$1" "${text%.}"
	printf '%s\n' "Added 1 line and deleted ${gone} line(s) on $1"
}

timezone_set_zone_files() {
	# shellcheck disable=SC2059 # the form is ours
	timezone_edit "${file}" "${pattern}" "$(printf "${form}" "${zone}")"
	tzfile=${root}/usr/share/zoneinfo/${zone}
	if have dpkg-reconfigure; then
		ln -sf "${tzfile}" "${root}/etc/localtime" &&
			dpkg-reconfigure --frontend noninteractive tzdata >/dev/null 2>&1
	elif test -e "${root}/etc/alpine-release"; then
		setup-timezone -z "${zone}"
	elif have tzdata-update && test ! -L "${root}/etc/localtime"; then
		tzdata-update
	else
		rm -f -- "${root}/etc/localtime.play"
		cp "${tzfile}" "${root}/etc/localtime.play" &&
			mv -f -- "${root}/etc/localtime.play" "${root}/etc/localtime"
	fi
}

timezone_set_clock_files() {
	have hwclock || {
		printf '%s\n' 'this host has no hwclock'
		return 1
	}
	utc=no option=--localtime
	test "${clock}" = local || utc=yes option=--utc
	timezone_edit "${clock_file}" '^UTC[[:space:]]*=' "UTC=${utc}"
	hwclock --systohc "${option}" && printf '%s\n' "executed \`$(command -v hwclock) --systohc ${option}\`"
}

# --- BSD: /etc/localtime is a link, or a copy

timezone_verify_bsd() { timezone_verify; }

timezone_zone_bsd() {
	zones=${root}/usr/share/zoneinfo/
	localtime=${root}/etc/localtime
	link=$(readlink "${localtime}" 2>/dev/null)
	case ${link} in
	("${zones}"*)
		printf '%s\n' "${link#"${zones}"}"
		return
		;;
	esac
	if test -f "${localtime}"; then
		same=$(find "${zones}" -type f | sort | while read -r known; do
			cmp -s "${known}" "${localtime}" || continue
			printf '%s\n' "${known#"${zones}"}"
			break
		done)
	else
		same=
	fi
	printf '%s\n' "${same:-UTC}"
}

timezone_set_zone_bsd() {
	ln -sf "${root}/usr/share/zoneinfo/${zone}" "${root}/etc/localtime.play" &&
		mv -f "${root}/etc/localtime.play" "${root}/etc/localtime"
}

# --- macOS

timezone_verify_darwin() {
	systemsetup -listtimezones 2>/dev/null | sed 's/^[[:blank:]]*//' | grep -F -x -q -e "${zone}" ||
		fail "Error message:
given timezone \"${zone}\" is not available"
}

timezone_zone_darwin() {
	systemsetup -gettimezone | sed -n 's/^[[:blank:]]*Time \{0,1\}Zone[[:blank:]]*: *//p'
}

timezone_set_zone_darwin() {
	systemsetup -settimezone "${zone}" >/dev/null &&
		printf '%s\n' "executed \`$(command -v systemsetup) -settimezone ${zone}\`"
}

# --- SmartOS

timezone_verify_smartos() { :; }

timezone_zone_smartos() {
	sed -n 's/^TZ=//p' "${root}/etc/default/init"
}

timezone_set_zone_smartos() {
	sm-set-timezone "${zone}" >/dev/null
}

# --- AIX

timezone_verify_aix() { timezone_verify; }

timezone_zone_aix() {
	sed -n 's/^TZ=//p' "${root}/etc/environment" | head -n 1
}

timezone_set_zone_aix() {
	chtz "${zone}"
}

# --- systems whose hardware clock is not to be set

timezone_no_clock() {
	printf '%s\n' 'hwclock is not a supported option on target platform'
	return 1
}
timezone_clock_bsd() { timezone_no_clock; }
timezone_clock_darwin() { timezone_no_clock; }
timezone_clock_smartos() { timezone_no_clock; }
timezone_clock_aix() { timezone_no_clock; }
