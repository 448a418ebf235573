# alternatives: what the host has to choose from.

# alternatives_probe: looks, and writes nothing.
# in:   path  link  and what commands_main reads
# out:  path, link, exists; what commands_main answers
alternatives_probe() {
	have update-alternatives || fail 'Failed to find required executable "update-alternatives"'
	answer path "${path?}"
	answer link "${link?}"
	test ! -e "${path}" || answer exists 1
	commands_main
}
