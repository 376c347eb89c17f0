#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the daemons keep in memory on an AST2600, in QEMU, with a real SPICE client: make arm-memory. Prints figures; no
# test judges them, since most of it is pages of the libraries of the day.
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}" "${top_builddir:=$PWD}"
top_builddir=$(cd "$top_builddir" && pwd)
look=$top_builddir/tests/clients/look
port=$((20000 + RANDOM % 10000))
viewer=
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"; [ -z "$viewer" ] || kill $viewer 2>/dev/null' EXIT
trap 'exit 143' INT TERM

mkfifo "$folder/out"
mkdir "$folder/files"
(cd "$folder/files" && "$top_builddir/tests/clients/record" 1920 1080 420 7 40 scroll window >/dev/null 2>&1)
"$top_srcdir/tests/kernel/run-arm" -t 600 -p $port -f "$folder/files" "$top_srcdir/tests/kernel/arm_memory.sh" >"$folder/out" \
	2>"$folder/said" &
board=$!
while IFS= read -r line; do
	case $line in
	'@@ viewer')
		if [ -x "$look" ]; then
			"$look" 127.0.0.1:$port >/dev/null 2>&1 </dev/null &
			viewer=$!
		else
			echo "# no SPICE client in this build: there is no viewer"
		fi
		;;
	'@@ enough')
		[ -z "$viewer" ] || kill $viewer 2>/dev/null
		viewer=
		;;
	*) echo "$line" ;;
	esac
done <"$folder/out"
wait $board
status=$?
sed 's/^/# /' "$folder/said"
exit $status
