#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the suite in the lab, in two machines side by side where there are processors for it, and passes on each line of
# each test as one of its own. When a test takes its machine with it, the rest goes on in another. In the build folder:
# make check-kernel; some tests only: test_kernel.sh NAME...
set -u
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}" "${top_builddir:=$PWD}"
export top_srcdir top_builddir
limit=1200 # seconds, for all of it
machines=$(($(nproc) > 1 ? 2 : 1))

# Both machines count: result OK NAME
result()
{
	{
		flock 9
		echo $(($(cat "$work/count") + 1)) >"$work/count"
		echo "$1 $(cat "$work/count") - $2"
	} 9>"$work/lock"
}

# Reads what suite_inside.sh prints, and prints TAP.
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
	done
	[ -z "$name" ] || died "$name"
}

# Linux 6.12's dummy_hcd now and then takes a request off its list twice, which ends the machine: each test has a second
# chance, and no third.
died()
{
	if mkdir "$work/died/$1" 2>/dev/null; then
		echo "# $1: its machine died; it is tried once more"
		rmdir "$work/taken/$1"
	else
		result 'not ok' "$1: leaves the machine running"
	fi
}

# Whether no machine has begun with one of these tests.
waiting()
{
	local name

	for name; do
		[ -d "$work/taken/$name" ] || return 0
	done
	return 1
}

# One machine after the other until all tests are taken: machine NUMBER NAME...
machine()
{
	local said=$work/said.$1

	shift
	while waiting "$@" && [ "$SECONDS" -lt $limit ]; do
		"$top_srcdir/tests/kernel/run" -t $((limit - SECONDS)) --share "$work/taken" -- \
			bash "$top_srcdir/tests/kernel/suite_inside.sh" "$@" 2>"$said" | translate
		sed 's/^/# /' "$said"
	done
}

work=$(mktemp -d) && mkdir "$work/taken" "$work/died" && echo 0 >"$work/count" || exit
trap 'rm -rf "$work"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; exit 143' INT TERM
[ $# -gt 0 ] || set -- $(sed -n '/^long-/d; s/^\([a-z0-9_-]*\)[[:space:]].*/\1/p' "$top_srcdir/tests/kernel/suite")
cd "$top_builddir" || exit
# What is missing is fetched once, not by both.
"$top_srcdir/tests/kernel/run" -- true 2>"$work/said"
if [ $? = 77 ]; then
	echo "1..0 # SKIP $(sed -n 's/^tests\/kernel: skipped: //p' "$work/said")"
	exit
fi
sed 's/^/# /' "$work/said"
for number in $(seq "$machines"); do
	machine "$number" "$@" &
done
wait
for name; do
	[ -d "$work/taken/$name" ] || result 'not ok' "$name: began within $limit s"
done
echo "1..$(cat "$work/count")"
