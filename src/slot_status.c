/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/slot_part.h"

static void slot_status_feed(const struct slot *slot, struct drives_status *status)
{
	struct feed_stats stats;

	feed_stats(slot->feed, &stats);
	status->size = feed_source(slot->feed)->size;
	status->fetched = stats.cache.fetched;
	status->cached = stats.cache.held;
	status->rate = stats.rate;
}

void slot_status(struct slot *slot, struct drives_status *status)
{
	struct drive_status drive;

	drive_status(slot->drive, &drive);
	*status = (struct drives_status){
			.name = slot->settings.name,
			.state = slot->state,
			.reason = slot->reason,
			.source = slot->source,
			.as = drive.kind == SCSI_CD ? DRIVES_AS_CD : DRIVES_AS_DISK,
			.write = slot->write,
			.hybrid = slot->inserted && image_is_disc(&slot->image) &&
				  image_is_disk(&slot->image),
			.label = *slot->image.label ? slot->image.label : NULL,
			.viewer = slot->viewer,
			.since = slot->since,
			.port = slot->port,
			.connected = slot->connected || drive.configured,
			.locked = drive.locked,
			.fault = slot->fault,
	};
	if (slot->feed)
		slot_status_feed(slot, status);
	if (!slot->inserted)
		return;
	status->host_read = drive.bytes_read - slot->before.bytes_read;
	status->host_written = drive.bytes_written - slot->before.bytes_written;
	status->errors = drive.errors - slot->before.errors;
}
