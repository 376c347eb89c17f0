#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The rack on the processors of BMCs, its pure parts' tests in QEMU's user mode and its size in flash: make check-arm
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
kernel_dir=$top_srcdir/tests/kernel
lab_skip_file=$(mktemp) || exit
trap 'rm -rf "$lab_skip_file" "${folder-}"' EXIT
trap 'exit 143' INT TERM
. "$kernel_dir/lab/fetch.sh"
. "$kernel_dir/lab/cross.sh"

# What stands on libc and libcrypto: no sockets that the user mode would have to translate, no clocks that it slows.
pure='bmc bmc_faults bmc_lan capping fan_pid fan_zone ipmi lan15 memcache_text readings rmcp rmcp_crypt rmcp_keys sdr session
	session15 session_faults sim_bmc waterfill'
most=120 # KiB that the rack's daemon may take of a compressed file system

count=0
verdict()
{
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
	fi
}

skip()
{
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# A line for each test program: run_tests PROCESSOR
run_tests()
{
	local name said

	cp "$(command -v qemu-arm-static)" "$lab_cross/usr/bin/"
	for name in $pure; do
		said=$(lab_in_cross env G_TEST_SRCDIR=/spicerack timeout 300 qemu-arm-static -cpu "$1" \
			"/$lab_cross_built/tests/unit/test_$name" --tap 2>&1)
		verdict $? "$lab_cross_arch, $1: $name, $(grep -c '^ok' <<<"$said") tests"
		grep -E '^(not ok|Bail|ERROR|qemu)|ERROR:' <<<"$said" | sed 's/^/# /'
	done
}

# Of the program alone: its libraries are the image's.
judge_size()
{
	local size

	folder=$(mktemp -d) || return
	lab_in_cross "$lab_cross_host-strip" -o "/$lab_cross_built/stripped" "/$lab_cross_built/spicerack-rack" &&
		mksquashfs "$lab_cross/$lab_cross_built/stripped" "$folder/image" -comp xz -Xbcj arm -b 256K \
			-noappend -nopad -quiet >/dev/null && size=$(stat -c %s "$folder/image") || return
	echo "# $lab_cross_arch: $(stat -c %s "$lab_cross/$lab_cross_built/stripped") bytes stripped, $size in squashfs-xz"
	rm -r "$folder"
	[ "$size" -le $((most * 1024)) ]
}

# ARCHITECTURE PROCESSOR
judge()
{
	if ! (lab_cross_for "$1" rack && lab_cross_require && lab_make_cross); then
		skip "$1: the rack builds" "$(head -n 1 "$lab_skip_file")"
		return
	fi
	lab_cross_for "$1" rack
	programs=$(printf ' tests/unit/test_%s' $pure)
	# shellcheck disable=SC2086
	lab_cross_build spicerack-rack $programs >"$lab_skip_file" 2>&1
	status=$?
	verdict $status "$1: the rack builds"
	if [ $status != 0 ]; then
		tail -n 20 "$lab_skip_file" | sed 's/^/# /'
		return
	fi
	if command -v qemu-arm-static >/dev/null; then
		run_tests "$2"
	else
		skip "$1, $2: tests" "no qemu-arm-static here; tools/packages cross installs it"
	fi
	if command -v mksquashfs >/dev/null; then
		judge_size
		verdict $? "$1: the daemon takes at most $most KiB of flash"
	else
		skip "$1: size in flash" "no mksquashfs here; tools/packages cross installs it"
	fi
}

judge armhf cortex-a7 # AST2600
judge armel arm926    # AST2400 and before
echo "1..$count"
