#!/bin/bash
# What the console does with bad input: one line that says what, where and what to do, and on it goes where it can.
. "${top_srcdir:-.}/tests/clients/daemon.sh"

# ends STATUS PATTERN NAME ARGUMENTS...: the console ends with that status and one line like that.
ends()
{
	local status=$1 pattern=$2 name=$3

	shift 3
	timeout 10 "$console" "$@" >log 2>&1 </dev/null
	[ $? = "$status" ] && [ "$(wc -l <log)" = 1 ] && grep -qE -- "$pattern" log
	verdict $? "$name"
}

# starts ARGUMENTS...: a console in the background, listening on a free port; its log is in log.
starts()
{
	local i

	"$console" --listen 127.0.0.1:0 --socket api.sock "$@" >log 2>&1 </dev/null &
	pid=$!
	pids="$pids $pid"
	for i in $(seq 100); do
		address=$(sed -n 's/.*listening on //p' log)
		[ -n "$address" ] && return
		sleep 0.05
	done
}

# stops NAME: on SIGTERM it ends cleanly.
stops()
{
	kill -TERM "$pid"
	wait "$pid"
	verdict $? "$1"
}

alive()
{
	kill -0 "$pid" 2>/dev/null
}

echo "1..18"
ends 2 'what is "nonsense"' "an argument too many is refused" nonsense
ends 2 'Unknown option' "an unknown option is refused" --nonsense
ends 1 'missing.conf.*No such file' "a configuration that is named must be there" --config missing.conf
mkdir folder.conf
ends 1 'folder.conf' "a configuration that cannot be read is an error" --config folder.conf
printf '[spice]\nlisten = 127.0.0.1:0\n\n[spice]\nlisen = x\n' >typo.conf
ends 1 'typo.conf:5: unknown key "lisen".*did you mean "listen"' "a typo is found, with its line and a guess" \
	--config typo.conf
printf '[simulate]\nselector = 12\n' >range.conf
ends 1 'range.conf:2: .*selector' "a value out of range is found" --config range.conf --check-config
printf '[simulate]\nselector = 11\n' >good.conf
ends 0 'good' "a good configuration is said to be good" --config good.conf --check-config
printf 'secret\n' >password
chmod 644 password
printf '[spice]\npassword-file = password\n' >loose.conf
ends 1 'password' "a password that others can read is refused" --config loose.conf
ends 1 'missing.list' "a recording that is not there is an error" --replay missing.list
printf 'a.ajpg\t640\t480\t444\t12\t-1\tfull\n' >wrong.list
ends 1 'wrong.list:1:' "a list with a mistake is an error with its line" --replay wrong.list
ends 1 'nonsense' "an address that makes no sense is an error" --simulate --listen nonsense:nonsense:nonsense

starts --simulate
ends 1 "${address}.*in use" "a port that is taken is an error" --simulate --listen "$address"
head -c 100 /dev/urandom >"/dev/tcp/${address%:*}/${address#*:}"
exec 4<>"/dev/tcp/${address%:*}/${address#*:}" && printf 'GET / HTTP/1.0\r\n\r\n' >&4 && exec 4>&-
sleep 0.3
alive
verdict $? "strangers at the port do no harm"
stops "SIGTERM ends it cleanly"

# A recording of one good frame (an end code alone), one that goes away, and one that is damaged.
printf '\0\0\0\x90' >end.ajpg
printf '\0\0\0\x10' >bad.ajpg
cp end.ajpg gone.ajpg
for file in end gone bad; do printf '%s.ajpg\t640\t480\t444\t4\t-1\tfull\n' $file; done >frames.list
printf '[capture]\nreplay-rate = 20\nreplay-loop = true\n' >replay.conf
starts --replay frames.list --config replay.conf
viewer=${top_builddir:-.}/tests/clients/look
if [ -x "$viewer" ]; then
	"$viewer" "$address" >/dev/null 2>&1 &
	pids="$pids $!"
	waits logged 'bad frame: .*macroblock'
	verdict $? "a damaged frame is said"
	rm gone.ajpg
	waits logged 'gone.ajpg'
	verdict $? "a frame that went away is said, with its name"
	sleep 1
	[ "$(grep -c 'gone.ajpg' log)" -le 4 ] && [ "$(wc -l <log)" -lt 20 ]
	verdict $? "nothing is said again and again"
else
	for name in damaged missing again; do echo "ok $((++count)) - $name # SKIP no client was built"; done
fi
stops "it lived through all of it"
