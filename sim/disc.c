/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "sim/disc.h"

void disc_init(struct disc *disc, struct scsi_host *host)
{
	struct scsi_host_status status;

	scsi_host_status(host, &status);
	*disc = (struct disc){.host = host};
	if (status.medium != SCSI_HOST_PRESENT || status.block > ISO_SECTOR)
		return;
	disc->per_sector = ISO_SECTOR / status.block;
	disc->sectors = status.blocks / disc->per_sector;
}

static void disc_done(const char *reason, void *data)
{
	struct disc *disc = data;

	disc->request = NULL;
	disc->done(reason, disc->data);
}

void disc_read(struct disc *disc, uint32_t first, uint32_t count, void *bytes, iso_done_fn done,
		void *data)
{
	if ((uint64_t)first + count > disc->sectors) {
		done("it reaches beyond the end of the medium", data);
		return;
	}
	disc->done = done;
	disc->data = data;
	disc->request = scsi_host_read(disc->host, (uint64_t)first * disc->per_sector,
			count * disc->per_sector, bytes, disc_done, disc);
}

void disc_cancel(struct disc *disc)
{
	if (disc->request)
		scsi_host_cancel(disc->host, disc->request);
	disc->request = NULL;
}

static void disc_medium_read(void *owner, uint32_t first, uint32_t count, void *bytes,
		iso_done_fn done, void *data)
{
	disc_read(owner, first, count, bytes, done, data);
}

static void disc_medium_cancel(void *owner)
{
	disc_cancel(owner);
}

struct iso_medium disc_medium(struct disc *disc)
{
	return (struct iso_medium){
			.sectors = disc->sectors,
			.read = disc_medium_read,
			.cancel = disc_medium_cancel,
			.most = DISC_MOST,
			.owner = disc,
	};
}

/* GLib's own has a space that the screen's font has not. */
void disc_size(uint64_t bytes, char words[DISC_SIZE_WORDS])
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB"};
	double size = (double)bytes / 1024;
	unsigned int unit = 0;

	while (size >= 1024 && unit + 1 < G_N_ELEMENTS(units)) {
		size /= 1024;
		unit++;
	}
	g_snprintf(words, DISC_SIZE_WORDS, "%.1f %s", size, units[unit]);
}
