# custom: runs an executable of the user's.

# custom_begin: makes the folder it is brought to.
# out:  folder
custom_begin() {
	umask 077
	private_folder
	folder=${private:?}
	answer folder "${folder}"
}

# custom_run: runs it and removes the folder.
# in:   folder
# out:  its output raw, rc
custom_run() {
	chmod 0700 "${folder:?}/module"
	"${folder}/module" "${folder}/args"
	rc=$?
	rm -rf -- "${folder}"
	answer rc "${rc}"
}
