# SPDX-License-Identifier: LGPL-2.1-or-later
# The lab's kernel comes from the distribution's archive, by name of its series, and is unpacked in a cache: nothing
# is installed. Sourced by tests/kernel/run.
#
#	$lab_cache/kernel       the newest kernel's release, e.g. 6.12.117+deb12-amd64
#	$lab_cache/RELEASE/     what belongs to it: root/ (the package), vmlinux, and later headers and images
lab_cache=${SPICERACK_LAB:-${XDG_CACHE_HOME:-$HOME/.cache}/spicerack/lab}

# aspeed-video knows AJPG since 6.2, and this series is the one that BMCs run; the other name is for a distribution
# where it has no package of its own.
lab_metas='linux-image-6.12-amd64 linux-image-amd64'

lab_skip()
{
	echo "tests/kernel: skipped: $*" >&2
	[ -z "${lab_skip_file-}" ] || echo "$*" >"$lab_skip_file"
	exit 77
}

lab_say()
{
	echo "tests/kernel: $*" >&2
}

# The tools that cannot be fetched.
lab_require()
{
	local tool

	[ "$(uname -m)" = x86_64 ] || lab_skip "the lab's kernel runs this machine's programs, and knows x86_64 only"
	for tool in qemu-system-x86_64 busybox cpio xz apt-get apt-cache dpkg-deb depmod modprobe strip flock; do
		PATH=$PATH:/usr/sbin:/sbin command -v $tool >/dev/null ||
			lab_skip "no $tool here; tools/packages test installs it"
	done
	PATH=$PATH:/usr/sbin:/sbin
	mkdir -p "$lab_cache" || lab_skip "$lab_cache cannot be made; SPICERACK_LAB names another folder"
}

# Runs a function of ours while no other lab changes the cache: lab_locked FUNCTION ARGUMENTS...
lab_locked()
{
	exec 9>"$lab_cache/lock"
	flock 9
	"$@"
	set -- $?
	exec 9>&-
	return "$1"
}

# apt-get and apt-cache with package lists of our own: those of the system may be missing or out of date, and
# bringing them up to date is not for a test to do.
lab_apt()
{
	local tool=$1

	shift
	$tool -q -o Dir::State::lists="$lab_cache/apt/lists" -o Dir::Cache="$lab_cache/apt/cache" \
		-o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none "$@"
}

lab_apt_update()
{
	mkdir -p "$lab_cache/apt/lists/partial" "$lab_cache/apt/cache/archives/partial"
	lab_apt apt-get update >"$lab_cache/apt/log" 2>&1
}

# The release of the newest kernel on offer.
lab_newest_kernel()
{
	local meta

	for meta in $lab_metas; do
		"$@" apt-cache show --no-all-versions $meta 2>/dev/null |
			sed -n 's/^Depends:.*\<linux-image-\([^ ,]*\).*/\1/p' | head -n 1 | grep . && return
	done
	return 1
}

# Downloads packages into the working folder: lab_download PACKAGE...
lab_download()
{
	apt-get download -q -o APT::Sandbox::User="$(id -un)" "$@" >download.log 2>&1 && return
	lab_apt_update
	lab_apt apt-get download "$@" >download.log 2>&1
}

# Downloads packages and unpacks them over each other: lab_unpack DIRECTORY PACKAGE...
lab_unpack()
{
	local into=$1 new deb

	shift
	new=$(mktemp -d "$lab_cache/new.XXXXXX") || return
	if ! (cd "$new" && lab_download "$@"); then
		sed 's/^/	/' "$new/download.log" >&2
		rm -rf "$new"
		return 1
	fi
	mkdir "$new/root"
	for deb in "$new"/*.deb; do
		dpkg-deb -x "$deb" "$new/root" && rm "$deb" || { rm -rf "$new"; return 1; }
	done
	rm -rf "$into"
	mkdir -p "$(dirname "$into")"
	mv "$new/root" "$into" && rm -rf "$new"
}

# ELF out of a bzImage, which QEMU starts a second sooner (Documentation/arch/x86/boot.rst: setup_sects at 0x1f1,
# payload_offset and payload_length at 0x248). Leaves nothing where the compression is not known here.
lab_extract_vmlinux()
{
	local image=$1 out=$2 start length magic unpack

	word() { od -An -v -tu"$2" -j"$1" -N"$2" "$image" | tr -d ' '; }
	start=$((($(word $((0x1f1)) 1) + 1) * 512 + $(word $((0x248)) 4)))
	length=$(word $((0x24c)) 4)
	magic=$(od -An -tx1 -j$start -N4 "$image" | tr -d ' \n')
	case $magic in
	28b52ffd) unpack='zstd -dc' ;;
	fd377a58) unpack='xz -dc' ;;
	1f8b*) unpack='gzip -dc' ;;
	*) return 0 ;;
	esac
	command -v ${unpack%% *} >/dev/null || return 0
	# The last four bytes are the size, which is no part of the compressed stream.
	tail -c +$((start + 1)) "$image" | head -c $((length - 4)) | $unpack >"$out.new" 2>/dev/null
	[ "$(head -c 4 "$out.new" | tail -c 3)" = ELF ] && mv "$out.new" "$out"
	rm -f "$out.new"
}

lab_fetch_kernel_locked()
{
	local known='' release=''

	[ ! -s "$lab_cache/kernel" ] || known=$(cat "$lab_cache/kernel")
	if [ -z "$known" ]; then
		release=$(lab_newest_kernel) || { lab_apt_update; release=$(lab_newest_kernel lab_apt); }
	elif [ "${lab_update-}" ] || [ "$(find "$lab_cache/kernel" -mtime +7)" ]; then
		lab_apt_update
		release=$(lab_newest_kernel lab_apt)
	fi
	release=${release:-$known}
	[ "$release" ] || return 1
	if [ ! -d "$lab_cache/$release/root" ]; then
		lab_say "fetching linux-image-$release"
		if lab_unpack "$lab_cache/$release/root" "linux-image-$release"; then
			depmod -b "$lab_cache/$release/root" "$release"
			lab_extract_vmlinux "$lab_cache/$release/root/boot/vmlinuz-$release" "$lab_cache/$release/vmlinux"
		elif [ "$known" ] && [ -d "$lab_cache/$known/root" ]; then
			release=$known
		else
			return 1
		fi
	fi
	echo "$release" >"$lab_cache/kernel"
}

# Sets lab_release and lab_root, the folder of its package.
lab_fetch_kernel()
{
	lab_locked lab_fetch_kernel_locked ||
		lab_skip "none of the packages $lab_metas can be had from the archive (apt's sources and the network)"
	lab_release=$(cat "$lab_cache/kernel")
	lab_root=$lab_cache/$lab_release/root
	lab_modules=$lab_root/lib/modules/$lab_release
	[ -d "$lab_modules" ] || lab_modules=$lab_root/usr/lib/modules/$lab_release
}
