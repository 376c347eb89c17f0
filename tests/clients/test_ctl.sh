#!/bin/bash
# A real daemon, asked by spicerackctl and by curl: status, refusals, kill -9 and restart, two on one socket.
. "${top_srcdir:-.}/tests/clients/daemon.sh"
viewer=${top_builddir:-.}/tests/clients/look
set -o pipefail

# starts SOCKET: a console in the background; its log is in log.
starts()
{
	: >log # what an earlier one said is no answer
	"$console" --simulate --listen 127.0.0.1:0 --socket "$1" >log 2>&1 </dev/null &
	pid=$!
	pids="$pids $pid"
	waits logged '^api:'
}

# shows FILTER: the status as JSON, through jq; true when that is true.
shows()
{
	asks --json status && jq -e "$1" out >/dev/null
}

echo 1..41
says 3 'api.sock: No such file.*start spicerack-console' "without a console it says what to do" status
says 2 'unknown command "stauts".*"status"' "a command that is not known is refused, with a guess" stauts
says 2 'unknown command "xyzzy".*help' "another one is too" xyzzy
says 2 'what is "now"' "an argument too many is refused" status now
says 2 'Unknown option' "an unknown option is refused" --nonsense status
asks help && grep -q '^  status ' out && grep -q '^  wake ' out && [ ! -s err ]
verdict $? "help lists the commands without a console"
asks
[ $? = 2 ] && [ ! -s out ] && grep -q Usage err
verdict $? "no command at all is wrong usage"

starts api.sock
verdict $? "a console opens its socket"
[ "$(stat -c %a api.sock)" = 660 ]
verdict $? "its mode is 0660"
asks status && [ "$(head -n 1 out)" = "ok         nothing is wrong" ] && grep -q '^viewers    nobody looks$' out &&
	grep -q 'keyboard listening' out && [ ! -s err ]
verdict $? "status says first that nothing is wrong"
if ! command -v jq >/dev/null || ! command -v curl >/dev/null; then
	for name in json curl list commands errors; do skip "$name" "no jq or no curl"; done
else
	shows '.state == "stopped" and .viewers == [] and .fault == null and .input.keyboard == "listening" and
		.source == "simulate" and (.uptime_ms | type) == "number" and (.started | fromdate) > 0'
	verdict $? "--json prints what the console answered"
	curl -sS --unix-socket api.sock http://x/api/v1/console | jq -e '.version' >/dev/null
	verdict $? "curl gets the same"
	curl -sS --unix-socket api.sock http://x/api/v1 | jq -e '[.routes[].path] |
		contains(["/api/v1", "/api/v1/console", "/api/v1/console/wake", "/api/v1/openapi.json"])' >/dev/null &&
		curl -sS --unix-socket api.sock http://x/api/v1/openapi.json |
		jq -e '.paths["/api/v1/console/wake"].post.summary' >/dev/null
	verdict $? "the console lists what can be asked"
	asks help && curl -sS --unix-socket api.sock http://x/api/v1 |
		jq -r '.routes[].command | strings' >commands && grep -qx status commands &&
		while read -r command; do grep -q "^  $command " out || break; done <commands && [ -z "$command" ]
	verdict $? "what has a command there is one of this program"
	curl -sS --unix-socket api.sock -X DELETE -D headers http://x/api/v1/console |
		jq -e '.error.code == 405' >/dev/null && grep -q '^Allow: GET, HEAD' headers
	verdict $? "a mistake is told in JSON"
fi
says 1 'control: all viewers have the input together' "shared input cannot be given to one" control give 1
says 1 'control: .* is grant, deny or give' "nothing else can be done about it" control take 1
says 2 'something is missing; it is control ACT VIEWER' "both must be said" control give
says 1 'wake: this node has no USB hub' "what is refused is said in a sentence" wake
asks --json wake
[ $? = 1 ] && grep -q '{"error":{"code":409' out && [ "$(wc -l <err)" = 1 ]
verdict $? "and with --json in JSON too"
XDG_RUNTIME_DIR=$work/xdg
mkdir -p xdg/spicerack && ln -s ../../api.sock xdg/spicerack/console.sock
XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR timeout 20 "$ctl" status >out 2>err
verdict $? "one's own console is found without --socket"

address=$(sed -n 's/.*listening on //p' log)
if [ -x "$viewer" ]; then
	"$viewer" "$address" >/dev/null 2>&1 &
	looker=$!
	pids="$pids $looker"
	waits shows '.state == "streaming" and .mode.width > 0 and .mode.codec == "ajpg" and .fps > 0 and
		(.viewers | length) == 1 and (.viewers[0].peer | startswith("127.0.0.1:"))'
	verdict $? "who looks, the mode and the frames are told"
	asks status && grep -qE '^picture    streaming for .* [0-9]+x[0-9]+ ajpg 444 selector 4, [0-9.]+ frames/s$' out &&
		grep -qE '^quality    4; [0-9.]+ Mpixel/s change$' out &&
		grep -qE '^viewers    127.0.0.1:[0-9]+ for ' out
	verdict $? "and in words"
	kill "$looker" && waits shows '.viewers == [] and .state == "stopped"'
	verdict $? "a viewer that leaves is gone from it"
else
	for name in looks words leaves; do skip "$name" "no client was built"; done
fi

# sets PASSWORD [ARGUMENT...]: the viewers' password, from standard input.
sets()
{
	local password=$1

	shift
	printf '%s\n' "$password" | timeout 20 "$ctl" --socket api.sock password "$@" >out 2>err
}

asks status && grep -q '^password   none is asked for$' out
verdict $? "without a password that is told"
says 2 'everybody here can see' "none is taken from the command line" password secret-1
! grep -q secret-1 err
verdict $? "nor is it said again"
says 2 'standard input: its first line is empty' "an empty one is refused" password
sets "$(printf '%061d' 7)"
[ $? = 1 ] && grep -q '1 to 60 characters' err
verdict $? "so is one that viewers have no room for"
sets secret-2 --seconds 600 && grep -q '^viewers are let in with it until 2' out && asks status &&
	grep -qE '^password   set, expires in (9 min 5|10 min )' out
verdict $? "one with an end is set, and its end is told"
printf 'secret-3\n' >secret && asks --password-file secret password && asks status && grep -q '^password   set$' out
verdict $? "one from a file stays until there is another"
sets secret-4 --seconds 1 && waits eval 'asks status && grep -q "^password   expired" out' && logged 'has expired'
verdict $? "after its end nobody is let in"
if [ -x "$viewer" ]; then
	timeout 10 "$viewer" "$address" >/dev/null 2>&1
	waits logged 'audit: event=password.refused '
	verdict $? "one without any is not, either"
else
	skip "one without any is not, either" "no client was built"
fi
! grep -h 'secret-' log out err
verdict $? "no password is in the log"

first=$pid
mv log log.first
starts api.sock
logged 'api.sock: another console that is running has it; going on without.*trying again'
verdict $? "a second console on the same socket says so and goes on"
kill -0 "$pid" && kill -0 "$first" && asks status
verdict $? "the first one keeps the socket"
kill "$pid" && wait "$pid"
verdict $? "the second one ends well"
[ -S api.sock ] && asks status
verdict $? "and leaves the socket alone"

kill -9 "$first"
wait "$first" 2>/dev/null
says 3 'api.sock: Connection refused.*start spicerack-console' "a console that was killed is said not to answer" status
starts api.sock && logged 'api: on' && asks status
verdict $? "its socket is taken over after a restart"
kill "$pid" && wait "$pid" && [ ! -e api.sock ]
verdict $? "SIGTERM removes the socket"
