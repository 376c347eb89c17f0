/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The readings, shared through a memcached as they change. Main thread only. */
#include <glib.h>
#include "rack/readings.h"
#include "src/rack_clock.h"

struct rack_export;

/* address, prefix: see memcache.h. Readings must outlive it. */
struct rack_export *rack_export_new(const char *address, const char *prefix,
		struct readings *readings, const struct rack_clock *clock, GError **error);
void rack_export_free(struct rack_export *export); /* NULL is fine */
