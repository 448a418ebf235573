# pip: packages of Python.
# in:   executable  virtualenv  venv_words  chdir  umask  breaks  words
#       state_absent  vcs  check  known (what pip list shall tell)=0|1
# out:  cmd (pip's own), missing (there is no virtualenv yet), made, listed,
#       dry, frozen_before, frozen_after, out, said, rc
pip_main() {
	[ -z "${umask?}" ] || umask "${umask}"
	if [ "${breaks?}" = 1 ]; then
		PIP_BREAK_SYSTEM_PACKAGES=1
		export PIP_BREAK_SYSTEM_PACKAGES
	fi
	pip_virtualenv
	pip_find
	unset CDPATH
	if [ -n "${chdir?}" ]; then
		cd -- "${chdir}" 2>/dev/null || fail "cannot enter ${chdir}"
	fi
	if [ "${check:?}" = 1 ]; then
		pip_predict
	else
		pip_run
	fi
}

# pip_virtualenv: makes the virtualenv, where it is missing.
pip_virtualenv() {
	[ -n "${virtualenv?}" ] || return 0
	case ${virtualenv} in
	(/*) ;;
	(*) virtualenv=$(pwd)/${virtualenv} ;;
	esac
	[ ! -e "${virtualenv}/bin/activate" ] || return 0
	answer missing 1
	[ "${check}" = 0 ] || exit 0
	set --
	eval "set -- ${venv_words:?}"
	have "$1" || fail "Failed to find required executable \"$1\" in paths: ${PATH}"
	must "$@" "${virtualenv}"
	answer made 1
}

# pip_find: sets pip_words to how pip is called.
pip_find() {
	if [ -n "${executable?}" ]; then
		have "${executable}" || fail "there is no ${executable} on the host"
		pip_set "$(command -v "${executable}")"
		return
	fi
	set -- pip3 pip
	if [ -n "${virtualenv}" ]; then
		set -- "${virtualenv}/bin/pip3" "${virtualenv}/bin/pip"
	fi
	for pip_name do
		if have "${pip_name}"; then
			pip_set "$(command -v "${pip_name}")"
			return
		fi
	done
	pip_python=python3
	[ -z "${virtualenv}" ] || pip_python=${virtualenv}/bin/python3
	"${pip_python}" -m pip --version >/dev/null 2>&1 ||
		fail 'Unable to find any of pip3, pip to use.  pip needs to be installed.'
	pip_set "$(command -v "${pip_python}")" -m pip
}

# pip_set WORDS...: notes how pip is called, and tells.
pip_set() {
	pip_program=$1
	shift
	pip_more=$*
	for pip_word in "${pip_program}" "$@"; do
		answer cmd "${pip_word}"
	done
}

# pip_call WORDS...: runs pip.
pip_call() {
	# shellcheck disable=SC2086 # -m pip, or nothing
	"${pip_program}" ${pip_more} "$@"
}

# pip_run: runs pip, and tells what it said.
pip_run() {
	[ "${vcs?}" = 0 ] || answer_output frozen_before pip_call freeze 2>/dev/null
	set --
	eval "set -- ${words:?}"
	# What goes to standard error is told apart by the stream.
	answer_output out pip_call "$@"
	pip_rc=$?
	answer rc "${pip_rc}"
	[ "${vcs}" = 0 ] || answer_output frozen_after pip_call freeze 2>/dev/null
}

# pip_predict: what check mode can know.
pip_predict() {
	if [ "${known:?}" = 1 ]; then
		pip_listed=$(pip_call list --format=freeze 2>/dev/null) ||
			pip_listed=$(pip_call freeze) || fail 'pip cannot list the packages'
		answer listed "${pip_listed}"
		return
	fi
	case $(pip_call install --help) in
	(*--dry-run*) ;;
	(*) return 0 ;;
	esac
	set --
	eval "set -- ${words:?}"
	[ "$1" = install ] || return 0
	shift
	answer_output dry pip_call install --dry-run "$@"
	answer rc "$?"
}
