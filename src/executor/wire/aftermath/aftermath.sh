# aftermath: what a failure leaves to be asked on the host.

# aftermath_disk: the file systems of some paths, and whether they are full.
# in:   paths (quoted words)
# out:  disk: a line a file system: POINT SIZE FREE, in kilobytes; inodes: POINT of one without free ones
aftermath_disk() {
	eval "set -- ${paths?}"
	for path; do
		while ! test -e "${path}"; do
			case ${path} in
			(*/*) path=${path%/*} ;;
			(*) path= ;;
			esac
			path=${path:-/}
		done
		answer disk "$(df -Pk -- "${path}" 2>/dev/null | awk 'END { print $6, $2, $4 }')"
		answer inodes "$(df -Pi -- "${path}" 2>/dev/null | awk 'END { if ($2 > 0 && $4 == 0) print $6 }')"
	done
}

# aftermath_service: what a service manager knows of a service that does not run.
# in:   name
# out:  state, journal (its last lines), log (a file that its lines come from)
aftermath_service() {
	have systemctl && test -d /run/systemd/system || return 0
	case ${name?} in
	(*.*) unit=${name} ;;
	(*) unit=${name}.service ;;
	esac
	answer state "$(systemctl show -p Result -p ExecMainStatus -p SubState -- "${unit}" 2>/dev/null)"
	have journalctl || return 0
	answer journal "$(journalctl --no-pager --quiet -o cat -n 10 -u "${unit}" 2>/dev/null)"
}

# aftermath_lock: who holds the lock of a package manager.
# out:  holder: FILE, the process, its program, for how long, one a line
aftermath_lock() {
	for file in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock \
		/var/cache/apt/archives/lock /lib/apk/db/lock /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock; do
		test -e "${file}" || continue
		inode=$(ls -di -- "${file}" 2>/dev/null)
		inode=${inode%% /*}
		inode=${inode##* }
		process=$(awk -v "end=:${inode}" '
			substr($6, length($6) - length(end) + 1) == end { print $5; exit }
		' /proc/locks 2>/dev/null)
		aftermath_holder "${file}" "${process}" && return 0
	done
	for file in /run/dnf.pid /var/run/dnf.pid /run/yum.pid /var/run/yum.pid /run/zypp.pid; do
		test -e "${file}" || continue
		process=$(cat -- "${file}" 2>/dev/null)
		aftermath_holder "${file}" "${process}" && return 0
	done
	# pacman's lock is the file itself.
	! test -e /var/lib/pacman/db.lck || answer holder /var/lib/pacman/db.lck
}

# aftermath_holder FILE PROCESS: tells of a process that lives.
aftermath_holder() {
	case $2 in
	('' | *[!0-9]*) return 1 ;;
	esac
	test -d "/proc/$2" || return 1
	answer holder "$1
$2
$(cat "/proc/$2/comm" 2>/dev/null)
$(ps -o etime= -p "$2" 2>/dev/null)"
}
