# SPDX-License-Identifier: LGPL-2.1-or-later
# On the board, see test_arm_memory.sh: what the daemons keep in memory on the processor that they are meant for.
# A line "## WHAT: RSS ANON FILE" in KiB for each, with what of it is whose below it.
patiently()
{
	tries=$1
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return
		sleep 1
	done
}

# Resident KiB by what is mapped, anonymous memory by its kind: the largest first.
shares()
{
	awk '/^[0-9a-f]+-[0-9a-f]+ / { name = NF > 5 ? $6 : "(anonymous)"; sub(".*/", "", name) }
		/^Rss:/ { rss[name] += $2 }
		/^Anonymous:/ { anonymous[name] += $2 }
		END { for (name in rss) if (rss[name] >= 64) printf "%6d %6d %s\n", rss[name], anonymous[name], name }' \
		/proc/$1/smaps | sort -rn | head -n 24 | sed 's/^/#	/'
}

# WHAT PID
measure()
{
	# The board's root is in memory: what is of files counts as shared there.
	awk -v what="$1" '/^(VmRSS|RssAnon|RssFile|RssShmem|Threads):/ { field[$1] = $2 }
		END { printf "## %s: RSS %d KiB, of which %d anonymous and %d of files; %d threads\n", what,
			field["VmRSS:"], field["RssAnon:"], field["RssFile:"] + field["RssShmem:"], field["Threads:"] }' /proc/$2/status
	echo "#	resident, anonymous of it, KiB:"
	shares $2
}

heard() { [ "$(spicerackctl --socket /tmp/rack.sock rack 2>/dev/null | grep -c ' up ')" -ge "$1" ]; }
watched() { spicerackctl status 2>/dev/null | grep viewers | grep -qv 'nobody looks'; }
said() { grep -q "$1" /tmp/log; }

spicerack-rack --simulate --nodes 48 --socket /tmp/rack.sock >/tmp/rack-log 2>&1 &
rack=$!
patiently 120 heard 48
sleep 20
measure "spicerack-rack, 48 simulated nodes" $rack
kill $rack
wait $rack

# WHAT OPTIONS...: a console without a viewer, with one, and after it.
console()
{
	what=$1
	shift
	spicerack-console "$@" --config /tmp/open.conf --listen :5900 >/tmp/log 2>&1 &
	console=$!
	patiently 120 said listening
	sleep 5
	measure "spicerack-console, $what, no viewer" $console
	echo "@@ viewer"
	patiently 120 watched
	sleep 30
	measure "spicerack-console, $what, one viewer" $console
	echo "@@ enough"
	sleep 5
	measure "spicerack-console, $what, after the viewer" $console
	kill $console
	wait $console
	tail -n 5 /tmp/log | sed 's/^/# /'
}

printf '[spice]\nallow-no-password = true\n[capture]\nreplay-rate = 5\nreplay-loop = true\n' >/tmp/open.conf
# The node is in the same process there, with its picture and its engine's.
console "a simulated node" --simulate
# As with the engine of a BMC, whose buffers are the kernel's.
console "a recording of 1920x1080" --replay /files/frames.list
console "the board's own devices without a signal"
