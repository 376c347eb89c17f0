# What shell tests of a running console begin with: a folder of its own to work in, and TAP. To be sourced.
console=${top_builddir:-.}/spicerack-console
ctl=${top_builddir:-.}/tools/spicerackctl
source=${top_srcdir:-.}
case $source in /*) ;; *) source=$PWD/$source ;; esac
case $console in /*) ;; *) console=$PWD/$console ;; esac
case $ctl in /*) ;; *) ctl=$PWD/$ctl ;; esac
work=$(mktemp -d)
pids= # to be ended with the test
count=0
cd "$work" || exit 1
unset XDG_RUNTIME_DIR http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

finish()
{
	[ -z "$pids" ] || kill $pids 2>/dev/null
	wait 2>/dev/null
	rm -rf "$work"
}
trap finish EXIT

# verdict STATUS NAME: 0 is good; else the ends of log, out and err are shown.
verdict()
{
	if [ "$1" = 0 ]; then
		echo "ok $((++count)) - $2"
	else
		echo "not ok $((++count)) - $2"
		tail -n 20 log out err 2>/dev/null | sed 's/^/# /'
	fi
}

skip()
{
	echo "ok $((++count)) - $1 # SKIP $2"
}

# waits CONDITION...: until it holds, ten seconds at most.
waits()
{
	local i

	for i in $(seq 200); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}

# logged PATTERN: the console has said such a line.
logged()
{
	grep -qE -- "$1" log
}

# asks ARGUMENTS...: spicerackctl; what it prints is in out and err; returns its status.
asks()
{
	timeout 20 "$ctl" --socket api.sock "$@" >out 2>err </dev/null
}

# says STATUS PATTERN NAME ARGUMENTS...: ends with that status, and one line like that on standard error.
says()
{
	local status=$1 pattern=$2 name=$3

	shift 3
	asks "$@"
	[ $? = "$status" ] && [ "$(wc -l <err)" = 1 ] && grep -qE -- "$pattern" err && [ ! -s out ]
	verdict $? "$name"
}
