#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Virtual media from end to end: images on real servers, the daemon as it is shipped, and a node's kernel that reads them
# through its own drivers. Runs inside the lab, where the suite starts it:
#	test_media.sh [sources|faults|cycles COUNT|discs|kernel]
[ "${1:-}" = kernel ] && media="kernel-drives = cd;disk"
. "${top_srcdir:-.}/tests/kernel/media_rig.sh"

# --- Every kind of source, whole

test_sources()
{
	whole_image_from "$work/image.iso"
	verdict $? "a file's every byte reaches the node"
	whole_image_from "file://$work/image.iso"
	verdict $? "file: is a file as well"
	whole_image_from "$web_image"
	verdict $? "a web server's every byte reaches the node"
	whole_image_from "https://127.0.0.1:8443/image.iso" --ca "$work/ca.pem"
	verdict $? "over https too, with the CA that is named"
	whole_image_from "nbd+unix:///?socket=$work/nbd.sock"
	verdict $? "an NBD server's every byte reaches the node, over its socket"
	whole_image_from "nbd://127.0.0.1:10809/"
	verdict $? "and over TCP"

	insert cd "$web_image" && within 10 medium_is sr "$image_size" &&
		mount -o ro /dev/sr0 "$work/mnt" && (cd "$work/mnt" && sha256sum --quiet -c SHA256SUMS)
	verdict $? "the node mounts it and finds every file right"
	"$ctl" eject cd >said 2>&1
	[ $? = 0 ] && shows cd ejecting && [ -e "$work/mnt/SHA256SUMS" ]
	verdict $? "a mounted disc is asked for, not torn out"
	umount "$work/mnt"
	host_eject sr && within 5 shows cd empty
	verdict $? "the node gives it free, and the drive is empty"

	insert cd "$web_image" && within 10 medium_is sr "$image_size" && mount -o ro /dev/sr0 "$work/mnt" &&
		"$ctl" eject cd --force >said 2>&1 && within 5 shows cd empty
	verdict $? "by force it goes at once"
	umount "$work/mnt"
	whole_image_from "$work/image.iso"
	verdict $? "the next disc after that is right"

	for size in 5 8; do
		sparse_image_from "http://127.0.0.1:8080/$size.img" "$work/$size.img"
		verdict $? "a DVD of $size GB is right at its head, at 2.2 GB, at 4 GB and at its tail"
	done

	truncate -s 20M "$work/rw.img"
	insert disk "$work/rw.img" --rw && within 10 medium_is sd 20971520 &&
		write_and_verify && eject disk && cmp "$work/rw.img" "$work/pattern"
	verdict $? "what the node writes is in the image"
	cp "$work/pattern" "$work/below.img"
	insert disk "$work/below.img" --overlay && within 10 medium_is sd 20971520 &&
		dd if=/dev/urandom of="$(device sd)" bs=64k count=100 oflag=direct status=none &&
		eject disk && cmp "$work/below.img" "$work/pattern" && [ -z "$(ls "$work/overlay")" ]
	verdict $? "what it writes into an overlay is gone with it"
	insert disk "$web_image" --as disk && within 10 medium_is sd "$image_size" &&
		[ "$(sum "$(device sd)")" = "$image_sum" ]
	verdict $? "a hybrid image is a disk when it is asked for as one"
	eject disk
}

# --- What goes wrong

