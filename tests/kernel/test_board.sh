#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The rack's daemon on real drivers: a BMC behind the kernel's IPMI device, a thermometer and a fan controller on I2C. Runs
# inside the lab, where the suite starts it.
rack=${top_builddir:-.}/spicerack-rack
ctl=${top_builddir:-.}/tools/spicerackctl
work=$(mktemp -d)
count=0
cd "$work" || exit 1

# load MODULE [PARAMETER]
load()
{
	modprobe -d "${LAB_ROOT-}" -S "$(uname -r)" "$@" 2>>"$work/modules"
}

verdict()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		tail -n 20 log said 2>/dev/null | sed 's/^/# /'
		echo "not ok $count - $2"
	fi
}

# The command is tried until it succeeds, twenty seconds at most: within COMMAND...
within()
{
	local i

	for i in $(seq 100); do
		"$@" && return 0
		sleep 0.2
	done
	return 1
}

# Of the rack's daemon: asks PATH
asks()
{
	curl -s --unix-socket api "http://rack/api/v1/$1" >said
}

# shows PATH JQ-CONDITION
shows()
{
	asks "$1" && jq -e "$2" said >/dev/null
}

for module in ipmi_si ipmi_devintf i2c-dev lm75 adt7475; do
	load $module
done
load i2c-stub chip_addr=0x2e,0x48
sleep 1
if [ ! -c /dev/ipmi0 ] || ! bus=$(grep -l 'SMBus stub' /sys/bus/i2c/devices/i2c-*/name); then
	echo "1..0 # SKIP no IPMI device or no I2C bus here: run by tests/kernel/run"
	exit
fi
for tool in i2cset ipmitool curl jq; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP $tool is not installed"; exit; }
done
bus=${bus%/name}
number=${bus##*-}
echo adt7473 0x2e >"$bus/new_device"
echo lm75 0x48 >"$bus/new_device"
thermometer=/sys/bus/i2c/devices/$number-0048
controller=/sys/bus/i2c/devices/$number-002e

# degrees N: the LM75's first register, the more significant byte first
degrees()
{
	i2cset -y -f "$number" 0x48 0x00 "$(printf '0x%04x' "$1")" w
}

# turns RPM: how long a turn takes in units of 11.11 us, which is the ADT7473's pair of registers for its first fan
turns()
{
	local pulses=$((90000 * 60 / $1))

	i2cset -y -f "$number" 0x2e 0x28 $((pulses & 255)) && i2cset -y -f "$number" 0x2e 0x29 $((pulses >> 8))
}

# The fan's duty, 0 to 255, is between two values: duty LEAST MOST
duty()
{
	local now=$(cat "$controller"/hwmon/hwmon*/pwm1)

	[ "$now" -ge "$1" ] && [ "$now" -le "$2" ]
}

cat >rack.conf <<END
[rack]
safe-duty = 70
[api]
socket = $work/api
[sensor-plan quick]
poll = * 1 5
log = 1
chassis = 1
[node own]
device = /dev/ipmi0
plan = quick
[sensor inlet]
device = $thermometer
attribute = temp1
every = 1
[zone wall]
least = 20
fall = 50
[input inlet]
zone = wall
sensor = SELF/inlet
control = curve
curve = 20:30; 30:50; 40:100
hysteresis = 1
timeout = 5
[fan fan1]
zone = wall
device = $controller
pwm = pwm1
tachometer = fan1
least-rpm = 800
END
degrees 25
turns 3000
"$rack" --config rack.conf >log 2>&1 </dev/null &
pid=$!
within shows nodes '.nodes | length == 1'
verdict $? "the daemon starts"
within shows 'storage/SELF/inlet?flat=true' '.data["SELF/inlet"] == 25'
verdict $? "a thermometer of the board is read"
within duty 76 128
verdict $? "a fan follows it"
within shows fans '.zones[0].fans[0].rpm | . > 2900 and . < 3100'
verdict $? "its turns are counted"
degrees 45
within duty 255 255
verdict $? "heat brings it to full duty"
degrees 22
within duty 76 128
verdict $? "and cold back"
within shows nodes '.nodes[0] | .state == "up" and .power == "on"'
verdict $? "the BMC behind the kernel's device says that its node is on"
echo "0x04 0x01 0x30 0x01 0x59 0x50 0x5a" >event
ipmitool sel add event >/dev/null 2>&1
within shows nodes/own/log '.log | length > 0'
verdict $? "what was written into its log is read"
i2cset -y -f "$number" 0x2e 0x28 0xff && i2cset -y -f "$number" 0x2e 0x29 0xff
within shows fans '.zones[0].fans[0].failed'
verdict $? "a fan that stands still is told"
kill -TERM $pid
wait $pid
verdict $? "it ends well"
duty 176 180
verdict $? "and leaves the fan at the safe duty"
"$rack" --config rack.conf >log 2>&1 </dev/null &
pid=$!
degrees 22
within duty 76 128
kill -KILL $pid
wait $pid 2>/dev/null
"$rack" --config rack.conf --fans-safe >>log 2>&1
duty 176 180
verdict $? "so it is after a crash, by the service manager's command"
echo 0x2e >"$bus/delete_device"
echo 0x48 >"$bus/delete_device"
rm -rf "$work"
echo "1..$count"
