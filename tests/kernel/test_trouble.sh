#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The daemon on a machine where something is missing or wrong: one line says what, with the remedy, the status shows it,
# a viewer still gets in, and it ends well. Runs inside the lab, where the suite starts it.
console=${top_builddir:-.}/spicerack-console
ctl=${top_builddir:-.}/tools/spicerackctl
look=${top_builddir:-.}/tests/clients/look
feeder=${top_builddir:-.}/tests/kernel/feeder
gadgets=/sys/kernel/config/usb_gadget
work=$(mktemp -d)
count=0
cd "$work" || exit 1

if [ ! -d /sys/class/udc/dummy_udc.0 ] || [ ! -e "$LAB_ASPEED" ]; then
	echo "1..0 # SKIP no virtual ports or no video engine here: run by tests/kernel/run"
	exit
fi

verdict()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		sed 's/^/# /' log status 2>/dev/null
		echo "not ok $count - $2"
	fi
}

# The command is tried until it succeeds, ten seconds at most: within COMMAND...
within()
{
	local i

	for i in $(seq 100); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

logged()
{
	grep -qE -- "$1" log
}

asked()
{
	"$ctl" --socket "$work/api" status >status 2>&1
}

# A line of the status, or several together, is like that: shows PATTERN
shows()
{
	asked && grep -qE -- "$1" status
}

looks()
{
	timeout 20 "$look" "unix:$work/spice" >/dev/null 2>&1 &
	looker=$!
	within logged 'audit: event=viewer.joined '
}

# A daemon with these lines of console.conf: trouble LINES...
starts()
{
	printf '%s\n' '[spice]' "listen = unix:$work/spice" '[api]' "socket = $work/api" "$@" >console.conf
	rm -f log
	"$console" --config console.conf >log 2>&1 </dev/null &
	pid=$!
	within asked
}

ends()
{
	[ -z "$looker" ] || kill "$looker" 2>/dev/null
	looker=
	kill "$pid"
	wait "$pid"
}

# The log says it once and the status has it as a problem, whatever else there is; the viewer gets in, and seconds
# later it has not been said again; and the daemon ends well: trouble NAME PATTERN LINES...
trouble()
{
	local name=$1 pattern=$2 well=0

	shift 2
	starts "$@"
	looks && within logged "$pattern" && within shows "PROBLEM.*($pattern)" && sleep 3 &&
		[ "$(grep -cE -- "$pattern" log)" -le 1 ] || well=1
	ends && [ $well = 0 ]
	verdict $? "$name"
}

"$feeder" 'mode 1024x768' >feeder.log 2>&1 </dev/null &
feeding=$!

trouble "a port that does not exist is named" 'no USB port nowhere' '[hub]' \
	'layout = composite' 'ports = nowhere'

mkdir "$gadgets/other" "$gadgets/other/configs/c.1" "$gadgets/other/functions/mass_storage.0" &&
	ln -s "$gadgets/other/functions/mass_storage.0" "$gadgets/other/configs/c.1" &&
	echo dummy_udc.0 >"$gadgets/other/UDC"
trouble "a port that is another's is named with its owner" 'dummy_udc.0.*other' \
	'[hub]' 'layout = composite' 'ports = dummy_udc.0'
echo >"$gadgets/other/UDC"
rm "$gadgets/other/configs/c.1/mass_storage.0"
rmdir "$gadgets/other/configs/c.1" "$gadgets/other/functions/mass_storage.0" "$gadgets/other"

umount /sys/kernel/config
trouble "a missing configfs is said with the remedy" 'mount -t configfs'
mount -t configfs configfs /sys/kernel/config
mount -o remount,ro /sys/kernel/config
trouble "a read-only configfs is said" 'read-only|may not be written'
mount -o remount,rw /sys/kernel/config

trouble "a device that does not capture is named" '/dev/null.*not a.*capture device' '[capture]' 'device = /dev/null'
trouble "a device that is missing is named" '/dev/video99' '[capture]' 'device = /dev/video99'

echo eio >/sys/class/misc/aspeed-engine/fault
trouble "a driver that only fails is said" 'video: '
echo none >/sys/class/misc/aspeed-engine/fault

kill $feeding
wait $feeding 2>/dev/null
echo 2048x1536 >/sys/class/misc/aspeed-engine/mode
trouble "a mode that the engine cannot capture is said" 'video: .*(2048|range|too)'
echo none >/sys/class/misc/aspeed-engine/mode

printf '%s\n' '[spice]' "listen = unix:$work/spice" '[api]' "socket = $work/api" >console.conf
"$console" --check --config console.conf >log 2>&1 && ! grep -q '^missing' log
verdict $? "--check finds nothing missing here"
umount /sys/kernel/config
! "$console" --check --config console.conf >log 2>&1 && grep -q '^missing.*configfs' log && grep -q 'mount -t configfs' log
verdict $? "and without configfs says how to mount it"
mount -t configfs configfs /sys/kernel/config

starts '[hub]' 'layout = composite'
within shows 'usb .*dummy_udc.0: configured'
verdict $? "after all of it the hub comes up"
"$ctl" --socket api wake >out 2>&1
[ $? = 1 ] && [ "$(wc -l <out)" = 1 ]
verdict $? "a node that does not sleep is not woken, and one line says so"
ends
verdict $? "the daemon ends well"
[ -z "$(ls "$gadgets")" ]
verdict $? "and leaves nothing in configfs"
echo "1..$count"
rm -rf "$work"
