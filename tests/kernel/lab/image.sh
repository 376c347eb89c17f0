# SPDX-License-Identifier: LGPL-2.1-or-later
# The initramfs: busybox, and the modules unpacked and stripped, because unpacking them inside takes three times as
# long as all of the loading. Made once for a kernel, a list of modules and an engine. Sourced by tests/kernel/run.

# The files of a module and of all that it depends on, in order of loading.
lab_module_files()
{
	modprobe -d "${lab_root%/usr}" -S "$lab_release" --show-depends "$1" 2>/dev/null |
		sed -n 's/^insmod \([^ ]*\).*/\1/p'
}

# Unpacks the modules into a folder and prints their list, a line each: STAGE FILE PARAMETERS
lab_collect_modules()
{
	local into=$1 stage name parameters file base files

	grep -v '^#' "$kernel_dir/lab/modules" | while read -r stage name parameters; do
		if [ "$stage" = engine ]; then
			[ "$lab_engine_module" ] || continue
			# What it needs of the kernel is what its own file says.
			for file in $(modinfo -F depends "$lab_engine_module" | tr , ' '); do
				lab_module_files "$file"
			done | sed 's/^/lab /'
			echo "lab $lab_engine_module $parameters"
			continue
		fi
		files=$(lab_module_files "$name")
		if [ -z "$files" ]; then
			modprobe -d "$lab_root" -S "$lab_release" --show-depends "$name" 2>/dev/null |
				grep -q ^builtin || lab_say "linux-image-$lab_release has no module $name"
			continue
		fi
		echo "$files" | sed "s/^/$stage /; \$s/\$/ $parameters/"
	done | awk '!seen[$2]++' | while read -r stage file parameters; do
		base=${file##*/}
		base=${base%.[xgz]z*}
		case $file in
		*.xz) xz -dc "$file" ;;
		*.zst) zstd -dc "$file" ;;
		*) cat "$file" ;;
		esac >"$into/$base" && strip --strip-debug "$into/$base"
		echo "$stage $base $parameters"
	done
}

lab_make_image_locked()
{
	local new

	[ -s "$lab_image" ] && return
	new=$(mktemp -d "$lab_cache/new.XXXXXX") || return
	mkdir -p "$new/root"/{bin,proc,sys,dev,lower,upper,newroot,mods}
	cp "$(command -v busybox)" "$new/root/bin/busybox"
	cp "$kernel_dir/lab/init" "$new/root/init"
	chmod 755 "$new/root/init"
	lab_collect_modules "$new/root/mods" >"$new/root/mods/list"
	(cd "$new/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$new/image" && mv "$new/image" "$lab_image"
	rm -rf "$new"
	[ -s "$lab_image" ]
}

# Sets lab_image.
lab_make_image()
{
	local key

	key=$(cat "$kernel_dir/lab/modules" "$kernel_dir/lab/init" "$kernel_dir/lab/image.sh" ${lab_engine_module:+"$lab_engine_module"} |
		sha256sum | cut -c1-12)
	lab_image=$lab_cache/$lab_release/image-$key
	[ -s "$lab_image" ] || lab_locked lab_make_image_locked || lab_skip "the initramfs could not be made"
}
