# SPDX-License-Identifier: LGPL-2.1-or-later
# On the board, see test_arm.sh: the console on the BMC's own drivers, with no node attached to them.
count=0
verdict()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
	fi
}

# Waits until a command is true: patiently COMMAND...
patiently()
{
	tries=300
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return
		usleep 100000
	done
}

gadgets=/sys/kernel/config/usb_gadget
said() { grep -q "$1" /tmp/log; }
answers() { spicerackctl status >/tmp/status 2>&1; }
bound() { cat $gadgets/*/UDC 2>/dev/null | grep -c '^1e6a0000.usb-vhub:p[1-7]$'; }
all_bound() { [ "$(bound)" -gt 0 ] && [ "$(bound)" = "$(ls $gadgets | wc -l)" ]; }

[ "$(ls /sys/class/udc | grep -c '^1e6a0000.usb-vhub:p[1-7]$')" = 7 ]
verdict $? "the hub has seven ports"
[ "$(cat /sys/class/video4linux/video0/name)" = aspeed-video ]
verdict $? "the video engine is a device"

printf "[spice]\nallow-no-password = true\n" >/tmp/open.conf
spicerack-console --config /tmp/open.conf --listen :5900 >/tmp/log 2>&1 &
console=$!
patiently all_bound
verdict $? "the console binds all its devices to the hub"
head $gadgets/*/UDC | sed 's/^/# /'

patiently said listening
verdict $? "it listens"
if command -v spicerackctl >/dev/null; then
	patiently answers
	verdict $? "it says how it is"
	sed 's/^/# /' /tmp/status
else
	verdict 0 "it says how it is # SKIP there is no spicerackctl in this tree"
fi
echo "@@ viewer"
patiently said 'no signal'
verdict $? "a viewer makes it look, and it says that there is no signal"

kill $console
wait $console
verdict $? "it ends when it is told to"
[ -z "$(ls $gadgets)" ]
verdict $? "it leaves no gadget behind"
sed 's/^/# /' /tmp/log
dmesg | grep -E 'WARNING|BUG|Oops' | sed 's/^/# kernel: /'
echo "1..$count"
