# ping: shows that the host's shell answers.
# in:   data
# out:  ping
ping_main() {
	answer ping "${data?}"
}
