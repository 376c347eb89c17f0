# SPDX-License-Identifier: LGPL-2.1-or-later
# An AST2600 evaluation board in QEMU. It has no disk that QEMU could share: all that is on it comes in the initramfs.
# Sourced by tests/kernel/run-arm, after fetch.sh and cross.sh.
#
#	$lab_cache/armmp-RELEASE/    the kernel's package
#	$lab_cache/busybox-armhf/    busybox-static's
lab_board_tree=aspeed-ast2600-evb.dtb
lab_board_modules='configfs aspeed-video aspeed-vhub libcomposite usb_f_hid usb_f_mass_storage usb_f_fs mdio-aspeed realtek
	ftgmac100'

lab_board_require()
{
	local tool

	PATH=$PATH:/usr/sbin:/sbin
	for tool in qemu-system-arm cpio gzip xz depmod modprobe; do
		command -v $tool >/dev/null || lab_skip "no $tool here; tools/packages cross installs it"
	done
}

# Unpacks a package for the board: lab_board_unpack FOLDER PACKAGE. The small Debian downloads it.
lab_board_unpack()
{
	local into=$1 package=$2

	[ -d "$into" ] && return
	lab_say "fetching $package for $lab_cross_arch"
	rm -rf "$lab_cross/fetched"
	mkdir -p "$lab_cross/fetched"
	lab_in_cross sh -c 'cd /fetched && apt-get download -q -o APT::Sandbox::User=root "$1"' sh \
		"$package:$lab_cross_arch" >"$lab_cache/cross.log" 2>&1 || return
	dpkg-deb -x "$lab_cross"/fetched/*.deb "$into.new" && mv "$into.new" "$into"
	rm -rf "$lab_cross/fetched"
}

lab_board_fetch_locked()
{
	lab_release=$(lab_in_cross apt-cache show --no-all-versions linux-image-armmp:$lab_cross_arch 2>/dev/null |
		sed -n 's/^Depends:.*\<linux-image-\([^ ,]*\).*/\1/p' | head -n 1)
	[ "$lab_release" ] || return
	lab_root=$lab_cache/armmp-$lab_release
	if [ ! -d "$lab_root" ]; then
		lab_board_unpack "$lab_root" "linux-image-$lab_release" || return
		depmod -b "$lab_root" "$lab_release"
	fi
	lab_board_unpack "$lab_cache/busybox-$lab_cross_arch" busybox-static
}

# Sets lab_release and lab_root.
lab_board_fetch()
{
	lab_locked lab_board_fetch_locked ||
		lab_skip "the kernel linux-image-armmp or busybox-static cannot be had from the archive"
}

# The libraries of a program and of all that it needs, as paths in the small Debian: lab_board_libraries PROGRAM...
lab_board_libraries()
{
	lab_in_cross sh -c '
		known=" "
		while [ $# -gt 0 ]; do
			for name in $('$lab_cross_host'-readelf -d "$1" | sed -n "s/.*NEEDED.*\[\(.*\)\].*/\1/p"); do
				case $known in *" $name "*) continue ;; esac
				known="$known$name "
				for folder in /lib/'$lab_cross_host' /usr/lib/'$lab_cross_host'; do
					[ -e "$folder/$name" ] && set -- "$@" "$folder/$name" && echo "$folder/$name" && break
				done
			done
			shift
		done
	' sh "$@"
}

# The initramfs: lab_board_image SCRIPT PROGRAM..., of which those go on the board that there are.
lab_board_image()
{
	local script=$1 root=$lab_run/root module file program programs=() library

	shift
	mkdir -p "$root"/{bin,dev,etc,lib,mods,proc,run,sys,tmp}
	cp "$lab_cache/busybox-$lab_cross_arch/bin/busybox" "$root/bin/" 2>/dev/null ||
		cp "$lab_cache/busybox-$lab_cross_arch/usr/bin/busybox" "$root/bin/"
	cp "$kernel_dir/lab/board-init" "$root/init"
	cp "$script" "$root/script"
	chmod 755 "$root/init"
	[ -z "${lab_files-}" ] || cp -r "$lab_files" "$root/files"
	for module in $lab_board_modules; do
		modprobe -d "$lab_root" -S "$lab_release" --show-depends "$module" 2>/dev/null |
			sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++' | while read -r file; do
		module=${file##*/}
		module=${module%.xz}
		case $file in
		*.xz) xz -dc "$file" ;;
		*) cat "$file" ;;
		esac >"$root/mods/$module"
		echo "$module" >>"$root/mods/list"
	done
	for program; do
		[ -x "$lab_cross/$lab_cross_built/$program" ] || continue
		programs+=("/$lab_cross_built/$program")
		cp "$lab_cross/$lab_cross_built/$program" "$root/bin/"
	done
	for library in $(lab_board_libraries "${programs[@]}"); do
		cp -L "$lab_cross$library" "$root/lib/"
	done
	(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$lab_run/image"
}

lab_board_cleanup()
{
	[ -z "${lab_machine-}" ] || kill "$lab_machine" 2>/dev/null
	rm -rf "$lab_run"
}

# The board cannot switch itself off: its last line says that it is done, and the script's exit status.
lab_board_boot()
{
	local tree status='' line

	tree=$(find "$lab_root" -name "$lab_board_tree" | head -n 1)
	[ "$tree" ] || lab_skip "linux-image-$lab_release has no $lab_board_tree"
	mkfifo "$lab_run/out"
	timeout -k 5 "$lab_timeout" qemu-system-arm -M ast2600-evb -m 1G -display none -monitor none -no-reboot \
		-kernel "$lab_root/boot/vmlinuz-$lab_release" -initrd "$lab_run/image" -dtb "$tree" \
		-nic user,restrict=on${lab_port:+,hostfwd=tcp:127.0.0.1:$lab_port-10.0.2.15:5900} \
		-append "console=ttyS4,115200n8 quiet panic=-1" -chardev stdio,id=out,signal=off -serial chardev:out \
		</dev/null >"$lab_run/out" 2>"$lab_run/qemu" &
	lab_machine=$!
	while IFS= read -r line; do
		line=${line%$'\r'}
		case $line in
		'@@ end '*) status=${line#@@ end }; break ;;
		esac
		printf '%s\n' "$line" | tee -a "$lab_run/console"
	done <"$lab_run/out"
	if [ "$status" ]; then
		exit "$status"
	fi
	wait $lab_machine
	status=$?
	lab_machine=''
	cat "$lab_run/qemu" >&2
	if [ $status = 124 ] || [ $status = 137 ]; then
		lab_say "the board was stopped after $lab_timeout s"
		exit 124
	fi
	lab_say "the board died"
	exit 125
}
