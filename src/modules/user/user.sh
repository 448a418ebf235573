# user: an account, by the tools of shadow-utils, libuser, BusyBox or BSD's pw.

# user_probe: all that has to be known of the account.
# in:   name  local=0|1  home shell (as they are wanted, or empty)  password  group
#       groups (a list)  generate=0|1  ssh_key_file  key_type
# out:  tool, system, home, shell, group, no_group, own_group; what user_describe, user_secrets and
#       user_key answer
user_probe() {
	user_find_tool
	answer tool "${tool}"
	answer system "$(uname -s)"
	test ! -e /sys/fs/selinux/enforce || answer selinux 1
	answer home "${home?}"
	answer shell "${shell?}"
	eval "set -- ${groups?}"
	test -z "${group?}" || set -- "${group}" "$@"
	for wanted in "$@"; do
		if line=$(user_look_up group "${wanted}"); then
			answer group "${wanted}=${line}"
		else
			answer no_group "${wanted}"
		fi
	done
	if line=$(user_look_up group "${name:?}"); then
		answer own_group 1
	fi
	user_describe || return 0
	user_secrets
	test "${generate:?}" = 0 || user_key
}

# user_find_tool: sets tool to the family of commands that this host has.
user_find_tool() {
	if test "${local:?}" = 1 && have luseradd; then
		tool=libuser
	elif test "${local}" = 1; then
		fail 'this host has no luseradd: "local" needs libuser'
	elif have pw && ! have usermod; then
		tool=pw
	elif have useradd && have usermod; then
		tool=shadow
	elif have adduser && have deluser; then
		tool=busybox
	else
		fail 'this host has none of useradd, adduser and pw'
	fi
}

