/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Instructions a command, by valgrind's callgrind: nodes are polled for some seconds at 50 commands
 * a second in all and then at 400, a fifth of them power readings; the difference of instructions
 * by the difference of commands is free of what the start costs. The kernel's are not among them.
 * Beside it, where it is installed, ipmitool with readings of one sensor in a session.
 */
#include <stdbool.h>

struct bmc_count {
	const char *self; /* runs itself under valgrind, with --poll and others */
	int port, nodes, suite, seconds;
	int sensors; /* commands that a node's sensors take */
};

/* Prints a table. False when nothing was counted. */
bool bmc_count(const struct bmc_count *count);
