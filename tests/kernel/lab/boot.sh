# SPDX-License-Identifier: LGPL-2.1-or-later
# One machine from start to end, in a folder of its own, so that several may run at once. Sourced by
# tests/kernel/run.

lab_cleanup()
{
	if [ "${lab_machine-}" ]; then
		kill "$lab_machine" 2>/dev/null
		wait "$lab_machine"
	fi
	if [ "$lab_keep" ]; then
		lab_say "the machine's folder: $lab_run"
	else
		rm -rf "$lab_run"
	fi
}

# What the machine is told: the command, where it runs, and the caller's environment.
lab_write_command()
{
	printf '%q ' "$@" >"$lab_run/command"
	echo "$PWD" >"$lab_run/directory"
	echo "$lab_modules" >"$lab_run/modules"
	declare -px | grep -vE '^declare -x (PWD|OLDPWD|SHLVL|_|TERM|DISPLAY|XDG_RUNTIME_DIR|LAB(_[A-Z]+)?)(=|$)' \
		>"$lab_run/environment"
	echo "export TERM=$([ "$lab_shell" ] && echo "$TERM" || echo dumb)" >>"$lab_run/environment"
	[ -z "${lab_no_engine-}" ] || printf 'export LAB_NO_ENGINE=%q\n' "$lab_no_engine" >>"$lab_run/environment"
	printf 'export LAB_ROOT=%q\n' "$lab_root" >>"$lab_run/environment"
	[ -z "$lab_shell" ] || touch "$lab_run/shell"
}


lab_boot()
{
	local kernel=$lab_cache/$lab_release/vmlinux status command output

	[ -s "$kernel" ] || kernel=$lab_root/boot/vmlinuz-$lab_release
	lab_run=$(mktemp -d "${TMPDIR:-/tmp}/spicerack-lab.XXXXXX") || exit 125
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	trap lab_cleanup EXIT
	lab_write_command "$@"

	# init_on_alloc: BMCs' kernels do not clear what they allocate (aspeed_g5_defconfig), Debian's does.
	command="console=ttyS0 quiet oops=panic panic=-1 mitigations=off init_on_alloc=0 nokaslr random.trust_cpu=on
		tsc=reliable no_timer_check lab_dir=$kernel_dir/lab"
	set -- -accel tcg,thread=multi,tb-size=512
	# A change of address space costs a processor little, and QEMU all it knew of where memory is.
	[ -z "$lab_steady" ] || set -- -accel tcg,thread=single,tb-size=512 -icount shift=1,sleep=off
	set -- "$@" -M q35 -cpu "$lab_cpu" -smp "$lab_smp" -m "$lab_memory" \
		-nodefaults -no-reboot -display none -kernel "$kernel" -initrd "$lab_image" \
		-serial file:"$lab_run/console" \
		-device virtio-serial-pci -chardev stdio,id=out,signal=off -device virtconsole,chardev=out \
		-fsdev local,id=host,path=/,security_model=none,multidevs=remap,readonly=on \
		-device virtio-9p-pci,fsdev=host,mount_tag=host \
		-fsdev local,id=lab,path="$lab_run",security_model=none,multidevs=remap \
		-device virtio-9p-pci,fsdev=lab,mount_tag=lab \
		-device isa-debug-exit,iobase=0xf4,iosize=0x04 -device virtio-rng-pci \
		-device ipmi-bmc-sim,id=bmc -device isa-ipmi-kcs,bmc=bmc
	if [ "$lab_share" ]; then
		command+=" lab_share"
		set -- "$@" -fsdev local,id=share,path="$lab_share",security_model=none,multidevs=remap \
			-device virtio-9p-pci,fsdev=share,mount_tag=share
	fi
	set -- timeout ${lab_shell:+--foreground} -k 5 "$lab_timeout" qemu-system-x86_64 "$@" -append "${command//$'\n'/ }"
	if [ "$lab_shell" ]; then
		stty raw -echo 2>/dev/null
		"$@" 2>"$lab_run/qemu"
		status=$?
		stty sane 2>/dev/null
	else
		# QEMU makes its output non-blocking: it gets a pipe of its own.
		mkfifo "$lab_run/out"
		cat "$lab_run/out" &
		output=$!
		"$@" </dev/null >"$lab_run/out" 2>"$lab_run/qemu" &
		lab_machine=$!
		wait $lab_machine
		status=$?
		lab_machine=''
		wait $output
	fi
	[ -z "$lab_verbose" ] || cat "$lab_run/console" >&2
	if [ -s "$lab_run/status" ]; then
		status=$(cat "$lab_run/status")
		exit "$status"
	fi
	if [ $status = 124 ] || [ $status = 137 ]; then
		lab_say "the machine was stopped after $lab_timeout s"
		status=124
	else
		lab_say "the machine died; its last words:"
		status=125
	fi
	{ grep -E -m 1 -A 12 'BUG:|Oops|panic' "$lab_run/console" || tail -n 12 "$lab_run/console"; } | sed 's/^/	/' >&2
	tail -n 3 "$lab_run/qemu" >&2
	exit $status
}
