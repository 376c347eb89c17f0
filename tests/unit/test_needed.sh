#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The rack goes onto boards with little flash and memory, where the console is not: it loads no library
# of its, and of OpenSSL libcrypto alone.
program=${top_builddir:-.}/spicerack-rack
console='libspice* libjpeg* libturbojpeg* libgio* libgobject* libgst* libstdc++* libusb* libaio* libnbd* libcurl* libssl*'

# name, and the libraries to judge
needed_test()
{
	set -f
	foreign=
	for library in $2; do
		for pattern in $console; do
			# shellcheck disable=SC2254
			case ${library##*/} in
			$pattern) foreign="$foreign $library" ;;
			esac
		done
	done
	set +f
	[ -z "$foreign" ] || printf '# %s\nnot ' "$foreign"
	echo "ok $1"
}

if [ ! -f "$program" ]; then
	echo "1..0 # SKIP spicerack-rack was not built"
	exit 0
fi
if grep -q 'define SANITIZED 1' "${top_builddir:-.}/config.h"; then
	echo "1..0 # SKIP the sanitizers load libraries of their own"
	exit 0
fi
echo 1..2
if asked=$(LC_ALL=C readelf -d "$program" 2>/dev/null); then
	needed_test "1 - it asks for no library of the console's" \
		"$(printf '%s\n' "$asked" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')"
else
	echo "ok 1 # SKIP no readelf that can read it"
fi
if loaded=$(ldd "$program" 2>/dev/null); then
	needed_test "2 - nor does anything that it asks for" \
		"$(printf '%s\n' "$loaded" | awk '{ print $1 }')"
else
	echo "ok 2 # SKIP no ldd that can load it"
fi
