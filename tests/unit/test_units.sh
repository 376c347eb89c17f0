#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The units' sandboxes are as tight as they were said to be, and do not shut out what the daemons need.
top=${top_srcdir:-.}
number=0

verdict()
{
	number=$((number + 1))
	[ "$1" = 0 ] && echo "ok $number - $2" || echo "not ok $number - $2"
}

# tight UNIT MOST: tenths of the exposure that systemd reckons, 0 to 100
tight()
{
	local unit=$top/packaging/$1 said

	if ! command -v systemd-analyze >/dev/null; then
		number=$((number + 1))
		echo "ok $number - $1 is tight # SKIP no systemd-analyze; the package systemd has it"
	elif ! said=$(systemd-analyze security --offline=true --no-pager "$unit" 2>&1); then
		number=$((number + 1))
		echo "ok $number - $1 is tight # SKIP this systemd-analyze judges no file: ${said%%$'\n'*}"
	else
		systemd-analyze security --offline=true --no-pager --threshold="$2" "$unit" >/dev/null 2>&1
		said=${said##*: }
		verdict $? "$1 is tight: an exposure of ${said%% *}"
	fi
}

echo 1..6
tight spicerack-console.service 42
tight spicerack-rack.service 35
for unit in console rack; do
	# It denies all devices but clocks where systemd is older than 253.
	! grep -q '^ProtectClock=\|^PrivateDevices=\|^DeviceAllow=' "$top/packaging/spicerack-$unit.service"
	verdict $? "spicerack-$unit has its devices"
	grep -q '^WatchdogSec=' "$top/packaging/spicerack-$unit.service" &&
		grep -q '^ExecReload=kill -HUP' "$top/packaging/spicerack-$unit.service"
	verdict $? "spicerack-$unit is watched, and reads its configuration again"
done
