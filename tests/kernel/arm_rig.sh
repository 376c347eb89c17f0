# SPDX-License-Identifier: LGPL-2.1-or-later
# For what is run on the board and wants a viewer on this machine. To be sourced, with top_srcdir set; removes what it
# made at the end.
: "${top_builddir:=$PWD}"
top_builddir=$(cd "$top_builddir" && pwd)
look=$top_builddir/tests/clients/look
port=$((20000 + RANDOM % 10000))
viewer=
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"; [ -z "$viewer" ] || kill $viewer 2>/dev/null' EXIT
trap 'exit 143' INT TERM

# arm_run FUNCTION [OPTION...] SCRIPT, the latter as run-arm has them: the function is called with each line that the
# script says, but for "@@ viewer", at which a viewer comes, if one was built, and "@@ enough", at which it goes. Leaves
# the exit status in status.
arm_run()
{
	local board line tell=$1

	shift
	mkfifo "$folder/out"
	"$top_srcdir/tests/kernel/run-arm" -p $port "$@" >"$folder/out" 2>"$folder/said" &
	board=$!
	while IFS= read -r line; do
		case $line in
		'@@ viewer')
			if [ -x "$look" ]; then
				"$look" 127.0.0.1:$port >/dev/null 2>&1 </dev/null &
				viewer=$!
			fi
			;;
		'@@ enough')
			[ -z "$viewer" ] || kill $viewer 2>/dev/null
			viewer=
			;;
		*) "$tell" "$line" ;;
		esac
	done <"$folder/out"
	wait $board
	status=$?
	sed 's/^/# /' "$folder/said"
}
