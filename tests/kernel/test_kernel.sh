#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the suite in the lab and passes on each line of each test as one of its own. When a test takes the machine with
# it, the rest goes on in another. In the build folder: make check-kernel; some tests only: test_kernel.sh NAME...
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}" "${top_builddir:=$PWD}"
export top_srcdir top_builddir
limit=600 # seconds, for all of it
count=0

result()
{
	count=$((count + 1))
	echo "$1 $count - $2"
}

# Reads what suite_inside.sh prints, and prints TAP; leaves in the file $progress which tests came to their end, and in
# $counted how many lines there were.
translate()
{
	local line name='' failed='' seen='' planned='' status

	while IFS= read -r line; do
		case $line in
		'@@ begin '*)
			name=${line#@@ begin } failed='' seen=0 planned=''
			echo "# $name"
			;;
		'@@ end '*)
			status=${line##* }
			if [ "$status" = 124 ] || [ "$status" = 137 ]; then
				result 'not ok' "$name: comes to an end in time"
			elif [ "$status" != 0 ] && [ -z "$failed" ]; then
				result 'not ok' "$name: ended with exit status $status"
			elif [ -z "$failed" ] && [ "$planned" != "$seen" ]; then
				result 'not ok' "$name: planned ${planned:-no} tests and ran $seen"
			fi
			echo "$name" >>"$progress"
			name=''
			;;
		'ok '* | 'not ok '*)
			[ "$name" ] || continue
			seen=$((seen + 1))
			case $line in
			'not ok '*) failed=yes; status='not ok'; line=${line#not ok } ;;
			*) status=ok; line=${line#ok } ;;
			esac
			[[ $line =~ ^[0-9]+[[:space:]]*(-[[:space:]]*)?(.*) ]] && line=${BASH_REMATCH[2]}
			result "$status" "$name: $line"
			;;
		'1..0'*)
			planned=0
			[ "$name" ] && result ok "$name # SKIP ${line##*SKIP }"
			;;
		1..*) planned=${line#1..}; planned=${planned%%[!0-9]*} ;;
		'Bail out!'*) failed=yes; result 'not ok' "$name: ${line#Bail out! }" ;;
		'') ;;
		'#'*) echo "$line" ;;
		*) echo "# $line" ;;
		esac
		echo "$count" >"$counted"
	done
}

progress=$(mktemp) && counted=$(mktemp) && said=$(mktemp) || exit
trap 'rm -f "$progress" "$counted" "$said"' EXIT
trap 'exit 143' INT TERM
[ $# -gt 0 ] || set -- $(sed -n 's/^\([a-z0-9_-]*\)[[:space:]].*/\1/p' "$top_srcdir/tests/kernel/suite")
while [ $# -gt 0 ] && [ "$SECONDS" -lt $limit ]; do
	cd "$top_builddir" || exit
	"$top_srcdir/tests/kernel/run" -t $((limit - SECONDS)) -- bash "$top_srcdir/tests/kernel/suite_inside.sh" "$@" \
		2>"$said" | translate
	status=${PIPESTATUS[0]}
	count=$(cat "$counted")
	count=${count:-0}
	if [ $status = 77 ]; then
		echo "1..0 # SKIP $(sed -n 's/^tests\/kernel: skipped: //p' "$said")"
		exit
	fi
	sed 's/^/# /' "$said"
	while [ $# -gt 0 ] && grep -qx -e "$1" "$progress"; do
		shift
	done
	if [ $# -gt 0 ]; then
		result 'not ok' "$1: leaves the machine running (exit status $status)"
		shift
	fi
done
for name; do
	result 'not ok' "$name: ran within $limit s for the whole suite"
done
echo "1..$count"
