# program: runs one program and tells its times and status (`command`, `shell`).
# in:   chdir  creates  removes  feed=0|1  stdin  check=0|1; the program and its arguments
# out:  problem=chdir|missing|denied, why=closed|file|missing (of chdir), kept_by=creates|removes, path, started, ended, rc; raw output
program_main() {
	program_enter || return 0
	if test -n "${creates?}" && program_matches "${creates}"; then
		answer kept_by creates
		answer path "${creates}"
		return 0
	fi
	if test -n "${removes?}" && ! program_matches "${removes}"; then
		answer kept_by removes
		answer path "${removes}"
		return 0
	fi
	test "${check:?}" = 0 || return 0
	answer started "$(program_now)"
	raw
	program_feed "$@"
	rc=$?
	answer ended "$(program_now)"
	answer rc "${rc}"
	case ${rc} in
	(126 | 127) program_look "$1" ;;
	esac
}

# program_enter: goes to the folder that was asked for, behind links: `pwd` tells where it really is.
program_enter() {
	test -n "${chdir?}" || return 0
	unset CDPATH
	case ${chdir} in
	(-*) chdir=./${chdir} ;;
	esac
	cd -P "${chdir}" >/dev/null 2>&1 && return 0
	answer problem chdir
	# What opens it tells a folder that is not there from one that may not be entered.
	case $(LC_ALL=C ls -d "${chdir}/." 2>&1 >/dev/null) in
	(*': Not a directory') answer why file ;;
	(*': Permission denied') answer why closed ;;
	('') answer why closed ;;
	(*) answer why missing ;;
	esac
	return 1
}

# program_matches PATTERN: says whether there is such a path, or one that the pattern matches.
program_matches() (
	test -e "$1" && return 0
	test -L "$1" && return 0
	IFS=
	# shellcheck disable=SC2086 # the pattern is meant to expand
	for path in $1; do
		test -e "${path}" && return 0
		test -L "${path}" && return 0
	done
	return 1
)

# program_now: the seconds of the epoch, and the host's date and time.
# BusyBox date may not know %N.
program_now() {
	date '+%s.%N %Y-%m-%d %H:%M:%S'
}

# program_feed PROGRAM ARGUMENT...: runs it with what it is to read.
program_feed() {
	if test "${feed:?}" = 1; then
		printf '%s' "${stdin?}" 2>/dev/null | (program_exec "$@")
	else
		(program_exec "$@")
	fi
}

# program_exec PROGRAM ARGUMENT...: becomes the program itself, never a builtin or a function.
# The exec of mksh runs builtins.
program_exec() {
	test -z "${KSH_VERSION-}" || exec env "$@"
	exec "$@"
}

# program_look PROGRAM: says whether 126 or 127 came from the lack of the program.
program_look() {
	case $1 in
	(*/*)
		program_judge "$1"
		return 0
		;;
	esac
	IFS=:
	for folder in ${PATH}; do
		test -e "${folder:-.}/$1" || continue
		program_judge "${folder:-.}/$1"
		return 0
	done
	answer problem missing
}

# program_judge PATH: says what is wrong with a program that did not run.
program_judge() {
	if ! test -e "$1"; then
		answer problem missing
	elif test -d "$1" || ! test -x "$1"; then
		answer problem denied
	fi
}
