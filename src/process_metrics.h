/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What this process takes, by the names that Prometheus' own clients have for it (process_*). */
#include <glib.h>

/* Appends families; what the kernel does not tell is left out. */
void process_metrics(GString *out);
