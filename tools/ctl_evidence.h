/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The commands about screenshots and recordings. */
#include <stdio.h>
#include "tools/ctl_ask.h"

/* Puts what a route answers into a file, which is there when all of it is; "-": standard output. */
enum ctl_exit ctl_fetch(
		const struct ctl_client *client, const struct http_route *route, const char *path);

void ctl_print_recording(const json_t *answer, FILE *out);
