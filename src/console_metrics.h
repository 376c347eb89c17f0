/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What a console knows of itself, in Prometheus' text format. What is not known is left out. */

struct console;

char *console_metrics_text(struct console *console); /* new string */
