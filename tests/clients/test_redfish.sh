#!/bin/bash
# A real daemon's Redfish and API over HTTPS, through sushy, redfishtool and curl as they come.
set -o pipefail
for tool in curl openssl python3 jq; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done
. "${top_srcdir:-.}/tests/clients/daemon.sh"
unset REQUESTS_CA_BUNDLE CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR

# --- An image on a web server, a certificate, power commands ---

mkdir web
head -c 4M /dev/urandom >web/disc.iso
head -c 1M /dev/zero >disk.img
cat >serve.py <<'END'
import functools, http.server, os, re, sys

class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        path = "web" + self.path
        if not os.path.isfile(path):
            return self.send_error(404)
        size = os.path.getsize(path)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = (int(wanted[1]), int(wanted[2] or size - 1)) if wanted else (0, size - 1)
        last = min(last, size - 1)
        self.send_response(206 if wanted else 200)
        if wanted:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", '"1"')
        self.end_headers()
        with open(path, "rb") as image:
            image.seek(first)
            self.wfile.write(image.read(last - first + 1))

    do_HEAD = do_GET

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
END
python3 serve.py >web.port 2>web.log &
pids="$pids $!"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out certificate.pem 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=IP:127.0.0.1 -keyout other-key.pem -out other.pem 2>/dev/null
cat >act <<'END'
#!/bin/sh
echo "$1 $SPICERACK_BOOT $SPICERACK_BOOT_FOR" >>acted
END
chmod +x act
umask 077
cat >access <<'END'
# who may come in
operate token operate-0123456789
read token read-0123456789abcdef
operate user admin secret words
read user guest guest
END
cat >console.conf <<END
[spice]
listen = 127.0.0.1:0
[capture]
source = simulate
[api]
socket = api.sock
listen = 127.0.0.1:0
certificate = certificate.pem
key = key.pem
access-file = access
[power]
on-command = $work/act on
off-command = $work/act off
reset-command = sh -c 'echo no such relay >&2; exit 3'
status-command = true
END
# starts: a console in the background; its log is in log, its address in $base.
starts()
{
	"$console" --config console.conf >log 2>&1 </dev/null &
	pids="$pids $!"
	waits grep -q '^api: on https:' log || return 1
	base=$(sed -n 's/^api: on \(https:.*\)/\1/p' log)
}

# asks STATUS PATH ARGUMENTS...: curl gets that status; the body is in out.
asks()
{
	local status=$1 path=$2

	shift 2
	[ "$(curl -sS --cacert certificate.pem -m 20 -o out -w '%{http_code}' "$@" "$base$path" 2>err)" = "$status" ]
}

waits test -s web.port
image=http://127.0.0.1:$(cat web.port)/disc.iso
starts
verdict $? "the console listens with TLS"

# --- curl: who may do what ---

operate='Authorization: Bearer operate-0123456789'
reader='Authorization: Bearer read-0123456789abcdef'
asks 401 /api/v1 && jq -e .error.message out >/dev/null
verdict $? "nobody comes in without saying who he is"
asks 200 /api/v1/drives -H "$reader" && asks 200 /api/v1/drives -u guest:guest
verdict $? "a reader reads"
asks 403 /api/v1/drives/cd/eject -X POST -H "$reader"
verdict $? "a reader changes nothing"
asks 409 /api/v1/drives/cd/eject -X POST -H "$operate"
verdict $? "an operator is only told that the drive is empty"
asks 401 /api/v1 -u admin:wrong && asks 401 /redfish/v1/Systems -u admin:wrong
verdict $? "a wrong password is refused"
asks 200 /redfish && asks 200 /redfish/v1 && asks 200 /redfish/v1/ && asks 200 '/redfish/v1/$metadata' &&
	asks 200 /redfish/v1/odata
verdict $? "Redfish's root is for everybody"
asks 401 /redfish/v1/Systems &&
	jq -e '.error["@Message.ExtendedInfo"][0].MessageId == "Base.1.8.NoValidSession"' out >/dev/null
verdict $? "its other addresses are not, and say so in Redfish's words"
asks 404 /redfish/v1/Chassis -H "$reader" && asks 405 /redfish/v1/Systems -X DELETE -H "$operate"
verdict $? "what is not there is told"
asks 412 /redfish/v1/Systems/node -X PATCH -H "$operate" -H 'If-Match: "0000"' \
	-d '{"Boot": {"BootSourceOverrideTarget": "Pxe"}}'