# user_look_up DATABASE KEY: the line of passwd, shadow or group; a number is an id.
user_look_up() {
	if test "${local}" = 0 && have getent; then
		getent "$1" "$2" | { read -r line && printf '%s\n' "${line}"; }
		return
	fi
	while read -r line; do
		case ${line} in
		("$2:"*) printf '%s\n' "${line}" && return 0 ;;
		esac
		test "$1" != shadow || continue
		rest=${line#*:*:}
		case ${rest} in
		("$2:"*) printf '%s\n' "${line}" && return 0 ;;
		esac
	done <"/etc/$1"
	return 1
}

# user_describe: what everybody may know of the account.
# out:  passwd, member_of, home_there
user_describe() {
	passwd=$(user_look_up passwd "${name:?}") || return 1
	case ${passwd} in
	("${name}:"*) ;;
	(*) return 1 ;;
	esac
	answer passwd "${passwd}"
	answer member_of "$(user_groups)"
	home_now=${passwd%:*}
	home_now=${home_now##*:}
	if test -d "${home:-${home_now}}"; then
		answer home_there 1
	fi
}

# user_groups: the groups that the account was put into, one a line, its own first.
user_groups() {
	id -gn "${name}" 2>/dev/null || echo
	{ if test "${local}" = 0 && have getent; then getent group; else cat /etc/group; fi; } |
		while IFS=: read -r known _ _ members; do
			case ,${members}, in
			(*",${name},"*) printf '%s\n' "${known}" ;;
			esac
		done
}

# user_secrets: what only root may know; the password itself stays here.
# out:  locked=0|1  password_same=0|1  aging (least, most, warning, inactive, expires)
user_secrets() {
	line=$(user_look_up shadow "${name}" 2>/dev/null) ||
		line=$(user_look_up passwd "${name}" | sed 's/^\([^:]*:[^:]*\):.*/\1:::::::/')
	# The fields of shadow: name, hash, last change, least, most, warning, inactive, expires, rest.
	rest=${line#*:}
	hash=${rest%%:*}
	case ${hash} in
	('!'*) answer locked 1 ;;
	(*) answer locked 0 ;;
	esac
	if test "$(user_bare "${hash}")" = "$(user_bare "${password?}")"; then
		answer password_same 1
	fi
	rest=${rest#*:*:}
	answer aging "${rest}"
}

# user_bare HASH: the hash without the marks of a locked account.
user_bare() {
	bare=$1
	while :; do
		case ${bare} in
		('!'*) bare=${bare#?} ;;
		(*) break ;;
		esac
	done
	printf '%s' "${bare}"
}

# user_key: the account's SSH key.
# out:  key, and where there is one: key_there, public_key, fingerprint
user_key() {
	key=${ssh_key_file:-.ssh/id_${key_type:?}}
	case ${key} in
	(/*) ;;
	(*) key=${home:-${home_now}}/${key} ;;
	esac
	answer key "${key}"
	test -e "${key}" || return 0
	answer key_there 1
	answer public_key "$(cat "${key}.pub" 2>/dev/null)"
	answer fingerprint "$(ssh-keygen -l -f "${key}" 2>/dev/null)"
}

# user_act: runs commands one after the other, then tells what the account is now.
# in:   as user_probe; commands (a list of lists of words)
# out:  stdout, stderr; what user_describe and user_key answer
user_act() {
	user_find_tool
	private_folder
	folder=${private:?}
	ground_finally user_tidy
	eval "set -- ${commands?}"
	for command in "$@"; do
		eval "set -- ${command}"
		"$@" >>"${folder}/stdout" 2>"${folder}/stderr"
		rc=$?
		test "${rc}" = 0 || fail "$(cat "${folder}/stderr")" rc "${rc}" name "${name}"
		cat "${folder}/stderr" >>"${folder}/errors"
	done
	answer_file stdout "${folder}/stdout"
	answer_file stderr "${folder}/errors"
	user_describe || return 0
	test "${generate:?}" = 0 || user_key
}

user_tidy() {
	rm -rf -- "${folder}"
}

# user_set_password: the hash goes through a pipe and never stands in an argument list.
# in:   new_hash
user_set_password() {
	case ${tool} in
	(pw) printf '%s\n' "${new_hash?}" | pw usermod -n "${name}" -H 0 ;;
	(*) printf '%s:%s\n' "${name}" "${new_hash?}" | chpasswd -e ;;
	esac
}

# user_make_home FOLDER SKELETON UMASK UID GID: a home as useradd makes it.
user_make_home() {
	test ! -d "$1" || return 0
	mkdir -p -- "${1%/*}/" || return
	(umask "$(user_umask "$3")" && mkdir -- "$1") || return
	skeleton=${2:-/etc/skel}
	test ! -d "${skeleton}" || cp -R -- "${skeleton}/." "$1/" || return
	chown -hR -- "$4:$5" "$1"
}

# user_umask MASK: what is taken from the mode of a new home, unless it is given.
user_umask() {
	mask=$1
	if test -z "${mask}" && test -r /etc/login.defs; then
		while read -r word value _; do
			test "${word}" != UMASK || mask=${value}
		done </etc/login.defs
	fi
	printf '%s\n' "${mask:-022}"
}

# user_edit FIELD VALUE: changes a field of /etc/passwd where no tool does.
user_edit() {
	value=$2
	field=$1
	export value field name
	cp -p /etc/passwd /etc/passwd.play || return
	awk 'BEGIN { FS = OFS = ":" }
		$1 == ENVIRON["name"] { $ENVIRON["field"] = ENVIRON["value"] }
		{ print }' /etc/passwd >/etc/passwd.play || return
	mv -f /etc/passwd.play /etc/passwd
}

# user_join GROUP..., user_leave GROUP...: one group after the other, where tools know no lists.
user_join() {
	for joined in "$@"; do
		case ${tool} in
		(libuser) lgroupmod -M "${name}" "${joined}" || return ;;
		(*) adduser "${name}" "${joined}" || return ;;
		esac
	done
}

user_leave() {
	for left in "$@"; do
		case ${tool} in
		(libuser) lgroupmod -m "${name}" "${left}" || return ;;
		(*) deluser "${name}" "${left}" || return ;;
		esac
	done
}

# user_generate_key BITS COMMENT: makes the account's SSH key.
# in:   passphrase
user_generate_key() {
	user_describe >/dev/null || return
	user_key >/dev/null
	rest=${passwd#*:*:}
	owner=${rest%%:*}:
	rest=${rest#*:}
	owner=${owner}${rest%%:*}
	umask 077
	directory=${key%/*}
	if ! test -d "${directory}"; then
		set_only "${owner%%:*}" "${owner#*:}" 00700
		make_directories "${directory}"
	fi
	# shellcheck disable=SC2016 # this program expands it when it runs
	printf '#!/bin/sh\ncat "${0%%/*}/passphrase"\n' >"${folder:?}/askpass"
	printf '%s\n' "${passphrase?}" >"${folder}/passphrase"
	chmod 0700 "${folder}/askpass"
	SSH_ASKPASS=${folder}/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=:0
	export SSH_ASKPASS SSH_ASKPASS_REQUIRE DISPLAY
	comment=${2:-ansible-generated on $(uname -n)}
	set -- -q -t "${key_type}" ${1:+-b "$1"} -C "${comment}" -f "${folder}/key"
	if test -z "${passphrase}"; then
		set -- "$@" -N ''
	fi
	if have setsid; then
		setsid ssh-keygen "$@" || return
	else
		ssh-keygen "$@" || return
	fi
	user_place "${folder}/key" "${key}" 0600
	user_place "${folder}/key.pub" "${key}.pub" 0644
}

# user_place NEW PATH MODE: a file that is the account's comes into its home, which
# is the account's too.
user_place() {
	temp_beside "$2"
	write_content "${temp:?}" "$1"
	must chown -- "${owner}" "${temp}"
	must chmod -- "$3" "${temp}"
	replace_file "${temp}" "${temp_dest:?}" 0
	ground_leave
}
