#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the daemons keep in memory on an AST2600, in QEMU, with a real SPICE client: make arm-memory. Prints figures; no
# test judges them, since most of it is pages of the libraries of the day.
: "${top_srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
. "$top_srcdir/tests/kernel/arm_rig.sh"

[ -x "$look" ] || echo "# no SPICE client in this build: there is no viewer"
mkdir "$folder/files"
(cd "$folder/files" && "$top_builddir/tests/clients/record" 1920 1080 420 7 40 scroll window >/dev/null 2>&1)
arm_run echo -t 600 -f "$folder/files" "$top_srcdir/tests/kernel/arm_memory.sh"
exit $status
