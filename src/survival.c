/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/survival.h"
#include <glib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "gadget/drive_memory.h"
#include "src/memory.h"

#define SURVIVAL_REQUESTS "requests"

static int survival_take(const char *name, void *data)
{
	return keep_take(data, name);
}

static void survival_keep(const char *name, int fd, void *data)
{
	/* Without, a death is seen by the node, which is what it is without a manager anyhow. */
	(void)keep_store(data, name, fd);
}

static void survival_drop(const char *name, void *data)
{
	keep_remove(data, name);
}

void survival_kept(struct kept *kept, struct keep *keep)
{
	*kept = (struct kept){
			.take = survival_take,
			.keep = survival_keep,
			.drop = survival_drop,
			.data = keep,
	};
}

static char *survival_name(const char *name)
{
	return g_strdup_printf("drive.%s", name);
}

/* The former process's memory of that name, or a new one that is kept from now on; -1. */
static int survival_open(struct keep *keep, const char *name)
{
	int fd = keep_take(keep, name);

	if (fd >= 0 || !keep_available(keep))
		return fd;
	fd = memfd_create(name, MFD_CLOEXEC);
	if (fd >= 0 && !keep_store(keep, name, fd)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

struct drive_memory *survival_drive(struct keep *keep, const char *name)
{
	g_autofree char *known = survival_name(name);
	int fd = survival_open(keep, known);
	struct drive_memory *memory = fd >= 0 ? drive_memory_map(fd) : NULL;

	if (fd >= 0)
		close(fd);
	return memory;
}

void survival_forget_drive(struct keep *keep, const char *name)
{
	g_autofree char *known = survival_name(name);

	keep_remove(keep, known);
}

struct memory *survival_requests(struct keep *keep)
{
	int fd = survival_open(keep, SURVIVAL_REQUESTS);
	struct memory *memory = fd >= 0 ? memory_open(fd) : NULL;

	if (fd >= 0)
		close(fd);
	return memory;
}

void survival_forget_requests(struct keep *keep)
{
	keep_remove(keep, SURVIVAL_REQUESTS);
}
