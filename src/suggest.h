/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What somebody who mistyped a word may have meant. */
#include <stddef.h>

/*
 * Letters to insert, delete, replace or swap with the next to make one word of the other; words of
 * more than 63 bytes: far.
 */
size_t suggest_distance(const char *a, const char *b);

/*
 * Keeps the better of two suggestions for a word: best (NULL: none so far) or candidate, when that
 * is nearer and near enough (a third of the word, at least one letter). Returns one of them.
 */
const char *suggest_nearer(const char *word, const char *best, const char *candidate);
