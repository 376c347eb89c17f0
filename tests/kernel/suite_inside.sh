# SPDX-License-Identifier: LGPL-2.1-or-later
# Inside a machine of the lab: runs those of the suite's tests that no other machine has taken, and marks where each
# begins and ends.
#	suite_inside.sh NAME...

# A test that was ended early must not spoil the next: nothing of it runs on, and the engine is as it was at first.
# Every program in the machine is the test's, but for this one and those that started it.
tidy()
{
	local engine=/sys/class/misc/aspeed-engine process

	for process in /proc/[0-9]*; do
		process=${process#/proc/}
		case $process in
		1 | $$ | $PPID) ;;
		*) readlink "/proc/$process/exe" >/dev/null && kill -KILL "$process" ;; # the kernel's have none
		esac
	done
	if [ -d $engine ]; then
		echo none >$engine/fault
		echo none >$engine/mode
		echo 0 >$engine/fps
	fi
}

for name in "$@"; do
	mkdir "/run/lab/share/$name" 2>/dev/null || continue
	read -r limit command < <(sed -n "s/^$name[[:space:]][[:space:]]*//p" "$top_srcdir/tests/kernel/suite")
	echo "@@ begin $name"
	timeout -k 5 "$limit" sh -c "$command" </dev/null 2>&1
	status=$?
	echo
	echo "@@ end $name $status"
	# What the kernel has to complain of is somebody's fault.
	dmesg --level=emerg,alert,crit,err --notime 2>/dev/null | sed 's/^/# kernel: /'
	dmesg --clear
	tidy 2>/dev/null
done
