/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The commands of the simulated node's console. What they print goes to a grid, what they do are
 * screen orders. */
#include "sim/grid.h"
#include "sim/screen.h"

/* Runs one line. orders: whose orders they are. */
void shell_run(const char *line, struct grid *grid, const struct screen *orders);
