# SPDX-License-Identifier: LGPL-2.1-or-later
# Inside the lab's machine: runs the suite's tests that are named, and marks where each begins and ends.
#	suite_inside.sh NAME...
for name in "$@"; do
	read -r limit command < <(sed -n "s/^$name[[:space:]][[:space:]]*//p" "$top_srcdir/tests/kernel/suite")
	echo "@@ begin $name"
	timeout -k 5 "$limit" sh -c "$command" </dev/null 2>&1
	status=$?
	echo
	echo "@@ end $name $status"
	# What the kernel has to complain of is somebody's fault.
	dmesg --level=emerg,alert,crit,err --notime 2>/dev/null | sed 's/^/# kernel: /'
	dmesg --clear
done
