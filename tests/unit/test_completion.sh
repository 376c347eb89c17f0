#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What bash offers behind spicerackctl is what the program has.
top=$(cd "${top_srcdir:-.}" && pwd)
built=$(cd "${top_builddir:-.}" && pwd)
ctl=$built/tools/spicerackctl
number=0
work=$(mktemp -d)
daemon=
trap '[ -z "$daemon" ] || kill $daemon; rm -rf "$work"' EXIT

verdict()
{
	number=$((number + 1))
	[ "$1" = 0 ] && echo "ok $number - $2" || echo "not ok $number - $2"
}

skip()
{
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# offered WORDS...: what is offered for the last of them, a line each
offered()
{
	COMP_WORDS=("$ctl" "$@")
	COMP_CWORD=$#
	_spicerackctl
	printf '%s\n' "${COMPREPLY[@]}"
}

has()
{
	local list=$1

	shift
	for word; do
		grep -qxe "$word" <<<"$list" || { echo "# no $word among: ${list//$'\n'/ }"; return 1; }
	done
}

lacks()
{
	local list=$1

	shift
	for word; do
		! grep -qxe "$word" <<<"$list" || { echo "# $word among: ${list//$'\n'/ }"; return 1; }
	done
}

echo 1..9
. "$top/tools/completion/spicerackctl"
complete -p spicerackctl >/dev/null
verdict $? "it is registered"
"$ctl" help >"$work/help"
commands=$(sed -n '/^Commands/,/^Exit/s/^  \([a-z-]*\) .*/\1/p' "$work/help")
[ -n "$commands" ] && [ "$(offered '' | sort -u)" = "$(sort -u <<<"$commands")" ]
verdict $? "every command is offered, and nothing else"
options=$(grep -o '^  \(-., \)\?--[a-z-]*' "$work/help" | grep -o -e '--[a-z-]*' | grep -vx -e --help)
all=$(for command in '' $commands; do offered $command -- | sed 's/=$//'; done | sort -u)
[ "$all" = "$(sort -u <<<"$options")" ]
verdict $? "so is every option, behind a command or without one"
if grep -qx insert <<<"$commands"; then
	has "$(offered insert --)" --as= --socket= && lacks "$(offered insert --)" --force --watch
	verdict $? "an option is offered where it belongs"
	has "$(offered eject -- | grep f)" --force && [ "$(offered insert --as d)" = disk ]
	verdict $? "and what it can be"
	"$built/spicerack-console" --simulate --listen 127.0.0.1:0 --socket "$work/api" >"$work/log" 2>&1 </dev/null &
	daemon=$!
	for ((i = 0; i < 600; i++)); do
		grep -qs 'api: on' "$work/log" && break
		sleep 0.1
	done
	has "$(offered --socket "$work/api" insert '')" cd disk
	verdict $? "drives are those of the console"
else
	for what in "an option is offered where it belongs" "and what it can be" "drives are those of the console"; do
		skip "$what" "configured without the console"
	done
fi
if grep -qx power <<<"$commands"; then
	[ "$(offered power r1 s)" = soft ]
	verdict $? "a node's power has words"
else
	skip "a node's power has words" "configured without the rack"
fi
[ "$(offered eve)" = events ]
verdict $? "a beginning is completed"
[ -z "$(offered --socket /nowhere/at/all eject '')" ]
verdict $? "where nobody answers nothing is offered"
