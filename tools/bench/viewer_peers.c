/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/bench/viewer_parts.h"
void peers_run(struct bench *bench, const struct setting *setting, struct figures *out)
{
	(void)bench;
	(void)setting;
	g_strlcpy(out->wrong, "not yet", sizeof(out->wrong));
}
int http_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 0;
}
