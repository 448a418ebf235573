# http: one request over HTTP(S), by whatever the host has for it: curl, Python,
# GNU's or BusyBox's wget. Redirections are the caller's affair.

# http_request: in:  url  method  curl_config  wget_config  python_config  plain
#                    (options for BusyBox's wget)  rich=0|1 (BusyBox's cannot)
#                    body (a text)  body_file (or a file)  has_body=0|1
#                    out (a file that takes the answer)  since (seconds; or empty)
# out:  head (status line and headers), size; error where there was no answer
http_request() {
	http_place
	http_head=${out?}.head
	http_body=${body_file?}
	if [ "${has_body?}" = 1 ] && [ -z "${http_body}" ]; then
		http_body=${out}.body
		(umask 077 && cat >"${http_body}") <<EOB
${body?}
EOB
		# The document above ends with a line break that the body does not have.
		http_chop "${http_body}"
	fi
	http_since=
	if [ -n "${since?}" ]; then
		http_since=$(LC_ALL=C date -u -d "@${since}" '+%a, %d %b %Y %H:%M:%S GMT' 2>/dev/null) \
			|| http_since=$(LC_ALL=C date -u -r "${since}" '+%a, %d %b %Y %H:%M:%S GMT')
	fi
	# Whatever is written from here on is the user's alone.
	umask 077
	http_pick
	"${http_tool}" >"${out}.said" 2>&1
	http_status=
	if [ -s "${http_head}" ]; then
		answer_file head "${http_head}"
		http_status=$(sed -n 's/^[A-Z/0-9.]* \([0-9][0-9][0-9]\).*/\1/p' "${http_head}" \
			| tail -n 1)
		http_encoding=$(sed -n 's/^[Cc]ontent-[Ee]ncoding: *\([^[:space:]]*\).*/\1/p' "${http_head}" \
			| tail -n 1)
	else
		answer error "$(tail -n 3 "${out}.said")"
	fi
	rm -f -- "${http_head}" "${out}.said"
	[ -n "${body_file}" ] || rm -f -- "${out}.body"
	case ${http_status} in
	('' | 304) http_forget ;;
	(30[12378]) http_moved ;;
	(*) http_unpack ;;
	esac
}

# http_place: after a redirection the folder of the answer is gone, and its name may
# be somebody else's by now: then there is a new one.
# out:  out, where it is another
http_place() {
	case ${out?} in
	(*/.play.*/new) ;;
	(*) return 0 ;;
	esac
	http_folder=${out%/new}
	ground_is_private "${http_folder}" || http_out "${http_folder%/*}"
}

# http_moved: what came with a redirection is not wanted; a body may be, again.
http_moved() {
	if [ -e "${out}.body" ]; then
		: >"${out}"
	else
		http_forget
	fi
}

# http_unpack: what came packed by gzip is unpacked, and nothing else is: other
# encodings were not asked for.
# in:   decompress=0|1
http_unpack() {
	[ "${decompress?}" = 1 ] && [ -s "${out}" ] || return 0
	case ${http_encoding} in
	([Gg][Zz][Ii][Pp]) ;;
	(*) return 0 ;;
	esac
	have gzip || fail 'the answer came packed by gzip, which this host does not have'
	gzip -d -c <"${out}" >"${out}.plain" 2>/dev/null || {
		http_forget
		fail 'the answer is said to be packed by gzip, and is not'
	}
	mv -f -- "${out}.plain" "${out}"
}

# http_content: makes the request and answers the content, unless that is larger
# than most; the file goes.
# in:   most  and what http_request reads
# out:  content, too_large, and what http_request answers
http_content() {
	http_request
	[ -e "${out}" ] || return 0
	case ${http_status} in
	(30[12378]) return 0 ;;
	esac
	http_size=$(wc -c <"${out}")
	if [ "${http_size}" -gt "${most?}" ]; then
		answer too_large "${http_size}"
	else
		answer_file content "${out}"
	fi
	http_forget
}

# http_out FOLDER: sets out to a file in a new folder that only this user may
# enter, in the folder or where the host has such.
http_out() {
	[ -z "$1" ] || [ -d "$1" ] || fail "there is no folder $1 on the host"
	private_folder "$1"
	out=${private:?}/new
	: >"${out}"
	answer out "${out}"
}

# http_pick: sets http_tool to the function that makes requests here.
http_pick() {
	if have curl; then
		http_tool=http_curl
	elif have python3; then
		http_tool=http_python
	elif have wget; then
		case $(wget --version 2>&1) in
		(*GNU*) http_tool=http_wget ;;
		(*) http_tool=http_busybox ;;
		esac
	else
		fail "the host has neither curl nor wget nor python3, and one of them is needed"
	fi
	if [ "${http_tool}" = http_busybox ] && [ "${rich?}" = 1 ]; then
		fail "BusyBox's wget cannot make this request: the host needs curl"
	fi
}

# Each of them makes the request: headers go to http_head, the answer to out.

