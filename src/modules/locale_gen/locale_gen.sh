# locale_gen: the locales that a host has made.

# locale_gen_probe: looks, and writes nothing.
# out:  table, supported (files), known (what locale -a prints)
locale_gen_probe() {
	test -e "${play_root-}/etc/locale.gen" ||
		fail '/etc/locale.gen is missing. Is the package "locales" installed?'
	text_answer table "${play_root-}/etc/locale.gen"
	for file in /usr/share/i18n/SUPPORTED /usr/local/share/i18n/SUPPORTED; do
		text_answer supported "${play_root-}${file}"
	done
	answer_output known locale -a
}

# locale_gen_act: writes the table and has the locales made.
# in:   table
locale_gen_act() {
	have locale-gen || fail 'Failed to find required executable "locale-gen"'
	text_write "${play_root-}/etc/locale.gen" "${table?}"
	said=$(locale-gen 2>&1) || fail "locale-gen failed: ${said}"
}
