# SPDX-License-Identifier: LGPL-2.1-or-later
# For the tests of virtual media in the lab: images, the servers they lie on, the daemon, and the node that reads. To be
# sourced; leaves a daemon that runs, with the drives cd and disk. media: further lines of [media].
console=${top_builddir:-.}/spicerack-console
look=${top_builddir:-.}/tests/clients/look
work=$(mktemp -d)
web_image=http://127.0.0.1:8080/image.iso
gadgets=/sys/kernel/config/usb_gadget
count=0
cd "$work" || exit 1

if [ ! -d /sys/class/udc/dummy_udc.0 ]; then
	echo "1..0 # SKIP no virtual ports here: run by tests/kernel/run"
	exit
fi
for program in lighttpd nbdkit xorriso openssl; do
	PATH=$PATH:/usr/sbin command -v $program >/dev/null || { echo "1..0 # SKIP $program is not installed"; exit; }
done

ctl=$work/ctl
printf '#!/bin/sh\nexec %s --socket %s/api "$@"\n' "${top_builddir:-.}/tools/spicerackctl" "$work" >"$ctl"
chmod +x "$ctl"

verdict()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		sed 's/^/# /' log said 2>/dev/null | tail -n 40
		echo "not ok $count - $2"
	fi
}

now()
{
	date +%s%3N
}

# The command is tried until it succeeds: within SECONDS COMMAND...
within()
{
	local end=$(($(now) + $1 * 1000))

	shift
	until "$@"; do
		[ "$(now)" -lt $end ] || return 1
		sleep 0.05
	done
}

# --- Images

# A hybrid image with files and their sums.
make_image()
{
	mkdir -p tree/pool mnt overlay private
	for i in 1 2 3 4 5; do head -c 3500000 /dev/urandom >"tree/pool/package$i"; done
	echo "an installer" >tree/README
	(cd tree && sha256sum README pool/* >../SHA256SUMS && mv ../SHA256SUMS .)
	head -c 432 /dev/urandom >mbr.bin
	xorriso -as mkisofs -quiet -V SPICERACK -J -R -isohybrid-mbr mbr.bin -o image.iso tree >xorriso.log 2>&1 ||
		xorriso -as mkisofs -quiet -V SPICERACK -J -R -o image.iso tree >xorriso.log 2>&1 || { cat xorriso.log; return 1; }
	image_size=$(stat -c %s image.iso)
	image_sum=$(sha256sum <image.iso)
}

# A sparse image of so many GB with something at the places that matter: sparse GB
sparse()
{
	local size=$(($1 * 1000000000 / 2048 * 2048)) place

	truncate -s $size "$1.img"
	for place in 0 2200000000 4294967296 $((size - 65536)); do
		head -c 65536 /dev/urandom | dd of="$1.img" bs=2048 seek=$((place / 2048)) conv=notrunc status=none
	done
}

# --- Servers

start_web()
{
	/usr/sbin/lighttpd -D -f lighttpd.conf >web.log 2>&1 &
	web=$!
	within 10 curl -s -o /dev/null http://127.0.0.1:8080/
}
kill_web() { kill -KILL $web; wait $web 2>/dev/null; }
stop_web() { kill -STOP $web; }
continue_web() { kill -CONT $web; }

make_web()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=spicerack \
		-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out ca.pem >/dev/null 2>&1
	cat key.pem ca.pem >both.pem
	ln -sf ../image.iso private/image.iso
	echo operator:secret >users
	cat >lighttpd.conf <<-END
		server.document-root = "$work"
		server.bind = "127.0.0.1"
		server.port = 8080
		server.modules = ("mod_auth", "mod_authn_file", "mod_openssl")
		# Without a type lighttpd sends no ETag either.
		mimetype.assign = (".iso" => "application/x-iso9660-image", ".img" => "application/octet-stream")
		auth.backend = "plain"
		auth.backend.plain.userfile = "$work/users"
		auth.require = ("/private/" => ("method" => "basic", "realm" => "images", "require" => "valid-user"))
		\$SERVER["socket"] == "127.0.0.1:8443" { ssl.engine = "enable" ssl.pemfile = "$work/both.pem" }
	END
	start_web
}

start_nbd()
{
	rm -f nbd.sock
	nbdkit -f -r -U "$work/nbd.sock" file "$work/image.iso" >nbd.log 2>&1 &
	nbd=$!
	within 10 test -S nbd.sock
}
kill_nbd() { kill -KILL $nbd; wait $nbd 2>/dev/null; }

# --- The daemon

asked()
{
	"$ctl" drives --json >said 2>&1
}

# A drive is in that state: shows DRIVE STATE
shows()
{
	asked && jq -e --arg drive "$1" --arg state "$2" '.drives[] | select(.name == $drive) | .state == $state' said >/dev/null
}

insert()
{
	"$ctl" insert "$@" --wait >said 2>&1
}

eject()
{
	"$ctl" eject "$@" --wait >said 2>&1
}

# The daemon, by a program that is named in under, if any: starts
starts()
{
	cat >console.conf <<-END
		[spice]
		listen = unix:$work/spice
		[api]
		socket = $work/api
		[media]
		drives = cd;disk
		overlay-folder = $work/overlay
		${media:-}
	END
	$under "$console" --config console.conf >log 2>&1 </dev/null &
	pid=$!
	within 20 asked
}

ends()
{
	local status

	kill $pid
	wait $pid
	status=$?
	kill_web
	kill_nbd
	kill "$nbd_tcp"
	[ $status = 0 ] && [ -z "$(ls $gadgets)" ]
}

# --- The node

# The node's device of a kind, sr or sd, that is on one of our ports.
device()
{
	local disk

	for disk in /sys/block/"$1"*; do
		case $(readlink -f "$disk") in
		*/dummy_hcd.*) echo "/dev/${disk##*/}"; return ;;
		esac
	done
	return 1
}