test_faults()
{
	refused "http://127.0.0.1:8080/none.iso" "404|not found|no such"
	verdict $? "a file that is not there is said"
	refused "http://127.0.0.1:8080/private/image.iso" "401|user|password|credentials"
	verdict $? "a server that wants a password is said"
	SPICERACK_PASSWORD=secret whole_image_from "http://127.0.0.1:8080/private/image.iso" --user operator &&
		! "$ctl" drives --json | grep -q secret && ! grep -q secret log
	verdict $? "with it the image comes, and it is shown nowhere"
	refused "https://127.0.0.1:8443/image.iso" "certificate"
	verdict $? "a certificate of nobody we know is refused"
	refused "$work/none.iso" "No such file|not there|no such"
	verdict $? "a path that is not there is said"
	refused "http://127.0.0.1:9/image.iso" "refused|connect" || shows cd opening
	verdict $? "a server that is not there is said"
	eject cd --force

	reading_goes_on "$web_image" kill_web 3 start_web
	verdict $? "a web server that was killed and is back costs time only"
	reading_goes_on "$web_image" stop_web 8 continue_web
	verdict $? "one that stalled for 8 seconds too"
	reading_goes_on "$web_image" stop_web 60 continue_web
	verdict $? "and one that stalled for a minute"
	insert cd "$web_image" && within 10 medium_is sr "$image_size"
	stop_web
	fresh && { dd if=/dev/sr0 of=/dev/null bs=64k status=none 2>/dev/null & }
	reader=$!
	sleep 1
	begun=$(now)
	"$ctl" eject cd --force >said 2>&1
	took=$(($(now) - begun))
	echo "# eject with a hung server: $took ms, with the command's start"
	shows cd empty && [ $took -lt 2000 ]
	verdict $? "an eject does not wait for a server that hangs"
	wait $reader
	continue_web

	reading_goes_on "nbd+unix:///?socket=$work/nbd.sock" kill_nbd 3 start_nbd
	verdict $? "an NBD server that was restarted costs time only"

	cp "$work/image.iso" "$work/changing.iso"
	insert cd "http://127.0.0.1:8080/changing.iso" && within 10 medium_is sr "$image_size" &&
		dd if=/dev/sr0 of=/dev/null bs=64k count=1 iflag=direct status=none
	head -c "$image_size" /dev/urandom >"$work/changing.iso"
	sleep 3 # lighttpd remembers for two what the file was like
	fresh
	! dd if=/dev/sr0 of="$work/mixed" bs=64k iflag=direct status=none 2>/dev/null
	verdict $? "an image that changed under the node is an error, never a mixture"
	within 10 shows cd failed && grep -qiE 'changed|another|not what it was' said
	verdict $? "and the operator is told"
	eject cd --force

	head -c $((image_size / 2)) "$work/image.iso" >"$work/half.iso"
	"$ctl" insert cd "$work/half.iso" --wait >said 2>&1
	"$ctl" drives >>said 2>&1
	grep -qiE 'truncated|shorter|incomplete|cut' said log
	verdict $? "an image that was cut is said to be"
	eject cd --force

	mount -t tmpfs -o size=2m tmpfs "$work/overlay"
	insert disk "$work/image.iso" --as disk --overlay && within 10 medium_is sd "$image_size"
	dd if=/dev/zero of="$(device sd)" bs=64k count=100 oflag=direct status=none 2>/dev/null
	[ $? != 0 ] && dd if="$(device sd)" of=/dev/null bs=64k count=4 skip=60 iflag=direct status=none
	verdict $? "an overlay on a full disk fails the write, and reading goes on"
	eject disk --force
	umount "$work/overlay"
}

# --- Many

test_cycles()
{
	cycles "$1"
	verdict $? "$1 media leave no descriptor, thread or mount behind"
}

# --- The viewer's own disc

test_discs()
{
	local begun took

	"$look" "unix:$work/spice" "$work/image.iso" >look.log 2>&1 &
	viewer=$!
	within 20 grep -q sharing look.log
	begun=$(now)
	within 10 medium_is sr "$image_size"
	verdict $? "a disc that a viewer shares is in the node's drive"
	took=$(($(now) - begun))
	echo "# from sharing to the node's disc: $took ms"
	"$ctl" drives --json | jq -e '.drives[0] | .state == "ready" and .viewer != null' >/dev/null
	verdict $? "the status says whose it is"
	fresh && [ "$(sum /dev/sr0)" = "$image_sum" ]
	verdict $? "its every byte reaches the node"
	kill -USR1 $viewer
	within 5 shows cd empty && ! medium_is sr "$image_size"
	verdict $? "it is out when the viewer shares it no more"
	kill -KILL $viewer
	wait $viewer 2>/dev/null

	"$look" "unix:$work/spice" "$work/image.iso" >look.log 2>&1 &
	viewer=$!
	within 10 medium_is sr "$image_size" && mount -o ro /dev/sr0 "$work/mnt" &&
		kill -KILL $viewer && within 5 shows cd empty
	verdict $? "it is out when the viewer is gone, though the node has it mounted"
	umount "$work/mnt"
	whole_image_from "$web_image"
	verdict $? "the drive takes another image afterwards"
}

# --- Drives of the kernel's

