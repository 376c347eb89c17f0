/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The node's side of bench_drive, as a process of its own: reads a device in pieces and tells how
 * long that took.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bench_load {
	const char *name;
	bool direct; /* past the node's cache */
	size_t piece;
	uint64_t at;
	unsigned int count; /* of pieces; 0: to the end */
};

struct bench_seen {
	double rate;        /* MB/s */
	double median, p95; /* of a piece, ms */
};

/* Runs the main loop meanwhile. Fails loudly. */
struct bench_seen bench_host(const char *device, const struct bench_load *load);

/* For main: true when this process is such a reader, which is done then. */
bool bench_host_main(int argc, char **argv);
