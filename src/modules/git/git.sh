# git: a working tree, or a bare repository, that follows another repository.
# in:   repo  dest  version  remote  refspec  depth  reference  executable
#       separate_git_dir  archive  archive_format  archive_prefix  umask
#       ssh_opts  key_file  accept (an ssh word, or empty)  allowlist (words)
#       bare  clone  update  force  recursive  track  single  verify  check
#       diff =0|1
# out:  before, after, url_changed, local_mods, git_dir_before, git_dir_now,
#       diff, missing, kept, changed; cmd and said where a command failed
git_main() {
	git_prepare
	if git_is_there; then
		cd -- "${dest}" || fail "cannot enter ${dest}"
		git_existing
	else
		git_missing
	fi
	[ "${git_changed}" = 0 ] || changed
	answer after "${git_after}"
	[ "${diff?}" = 0 ] || git_show
}

# git_prepare: the program, the umask, the environment; paths become absolute.
git_prepare() {
	git=${executable:-git}
	git_changed=0
	git_before=
	git_after=
	have "${git}" || fail "there is no ${git} on the host: install git first"
	[ -z "${umask?}" ] || umask "${umask}"
	LC_ALL=C
	GIT_TERMINAL_PROMPT=0
	# Or status would write the index anew, in check mode too.
	GIT_OPTIONAL_LOCKS=0
	export LC_ALL GIT_TERMINAL_PROMPT GIT_OPTIONAL_LOCKS
	# A repository of who called sudo is not trusted more than any other.
	unset CDPATH SUDO_UID
	git_ssh
	case ${repo:?} in
	(/*) repo=file://${repo} ;;
	esac
	git_absolute "${dest?}"
	dest=${git_path}
	git_absolute "${archive?}"
	archive=${git_path}
	git_absolute "${separate_git_dir?}"
	separate_git_dir=${git_path}
}

# git_absolute PATH: sets git_path to the same from the root.
git_absolute() {
	git_path=$1
	case $1 in
	('' | /*) ;;
	(*) git_path=$(pwd)/$1 ;;
	esac
}

# git_ssh: tells git how to run ssh, which shall never ask.
git_ssh() {
	GIT_SSH_COMMAND="${GIT_SSH:-${GIT_SSH_COMMAND:-ssh}} ${GIT_SSH_OPTS-} ${ssh_opts?} -o BatchMode=yes"
	[ -z "${accept?}" ] ||
		GIT_SSH_COMMAND="${GIT_SSH_COMMAND} -o StrictHostKeyChecking=${accept}"
	if [ -n "${key_file?}" ]; then
		# A shell reads this again, and expands the name then.
		git_key_file=${key_file}
		# shellcheck disable=SC2089 # as said
		GIT_SSH_COMMAND="${GIT_SSH_COMMAND} -i \"\${git_key_file}\" -o IdentitiesOnly=yes"
		export git_key_file
	fi
	# shellcheck disable=SC2090 # git hands it to a shell
	export GIT_SSH_COMMAND
	case $("${git}" --version) in
	('git version 1.'* | 'git version 2.'[012].*) ;;
	(*) return 0 ;;
	esac
	[ -z "${accept}${ssh_opts}${key_file}" ] ||
		fail 'the git of this host is older than 2.3, and takes no options for ssh'
}

# git_is_there: says whether dest is a repository of the wanted kind.
git_is_there() {
	[ -n "${dest}" ] || return
	if [ "${bare?}" = 1 ]; then
		[ -f "${dest}/config" ] && [ -d "${dest}/objects" ]
	else
		[ -e "${dest}/.git" ]
	fi
}

# git_do WORDS...: runs git; where it fails, so does the request.
git_do() {
	git_said=$("${git}" "$@" 2>&1) && return
	git_failed "${git_said}" "$@"
}

# git_failed MESSAGE WORDS...: fails, and tells which command did.
git_failed() {
	git_message=$1
	shift
	answer cmd "${git} $*"
	answer said "${git_said}"
	fail "${git_message}"
}

# git_ask WORDS...: sets git_said to what git prints on its standard output.
git_ask() {
	git_said=$("${git}" "$@" 2>/dev/null) && return
	git_do "$@"
}

# git_rev NAME: prints the commit of a name; nothing where there is none.
git_rev() {
	"${git}" rev-parse --verify -q "$1^{commit}" 2>/dev/null
}

# git_existing: dest is a repository already.
git_existing() {
	git_said=$("${git}" rev-parse --git-dir 2>&1) ||
		git_failed "${git_said}" rev-parse --git-dir
	git_absolute "${git_said}"
	git_dir=${git_path}
	git_before=$(git_rev HEAD)
	git_after=${git_before}
	answer before "${git_before}"
	if [ "${update?}" = 0 ]; then
		answer kept 1
		git_pack
		return
	fi
	git_relocate
	git_local_mods
	git_url
	if [ "${bare}" = 1 ]; then
		git_follow_bare
	else
		git_follow
		git_submodules
	fi
	git_pack
}

# git_relocate: the repository goes to where separate_git_dir says.
git_relocate() {
	[ -n "${separate_git_dir}" ] || return 0
	git_there=$(cd -- "${separate_git_dir}" 2>/dev/null && pwd -P)
	[ "${git_there}" != "$(cd -- "${git_dir}" && pwd -P)" ] || return 0
	[ ! -e "${separate_git_dir}" ] ||
		fail "Separate-git-dir path ${separate_git_dir} already exists."
	answer git_dir_before "${git_dir}"
	answer git_dir_now "${separate_git_dir}"
	git_changed=1
	[ "${check?}" = 0 ] || return 0
	must mkdir -p -- "${separate_git_dir%/*}/"
	git_do init "--separate-git-dir=${separate_git_dir}"
}

# git_local_mods: what was changed in dest goes, with force; else the task
# fails.
git_local_mods() {
	[ "${bare}" = 0 ] || return 0
	git_ask status --porcelain --untracked-files=no --ignore-submodules=all
	[ -n "${git_said}" ] || return 0
	[ "${force?}" = 1 ] ||
		fail "Local modifications exist in the destination: ${dest} (force=no)."
	answer local_mods "${dest}"
	git_changed=1
	[ "${check}" = 1 ] || git_do reset --hard HEAD
}

# git_url: the remote gets the address of repo.
git_url() {
	git_known=$("${git}" config --get "remote.${remote:?}.url")
	if [ "${git_known}" = "${repo}" ] || [ "file://${git_known}" = "${repo}" ]; then
		return
	fi
	answer url_changed 1
	git_changed=1
	[ "${check}" = 0 ] || return 0
	if [ -n "${git_known}" ]; then
		git_do remote set-url "${remote}" "${repo}"
	else
		git_do remote add "${remote}" "${repo}"
	fi
}

# git_ref NAME: prints what git_refs (the output of ls-remote) has for a ref.
git_ref() {
	printf '%s\n' "${git_refs}" | while read -r git_line_sha git_line_name; do
		[ "${git_line_name}" = "$1" ] || continue
		printf '%s\n' "${git_line_sha}"
		break
	done | grep .
}

# git_want: finds what version means: git_kind=branch|tag|commit, git_sha
# (empty where only a fetch can tell), git_branch.
git_want() {
	git_kind=commit
	git_branch=
	git_sha=
	case ${version:?} in
	(HEAD)
		git_want_head
		return
		;;
	(*[!0-9a-f]*) ;;
	(????????????????????????????????????????*)
		git_sha=${version}
		return
		;;
	esac
	git_ask ls-remote "${repo}" "refs/heads/${version}" \
		"refs/tags/${version}" "refs/tags/${version}^{}"
	git_refs=${git_said}
	if git_sha=$(git_ref "refs/heads/${version}"); then
		git_kind=branch
		git_branch=${version}
	elif git_sha=$(git_ref "refs/tags/${version}^{}") ||
		git_sha=$(git_ref "refs/tags/${version}"); then
		git_kind=tag
	else
		git_sha=$(git_rev "${version}")
	fi
}

# git_want_head: HEAD means the branch that dest is on, or the remote's own.
git_want_head() {
	git_kind=branch
	git_branch=$("${git}" symbolic-ref -q --short HEAD 2>/dev/null)
	if [ -z "${git_branch}" ]; then
		git_branch=$("${git}" symbolic-ref -q "refs/remotes/${remote}/HEAD" 2>/dev/null)
		git_branch=${git_branch#"refs/remotes/${remote}/"}
	fi
	if [ -z "${git_branch}" ]; then
		git_ask ls-remote --symref "${repo}" HEAD
		git_branch=${git_said#*ref: refs/heads/}
		git_branch=${git_branch%%"	"*}
	fi
	git_ask ls-remote "${repo}" "refs/heads/${git_branch}"
	git_refs=${git_said}
	git_sha=$(git_ref "refs/heads/${git_branch}") ||
		fail 'Could not determine remote revision for HEAD'
}

# git_follow: the working tree comes to what is wanted.
git_follow() {
	git_want
	if git_is_right; then
		return
	fi
	if [ "${check}" = 1 ]; then
		git_after=${git_sha:-"${version}"}
		[ "${git_after}" = "${git_before}" ] || git_changed=1
		return
	fi
	git_fetch
	git_checkout
	git_after=$(git_rev HEAD)
	[ "${git_after}" = "${git_before}" ] || git_changed=1
}

# git_is_right: says whether dest is at the wanted commit, on the wanted branch.
git_is_right() {
	[ -n "${git_sha}" ] && [ "${git_before}" = "${git_sha}" ] || return 1
	[ "${verify?}" = 0 ] || git_verify
	[ "${git_kind}" != branch ] ||
		[ "$("${git}" symbolic-ref -q HEAD)" = "refs/heads/${git_branch}" ]
}

# git_fetch: gets what is wanted, and no more of it than depth says.
git_fetch() {
	set -- fetch
	[ "${force}" = 0 ] || set -- "$@" --force
	if [ -n "${depth?}" ] && git_spec=$(git_narrow); then
		git_do "$@" --depth "${depth}" "${remote}" "${git_spec}"
		return
	fi
	if [ "${bare}" = 1 ]; then
		git_do "$@" "${remote}" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*'
	else
		git_do "$@" --tags "${remote}"
	fi
	[ -z "${refspec?}" ] || git_do "$@" "${remote}" "${refspec}"
	[ "${bare}${git_kind}" = 0branch ] || return 0
	# A clone of a single branch does not follow the others.
	[ "$(git_rev "refs/remotes/${remote}/${git_branch}")" = "${git_sha}" ] ||
		git_do "$@" "${remote}" "+refs/heads/${git_branch}:refs/remotes/${remote}/${git_branch}"
}

# git_narrow: prints the refspec that gets the one thing that is wanted.
git_narrow() {
	if [ -n "${refspec?}" ]; then
		printf '%s\n' "${refspec}"
		return
	fi
	case ${bare}${git_kind} in
	(0branch) printf '+refs/heads/%s:refs/remotes/%s/%s\n' "${git_branch}" "${remote}" "${git_branch}" ;;
	(1branch) printf '+refs/heads/%s:refs/heads/%s\n' "${git_branch}" "${git_branch}" ;;
	(*tag) printf '+refs/tags/%s:refs/tags/%s\n' "${version}" "${version}" ;;
	(*) return 1 ;;
	esac
}

# git_checkout: the working tree becomes what is wanted.
git_checkout() {
	case ${git_kind} in
	(branch)
		git_switch
		git_do reset --hard "${remote}/${git_branch}"
		;;
	(tag) git_try "refs/tags/${version}" ;;
	(*) git_try "${version}" ;;
	esac
	[ "${verify}" = 0 ] || git_verify
}

# git_switch: goes to the branch, which is made where it is not there.
git_switch() {
	if "${git}" show-ref --verify -q "refs/heads/${git_branch}"; then
		git_try "${git_branch}"
		return
	fi
	set -- "${git_branch}" "${remote}/${git_branch}"
	"${git}" checkout --force --track -b "$@" >/dev/null 2>&1 && return
	git_try --no-track -b "$@"
}

# git_try WORDS...: checks out.
git_try() {
	git_said=$("${git}" checkout --force "$@" -- 2>&1) && return
	git_failed "Failed to checkout ${git_branch:-"${version}"}" checkout --force "$@"
}

# git_verify: the tag or commit has a good signature, by one of the allowlist.
git_verify() {
	git_what=$("${git}" cat-file -t "refs/tags/${version}" 2>/dev/null)
	if [ "${git_what}" = tag ]; then
		set -- verify-tag --raw "${version}"
	else
		set -- verify-commit --raw HEAD
	fi
	git_said=$("${git}" "$@" 2>&1) ||
		git_failed "Failed to verify GPG signature of commit/tag \"${version}\"" "$@"
	eval "set -- ${allowlist?}"
	[ "$#" -gt 0 ] || return 0
	for git_print do
		printf '%s\n' "${git_said}" | grep '^\[GNUPG:] VALIDSIG ' |
			grep -q -i -F -w -e "${git_print}" && return
	done
	git_failed "The gpg_allowlist does not include the public key of the signature of \"${version}\"" verify
}

# git_follow_bare: the bare repository gets every branch and tag.
git_follow_bare() {
	git_ask ls-remote --heads --tags "${repo}"
	git_refs=$(printf '%s\n' "${git_said}" | grep -v '\^{}$')
	git_known=$(git_all_refs)
	git_fresh=$(printf '%s\n' "${git_known}" "${git_known}" "${git_refs}" | sort | uniq -u)
	if [ -z "${git_fresh}${refspec}" ]; then
		return
	fi
	git_head=$("${git}" symbolic-ref -q HEAD)
	if [ "${check}" = 1 ]; then
		[ -z "${git_fresh}" ] || git_changed=1
		git_after=$(git_ref "${git_head}") || git_after=${git_before}
		return
	fi
	git_kind=commit
	[ -z "${depth}" ] || git_want
	git_fetch
	git_after=$(git_rev HEAD)
	[ "$(git_all_refs)" = "${git_known}" ] || git_changed=1
}

# git_all_refs: every branch and tag, as ls-remote prints them.
git_all_refs() {
	"${git}" for-each-ref --format='%(objectname)	%(refname)' refs/heads refs/tags
}

# git_missing: there is no repository at dest yet.
git_missing() {
	answer missing 1
	# Nothing is looked at that would not be cloned, as there.
	if [ "${check?}${clone?}" = 01 ] && [ -n "${dest}" ] && [ -n "$(ls -A -- "${dest}" 2>/dev/null)" ]; then
		fail "fatal: destination path '${dest}' already exists and is not an empty directory."
	fi
	git_changed=1
	git_want_new
	git_after=${git_sha}
	[ "${check}${clone}" = 01 ] || return 0
	git_clone
	[ "${bare}" = 1 ] || [ "${version}" = HEAD ] || git_checkout
	if [ "${version}${verify}" = HEAD1 ]; then
		git_verify
	fi
	git_after=$(git_rev HEAD)
	git_submodules
	git_pack
}

# git_want_new: what version means in the other repository.
git_want_new() {
	if [ "${version}" != HEAD ]; then
		git_want
		git_sha=${git_sha:-"${version}"}
		return
	fi
	git_kind='head'
	git_ask ls-remote "${repo}" HEAD
	git_refs=${git_said}
	git_sha=$(git_ref HEAD)
}

# git_clone: makes the repository, and goes there.
git_clone() {
	must mkdir -p -- "${dest%/*}/"
	set -- clone
	if [ "${bare}" = 1 ]; then
		set -- "$@" --bare
	else
		set -- "$@" --origin "${remote:?}"
	fi
	git_by_name=
	case ${git_kind} in
	(branch | tag) git_by_name=1 ;;
	esac
	if [ -n "${depth?}" ]; then
		case ${git_kind}${refspec?} in
		(branch | tag) set -- "$@" --depth "${depth}" --branch "${version}" ;;
		(commit) warn 'Ignoring depth argument. Shallow clones are only available for HEAD, branches, tags or in combination with refspec.' ;;
		(*) set -- "$@" --depth "${depth}" ;;
		esac
	fi
	[ -z "${reference?}" ] || set -- "$@" --reference "${reference}"
	if [ "${single?}" = 1 ]; then
		set -- "$@" --single-branch
		[ -z "${git_by_name}" ] || set -- "$@" --branch "${version}"
	fi
	if [ -n "${separate_git_dir}" ]; then
		must mkdir -p -- "${separate_git_dir%/*}/"
		set -- "$@" "--separate-git-dir=${separate_git_dir}"
	fi
	git_do "$@" "${repo}" "${dest}"
	cd -- "${dest}" || fail "cannot enter ${dest}"
	[ "${bare}" = 0 ] || [ "${remote}" = origin ] || git_do remote add "${remote}" "${repo}"
	git_clone_refspec
}

# git_clone_refspec: what else the new repository gets.
git_clone_refspec() {
	[ -n "${refspec}" ] || return 0
	if [ -n "${depth}" ]; then
		git_do fetch --depth "${depth}" "${remote}" "${refspec}"
	else
		git_do fetch "${remote}" "${refspec}"
	fi
}

# git_submodules: the modules inside come to what the tree (or, tracked, their
# own branch) says.
git_submodules() {
	if [ "${recursive?}" = 0 ] || [ ! -e .gitmodules ]; then
		return
	fi
	git_modules=$(git_modules_state)
	if [ "${check}" = 1 ]; then
		git_modules_stale && git_changed=1
		return 0
	fi
	[ "${track?}" = 1 ] || git_modules_stale || return 0
	git_do submodule sync --recursive
	set -- submodule update --init --recursive
	[ "${track}" = 0 ] || set -- "$@" --remote
	[ "${force}" = 0 ] || set -- "$@" --force
	git_do "$@"
	[ "$(git_modules_state)" = "${git_modules}" ] || git_changed=1
}

# git_modules_state: prints each module's mark, commit and path.
git_modules_state() {
	"${git}" submodule status --recursive 2>/dev/null | sed 's/ ([^()]*)$//'
}

# git_modules_stale: says whether a module is not where it shall be.
git_modules_stale() {
	if [ "${track?}" = 1 ] && [ "${check}" = 1 ]; then
		git_modules_behind && return
		# Tracked modules are not where the tree has them.
		printf '%s\n' "${git_modules}" | grep -q '^-'
		return
	fi
	printf '%s\n' "${git_modules}" | grep -q '^[^ ]'
}

# git_modules_behind: says whether a tracked module's branch has gone on.
git_modules_behind() {
	# shellcheck disable=SC2016 # git expands it in each module
	"${git}" submodule --quiet foreach '
		branch=$(git config -f "${toplevel}/.gitmodules" "submodule.${name}.branch") || branch=HEAD
		case ${branch} in
		(HEAD) ref=HEAD ;;
		(*) ref=refs/heads/${branch} ;;
		esac
		there=$(git ls-remote origin "${ref}" | cut -f 1 | head -n 1)
		[ "${there}" = "$(git rev-parse HEAD)" ] || echo behind' 2>/dev/null | grep -q .
}

# git_pack: keeps an archive of the tree beside the repository.
git_pack() {
	[ -n "${archive?}" ] || return 0
	git_tree=HEAD
	[ "${bare}" = 0 ] || git_tree=${version}
	if [ -f "${archive}" ] && [ "$(git_packed_now)" = "$(git_packed)" ]; then
		return
	fi
	git_changed=1
	[ "${check}" = 0 ] || return 0
	temp_beside "${archive}"
	ground_watch place_tidy
	git_said=$(git_archive 2>&1 >"${temp:?}") || git_failed "${git_said}" archive
	take_after "${temp_old?}" "${temp}"
	replace_file "${temp}" "${temp_dest?}" 0
	ground_leave
}

# git_archive: prints the archive.
git_archive() {
	[ "${ground_shared?}" = 0 ] || cd -- "${ground_from?}" || return
	"${git}" archive "--format=${archive_format:?}" "--prefix=${archive_prefix?}" "${git_tree}"
}

# git_packed: prints a sum of what the archive has to hold.
git_packed() {
	case ${archive_format:?} in
	(zip) set -- zip ;;
	(*) set -- tar ;;
	esac
	"${git}" archive "--format=$1" "--prefix=${archive_prefix?}" "${git_tree}" |
		"${git}" hash-object --stdin
}

# git_packed_now: prints a sum of what the archive holds.
git_packed_now() {
	case ${archive_format:?} in
	(tar | zip) "${git}" hash-object --stdin <"${archive}" ;;
	(*) gzip -d -c 2>/dev/null <"${archive}" | "${git}" hash-object --stdin ;;
	esac
}

# git_show: what differs between before and after.
git_show() {
	[ "${git_before}" != "${git_after}" ] || return 0
	if [ -z "${git_before}" ]; then
		answer diff ">> Newly checked out ${git_after}"
		return
	fi
	if [ -z "$(git_rev "${git_after}")" ]; then
		answer diff ">> ${git_after} has to be fetched first"
		return
	fi
	if "${git}" diff --quiet "${git_before}" "${git_after}"; then
		answer diff ">> No visual differences between ${git_before} and ${git_after}"
	else
		# Not by a variable: a printf that is no builtin takes only so much.
		answer_output diff "${git}" diff "${git_before}" "${git_after}"
	fi
}
