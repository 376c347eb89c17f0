# SPDX-License-Identifier: LGPL-2.1-or-later
# Building for the BMC's processor: a small Debian in a folder of its own, with the cross compiler and the libraries of
# both architectures, so that this machine's package manager never hears of a foreign one. Sourced by tests/kernel/cross
# and tests/kernel/run-arm.
#
#	$lab_cross        the small Debian; spicerack/ in it is a copy of the tree
#	$lab_cross_built  what was built, in there

# What to build for, armhf (an AST2600) or armel (what came before it), and what: lab_cross_for ARCHITECTURE [rack]
lab_cross_for()
{
	lab_cross_arch=$1 lab_cross_parts=${2-}
	case $lab_cross_arch in
	armhf) lab_cross_host=arm-linux-gnueabihf ;;
	armel) lab_cross_host=arm-linux-gnueabi ;;
	*) return 2 ;;
	esac
	lab_cross=$lab_cache/cross-$lab_cross_arch
	lab_cross_built=spicerack/build${lab_cross_parts:+-$lab_cross_parts-small}
}
lab_cross_for armhf

lab_cross_require()
{
	local tool

	PATH=$PATH:/usr/sbin:/sbin
	[ "$(id -u)" = 0 ] || lab_skip "only root can build in a folder with a Debian of its own"
	for tool in debootstrap chroot flock tar; do
		command -v $tool >/dev/null || lab_skip "no $tool here; tools/packages cross installs it"
	done
	mkdir -p "$lab_cache" || lab_skip "$lab_cache cannot be made; SPICERACK_LAB names another folder"
}

lab_in_cross()
{
	env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
		${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
		chroot "$lab_cross" "$@"
}

# What is installed there: the compiler, and the libraries that the build wants, of the other architecture. That for
# armel is for the rack alone.
lab_cross_packages()
{
	echo gcc-$lab_cross_host binutils-$lab_cross_host libc6-dev-$lab_cross_arch-cross make autoconf automake pkg-config \
		file xz-utils kmod
	lab_cross_wanted rack
	[ "$lab_cross_arch" = armel ] || lab_cross_wanted build
}

# The libraries of a list in tools/packages.
lab_cross_wanted()
{
	sed -n '/^'"$1"'="/,/"$/p' "$kernel_dir/../../tools/packages" | tr '"=\t' '   ' | tr ' ' '\n' |
		sed -n 's/^libjpeg-dev$/libjpeg62-turbo-dev/; s/^\(lib.*-dev\)$/\1:'$lab_cross_arch'/p'
}

# The file complete holds the packages, so that a new one is added when the tree comes to want it.
lab_make_cross_locked()
{
	local suite packages=$1

	if [ ! -e "$lab_cross/complete" ]; then
		suite=$(. /etc/os-release && [ "$ID" = debian ] && echo "${VERSION_CODENAME:-stable}" || echo stable)
		lab_say "making a Debian $suite to build for $lab_cross_arch in; this takes minutes"
		rm -rf "$lab_cross"
		debootstrap --variant=minbase "$suite" "$lab_cross" >"$lab_cache/cross.log" 2>&1 || return
		lab_in_cross dpkg --add-architecture $lab_cross_arch
	fi
	# shellcheck disable=SC2086
	{ lab_in_cross apt-get update -q && lab_in_cross apt-get install -y -q --no-install-recommends $packages; } \
		>>"$lab_cache/cross.log" 2>&1 || return
	lab_in_cross apt-get clean
	echo "$packages" >"$lab_cross/complete"
}

lab_make_cross()
{
	local packages

	packages=$(lab_cross_packages)
	[ "$packages" = "$(cat "$lab_cross/complete" 2>/dev/null)" ] && return
	if ! lab_locked lab_make_cross_locked "$packages"; then
		tail -n 5 "$lab_cache/cross.log" | sed 's/^/	/' >&2
		lab_skip "no Debian to build for $lab_cross_arch in could be made"
	fi
}

# Brings the copy of the tree up to date; what was built before stays.
lab_copy_tree()
{
	local top

	top=$(cd "$kernel_dir/../.." && pwd)
	mkdir -p "$lab_cross/spicerack"
	{ git -C "$top" ls-files -z --cached --others --exclude-standard 2>/dev/null ||
		(cd "$top" && find . -path './build*' -prune -o -type f -print0); } |
		(cd "$top" && tar --null -T - --ignore-failed-read -cf - 2>/dev/null) | tar -C "$lab_cross/spicerack" -xf -
}

# Builds programs of the tree: lab_cross_build PROGRAM...
lab_cross_build()
{
	local options=--disable-client-tests

	# As images for flash are made.
	[ "$lab_cross_parts" != rack ] || options='--disable-console CFLAGS=-Os'
	lab_copy_tree
	lab_in_cross sh -e -c '
		cd /spicerack
		[ configure -nt configure.ac ] || ./autogen.sh
		mkdir -p /'$lab_cross_built'
		cd /'$lab_cross_built'
		[ Makefile -nt ../configure ] || ../configure --quiet --host='$lab_cross_host' \
			'"$options"' \
			PKG_CONFIG=/usr/bin/pkg-config PKG_CONFIG_LIBDIR=/usr/lib/'$lab_cross_host'/pkgconfig:/usr/share/pkgconfig
		make --quiet -j"$(nproc)" "$@"
	' sh "$@"
}
