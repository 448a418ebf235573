# wait_for_connection: shows that the host's shell answers.
# out:  here
wait_for_connection_main() {
	answer here 1
}
