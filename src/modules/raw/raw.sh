# raw: has a shell run a text, and nothing around it.
# in:   executable  text
# out:  raw output; the status is the text's own
raw_main() {
	"${executable:?}" -c "${text?}"
}
