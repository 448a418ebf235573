# yum_repository: a file of repositories.

# yum_repository_probe: looks, and writes nothing.
# in:   folder  and what edit_probe reads
yum_repository_probe() {
	test -d "${folder?}" || fail "Repo directory '${folder}' does not exist."
	edit_probe
}
