/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Descriptors that outlive this process, since somebody else holds them too (a service manager's
 * store, or a parent), under names of letters, digits, '-', '_' and '.'. With them the next process
 * goes on where this one died, and the node sees nothing of it.
 *
 * Called on the main thread and on the hub's own, never on both at once; must not block.
 */

struct kept {
	/*
	 * The descriptor that a process before this one had kept under that name, the caller's from
	 * now on; it stays kept. -1: there is none.
	 */
	int (*take)(const char *name, void *data);
	/* Has it kept from now on, in the place of what was under that name. fd stays the caller's.
	 */
	void (*keep)(const char *name, int fd, void *data);
	/* No longer. Nothing when there is none. */
	void (*drop)(const char *name, void *data);
	void *data;
};
