#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The console on an AST2600's own drivers, in QEMU: make check-arm
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$top_srcdir/tests/kernel/arm_rig.sh"

tell()
{
	case $1 in
	'not ok '*' a viewer '*) [ "$viewer" ] && echo "$1" || echo "${1#not } # SKIP no SPICE client in this build" ;;
	'ok '* | 'not ok '* | 1..* | '#'*) echo "$1" ;;
	*) echo "# $1" ;;
	esac
}

arm_run tell "$top_srcdir/tests/kernel/arm_smoke.sh"
case $status in
0) ;;
77) echo "1..0 # SKIP $(sed -n 's/^tests\/kernel: skipped: //p' "$folder/said")" ;;
*) echo "Bail out! exit status $status" ;;
esac
