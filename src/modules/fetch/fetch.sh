# fetch: looks at a file that the controller may want.
# in:   src
# out:  source, sum, md5; missing or is_dir
fetch_probe() {
	answer source "${src?}"
	if [ ! -e "${src}" ]; then
		# What opens it tells what no test can: a file below a folder that may not be entered.
		case $(LC_ALL=C cat -- "${src}" 2>&1 >/dev/null) in
		(*': Permission denied') answer missing "${src} cannot be read" ;;
		(*) answer missing "there is no ${src} on the host" ;;
		esac
	elif [ -d "${src}" ]; then
		answer is_dir "${src} is a directory, and cannot be fetched"
	elif [ ! -r "${src}" ]; then
		answer missing "${src} cannot be read"
	else
		digest_of sha1 "${src}"
		answer sum "${digest?}"
		digest_of md5 "${src}"
		answer md5 "${digest?}"
	fi
}
