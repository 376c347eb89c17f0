/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Families of samples in Prometheus' text format (version 0.0.4). Pure. */
#include <glib.h>

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

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
