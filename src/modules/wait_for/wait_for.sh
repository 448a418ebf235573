# wait_for: one look at a path, a port, or the connections of a port.

# wait_for_path: whether it is there; its content unless that is known already.
# in:   path  content=0|1  seen (what wait_for_signature said last time)
# out:  path, there, signature, content; what look answers as node
wait_for_path() {
	answer path "${path:?}"
	test -e "${path}" || return 0
	answer there 1
	look_through node "${path}"
	test "${content:?}" = 1 && test -f "${path}" || return 0
	signature=$(wait_for_signature)
	answer signature "${signature}"
	test "${signature}" = "${seen?}" || answer_file content "${path}"
}

# wait_for_signature: changes when the content does.
wait_for_signature() {
	wc -c <"${path}"
	ls -ldi -- "${path}"
}

# wait_for_port: whether something accepts connections there, and what it says first.
# in:   host  port  limit (seconds)  read=0|1
# out:  open, content
wait_for_port() {
	limited=
	have timeout && limited=1
	if have bash && wait_for_can_bash; then
		wait_for_bash
	elif have nc; then
		wait_for_nc
	elif have python3; then
		wait_for_python python3
	elif have perl; then
		wait_for_perl
	elif have socat; then
		wait_for_socat
	elif test "${read:?}" = 0 && wait_for_is_own; then
		wait_for_listeners
	else
		fail 'this host has no bash, nc, python3, perl or socat to try the port with'
	fi
}

# wait_for_limited COMMAND...: ends a command that takes too long, where the host can.
wait_for_limited() {
	if test -n "${limited}"; then
		timeout "${limit:?}" "$@"
	else
		"$@"
	fi
}

# wait_for_can_bash: not every bash was built with /dev/tcp. A refusal names the connection.
wait_for_can_bash() {
	case $(bash -c ': </dev/tcp/127.0.0.1/0' 2>&1) in
	(*'No such file'*) return 1 ;;
	esac
}

wait_for_bash() {
	# shellcheck disable=SC2016 # bash expands these
	if test "${read:?}" = 0; then
		wait_for_limited bash -c ': <"/dev/tcp/$1/$2"' bash "${host:?}" "${port:?}" 2>/dev/null &&
			answer open 1
	else
		answer content ''
		wait_for_limited bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 1
			exec cat <&3' bash "${host:?}" "${port:?}" 2>/dev/null
	fi
	return 0
}

# wait_for_nc: BusyBox's nc may not know -z; with nothing to send it ends at once.
wait_for_nc() {
	if test "${read:?}" = 0; then
		wait_for_limited nc -w "${limit}" "${host:?}" "${port:?}" </dev/null >/dev/null 2>&1
		rc=$?
		# A server that says nothing keeps the connection until the time is over: it is open.
		case ${rc} in
		(0 | 124 | 143) answer open 1 ;;
		esac
	else
		answer content ''
		{ sleep "${limit}" & } | wait_for_limited nc "${host:?}" "${port:?}" 2>/dev/null
	fi
	return 0
}

wait_for_python() {
	test "${read:?}" = 0 || answer content ''
	"$1" -c 'import socket, sys
host, port, limit, read = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
try:
    s = socket.create_connection((host, port), limit)
except OSError:
    sys.exit(1)
if read == "1":
    try:
        while True:
            data = s.recv(4096)
            if not data:
                break
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
    except OSError:
        pass
' "${host:?}" "${port:?}" "${limit}" "${read}" 2>/dev/null || return 0
	test "${read}" = 1 || answer open 1
}

wait_for_perl() {
	test "${read:?}" = 0 || answer content ''
	# shellcheck disable=SC2016 # perl expands these
	perl -MIO::Socket::INET -e 'my ($h, $p, $l, $r) = @ARGV; $| = 1;
my $s = IO::Socket::INET->new(PeerAddr => $h, PeerPort => $p, Timeout => $l) or exit 1;
if ($r) { alarm $l; my $d; print $d while sysread($s, $d, 4096); }' \
		"${host:?}" "${port:?}" "${limit}" "${read}" 2>/dev/null || return 0
	test "${read}" = 1 || answer open 1
}

wait_for_socat() {
	if test "${read:?}" = 0; then
		socat -u /dev/null "TCP:${host:?}:${port:?},connect-timeout=${limit}" 2>/dev/null &&
			answer open 1
	else
		answer content ''
		wait_for_limited socat -u "TCP:${host:?}:${port:?},connect-timeout=${limit}" - 2>/dev/null
	fi
	return 0
}

# wait_for_is_own: says whether the address is this host's loopback.
wait_for_is_own() {
	case ${host:?} in
	(127.* | localhost | ::1 | 0.0.0.0) test -r /proc/net/tcp ;;
	(*) return 1 ;;
	esac
}

# wait_for_listeners: without any tool, the kernel's own list of sockets.
wait_for_listeners() {
	hex=$(printf '%04X' "${port:?}")
	while read -r _ local _ state _; do
		case ${local}:${state} in
		(*:"${hex}":0A)
			answer open 1
			return 0
			;;
		esac
	done <<-EOF
		$(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
	EOF
}

# wait_for_connections: every TCP connection of the host, and the addresses of names.
# in:   host  excluded (a list)
# out:  tcp, tcp6, address
wait_for_connections() {
	test -r /proc/net/tcp || fail 'this host does not tell its connections in /proc/net/tcp'
	answer_file tcp /proc/net/tcp
	test ! -r /proc/net/tcp6 || answer_file tcp6 /proc/net/tcp6
	eval "set -- ${excluded?}"
	for name in "${host:?}" "$@"; do
		case ${name} in
		(*[!0-9.]*) ;;
		(*) continue ;;
		esac
		have getent || continue
		getent ahosts "${name}" 2>/dev/null | while read -r address _; do
			answer address "${name} ${address}"
		done
	done
}
