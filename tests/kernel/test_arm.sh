#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The console on an AST2600's own drivers, in QEMU: make check-arm
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}" "${top_builddir:=$PWD}"
look=$top_builddir/tests/clients/look
port=$((20000 + RANDOM % 10000))
viewer=
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"; [ -z "$viewer" ] || kill $viewer 2>/dev/null' EXIT
trap 'exit 143' INT TERM

mkfifo "$folder/out"
"$top_srcdir/tests/kernel/run-arm" -p $port "$top_srcdir/tests/kernel/arm_smoke.sh" >"$folder/out" 2>"$folder/said" &
board=$!
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
done <"$folder/out"
wait $board
status=$?
sed 's/^/# /' "$folder/said"
case $status in
0) ;;
77) echo "1..0 # SKIP $(sed -n 's/^tests\/kernel: skipped: //p' "$folder/said")" ;;
*) echo "Bail out! exit status $status" ;;
esac
