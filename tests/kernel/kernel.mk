# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests on real kernel drivers, in a virtual machine: see tests/kernel/README.md.
EXTRA_DIST += \
	tests/kernel/README.md \
	tests/kernel/run \
	tests/kernel/lab/boot.sh \
	tests/kernel/lab/engine.sh \
	tests/kernel/lab/fetch.sh \
	tests/kernel/lab/image.sh \
	tests/kernel/lab/init \
	tests/kernel/lab/inside.sh \
	tests/kernel/lab/modules
