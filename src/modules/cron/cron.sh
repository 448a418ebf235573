# cron: the table of a user's jobs.

# cron_crontab ARGUMENT...: crontab, for the user who is meant.
# in:   user
cron_crontab() {
	have crontab || fail 'this host has no crontab: install cron first'
	if test -n "${user?}"; then
		crontab -u "${user}" "$@"
	else
		crontab "$@"
	fi
}

# cron_probe: the table as it is.
# out:  table
cron_probe() {
	have crontab || fail 'this host has no crontab: install cron first'
	table=$(cron_crontab -l 2>/dev/null && printf .)
	case $?,${table} in
	(0,*) answer table "${table%.}" ;;
	# There is no table, or no such user (yet).
	(1,*) answer table '' ;;
	(*) fail "Unable to read crontab: $(cron_crontab -l 2>&1)" ;;
	esac
}

# cron_install: puts a new table in place of the old one.
# in:   table  backup=0|1
# out:  backup_file
cron_install() {
	if test "${backup:?}" = 1; then
		private_file crontab
		file=${private:?}
		cron_crontab -l >"${file}" 2>/dev/null
		answer backup_file "${file}"
	fi
	said=$(printf '%s' "${table?}" | cron_crontab - 2>&1) ||
		fail "Failed to install new cronfile: ${said}" rc "$?" stderr "${said}"
}
