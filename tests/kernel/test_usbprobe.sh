#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# spicerack-usbprobe against gadgets of the kernel: good ones and ones with a fault, plugged and unplugged. Runs inside
# the lab, where the suite starts it.
probe=${top_builddir:-.}/tools/spicerack-usbprobe

gadgets=/sys/kernel/config/usb_gadget
scratch=$(mktemp -d)
said=$scratch/said
serial=0123456789AB
number=0
failed=0

echo 1..16

# not ok unless the last command succeeded: is NAME
is()
{
	local status=$?

	number=$((number + 1))
	if [ $status = 0 ]; then
		echo "ok $number - $1"
	else
		sed 's/^/# /' "$said"
		echo "not ok $number - $1"
		failed=1
	fi
}

# The command is tried until it succeeds: within SECONDS COMMAND...
within()
{
	local left=$(($1 * 10))

	shift
	until "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.1
	done
}

# HID 1.11 appendix E.6
boot_keyboard='\x05\x01\x09\x06\xa1\x01\x05\x07\x19\xe0\x29\xe7\x15\x00\x25\x01\x75\x01\x95\x08\x81\x02\x95\x01\x75\x08'
boot_keyboard+='\x81\x01\x95\x05\x75\x01\x05\x08\x19\x01\x29\x05\x91\x02\x95\x01\x75\x03\x91\x01\x95\x06\x75\x08\x15\x00'
boot_keyboard+='\x25\x65\x05\x07\x19\x00\x29\x65\x81\x00\xc0'

# A gadget with a keyboard, not yet plugged: keyboard NAME SUBCLASS PROTOCOL REPORT-LENGTH SERIAL
keyboard()
{
	local gadget=$gadgets/$1

	mkdir "$gadget" "$gadget/strings/0x409" "$gadget/configs/c.1" "$gadget/functions/hid.keys"
	echo 0x1d6b >"$gadget/idVendor"
	echo 0x0104 >"$gadget/idProduct"
	echo spicerack >"$gadget/strings/0x409/manufacturer"
	echo "test keyboard" >"$gadget/strings/0x409/product"
	[ -z "$5" ] || echo "$5" >"$gadget/strings/0x409/serialnumber"
	echo 0xe0 >"$gadget/configs/c.1/bmAttributes"
	echo 100 >"$gadget/configs/c.1/MaxPower"
	echo "$2" >"$gadget/functions/hid.keys/subclass"
	echo "$3" >"$gadget/functions/hid.keys/protocol"
	echo "$4" >"$gadget/functions/hid.keys/report_length"
	printf '%b' "$boot_keyboard" >"$gadget/functions/hid.keys/report_desc"
	ln -s "$gadget/functions/hid.keys" "$gadget/configs/c.1"
}

# The host's name for the device of a port: of NUMBER
of()
{
	local path

	for path in /sys/devices/platform/dummy_hcd."$1"/usb*/*-1; do
		[ -e "$path" ] && echo "${path##*/}"
	done
}

driven()
{
	[ -e "/sys/bus/usb/devices/$(of "$1"):1.0/driver" ]
}

# plug NAME PORT: until the host's drivers have it
plug()
{
	echo "dummy_udc.$2" >"$gadgets/$1/UDC" && within 15 driven "$2"
}

# The gadget's program: takes what the node sends, as the kernel has room for four reports only, and gives it a report
# to answer GET_REPORT with (struct usb_hidg_report, Linux 6.12): serve NAME
serve()
{
	while [ -d "$gadgets/$1" ]; do
		python3 -c '
import fcntl, struct
with open("/dev/hidg0", "rb+", 0) as node:
    try:
        fcntl.ioctl(node, 0x40486742, struct.pack("=BBH68x", 0, 0, 8))
    except OSError:
        pass
    print("serving", flush=True)
    while True:
        print(node.read(64).hex(), flush=True)' 2>/dev/null
		sleep 0.2
	done
}

unplug()
{
	echo >"$gadgets/$1/UDC"
}