test_kernel()
{
	asked && jq -e 'all(.drives[]; .backend == "kernel" and .port != null and .fault == null)' said >/dev/null
	verdict $? "the status says that the drives are the kernel's"
	"$ctl" status >said && grep -q "drive cd on dummy_udc.2: configured" said && "$ctl" --json status >said &&
		jq -e '.usb[3] | .drive == "disk" and .functions == [] and .port == "dummy_udc.3"' said >/dev/null
	verdict $? "and which port each is on"
	whole_image_from "$work/image.iso"
	verdict $? "a file's every byte reaches the node, and its keyboard stays the same"

	truncate -s 2400000000 "$work/large.iso"
	refused "$work/large.iso" "2400000000 bytes.*no more than 2359293952.*kernel-drives"
	verdict $? "a CD that the kernel would cut off is refused"
	truncate -s 2359293952 "$work/large.iso"
	insert cd "$work/large.iso" && within 10 medium_is sr 2359293952 && eject cd
	verdict $? "the largest that it shows whole is taken"
	truncate -s 20000000 "$work/odd.img"
	truncate -s +100 "$work/odd.img"
	! insert disk "$work/odd.img" && grep -q "whole blocks" said && eject disk
	verdict $? "a disk whose end would be cut off is refused"
	refused "$web_image" "this machine only.*kernel-drives"
	verdict $? "what is no file is refused, with a remedy"
	! insert disk "$work/image.iso" --overlay && grep -q "knows no overlay.*kernel-drives" said &&
		! insert disk "$work/image.iso" --as cd && grep -q "a disk for good" said &&
		! insert cd "$work/image.iso" --as disk && grep -q "a CD drive for good" said &&
		! insert cd "$work/image.iso" --rw && grep -q "a CD cannot be written" said &&
		! insert cd "$work/none.iso" && grep -q "No such file" said && eject cd
	verdict $? "so is what it cannot do"

	truncate -s 20M "$work/rw.img"
	insert disk "$work/rw.img" --rw && within 10 medium_is sd 20971520 &&
		write_and_verify && eject disk && cmp "$work/rw.img" "$work/pattern"
	verdict $? "what the node writes is in the image"
	insert disk "$work/rw.img" && within 10 medium_is sd 20971520 && fresh && cmp "$(device sd)" "$work/pattern" &&
		! dd if=/dev/zero of="$(device sd)" bs=64k count=1 oflag=direct status=none 2>/dev/null
	verdict $? "but not unless it was asked for"
	# The node's disk, on the same machine here.
	insert cd "$(device sd)" && within 10 medium_is sr 20971520 && fresh && cmp /dev/sr0 "$work/pattern" &&
		eject cd && eject disk
	verdict $? "a block device is read as well"

	insert cd "$work/image.iso" && within 10 medium_is sr "$image_size" && mount -o ro /dev/sr0 "$work/mnt" &&
		! insert cd "$work/large.iso" && grep -q "eject it first" said && (cd "$work/mnt" && sha256sum --quiet -c SHA256SUMS)
	verdict $? "what is in it is not replaced"
	"$ctl" eject cd >said 2>&1
	within 5 shows cd ejecting && sleep 1 && shows cd ejecting && grep -q "the node holds it" said && [ -e "$work/mnt/README" ]
	verdict $? "a mounted disc is not torn out"
	umount "$work/mnt"
	within 5 shows cd empty
	verdict $? "it is out when the node has let go of it"
	insert cd "$work/image.iso" && within 10 medium_is sr "$image_size" && mount -o ro /dev/sr0 "$work/mnt" &&
		eject cd --force && within 5 shows cd empty
	verdict $? "by force it goes while mounted"
	umount "$work/mnt"
	whole_image_from "$work/image.iso"
	verdict $? "the next disc after that is right"
	insert cd "$work/image.iso" && within 10 medium_is sr "$image_size" && host_eject sr && within 5 shows cd empty
	verdict $? "an eject by the node is noticed"

	before=$(addresses)
	insert cd "$work/image.iso" && within 10 medium_is sr "$image_size" && mount -o ro /dev/sr0 "$work/mnt"
	kill -KILL $pid
	wait $pid 2>/dev/null
	fresh && (cd "$work/mnt" && sha256sum --quiet -c SHA256SUMS)
	verdict $? "the node reads on when the daemon dies"
	starts && within 10 shows cd ready && jq -e --arg file "$work/image.iso" '.drives[0].source == $file' said >/dev/null &&
		[ "$before" = "$(addresses)" ]
	verdict $? "the next one knows what is in it"
	umount "$work/mnt"
	eject cd
	verdict $? "and takes it out"
}

"test_${1:-sources}" "${@:2}"
ends
verdict $? "the daemon ends well"
echo "1..$count"
