# SPDX-License-Identifier: LGPL-2.1-or-later
# Inside the machine, as its first process, on the host's root: mounts the rest, runs the command, reports its exit
# status. The folder of this run is /run/lab, shared with the host.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/lab /dev/pts /dev/shm /run/lock
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,access=any lab /run/lab
exec </dev/null >/dev/hvc0 2>&1
stty raw -echo <&1

# What udev would add.
ln -s /proc/self/fd /dev/fd
for number in 0:stdin 1:stdout 2:stderr; do
	ln -s "/proc/self/fd/${number%:*}" "/dev/${number#*:}"
done
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t debugfs debugfs /sys/kernel/debug
mount -t configfs configfs /sys/kernel/config
release=$(uname -r)
lab_modules=$(cat /run/lab/modules)
mkdir -p /lib/modules/"$release"
mount --bind "$lab_modules" /lib/modules/"$release"
mkdir -p /run/lab/share
if grep -q lab_share /proc/cmdline; then
	mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,access=any share /run/lab/share
fi
ip link set lo up
hostname lab

# The video nodes by what they are, as their numbers depend on what was loaded.
for node in /sys/class/video4linux/video*; do
	[ -e "$node" ] || continue
	case $(cat "$node/name") in
	aspeed-video*) LAB_ASPEED=/dev/${node##*/} ;;
	vivid*) LAB_VIVID=/dev/${node##*/} ;;
	esac
done

# What the command was asked to run with, then what only this machine knows.
. /run/lab/environment
export LAB=/run/lab LAB_ASPEED LAB_VIVID
cd "$(cat /run/lab/directory)" || exit
if [ -e /run/lab/shell ]; then
	stty sane </dev/hvc0
	setsid -c bash /run/lab/command </dev/hvc0 >/dev/hvc0 2>&1
else
	bash /run/lab/command
fi
echo $? >/run/lab/status
stty raw <&1 # waits until all was written
# The port of isa-debug-exit: ends QEMU at once.
printf '\020' | dd of=/dev/port bs=1 seek=$((0xf4)) conv=notrunc 2>/dev/null
busybox poweroff -f
