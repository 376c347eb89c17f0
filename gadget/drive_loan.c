/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a medium lends to a drive, so that it is sent from where it is. */
#include "gadget/drive_part.h"

static void drive_give_back_slot(struct drive *drive, unsigned int slot)
{
	const void *bytes = drive->loans[slot];

	drive->loans[slot] = NULL;
	drive->lent--;
	drive->medium.give_back(drive->medium.owner, bytes);
}

bool drive_lent(struct drive *drive, const struct bot_action *action)
{
	const struct drive_medium *medium = &drive->medium;
	const void *bytes;

	if (!medium->lend || !drive->bus->ops->keep)
		return false;
	bytes = medium->lend(medium->owner, action->offset, action->size);
	if (!bytes)
		return false;
	drive->loans[action->slot] = bytes;
	drive->lent++;
	return true;
}

void drive_give_back(struct drive *drive)
{
	for (unsigned int i = 0; drive->lent > 0 && i < BOT_DEPTH_MAX; i++)
		if (drive->loans[i] && drive->bot.slots[i].state == BOT_SLOT_FREE)
			drive_give_back_slot(drive, i);
}

void drive_give_back_all(struct drive *drive)
{
	if (drive->lent > 0 && drive->bus)
		drive->bus->ops->keep(drive->bus);
	for (unsigned int i = 0; drive->lent > 0 && i < BOT_DEPTH_MAX; i++)
		if (drive->loans[i])
			drive_give_back_slot(drive, i);
}
