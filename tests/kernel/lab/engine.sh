# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel's own aspeed-video.c over the simulated engine, built as a module for the lab's kernel. The driver comes
# from the distribution's kernel source, unchanged, and is not part of this tree. Sourced by tests/kernel/run.
#
#	$lab_cache/RELEASE/headers/     the packages to build modules with
#	$lab_cache/RELEASE/driver/      aspeed-video.c
#	$lab_cache/RELEASE/engine-KEY   aspeed-video.ko, KEY stands for the sources

lab_fetch_headers()
{
	local into=$lab_cache/$lab_release/headers packages makefile

	[ -d "$into" ] && return
	packages=$(
		{ apt-cache show --no-all-versions "linux-headers-$lab_release" 2>/dev/null ||
			lab_apt apt-cache show --no-all-versions "linux-headers-$lab_release" 2>/dev/null; } |
			sed -n 's/^Depends://p' | head -n 1 | tr ',|' '\n\n' | sed -n 's/^ *\(linux-\(headers\|kbuild\)-[^ ]*\).*/\1/p'
	)
	[ "$packages" ] || return
	lab_say "fetching linux-headers-$lab_release"
	lab_unpack "$into" "linux-headers-$lab_release" $packages || return
	# It expects to be installed.
	makefile=$into/usr/src/linux-headers-$lab_release/Makefile
	sed -i "s,^include /usr,include $into/usr," "$makefile"
}

lab_fetch_driver()
{
	local into=$lab_cache/$lab_release/driver series path archive

	[ -s "$into/aspeed-video.c" ] && return
	series=$(echo "$lab_release" | cut -d. -f1,2)
	lab_say "fetching aspeed-video.c from linux-source-$series"
	lab_unpack "$into.new" "linux-source-$series" || return
	archive=$(echo "$into.new"/usr/src/linux-source-"$series".tar.*)
	path=linux-source-$series/drivers/media/platform/aspeed/aspeed-video.c
	mkdir -p "$into"
	tar -C "$into.new" --occurrence=1 -xf "$archive" "$path" && mv "$into.new/$path" "$into/"
	rm -rf "$into.new"
	[ -s "$into/aspeed-video.c" ]
}

lab_build_engine_locked()
{
	local new headers=$lab_cache/$lab_release/headers compiler

	[ -s "$lab_engine_module" ] && return
	new=$(mktemp -d "$lab_cache/new.XXXXXX") || return
	cp "$kernel_dir"/engine/* "$lab_cache/$lab_release/driver/aspeed-video.c" "$new"
	# The compiler that built the kernel, where it is installed.
	compiler=$(sed -n 's/.*CONFIG_CC_VERSION_TEXT="[^"]*\(gcc-[0-9]*\).*/\1/p' "$headers/usr/src/linux-headers-$lab_release/.config")
	command -v "${compiler:=gcc}" >/dev/null || compiler=gcc
	# Without debug information for BTF, which needs one more tool.
	if ! make -s -C "$headers/usr/src/linux-headers-$lab_release" M="$new" CC="$compiler" \
		CONFIG_DEBUG_INFO_BTF_MODULES= modules >"$new/log" 2>&1; then
		sed 's/^/	/' "$new/log" >&2
		rm -rf "$new"
		return 1
	fi
	grep -i warning "$new/log" >&2
	mkdir -p "$(dirname "$lab_engine_module")"
	mv "$new/aspeed-video.ko" "$lab_engine_module"
	rm -rf "$new"
}

# Sets lab_engine_module, or lab_no_engine to the reason why there is none.
lab_build_engine()
{
	local key

	lab_engine_module='' lab_no_engine=''
	if [ "$(echo "$lab_release" | cut -d. -f1)" -lt 6 ]; then
		lab_no_engine="aspeed-video.c of Linux $lab_release is too old"
	elif ! command -v make >/dev/null || ! command -v gcc >/dev/null; then
		lab_no_engine="no make and gcc to build the simulated engine with"
	elif ! lab_locked lab_fetch_headers; then
		lab_no_engine="the packages of linux-headers-$lab_release cannot be had from the archive"
	elif ! lab_locked lab_fetch_driver; then
		lab_no_engine="the kernel's aspeed-video.c cannot be had from the archive"
	fi
	if [ "$lab_no_engine" ]; then
		lab_say "no video engine: $lab_no_engine"
		return
	fi
	key=$(cat "$kernel_dir"/engine/* "$lab_cache/$lab_release/driver/aspeed-video.c" "$kernel_dir/lab/engine.sh" |
		sha256sum | cut -c1-12)
	lab_engine_module=$lab_cache/$lab_release/engine-$key/aspeed-video.ko
	if [ ! -s "$lab_engine_module" ] && ! lab_locked lab_build_engine_locked; then
		lab_say "the simulated engine was not built"
		exit 1
	fi
}