verdict $? "a change of something that has changed is refused"
curl -sS --cacert certificate.pem -D headers -o /dev/null "$base/redfish/v1/" 2>err
grep -qi '^OData-Version: 4.0' headers && grep -qi '^ETag: "' headers
verdict $? "answers have the headers of OData"
! curl -sS --cacert other.pem -o out "$base/redfish" 2>err && grep -qi certificate err
verdict $? "another certificate keeps the client out"
! curl -sS -m 5 -o out "http${base#https}/redfish" 2>err
verdict $? "without TLS there is no answer"
! curl -sS -m 5 --tls-max 1.1 --cacert certificate.pem -o out "$base/redfish" 2>err
verdict $? "TLS 1.1 is not spoken"
curl -sS --unix-socket api.sock -o out http://localhost/redfish/v1/Systems 2>err && jq -e .Members out >/dev/null
verdict $? "the unix socket has the same"

# --- sushy ---

# Debian's modules are Debian's interpreter's, whatever else is found first.
python=/usr/bin/python3
$python -c 'import sushy' 2>/dev/null || python=python3
if $python -c 'import sushy' 2>/dev/null; then
	timeout 120 $python "$source/tests/clients/redfish_sushy.py" "$base" certificate.pem "$image" "file://$work/disk.img" acted >out 2>err
	status=$?
	while read -r line; do
		case $line in
		"ok "*) echo "ok $((++count)) - sushy: ${line#*- }" ;;
		"not ok "*) echo "not ok $((++count)) - sushy: ${line#*- }" ;;
		esac
	done <out
	[ $status = 0 ]
	verdict $? "sushy comes to its end"
else
	skip "sushy" "no python3-sushy"
fi

# --- redfishtool ---

# tool ARGUMENTS...: what redfishtool answers is in out.
tool()
{
	timeout 60 redfishtool -r "${base#https://}" -S Always -u admin -p 'secret words' "$@" >out 2>err
}

if command -v redfishtool >/dev/null; then
	tool versions && jq -e .v1 out >/dev/null
	verdict $? "redfishtool: versions"
	tool root && jq -e '.Systems["@odata.id"]' out >/dev/null
	verdict $? "redfishtool: root"
	tool odata && jq -e .value out >/dev/null
	verdict $? "redfishtool: odata"
	tool metadata && grep -q Edmx out
	verdict $? "redfishtool: metadata"
	tool Systems list && grep -q node out
	verdict $? "redfishtool: Systems list"
	tool -A Session Systems get -F && jq -e '.PowerState == "On"' out >/dev/null
	verdict $? "redfishtool: Systems get in a session"
	tool Systems reset ForceOff && [ "$(tail -n 1 acted)" = "off none none" ]
	verdict $? "redfishtool: Systems reset ForceOff"
	tool Systems setBootOverride Once Cd && tool Systems get && jq -e '.Boot.BootSourceOverrideTarget == "Cd"' out >/dev/null
	verdict $? "redfishtool: Systems setBootOverride Once Cd"
	! tool Systems reset Nmi
	verdict $? "redfishtool: a reset that is not offered is refused"
	tool Managers list && grep -q console out
	verdict $? "redfishtool: Managers list"
	media=/redfish/v1/Managers/console/VirtualMedia/cd
	tool raw POST $media/Actions/VirtualMedia.InsertMedia -d "{\"Image\": \"$image\"}" &&
		tool raw GET $media && jq -e .Inserted out >/dev/null
	verdict $? "redfishtool: InsertMedia"
	tool raw POST $media/Actions/VirtualMedia.EjectMedia -d '{}' &&
		tool raw GET $media && jq -e '.Inserted == false' out >/dev/null
	verdict $? "redfishtool: EjectMedia"
	tool SessionService get && jq -e .SessionTimeout out >/dev/null
	verdict $? "redfishtool: SessionService get"
	tool SessionService login && jq -e '.X_Auth_Token // .authToken // .SessionId' out >/dev/null
	verdict $? "redfishtool: SessionService login"
else
	skip "redfishtool" "no redfishtool"
fi

# --- Guessing ---

for i in 1 2 3 4; do asks 401 /api/v1 -u "admin:wrong$i"; done
asks 429 /api/v1 -H "$operate" && asks 200 /redfish
verdict $? "who guesses must wait"
grep -q 'wrong passwords or tokens from 127.0.0.1' log
verdict $? "and the log says so"
grep -qE '^audit: event=medium\.inserted .*from=127\.0\.0\.1 encrypted=yes drive=cd ' log
verdict $? "nor does it keep to itself who inserted an image"
! grep -q 'secret words\|operate-0123' log
verdict $? "no secret is in the log"
echo "1..$count"
