/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/bench/viewer_parts.h"
int callgrind_run(struct bench *bench, const struct setting *setting)
{
	(void)bench;
	(void)setting;
	return 0;
}
