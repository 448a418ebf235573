# synchronize: rsync within the host.
# in:   the words
# out:  out, rc
synchronize_main() {
	have "$1" || fail "there is no $1 on the host: install it first"
	answer_output out "$@"
	answer rc "$?"
}
