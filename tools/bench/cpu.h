/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* CPU time of the thread that asks. */
#include <stdlib.h>
#include <time.h>

static inline double cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static inline int cpu_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the values, of which there is one at least. */
static inline double cpu_median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), cpu_compare);
	return values[count / 2];
}
