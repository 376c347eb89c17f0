/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/survival.h"
#include <glib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "gadget/drive_memory.h"

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

struct drive_memory *survival_drive(struct keep *keep, const char *name)
{
	g_autofree char *known = survival_name(name);
	int fd = keep_take(keep, known);
	bool anew = fd < 0;
	struct drive_memory *memory;

	if (anew && !keep_available(keep))
		return NULL;
	if (anew)
		fd = memfd_create(known, MFD_CLOEXEC);
	if (fd < 0)
		return NULL;
	memory = drive_memory_map(fd);
	if (memory && anew && !keep_store(keep, known, fd)) {
		drive_memory_unmap(memory);
		memory = NULL;
	}
	close(fd);
	return memory;
}

void survival_forget_drive(struct keep *keep, const char *name)
{
	g_autofree char *known = survival_name(name);

	keep_remove(keep, known);
}
