#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The console on an AST2600's own drivers, in QEMU: make check-arm
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}" "${top_builddir:=$PWD}"
look=$top_builddir/tests/clients/look
port=$((20000 + RANDOM % 10000))
viewer=
said=$(mktemp) || exit
trap 'rm -f "$said"; [ -z "$viewer" ] || kill $viewer 2>/dev/null' EXIT
trap 'exit 143' INT TERM

coproc board { "$top_srcdir/tests/kernel/run-arm" -p $port "$top_srcdir/tests/kernel/arm_smoke.sh" 2>"$said"; }
while IFS= read -r line; do
	case $line in
	'@@ viewer')
		if [ -x "$look" ]; then
			"$look" 127.0.0.1:$port >/dev/null 2>&1 </dev/null &
			viewer=$!
		fi
		;;
	'not ok '*' a viewer '*) [ "$viewer" ] && echo "$line" || echo "${line#not } # SKIP no SPICE client in this build" ;;
	'ok '* | 'not ok '* | 1..* | '#'*) echo "$line" ;;
	*) echo "# $line" ;;
	esac
done <&"${board[0]}"
wait "$board_PID"
status=$?
sed 's/^/# /' "$said"
case $status in
0) ;;
77) echo "1..0 # SKIP $(sed -n 's/^tests\/kernel: skipped: //p' "$said")" ;;
*) echo "Bail out! exit status $status" ;;
esac
