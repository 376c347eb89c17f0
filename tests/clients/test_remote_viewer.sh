#!/bin/bash
# Whether a stock remote-viewer shows the console, types into it and shares its user's disc. With a file name as
# argument, leaves screenshots there.
keep=$1
here=${top_builddir:-.}
work=$(mktemp -d)
export DISPLAY=
pids=

finish()
{
	[ -z "$pids" ] || kill $pids 2>/dev/null
	wait 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT

skip()
{
	echo "1..0 # SKIP $*"
	exit 0
}

for tool in Xvfb remote-viewer xdotool import convert openssl xorriso; do
	command -v "$tool" >/dev/null || skip "$tool is not installed"
done
echo "1..12"

# A display of our own, on a number that is free; its size is the picture's.
exec 3<>"$work/number"
Xvfb -displayfd 3 -screen 0 "${SCREEN:=1280x900}x24" -nolisten tcp >"$work/xvfb.log" 2>&1 3>"$work/number" &
pids=$!
for i in $(seq 50); do [ -s "$work/number" ] && break; sleep 0.1; done
export DISPLAY=:$(cat "$work/number") HOME=$work XDG_RUNTIME_DIR=$work GDK_BACKEND=x11 NO_AT_BRIDGE=1

# begin NAME CONFIGURATION: a console; its address is in address.
begin()
{
	"$here/spicerack-console" --simulate --listen 127.0.0.1:0 --socket "$work/api-$1.sock" --config "$2" \
		2>"$work/console.log" &
	shown=$!
	pids="$pids $shown"
	address=
	for i in $(seq 50); do
		address=$(sed -n 's/.*listening on //p' "$work/console.log")
		[ -n "$address" ] && grep -q '^api: on' "$work/console.log" && break
		sleep 0.1
	done
}

# show NAME URL-PATTERN CONFIGURATION ARGUMENTS...: a console and a remote-viewer on it; %h and %p in the pattern stand for
# the address.
show()
{
	local name=$1 url=$2 configuration=$3

	shift 3
	begin "$name" "$configuration"
	url=${url//%h/${address%:*}}
	look "$@" "${url//%p/${address##*:}}"
}

# look ARGUMENTS...: a remote-viewer.
look()
{
	remote-viewer "$@" >"$work/viewer.log" 2>&1 &
	shown="$! $shown"
	pids="$pids $!"
}

# Ends what show began.
hide()
{
	kill $shown 2>/dev/null
	wait $shown 2>/dev/null
}

# The share of the window that is not the background of an empty one: colours of the node's screen are told apart.
colours()
{
	import -window root "$work/shot.png" 2>/dev/null && convert "$work/shot.png" -format '%k' info:
}

# Tries for ten seconds until a command's output fulfils a test: until_true TEST-NAME COMMAND...
until_true()
{
	local name=$1 i

	shift
	for i in $(seq 50); do
		if "$@"; then
			echo "ok $((++count)) - $name"
			return
		fi
		sleep 0.2
	done
	echo "not ok $((++count)) - $name"
	sed 's/^/# /' "$work/console.log" "$work/viewer.log" | tail -n 40
	[ -z "$keep" ] || cp "$work/shot.png" "$keep"
}
count=0

connected()
{
	grep -q 'audit: event=viewer.joined ' "$work/console.log"
}

drive_is()
{
	"$here/tools/spicerackctl" --socket "$work/api-disc.sock" drives | grep -q "^cd  *$1"
}

# The prompt's screen is dark but for letters, which are not there without a window; the window's frame alone has fewer dark dots.
dark()
{
	local count=$(colours)

	[ "${count:-0}" -gt 20 ] && [ "$(convert "$work/shot.png" -crop 800x500+100+200 -colorspace Gray \
		-threshold 50% -format '%[fx:mean < 0.3]' info:)" = 1 ]
}

# The desktop's wallpaper is a gradient of hundreds of colours.
colourful()
{
	[ "$(colours)" -gt 5000 ]
}

: >"$work/plain.conf"
show plain 'spice://%h:%p' "$work/plain.conf"
until_true "remote-viewer connects" connected
sleep 6
until_true "remote-viewer shows the node's prompt" dark
window=$(xdotool search --onlyvisible --class remote-viewer | tail -n 1)
xdotool windowsize "$window" "${SCREEN%x*}" "${SCREEN#*x}" windowmove "$window" 0 0 2>/dev/null
xdotool mousemove 640 500 click 1
sleep 0.5
xdotool type --delay 40 desktop
xdotool key Return
sleep 1.5
xdotool mousemove 700 620
until_true "text typed into remote-viewer brings the node's desktop" colourful
if [ -n "$keep" ]; then
	sleep 1
	import -window root "$keep"
fi
hide

# The same over TLS.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null
printf '[spice]\ncertificate = %s\nkey = %s\n' "$work/certificate.pem" "$work/key.pem" >"$work/tls.conf"
show tls 'spice://%h?tls-port=%p' "$work/tls.conf" --spice-ca-file="$work/certificate.pem"
until_true "remote-viewer connects over TLS" connected
sleep 6
until_true "remote-viewer shows the node's prompt over TLS" dark
[ -z "$keep" ] || import -window root "${keep%.png}-tls.png"
hide

# With the file that a ticket comes as, which knows the password, the certificate and whose it is: that is not an
# address' here.
invited()
{
	"$here/tools/spicerackctl" --socket "$work/api-ticket.sock" ticket "$@" >"$work/ticket.vv"
	look "$work/ticket.vv"
}

gone()
{
	[ ! -e "$work/ticket.vv" ]
}

looks_only()
{
	"$here/tools/spicerackctl" --socket "$work/api-ticket.sock" status | grep -q 'looks only'
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/O=Racks, upper/CN=bmc7' \
	-keyout "$work/named.key" -out "$work/named.pem" 2>/dev/null
printf 'secret\n' >"$work/password" && chmod 600 "$work/password"
printf '[spice]\npassword-file = %s\ncertificate = %s\nkey = %s\n' "$work/password" "$work/named.pem" \
	"$work/named.key" >"$work/ticket.conf"
begin ticket "$work/ticket.conf"
invited
until_true "remote-viewer connects with a ticket" connected
sleep 6
until_true "remote-viewer shows the node's prompt with a ticket" dark
until_true "remote-viewer removes the ticket's file" gone
invited --view
until_true "remote-viewer comes to look only, too" looks_only
hide

# What a user does who has an image at hand: the button of USB devices, "SPICE CD (empty)", and a file's name.
xorriso -as mkisofs -quiet -V DISC -o "$work/z" "$0" 2>/dev/null
show disc 'spice://%h:%p' "$work/plain.conf"
until_true "remote-viewer connects with a disc to share" connected
sleep 6
xdotool mousemove 69 27 click 1
sleep 2
xdotool mousemove 430 423 click 1
sleep 3
xdotool key ctrl+l
sleep 1
xdotool type --delay 200 '~/z'
sleep 1
xdotool key Return
until_true "a disc that remote-viewer shares is in the node's drive" drive_is ready
[ -z "$keep" ] || import -window root "${keep%.png}-disc.png"
kill ${shown% *}
until_true "the disc of a remote-viewer that ends is taken out" drive_is empty
