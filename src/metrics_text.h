/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Families of samples in Prometheus' text format. Pure. */
#include <glib.h>

struct metrics_family {
	const char *name, *help, *type; /* "gauge", "counter" */
	GString *samples;               /* NULL: none so far */
};

/* A label's name and value; the value may be any bytes. */
struct metrics_label {
	const char *name, *value;
};

/* labels: up to one without a name. */
void metrics_add(struct metrics_family *family, const struct metrics_label *labels, double value);

/* Appends families that have samples, and frees these. */
void metrics_write(struct metrics_family *families, size_t count, GString *out);