# Opening has the kernel look at what is in it.
medium_is()
{
	local found

	found=$(device "$1") && (: <"$found") 2>/dev/null && [ "$(blockdev --getsize64 "$found" 2>/dev/null)" = "$2" ]
}

sum()
{
	sha256sum <"$1"
}

# Nothing the node read before counts.
fresh()
{
	echo 3 >/proc/sys/vm/drop_caches
}

# The tray's button is the host's: CDROMEJECT of linux/cdrom.h
host_eject()
{
	python3 -c 'import fcntl, os, sys; fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK), 0x5309)' "$(device "$1")"
}

# The addresses of every input device on the node's buses, or of another class: a media action must not change them.
addresses()
{
	local interface

	for interface in /sys/bus/usb/devices/*:*/bInterfaceClass; do
		[ "$(cat "$interface")" = "${1:-03}" ] && cat "${interface%/*}/../busnum" "${interface%/*}/../devnum"
	done
}

# --- Steps of tests

# The image comes to the node with each byte, and leaves it: whole_image_from SOURCE OPTIONS...
whole_image_from()
{
	local source=$1 status before

	shift
	before=$(addresses)
	insert cd "$source" "$@" && within 10 medium_is sr "$image_size" && fresh && [ "$(sum /dev/sr0)" = "$image_sum" ]
	status=$?
	eject cd && within 5 shows cd empty && [ "$before" ] && [ "$before" = "$(addresses)" ] && return $status
}

# sparse_image_from SOURCE FILE
sparse_image_from()
{
	local size place status=0

	size=$(stat -c %s "$2")
	insert cd "$1" --as cd && within 10 medium_is sr "$size" || { eject cd --force; return 1; }
	for place in 0 2200000000 4294967296 $((size - 65536)); do
		cmp <(dd if=/dev/sr0 bs=2048 skip=$((place / 2048)) count=32 status=none) \
			<(dd if="$2" bs=2048 skip=$((place / 2048)) count=32 status=none) || status=1
	done
	eject cd
	return $status
}

write_and_verify()
{
	head -c 20971520 /dev/urandom >pattern &&
		dd if=pattern of="$(device sd)" bs=64k oflag=direct conv=fsync status=none && fresh &&
		cmp pattern "$(device sd)"
}

# Not put in, for a reason that the operator is told: refused SOURCE PATTERN
refused()
{
	! timeout 15 "$ctl" insert cd "$1" --wait >refusal 2>&1
	grep -qiE -- "$2" refusal && ! shows cd ready && eject cd --force
	cat refusal >>said
	grep -qiE -- "$2" refusal
}

# The node reads all of it while the server is away for a while, and sees no error:
# reading_goes_on SOURCE LOSE SECONDS REGAIN
reading_goes_on()
{
	local reader

	insert cd "$1" && within 10 medium_is sr "$image_size" && fresh || return 1
	"$2"
	sha256sum </dev/sr0 >read 2>&1 &
	reader=$!
	sleep "$3"
	"$4"
	wait $reader && [ "$(cat read)" = "$image_sum" ] && eject cd
}

# Descriptors, threads and mounts.
held()
{
	ls /proc/$pid/fd | wc -l
	ls /proc/$pid/task | wc -l
	wc -l </proc/$pid/mounts
}

# KiB of the daemon's own.
memory()
{
	sed -n 's/^RssAnon:[[:space:]]*\([0-9]*\).*/\1/p' /proc/$pid/status
}

# Whether so many media leave nothing behind: cycles COUNT
cycles()
{
	local i before own

	for i in $(seq 20); do insert cd "$work/image.iso"; eject cd --force; done
	sleep 1
	before=$(held) own=$(memory)
	for i in $(seq "$1"); do
		"$ctl" insert cd "$work/image.iso" >said 2>&1
		"$ctl" eject cd --force >said 2>&1
	done
	sleep 2
	echo "# $1 media: descriptors, threads, mounts" $before "->" $(held), "$own -> $(memory) KiB"
	[ "$before" = "$(held)" ] && [ "$(memory)" -lt $((own + 2048)) ]
}

make_image || exit 1
sparse 5
sparse 8
make_web
start_nbd
nbdkit -f -r -p 10809 file "$work/image.iso" >/dev/null 2>&1 &
nbd_tcp=$!
starts || { cat log; exit 1; }
# The node finds its drives.
within 20 device sr >/dev/null
within 20 device sd >/dev/null