forget()
{
	local gadget=$gadgets/$1

	unplug "$1" 2>/dev/null
	rm -f "$gadget"/configs/c.1/hid.keys "$gadget"/configs/c.1/mass_storage.drive
	rmdir "$gadget"/functions/* "$gadget/configs/c.1" "$gadget/strings/0x409" "$gadget"
}

# Probes, and wants that exit status: says STATUS ARGUMENTS...
says()
{
	local wanted=$1 status

	shift
	"$probe" "$@" >"$said" 2>&1
	status=$?
	[ $status = "$wanted" ] || {
		echo "exit status $status" >>"$said"
		false
	}
}

has()
{
	grep -q -- "$1" "$said"
}

says 3 && has 'no such device'
is "without a device the exit status is 3"

says 2 --device 1d6b && says 2 --expect keys && says 2 --wait-report 0 && says 2 more
is "a wrong command line has exit status 2"

printf '[input]\ndevices = hub\n[spice]\nlisten = 127.0.0.1:5900\n[api]\nsocket = %s/socket\n' "$scratch" >"$scratch/console.conf"
"${top_builddir:-.}/spicerack-console" --simulate --config "$scratch/console.conf" >"$scratch/console" 2>&1 &
console=$!
within 20 driven 1 && within 20 driven 0 && within 10 says 0 --expect keyboard,pointer,mouse,storage,wake &&
	! has 'GET_REPORT took'
is "the console's own devices pass"
kill $console
wait $console

keyboard good 1 1 8 $serial && plug good 0
serve good >"$scratch/lights" &
within 10 test -s "$scratch/lights"
says 0 --expect keyboard,wake,high &&
	has 'ok .*interface 0: keyboard; reports of 8 bytes in, 1 out' && has 'boot protocol, keyboard' &&
	has 'SET_PROTOCOL goes to boot and back' && has 'at most 100 mA' && has "ok .*serial: \"$serial\"" &&
	! has 'GET_REPORT took' && says 1 --expect storage && has 'WRONG expected: no device with storage'
is "a good boot keyboard passes"

driven 0
is "the kernel's driver has the keyboard back"

says 0 && within 5 grep -qx 07 "$scratch/lights"
is "the lights' report reaches the gadget"

# The kernel's own driver may take some before it is detached, and after.
timeout 20 bash -c 'while printf "\0\0\4\0\0\0\0\0" && sleep 0.05 && printf "\0\0\0\0\0\0\0\0"; do sleep 0.05; done' \
	>/dev/hidg0 2>/dev/null &
writer=$!
says 0 --wait-report 10 && has 'report of 8 bytes: 00 00 0[04] 00 00 00 00 00'
is "a report that the gadget sends is waited for"
kill $writer 2>/dev/null
wait $writer
"$probe" --wait-report 1 >"$said" # what was on its way is gone now
says 1 --wait-report 1 && has 'WRONG reports: none came within 1 s'
is "no report within the time is wrong"

timeout --preserve-status -s TERM 3 "$probe" --wait-report 60 >"$said" 2>&1
[ $? = 143 ] && within 5 driven 0
is "a signal while it waits leaves the keyboard with the kernel's driver"

says 0 --no-detach && has 'reports were not looked at' && says 0 --json --serial $serial &&
	[ "$(jq -r '.devices[0].interfaces[0].hid.keyboard, .wrong' "$said" | xargs)" = 'true 0' ] &&
	says 0 --bus-port "$(of 0)" && says 3 --serial none
is "JSON, and choosing by serial number and port"

chmod 600 /dev/bus/usb/*/*
setpriv --reuid=65534 --clear-groups "$probe" >"$said" 2>&1
[ $? = 1 ] && has 'permission denied.*udev rule'
is "without permission it says what to do"

# Lines of the watch: watched COUNT WORD
watched()
{
	[ "$(grep -c " $2 " "$said")" = "$1" ]
}
"$probe" --watch >"$said" 2>&1 &
watcher=$!
within 10 watched 1 plugged && unplug good && within 10 watched 1 unplugged && plug good 0 && within 10 watched 2 plugged &&
	echo 0 >"/sys/bus/usb/devices/$(of 0)/bConfigurationValue" && within 10 watched 1 unconfigured &&
	echo 1 >"/sys/bus/usb/devices/$(of 0)/bConfigurationValue" && within 10 watched 1 configured &&
	kill -TERM $watcher && wait $watcher && grep -q "^20..-.*T.*$(of 0) 1d6b:0104 .*$serial" "$said"
is "the watch tells of unplugging, replugging and configuring"

mkdir "$gadgets/good/functions/mass_storage.drive" && truncate -s 1M "$scratch/disk" && unplug good &&
	echo "$scratch/disk" >"$gadgets/good/functions/mass_storage.drive/lun.0/file" &&
	ln -s "$gadgets/good/functions/mass_storage.drive" "$gadgets/good/configs/c.1" && plug good 0 &&
	within 5 says 0 --expect keyboard,storage && has 'ok .*interface 1: mass storage, SCSI, Bulk-Only'
is "a drive beside the keyboard is listed"

keyboard deaf 0 0 8 AB0123456789 && plug deaf 1 && says 1 && has 'WRONG interface 0: keyboard with subclass 0' &&
	within 5 says 0 --serial $serial
is "a keyboard without the boot subclass is wrong, and alone so"
forget deaf

keyboard short 1 1 4 AB0123456789 && plug short 1 && says 1 --serial AB0123456789 &&
	has 'WRONG interface 0: endpoint 8. takes 4 bytes, a report has 8'
is "a wrong report length is wrong"
forget short

keyboard nameless 1 1 8 "" && plug nameless 1 && says 1 --bus-port "$(of 1)" && has 'WRONG serial:'
is "a missing serial number is wrong"
forget nameless

forget good
rm -rf "$scratch"
exit $failed
