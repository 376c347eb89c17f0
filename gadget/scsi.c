/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The drive's state and the table of its commands. */
#include "gadget/scsi_part.h"

enum { /* byte 4 of START STOP UNIT: SBC-3, 5.20; MMC-6, 6.42 */
	START = 1 << 0,
	LOEJ = 1 << 1,
	POWER_CONDITION = 0xf0,
};

void scsi_send(struct scsi_plan *plan, size_t size, size_t allocated)
{
	plan->size = size < allocated ? size : allocated;
	plan->kind = plan->size ? SCSI_SEND : SCSI_NONE;
}

static void scsi_pad(char *field, size_t size, const char *text)
{
	size_t length = strnlen(text, size);

	memset(field, ' ', size);
	memcpy(field, text, length);
}

void scsi_init(struct scsi_drive *drive, enum scsi_kind kind, const struct scsi_identity *identity)
{
	memset(drive, 0, sizeof(*drive));
	drive->kind = kind;
	drive->block = kind == SCSI_CD ? 2048 : 512;
	scsi_pad(drive->vendor, sizeof(drive->vendor), identity->vendor);
	scsi_pad(drive->product, sizeof(drive->product), identity->product);
	scsi_pad(drive->revision, sizeof(drive->revision), identity->revision);
	drive->serial_size = strnlen(identity->serial, sizeof(drive->serial));
	memcpy(drive->serial, identity->serial, drive->serial_size);
	scsi_add_attention(drive, SCSI_WAS_RESET);
}

static void scsi_prevent(struct scsi_drive *drive, bool prevented)
{
	if (drive->prevented != prevented)
		drive->news |= SCSI_LOCK_CHANGED;
	drive->prevented = prevented;
}

void scsi_reset(struct scsi_drive *drive)
{
	scsi_prevent(drive, false);
	drive->sense = (struct scsi_sense){SCSI_NO_SENSE, SCSI_NOTHING};
	scsi_add_attention(drive, SCSI_WAS_RESET);
}

bool scsi_insert(struct scsi_drive *drive, uint64_t size, bool writable)
{
	uint64_t blocks = size / drive->block;

	if (blocks == 0 || (drive->kind == SCSI_CD ? blocks > UINT32_MAX : size > INT64_MAX))
		return false;
	scsi_eject_forced(drive);
	drive->present = true;
	drive->blocks = blocks;
	drive->writable = writable && drive->kind == SCSI_DISK;
	drive->open = false;
	scsi_add_attention(drive, SCSI_MEDIUM_CHANGED);
	scsi_add_event(drive, SCSI_EVENT_NEW_MEDIUM);
	return true;
}

/* No unit attention: that there is no medium says enough. */
void scsi_eject_forced(struct scsi_drive *drive)
{
	if (!drive->present)
		return;
	drive->present = false;
	drive->blocks = 0;
	drive->writable = false;
	drive->open = true;
	drive->fault = SCSI_NO_FAULT;
	scsi_prevent(drive, false);
	scsi_drop_attention(drive, SCSI_MEDIUM_CHANGED);
	scsi_add_event(drive, SCSI_EVENT_REMOVAL);
}

bool scsi_eject(struct scsi_drive *drive)
{
	if (drive->present && drive->prevented) {
		scsi_add_event(drive, SCSI_EVENT_EJECT_REQUEST);
		return false;
	}
	scsi_eject_forced(drive);
	return true;
}

void scsi_set_fault(struct scsi_drive *drive, enum scsi_fault fault)
{
	drive->fault = fault;
}

unsigned int scsi_take_news(struct scsi_drive *drive)
{
	unsigned int news = drive->news;

	drive->news = 0;
	return news;
}

uint64_t scsi_size(const struct scsi_drive *drive)
{
	return drive->blocks * drive->block;
}

/* Power conditions change nothing: there is no motor. */
static void scsi_start_stop(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	if (cdb[4] & POWER_CONDITION)
		return;
	if (!(cdb[4] & LOEJ)) {
		plan->flush = !(cdb[4] & START) && drive->writable;
	} else if (cdb[4] & START) {
		if (drive->open)
			drive->news |= SCSI_HOST_LOADED;
		drive->open = false;
	} else if (drive->prevented) {
		drive->news |= SCSI_EJECT_REFUSED;
		scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_REMOVAL_PREVENTED);
	} else {
		if (drive->present)
			drive->news |= SCSI_HOST_EJECTED;
		drive->open = true;
		scsi_eject_forced(drive);
	}
}

/* SPC-4, 6.16; MMC-6, 6.14. The persistent form of MMC counts as the plain one. */
static void scsi_prevent_allow(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	(void)plan;
	scsi_prevent(drive, cdb[4] & 0x01);
}

static void scsi_do_nothing(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	(void)drive;
	(void)cdb;
	(void)plan;
}

enum {
	FOR_CD = 1 << 0,
	FOR_DISK = 1 << 1,
	FOR_BOTH = FOR_CD | FOR_DISK,
	QUIET = 1 << 2,  /* says no unit attention: SAM-5, 5.14.1; MMC-6, 6.5.3, 6.6.3 */
	MEDIUM = 1 << 3, /* fails without one */
	READY = 1 << 4,  /* moves its data, or asks whether one could: fails while it is awaited */
	DATA = 1 << 5,   /* reads its data: fails when it cannot be read */
	ACCESS = MEDIUM | READY | DATA,
};

