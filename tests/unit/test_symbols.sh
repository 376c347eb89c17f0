#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is pure asks for nothing but memory: no files, no sockets, no clock, no GLib. Its undefined symbols are those of
# libc, libm, libjpeg and libcrypto in these lists.
libc='__errno_location _setjmp setjmp longjmp calloc free malloc realloc memcmp memcpy memmove memset getauxval abort'
libjpeg='jpeg_CreateDecompress jpeg_abort_decompress jpeg_alloc_huff_table jpeg_destroy_decompress jpeg_has_multiple_scans
	jpeg_read_header jpeg_read_scanlines
	jpeg_CreateCompress jpeg_abort_compress jpeg_destroy_compress jpeg_finish_compress jpeg_set_defaults
	jpeg_set_quality jpeg_start_compress jpeg_suppress_tables jpeg_write_scanlines
	jpeg_resync_to_restart jpeg_start_decompress jpeg_std_error'
libcrypto='EVP_* CRYPTO_memcmp OPENSSL_cleanse RAND_bytes'
text='snprintf strcmp strlen strncmp strnlen'
math='cbrt ceil exp exp2 floor fmax fmin log log10 log2 lrint pow sqrt'
# Of the compiler, not of the source: position independence, processor detection, hardening, coverage, division on ARM.
compiler='_GLOBAL_OFFSET_TABLE_ __cpu_model __cpu_indicator_init __stack_chk_* __mem*_chk __snprintf_chk __longjmp_chk __gcov_* __aeabi_*'


# archive, what it is, what else it may ask for
symbols_test()
{
	archive=${top_builddir:-.}/$1
	name="$number - $2 nothing but memory"
	if grep -q 'define SANITIZED 1' "${top_builddir:-.}/config.h"; then
		echo "ok $name # SKIP the sanitizers add symbols of their own"
		return
	fi
	if [ ! -f "$archive" ]; then
		echo "ok $name # SKIP configured not to be built"
		return
	fi
	if ! symbols=$(${NM:-nm} -g "$archive" 2>/dev/null); then
		echo "ok $name # SKIP ${NM:-nm} cannot read the archive"
		return
	fi
	if [ -z "$symbols" ]; then
		echo "ok $name # SKIP there is nothing in it"
		return
	fi
	defined=$(printf '%s\n' "$symbols" | awk 'NF == 3 { print $3 }')
	foreign=
	for symbol in $(printf '%s\n' "$symbols" | awk 'NF == 2 && $1 == "U" { print $2 }' | sort -u); do
		known=
		set -f
		for pattern in $defined $libc $3 $compiler; do
			# shellcheck disable=SC2254
			case $symbol in
			$pattern)
				known=yes
				break
				;;
			esac
		done
		set +f
		[ "$known" ] || foreign="$foreign $symbol"
	done
	if [ "$defined" ] && [ -z "$foreign" ]; then
		echo "ok $name"
	else
		echo "# not in the list:$foreign"
		echo "not ok $name"
	fi
}

echo 1..7
number=1
symbols_test decoder/libdecoder.a 'the decoder needs' "$libjpeg"
number=2
symbols_test rack/libcontrol.a 'the controllers of a rack need' ''
number=3
symbols_test rack/libreadings.a 'what sensors said needs' 'strchr strcmp strlen strncmp strrchr'
number=4
symbols_test rack/libipmi.a 'beside libcrypto, a session with a BMC needs' "$text $math $libcrypto"
number=5
symbols_test sim/libplant.a 'the watts of a simulated rack need' ''
number=6
symbols_test sim/librack.a 'a simulated rack needs' "$text $math plant_* capping_* fan_zone_*"
number=7
symbols_test sim/libbmclan.a 'the network side of its BMCs needs' "$text sim_bmc_* rmcp_* lan15_* $libcrypto"