http_curl() {
	set -- -q -sS -D "${http_head}" -o "${out}"
	if [ "${has_body}" = 1 ]; then
		set -- "$@" --data-binary "@${http_body}"
	fi
	if [ -n "${http_since}" ]; then
		set -- "$@" -H "If-Modified-Since: ${http_since}"
	fi
	curl "$@" -K - <<EOC
${curl_config?}
EOC
	http_status=$?
	# A file or FTP has no headers, and no answer may have a head all the same.
	[ "${http_status}" = 0 ] || rm -f -- "${http_head}"
	case ${http_status}:${url?} in
	(0:file:* | 0:ftp:*) printf 'FILE 200 OK\n' >"${http_head}" ;;
	esac
}

http_python() {
	HTTP_SINCE=${http_since}
	HTTP_BODY=
	[ "${has_body}" = 0 ] || HTTP_BODY=${http_body}
	export HTTP_SINCE HTTP_BODY
	# What is secret stands in no environment.
	python3 - "${http_head}" "${out}" 3<<EOR <<'EOP'
${python_config?}
EOR
import base64, json, os, ssl, sys, time, http.client, socket
from urllib.parse import urlsplit
import urllib.request

head, out = sys.argv[1:3]
with os.fdopen(3) as asked:
    want = json.load(asked)
url = want["url"]


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


if want["unix_socket"]:
    class Local(http.client.HTTPConnection):
        def connect(self):
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(self.timeout)
            self.sock.connect(want["unix_socket"])

    class Door(urllib.request.HTTPHandler):
        def http_open(self, request):
            return self.do_open(Local, request)
    handlers = [Door()]
else:
    handlers = []
context = ssl.create_default_context(cafile=want["ca_path"] or None)
if not want["verify"]:
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
if want["client_cert"]:
    context.load_cert_chain(want["client_cert"], want["client_key"] or None)
if want["ciphers"]:
    context.set_ciphers(want["ciphers"])
handlers += [Stay(), urllib.request.HTTPSHandler(context=context)]
if not want["proxy"]:
    handlers.append(urllib.request.ProxyHandler({}))
if want["user"] is not None:
    store = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    store.add_password(None, url, want["user"], want["password"] or "")
    handlers += [urllib.request.HTTPBasicAuthHandler(store),
                 urllib.request.HTTPDigestAuthHandler(store)]
data = None
if os.environ["HTTP_BODY"]:
    with open(os.environ["HTTP_BODY"], "rb") as file:
        data = file.read()
request = urllib.request.Request(url, data=data, method=want["method"])
for name, value in want["headers"]:
    request.add_header(name, value)
if os.environ["HTTP_SINCE"]:
    request.add_header("If-Modified-Since", os.environ["HTTP_SINCE"])
opener = urllib.request.build_opener(*handlers)
try:
    answer = opener.open(request, timeout=want["timeout"])
except urllib.error.HTTPError as error:
    answer = error
except Exception as error:
    sys.exit(str(getattr(error, "reason", error)))
with open(out, "wb") as file:
    while True:
        piece = answer.read(65536)
        if not piece:
            break
        file.write(piece)
with open(head, "w") as file:
    file.write("HTTP/1.1 %s %s\n" % (getattr(answer, "code", 200) or 200,
                                    getattr(answer, "reason", "")))
    for name, value in answer.headers.items():
        file.write("%s: %s\n" % (name, value.replace("\n", " ")))
EOP
}

http_wget() {
	(umask 077 && cat >"${out}.rc") <<EOW
${wget_config?}
EOW
	set -- --config="${out}.rc" -nv -S --content-on-error --max-redirect=0 -t 1
	if [ "${has_body}" = 1 ]; then
		set -- "$@" --body-file="${http_body}"
	fi
	if [ -n "${http_since}" ]; then
		set -- "$@" --header="If-Modified-Since: ${http_since}"
	fi
	LC_ALL=C wget "$@" --method="${method?}" -O "${out}" -- "${url?}" 2>"${http_head}.raw"
	rm -f -- "${out}.rc"
	http_wget_head
}

http_busybox() {
	eval "set -- ${plain?}"
	if [ "${has_body}" = 1 ]; then
		set -- "$@" --post-file "${http_body}"
	fi
	if [ -n "${http_since}" ]; then
		set -- "$@" --header "If-Modified-Since: ${http_since}"
	fi
	wget -S "$@" -O "${out}" "${url?}" 2>"${http_head}.raw"
	# The answer to an error is not told, but its status is.
	sed -n 's/^wget: server returned error: /  /p' "${http_head}.raw" >"${http_head}.error"
	cat "${http_head}.error" >>"${http_head}.raw"
	rm -f -- "${http_head}.error"
	http_wget_head
}

# http_wget_head: what wget -S printed, as headers; what else it said is kept.
http_wget_head() {
	sed -n 's/^  *\(HTTP\/.*\)/\1/p; s/^  *\([A-Za-z0-9-]*: .*\)/\1/p' \
		"${http_head}.raw" >"${http_head}"
	cat "${http_head}.raw"
	rm -f -- "${http_head}.raw"
}

# http_chop FILE: takes the last byte off.
http_chop() {
	chop_size=$(wc -c <"$1")
	dd if="$1" of="$1.chopped" bs="$((chop_size - 1))" count=1 2>/dev/null
	[ "${chop_size}" -gt 1 ] || : >"$1.chopped"
	mv -f -- "$1.chopped" "$1"
}

# http_forget: removes the answer, and the folder that was made for it.
# in:   out
http_forget() {
	case ${out?} in
	(*/.play.*/new) rm -rf -- "${out%/*}" ;;
	esac
}