static const struct {
	uint8_t opcode; /* SPC-4, table E.2; SBC-3, table 13; MMC-6, table 242 */
	uint8_t flags;
	scsi_command_fn run;
} scsi_commands[] = {
		{0x00, FOR_BOTH | MEDIUM | READY, scsi_do_nothing}, /* TEST UNIT READY */
		{0x03, FOR_BOTH | QUIET, scsi_request_sense},
		{0x08, FOR_BOTH | ACCESS, scsi_read},
		{0x0a, FOR_DISK | MEDIUM | READY, scsi_write},
		{0x12, FOR_BOTH | QUIET, scsi_inquiry},
		{0x15, FOR_BOTH, scsi_mode_select},
		{0x1a, FOR_BOTH, scsi_mode_sense},
		{0x1b, FOR_BOTH, scsi_start_stop},
		{0x1e, FOR_BOTH, scsi_prevent_allow},
		{0x23, FOR_BOTH | MEDIUM, scsi_read_format_capacities},
		{0x25, FOR_BOTH | MEDIUM, scsi_read_capacity},
		{0x28, FOR_BOTH | ACCESS, scsi_read},
		{0x2a, FOR_DISK | MEDIUM | READY, scsi_write},
		{0x2f, FOR_BOTH | ACCESS, scsi_verify},
		{0x35, FOR_BOTH | MEDIUM, scsi_synchronize},
		{0x42, FOR_CD | MEDIUM, scsi_read_subchannel},
		{0x43, FOR_CD | MEDIUM, scsi_read_toc},
		{0x44, FOR_CD | MEDIUM, scsi_read_header},
		{0x46, FOR_CD | QUIET, scsi_get_configuration},
		{0x4a, FOR_CD | QUIET, scsi_get_event_status},
		{0x51, FOR_CD | MEDIUM, scsi_read_disc_information},
		{0x52, FOR_CD | MEDIUM, scsi_read_track_information},
		{0x55, FOR_BOTH, scsi_mode_select},
		{0x5a, FOR_BOTH, scsi_mode_sense},
		{0x88, FOR_DISK | ACCESS, scsi_read},
		{0x8a, FOR_DISK | MEDIUM | READY, scsi_write},
		{0x8f, FOR_DISK | ACCESS, scsi_verify},
		{0x91, FOR_DISK | MEDIUM, scsi_synchronize},
		{0x9e, FOR_DISK | MEDIUM, scsi_read_capacity_16},
		{0xa0, FOR_BOTH | QUIET, scsi_report_luns},
		{0xa8, FOR_BOTH | ACCESS, scsi_read},
		{0xaa, FOR_DISK | MEDIUM | READY, scsi_write},
		{0xac, FOR_CD, scsi_get_performance},
		{0xad, FOR_CD | MEDIUM, scsi_read_dvd_structure},
		{0xaf, FOR_DISK | ACCESS, scsi_verify},
		{0xbb, FOR_CD, scsi_do_nothing}, /* SET CD SPEED */
		{0xbd, FOR_CD, scsi_mechanism_status},
		{0xbe, FOR_CD | ACCESS, scsi_read_cd},
};

/* SPC-4, 4.3.4.1: the first three bits tell the length; those without a rule have at least 6. */
static size_t scsi_cdb_length(uint8_t opcode)
{
	static const uint8_t lengths[] = {6, 10, 10, 6, 16, 12, 6, 6};

	return lengths[opcode >> 5];
}

/* Whether the state of the medium lets a command through. */
static bool scsi_may(struct scsi_drive *drive, unsigned int flags, struct scsi_plan *plan)
{
	enum scsi_code code;

	if (!(flags & QUIET)) {
		drive->sense = (struct scsi_sense){SCSI_NO_SENSE, SCSI_NOTHING};
		if (scsi_next_attention(drive, &code)) {
			scsi_fail(drive, plan, SCSI_UNIT_ATTENTION, code);
			return false;
		}
	}
	if (flags & MEDIUM && !drive->present) {
		scsi_fail(drive, plan, SCSI_NOT_READY, scsi_no_medium(drive));
		return false;
	}
	if ((flags & READY && drive->fault == SCSI_FAULT_WAIT) ||
			(flags & DATA && drive->fault == SCSI_FAULT_READ)) {
		scsi_data_failed(drive, plan, drive->fault);
		return false;
	}
	return true;
}

void scsi_command(
		struct scsi_drive *drive, const uint8_t *cdb, size_t length, struct scsi_plan *plan)
{
	unsigned int kind = drive->kind == SCSI_CD ? FOR_CD : FOR_DISK, flags = 0;
	uint8_t whole[SCSI_CDB_MAX] = {0};
	scsi_command_fn run = NULL;

	memcpy(whole, cdb, length < sizeof(whole) ? length : sizeof(whole));
	plan->kind = SCSI_NONE;
	plan->status = SCSI_GOOD;
	plan->flush = false;
	plan->opcode = whole[0];
	plan->offset = 0;
	plan->size = 0;
	for (size_t i = 0; i < sizeof(scsi_commands) / sizeof(scsi_commands[0]); i++) {
		if (scsi_commands[i].opcode != whole[0] || !(scsi_commands[i].flags & kind))
			continue;
		flags = scsi_commands[i].flags;
		run = scsi_commands[i].run;
	}
	if (!scsi_may(drive, flags, plan))
		return;
	if (!run)
		scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_INVALID_COMMAND);
	else if (length < scsi_cdb_length(whole[0]))
		scsi_bad_field(drive, plan);
	else
		run(drive, whole, plan);
}

void scsi_data(struct scsi_drive *drive, struct scsi_plan *plan, const uint8_t *bytes, size_t size)
{
	if (plan->kind == SCSI_ACCEPT)
		scsi_mode_data(drive, plan, bytes, size);
}
