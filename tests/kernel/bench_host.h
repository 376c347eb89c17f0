/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The node's side of bench_drive: reads a device in pieces and tells how long that took. A thread
 * and no process, for a node's readers are on another machine: they never make the drive's change
 * address spaces. Under QEMU, which forgets at each such change where all memory is, that alone
 * cost the drive a sixth of its rate, and f_mass_storage, which has no address space, nothing.
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
	double used;        /* processor, s */
};

/* Runs the main loop meanwhile. Fails loudly. */
struct bench_seen bench_host(const char *device, const struct bench_load *load);

/* Seconds of the processor; who: as for getrusage(2). */
double bench_used(int who);
