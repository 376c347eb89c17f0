/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "src/suggest.h"

#define SUGGEST_WORD 64

size_t suggest_distance(const char *a, const char *b)
{
	/* Distances of each beginning of b to a's beginning of i + 1, i and i - 1 letters. */
	size_t rows[3][SUGGEST_WORD];
	size_t *next = rows[0], *row = rows[1], *former = rows[2];
	size_t length = strlen(b);

	if (strlen(a) >= SUGGEST_WORD || length >= SUGGEST_WORD)
		return SUGGEST_WORD;
	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t *spare = former;

		next[0] = i + 1;
		for (size_t j = 0; j < length; j++) {
			next[j + 1] = MIN(row[j] + (a[i] != b[j]), MIN(next[j], row[j + 1]) + 1);
			if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
				next[j + 1] = MIN(next[j + 1], former[j - 1] + 1);
		}
		former = row;
		row = next;
		next = spare;
	}
	return row[length];
}

const char *suggest_nearer(const char *word, const char *best, const char *candidate)
{
	size_t limit = MAX(strlen(word) / 3, 1);
	size_t distance = suggest_distance(word, candidate);

	if (distance > limit || (best && suggest_distance(word, best) <= distance))
		return best;
	return candidate;
}
