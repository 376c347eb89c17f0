/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Patterns for the names of nodes and sensors, wherever the rack takes them. Pure. */
#include <stdbool.h>

/* "*" stands for any bytes, also none, "?" for one; all others for themselves. It costs no more
 * steps than the product of the lengths. */
bool pattern_match(const char *pattern, const char *name);
