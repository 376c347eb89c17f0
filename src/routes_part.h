/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Parts of answers that several handlers have. */
#include <jansson.h>
#include <stdint.h>

/* NULL is null; what is not UTF-8 is made so: a path may hold anything. */
json_t *routes_text(const char *text);

/* A moment (g_get_monotonic_time) as two members: by the wall clock, and ms since. */
void routes_moment(json_t *object, const char *name, const char *age, int64_t time);

/* The same for one that may be still to come: ms until then, at least 0. 0: both are null. */
void routes_deadline(json_t *object, const char *name, const char *left, int64_t time);
