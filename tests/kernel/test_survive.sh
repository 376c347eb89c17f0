#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The daemon is killed again and again while the node reads and writes, and the node is to see nothing of it. Runs inside
# the lab, where the suite starts it.
under=${top_builddir:-.}/tools/spicerack-holder
. "${top_srcdir:-.}/tests/kernel/media_rig.sh"

# What spicerack-holder runs now.
daemon()
{
	cat /proc/$pid/task/$pid/children 2>/dev/null
}

everything()
{
	addresses 03
	addresses 08
}

# Not once in the time that the holder is patient with: it waits longer and longer for those that die at once.
killed()
{
	local before

	before=$(daemon)
	kill -KILL "$before" 2>/dev/null || return 1
	until [ "$(daemon)" ] && [ "$(daemon)" != "$before" ]; do sleep 0.02; done
	deaths=$((deaths + 1))
}

# Kills it COUNT times, at any moment of its life.
deaths()
{
	local i

	deaths=0
	for i in $(seq "$1"); do
		sleep "$([ $((i % 5)) = 0 ] && echo 1.3 || echo 0.$((RANDOM % 8 + 1)))"
		killed || return 1
	done
	echo "$deaths" >deaths
}

# The node reads the whole of DEVICE, which has the sum SUM, until the file over is there.
reads()
{
	local begun

	: >read
	while [ ! -e over ] || [ ! -s read ]; do
		begun=$(now)
		[ "$(dd if="$1" bs=128k iflag=direct status=none 2>dd.log | sha256sum)" = "$2" ] || { cat dd.log; return 1; }
		echo "$(($(now) - begun))" >>read
	done
}

# The disc is read while the daemon dies COUNT times: reading_survives COUNT
reading_survives()
{
	local reader before status=0

	rm -f over
	before=$(everything)
	reads "$(device sr)" "$image_sum" &
	reader=$!
	deaths "$1" || status=1
	sleep 1
	touch over
	wait $reader || status=1
	echo "# $(cat deaths) deaths; whole discs, ms each:" $(cat read)
	[ "$before" = "$(everything)" ] || { echo "# other addresses: $before; $(everything)"; status=1; }
	return $status
}

quiet()
{
	dmesg | grep -iE 'reset (high|super|full)-speed' | tail -n 3 | sed 's/^/# /'
	! dmesg | grep -iE 'I/O error|medium error|disconnect|offline|critical (target|medium)|hung|BUG|WARNING'
}

dmesg --clear
insert cd "$web_image" && within 10 medium_is sr "$image_size"
reading_survives 3 && asked && shows cd ready
verdict $? "a disc from a web server is read whole while the daemon dies"
killed
within 10 shows cd ready && shows disk empty && eject cd && within 10 shows cd empty
verdict $? "the next daemon knows what is in the drives, and ejects it"
killed
within 10 shows cd empty
verdict $? "what was ejected stays out"

truncate -s 20M below.img
insert cd "$work/image.iso" && insert disk "$work/below.img" --overlay && within 10 medium_is sr "$image_size" &&
	within 10 medium_is sd 20971520
verdict $? "a file is in the one drive, an overlay in the other"
reading_survives 20
verdict $? "a file is read whole, again and again, while the daemon dies twenty times"
quiet
verdict $? "the node's kernel has nothing to complain of"

sleep 1
head -c 4194304 /dev/urandom >pattern
dd if=pattern of="$(device sd)" bs=64k oflag=direct conv=fsync status=none && killed && fresh &&
	cmp -n 4194304 pattern "$(device sd)" && within 10 shows disk ready
verdict $? "what the node wrote before is there afterwards"
{ dd if=pattern of="$(device sd)" bs=64k seek=64 oflag=direct conv=fsync status=none 2>dd.log; echo $? >written; } &
writer=$!
deaths 5
wait $writer
fresh
[ "$(cat written)" = 0 ] && cmp -n 4194304 pattern "$(device sd)" && cmp -n 4194304 -i 0:4194304 pattern "$(device sd)" &&
	cmp -n 20971520 below.img /dev/zero
verdict $? "what it writes while the daemon dies is there too, and the image below is as it was"
within 10 shows disk ready && eject disk

cp image.iso other.iso
insert cd "$work/other.iso" && within 10 medium_is sr "$image_size" && kill -STOP $pid
kill -KILL "$(daemon)"
head -c "$image_size" /dev/urandom >other.iso
kill -CONT $pid
within 10 shows cd failed && grep -q "not the image any more" said &&
	! dd if="$(device sr)" of=/dev/null bs=64k count=1 iflag=direct status=none 2>/dev/null
verdict $? "an image that is another one afterwards is an error, never a mixture"
eject cd --force
within 5 shows cd empty
verdict $? "and can be ejected"
ends
verdict $? "the daemon ends well, and leaves nothing behind"
echo "1..$count"
