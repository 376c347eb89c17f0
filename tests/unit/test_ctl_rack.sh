#!/bin/bash
# A rack that is nothing but words, asked by spicerackctl.
. "${top_srcdir:-.}/tests/clients/daemon.sh"
stage=${top_builddir:-.}/tests/unit/rack_stage
case $stage in /*) ;; *) stage=$OLDPWD/$stage ;; esac
config=${stage%/tests/unit/rack_stage}/config.h

# Where spicerackctl asks a console as well.
both()
{
	if grep -q '^#define WITH_CONSOLE 1' "$config"; then
		says "$@"
	else
		skip "$3" "configured without the console"
	fi
}

# shown PATTERN NAME ARGUMENTS...
shown()
{
	local pattern=$1 name=$2

	shift 2
	asks "$@" && grep -qE -- "$pattern" out && [ ! -s err ]
	verdict $? "$name"
}

echo 1..40
says 3 'no rack on api.sock: No such file.*start spicerack-rack' "without a rack it says what to do" rack
says 2 'unknown command "sensor".*"sensors"' "a word that is nearly one is guessed" sensor
says 2 'it is sensors \[NODE\]; what is "b"' "an argument too many is refused" sensors a b
says 2 'something is missing; it is replace NODE' "one too few is too" replace
says 2 'WATTS must be a whole number, not "much"' "what is no number is refused" budget much
says 2 '--mode does not go with rack' "an option belongs to one command" --mode off rack
both 2 '--follow does not go with status' "an option of a rack's does not go with a console's" -f status
both 2 '--force does not go with fan' "nor the other way" --force fan
both 2 'wake is for a console, not a rack' "a console's command is none of a rack's" --rack wake
asks help && grep -q '^  power NODE \[on|off|cycle|reset|soft\] ' out
verdict $? "help has the commands of a rack"

"$stage" api.sock >log 2>&1 </dev/null &
pids=$!
waits logged ready
verdict $? "a rack opens its socket"
asks rack && [ "$(head -n 1 out)" = "PROBLEM    node r1n02: lost for 12 s: no answer for 12 s; it counts as 400 W" ]
verdict $? "the rack says first what is wrong"
grep -q '^PROBLEM    fan b stands still$' out && grep -q '^PROBLEM    zone rear runs at 55 % to be safe: fan b stands still$' out
verdict $? "so it does of the fans"
grep -q '^budget     \[############=\{20\}\.\{8\}\] 1000 W, guaranteed$' out
verdict $? "the budget is a bar"
grep -qE '^r1n01 +up +on +210 +300 +300 +42\.5 CPU0_TEMP$' out && grep -qE '^r1n03 +commands +off +- +- +- +-$' out
verdict $? "the nodes are a table"
mv out before && asks --rack status && cmp -s before out
verdict $? "--rack status is the same"
shown '^r1n01/CPU0_TEMP +42\.50 degrees C +ok, 1 s old$' "sensors of a node" sensors r1n01
shown '^SELF/INLET +23\.25 degrees C' "sensors of all" sensors
shown '^r1n01/CPU1_TEMP +61\.00 degrees C +stale' "stale ones say so" sensors
shown '^off$' "power of a node" power r1n03
shown '^r1n01: soft is done$' "a node is switched" power r1n01 soft
says 1 'power: it needs 300 W, and 120 W are left' "what there are no watts for is refused" power r1n03 on
says 1 'power must be on, off' "a word that is no power is too" power r1n01 up
says 1 'there is no node "r2"' "a node that is not there is too" power r2
shown '^r1n01 +200 +300 +210 +120 +400 +200 +1 +a former limit counts' "a cap is set" cap r1n01 200
shown '^r1n01 .* 42\.5 CPU0_TEMP \(by hand: 200 W at most\)$' "the rack says what was set by hand" rack
shown '^r1n02 +- +400 +- .*does not answer' "caps say why" cap
says 1 'r1n01 takes 120 to 400 W' "a cap beyond its limits is refused" cap r1n01 500
shown '\] 900 W, off$' "the budget is set" budget 900 --mode off
shown '^fans +front at 3[89] % \(set by hand\): c - rpm$' "a zone is set by hand" fan front 60
shown '^fans +front at 3[89] % \(as cpus asks for\)' "and given back" fan front auto
says 1 'no zone "side"' "a zone that is not there is refused" fan side
shown 'forgotten' "a node is replaced" replace r1n02
shown '^20.* node\.lost node r1n02, why no\?\[31m answer$' "events are lines, without what a terminal obeys" events
asks --json events
if command -v jq >/dev/null; then
	jq -es '.[0].event == "node.lost" and .[0].node == "r1n02" and (.[0].id | test("-1$"))' out >/dev/null &&
		asks --json rack && jq -e '.budget.watts == 900' out >/dev/null
	verdict $? "--json is for programs"
else
	skip "--json is for programs" "no jq"
fi
"$ctl" --socket api.sock events -f >follow 2>followed &
follower=$!
waits grep -q replaced follow && kill -USR1 $pids && waits grep -q FAN1 follow
verdict $? "-f goes on with what happens"
grep -q 'node.power node a, off$' follow && grep -q 'node.log node a, FAN1: too? slow$' follow
verdict $? "in words, and who it is about first"
kill -9 $pids && wait $pids 2>/dev/null
waits grep -q 'who told them is gone; waiting' followed
verdict $? "it says when the rack is gone"
"$stage" api.sock >log 2>&1 </dev/null &
pids="$! $follower"
waits logged ready && waits grep -q 'events.lost why some before' follow && [ "$(grep -c replaced follow)" = 1 ] &&
	[ "$(wc -l <followed)" = 1 ]
verdict $? "and goes on when it is there again"
mkdir -p run/spicerack && mv api.sock run/spicerack/rack.sock
XDG_RUNTIME_DIR=$work/run timeout 20 "$ctl" status >out 2>err </dev/null && grep -q '^PROBLEM    node r1n02' out && [ ! -s err ]
verdict $? "status is the rack's where there is no console"
