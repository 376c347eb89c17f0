/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the drive has to tell: why a command failed, unit attentions, and media events. */
#include "gadget/scsi_part.h"

void scsi_fail(struct scsi_drive *drive, struct scsi_plan *plan, enum scsi_key key,
		enum scsi_code code)
{
	drive->sense.key = key;
	drive->sense.code = code;
	plan->kind = SCSI_NONE;
	plan->size = 0;
	plan->flush = false;
	plan->status = SCSI_CHECK_CONDITION;
}

void scsi_bad_field(struct scsi_drive *drive, struct scsi_plan *plan)
{
	scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_INVALID_FIELD);
}

/* MMC-6, annex F: an optical drive says where its tray is. */
enum scsi_code scsi_no_medium(const struct scsi_drive *drive)
{
	if (drive->kind == SCSI_DISK)
		return SCSI_NO_MEDIUM;
	return drive->open ? SCSI_NO_MEDIUM_OPEN : SCSI_NO_MEDIUM_CLOSED;
}

void scsi_data_failed(struct scsi_drive *drive, struct scsi_plan *plan, enum scsi_fault fault)
{
	if (fault == SCSI_FAULT_WAIT)
		scsi_fail(drive, plan, SCSI_NOT_READY, SCSI_BECOMING_READY);
	else if (fault == SCSI_FAULT_GONE)
		scsi_fail(drive, plan, SCSI_NOT_READY, scsi_no_medium(drive));
	else if (fault == SCSI_FAULT_WRITE)
		scsi_fail(drive, plan, SCSI_MEDIUM_ERROR, SCSI_WRITE_ERROR);
	else
		scsi_fail(drive, plan, SCSI_MEDIUM_ERROR, SCSI_UNRECOVERED_READ);
}

void scsi_drop_attention(struct scsi_drive *drive, enum scsi_code code)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < drive->attention_count; i++)
		if (drive->attentions[i] != code)
			drive->attentions[kept++] = drive->attentions[i];
	drive->attention_count = kept;
}

/* Said once each, however often it happened; a reset outranks the rest (SAM-5, 5.14). */
void scsi_add_attention(struct scsi_drive *drive, enum scsi_code code)
{
	if (code == SCSI_WAS_RESET)
		drive->attention_count = 0;
	scsi_drop_attention(drive, code);
	if (drive->attention_count < SCSI_QUEUE_MAX)
		drive->attentions[drive->attention_count++] = code;
}

bool scsi_next_attention(struct scsi_drive *drive, enum scsi_code *code)
{
	if (drive->attention_count == 0)
		return false;
	*code = drive->attentions[0];
	scsi_drop_attention(drive, *code);
	return true;
}

/* A host that never asks loses the oldest. */
void scsi_add_event(struct scsi_drive *drive, uint8_t event)
{
	if (drive->event_count == SCSI_QUEUE_MAX)
		scsi_next_event(drive);
	drive->events[drive->event_count++] = event;
}

uint8_t scsi_next_event(struct scsi_drive *drive)
{
	uint8_t event = drive->events[0];

	if (drive->event_count == 0)
		return 0;
	drive->event_count--;
	memmove(drive->events, drive->events + 1, drive->event_count);
	return event;
}

/* Fixed format: SPC-4, 4.5.3 */
void scsi_put_sense(uint8_t *bytes, struct scsi_sense sense)
{
	memset(bytes, 0, SCSI_SENSE_SIZE);
	bytes[0] = 0x70;
	bytes[2] = sense.key;
	bytes[7] = SCSI_SENSE_SIZE - 8;
	scsi_put16(bytes + 12, sense.code);
}

/* SPC-4, 6.39 */
void scsi_request_sense(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	struct scsi_sense sense = drive->sense;

	if (cdb[1] & 0x01) { /* DESC: only the fixed format is supported */
		scsi_bad_field(drive, plan);
		return;
	}
	if (sense.key == SCSI_NO_SENSE && scsi_next_attention(drive, &sense.code))
		sense.key = SCSI_UNIT_ATTENTION;
	scsi_put_sense(plan->bytes, sense);
	scsi_send(plan, SCSI_SENSE_SIZE, cdb[4]);
	drive->sense = (struct scsi_sense){SCSI_NO_SENSE, SCSI_NOTHING};
}
