/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A slot goes on where that of the process before was, when that died. */
#include "src/log.h"
#include "src/slot_part.h"

static bool slot_take_up(struct slot *slot)
{
	struct drive_status status;

	if (!slot->settings.store || !drive_remember(slot->drive, slot->settings.store))
		return false;
	drive_status(slot->drive, &status);
	slot->former = status.awaited;
	slot->as = status.kind == SCSI_CD ? DRIVES_AS_CD : DRIVES_AS_DISK;
	return slot->former;
}

void slot_go_on(struct slot *slot)
{
	struct drives_request request;
	g_autoptr(GError) error = NULL;
	struct medium *medium;

	if (slot->settings.memory)
		slot->record = slot_record_read(slot->settings.memory, slot->settings.name);
	if (slot_take_up(slot) && !slot->record) {
		/* A viewer's own disc: the connection that it came by is gone. */
		slot->former = false;
		drive_eject(slot->drive, true);
		log_line(LOG_LINE_WARNING,
				"drive %s: what was in it went with the process before this one; "
				"empty",
				slot->settings.name);
	}
	if (!slot->record)
		return;
	slot_record_request(slot->record, &request);
	/* As what the host sees it is known, where it does. */
	slot->as = slot->former ? slot->as : request.as;
	slot->write = request.write;
	medium = medium_new(&request, &slot->settings.folders, &error);
	if (medium)
		slot_begin(slot, medium, "opening again: the process before this one died");
	else
		slot_fail(slot, error->message);
}

bool slot_is_former(struct slot *slot)
{
	struct drive_medium medium;

	feed_medium(slot->feed, &medium);
	if (drive_awaits(slot->drive, &medium) &&
			slot_record_is(slot->record, feed_source(slot->feed)->identity))
		return true;
	slot_fail(slot, "is not the image any more that the node has in the drive; eject it");
	return false;
}
