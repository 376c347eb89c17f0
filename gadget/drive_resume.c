/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a drive notes for the next process, and takes up of the one before. */
#include <string.h>
#include "gadget/drive_part.h"

/* A host that goes on with its next command has sent it by then; one that waits, waits for 3 s and
 * more. */
#define DRIVE_WONDER_MS 100

/* A host that was at it so short a time before may wait for a command that nobody has; later it has
 * given up by itself. */
#define DRIVE_AT_IT_MS 30000

void drive_note(struct drive *drive)
{
	struct drive_moment moment;

	if (!drive->store || drive->resumes)
		return;
	memset(&moment, 0, sizeof(moment));
	memcpy(&moment.scsi, &drive->scsi, sizeof(moment.scsi));
	moment.configured = drive->bot.state != BOT_OFF;
	moment.busy = bot_command(&drive->bot, &moment.command);
	moment.next = drive->bot.tag + drive->step;
	moment.heard = drive->heard;
	drive_memory_write(drive->store, &moment);
}

/* --- From the one before --- */

static gboolean drive_wonder_over(gpointer data)
{
	struct drive *drive = data;

	drive->wonder = 0;
	if (bot_wonders(&drive->bot))
		bot_tell_again(&drive->bot);
	drive_run(drive);
	return G_SOURCE_REMOVE;
}

/*
 * What is to be gone on with. A command that the kernel took from the host for a process that was
 * being killed can be lost; the host would wait for 30 s. Its number is guessed from those before;
 * where that is wrong, the host resets the drive at once.
 */
static const struct bot_command *drive_former_command(struct drive *drive)
{
	struct drive_moment *former = &drive->former;
	int64_t ago = g_get_monotonic_time() - former->heard;

	if (former->busy)
		return &former->command;
	if (!former->heard || ago < 0 || ago > DRIVE_AT_IT_MS * G_TIME_SPAN_MILLISECOND)
		return NULL;
	former->command = (struct bot_command){
			.tag = former->next, .in = true, .ending = true, .told = true};
	return &former->command;
}

void drive_bus_resumed(struct drive_bus *bus, size_t packet)
{
	struct drive *drive = bus->drive;
	const struct drive_moment *former = &drive->former;
	bool resumes = drive->resumes && former->configured;
	uint8_t cbw[BOT_CBW_SIZE];

	if (!resumes) {
		drive_bus_enabled(bus, packet);
		return;
	}
	drive->resumes = false;
	/* One that came after the status, or after nothing: a host that sent it had the status. */
	if ((!former->busy || former->command.told) && drive_memory_arrived(drive->store, cbw))
		bot_resume_with(&drive->bot, packet, cbw);
	else
		bot_resume(&drive->bot, packet, drive_former_command(drive));
	if (drive->bot.state != BOT_COMMAND) {
		drive->heard = g_get_monotonic_time();
		drive->step = 1;
	}
	drive_run(drive);
	if (bot_wonders(&drive->bot))
		drive->wonder = g_timeout_add(DRIVE_WONDER_MS, drive_wonder_over, drive);
	drive_changed(drive);
}

bool drive_awaits(const struct drive *drive, const struct drive_medium *medium)
{
	return drive->awaited && medium->size / drive->scsi.block == drive->scsi.blocks &&
	       medium->writable == drive->scsi.writable;
}

/* The same drive, whatever is in it. */
static bool drive_same(const struct scsi_drive *one, const struct scsi_drive *other)
{
	return memcmp(one->vendor, other->vendor, sizeof(one->vendor)) == 0 &&
	       memcmp(one->product, other->product, sizeof(one->product)) == 0 &&
	       memcmp(one->revision, other->revision, sizeof(one->revision)) == 0 &&
	       one->serial_size == other->serial_size &&
	       memcmp(one->serial, other->serial, sizeof(one->serial)) == 0;
}

bool drive_remember(struct drive *drive, struct drive_memory *memory)
{
	drive->store = memory;
	if (!drive_memory_read(memory, &drive->former) ||
			!drive_same(&drive->former.scsi, &drive->scsi)) {
		drive_note(drive);
		return false;
	}
	memcpy(&drive->scsi, &drive->former.scsi, sizeof(drive->scsi));
	drive->resumes = true;
	drive->awaited = drive->scsi.present;
	if (drive->awaited)
		scsi_set_fault(&drive->scsi, SCSI_FAULT_WAIT);
	drive_changed(drive);
	return true;
}
