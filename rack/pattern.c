/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rack/pattern.h"
#include <stddef.h>

/* After a mismatch the last star takes one more byte. */
bool pattern_match(const char *pattern, const char *name)
{
	const char *star = NULL, *from = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			from = name;
		} else if (*pattern == '?' || *pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star;
			name = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
