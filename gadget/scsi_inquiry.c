/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who the drive is: INQUIRY with its vital product data, REPORT LUNS. */
#include "gadget/scsi_part.h"

enum { TYPE_DISK = 0x00, TYPE_CD = 0x05, TYPE_NOT_THERE = 0x7f }; /* SPC-4, 6.6.2 */

enum { /* SPC-4, 7.8.1; SBC-3, 6.5.1 */
	PAGE_SUPPORTED = 0x00,
	PAGE_SERIAL = 0x80,
	PAGE_IDENTIFICATION = 0x83,
	PAGE_BLOCK_LIMITS = 0xb0,
	PAGE_CHARACTERISTICS = 0xb1,
};

#define INQUIRY_SIZE 36 /* SPC-4, 6.6.2: the standard data that every device has */

static uint8_t inquiry_type(const struct scsi_drive *drive)
{
	return drive->kind == SCSI_CD ? TYPE_CD : TYPE_DISK;
}

/* SPC-4, 7.8.5: an ASCII designator that begins with the vendor: vendor, product, serial. */
static size_t inquiry_identification(const struct scsi_drive *drive, uint8_t *page)
{
	uint8_t *id = page + 8;

	page[4] = 0x02; /* code set ASCII */
	page[5] = 0x01; /* of the logical unit, T10 vendor ID */
	memcpy(id, drive->vendor, sizeof(drive->vendor));
	id += sizeof(drive->vendor);
	memcpy(id, drive->product, sizeof(drive->product));
	id += sizeof(drive->product);
	memcpy(id, drive->serial, drive->serial_size);
	id += drive->serial_size;
	page[7] = id - (page + 8);
	return id - page;
}

/* Returns the bytes of the page, 0: there is no such page. */
static size_t inquiry_page(const struct scsi_drive *drive, uint8_t page_code, uint8_t *page)
{
	static const uint8_t pages[] = {PAGE_SUPPORTED, PAGE_SERIAL, PAGE_IDENTIFICATION,
			PAGE_BLOCK_LIMITS, PAGE_CHARACTERISTICS};
	bool disk = drive->kind == SCSI_DISK;
	size_t count = disk ? 5 : 3;

	switch (page_code) {
	case PAGE_SUPPORTED:
		memcpy(page + 4, pages, count);
		return 4 + count;
	case PAGE_SERIAL:
		memcpy(page + 4, drive->serial, drive->serial_size);
		return (size_t)4 + drive->serial_size;
	case PAGE_IDENTIFICATION:
		return inquiry_identification(drive, page);
	case PAGE_BLOCK_LIMITS:             /* SBC-3, 6.5.3: no limits; nothing can be unmapped */
		scsi_put32(page + 12, 256); /* best transfer: 128 KiB */
		return disk ? 64 : 0;
	case PAGE_CHARACTERISTICS:       /* SBC-3, 6.5.2 */
		scsi_put16(page + 4, 1); /* does not rotate */
		return disk ? 64 : 0;
	default:
		return 0;
	}
}

static void inquiry_standard(const struct scsi_drive *drive, uint8_t *bytes)
{
	bytes[0] = inquiry_type(drive);
	bytes[1] = 0x80;                              /* removable medium */
	bytes[2] = drive->kind == SCSI_CD ? 0 : 0x06; /* MMC-6, 6.8: none claimed; SPC-4 */
	bytes[3] = 0x02;                              /* response data format */
	bytes[4] = INQUIRY_SIZE - 5;
	memcpy(bytes + 8, drive->vendor, sizeof(drive->vendor));
	memcpy(bytes + 16, drive->product, sizeof(drive->product));
	memcpy(bytes + 32, drive->revision, sizeof(drive->revision));
}

/* SPC-4, 6.6 */
void scsi_inquiry(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 128);
	size_t size = INQUIRY_SIZE;

	if (cdb[1] & 0x01) { /* EVPD */
		size = inquiry_page(drive, cdb[2], bytes);
		bytes[0] = inquiry_type(drive);
		bytes[1] = cdb[2];
		scsi_put16(bytes + 2, size - 4);
	} else {
		inquiry_standard(drive, bytes);
		if (cdb[2] != 0)
			size = 0;
	}
	if (size == 0 || cdb[1] & 0x02) /* CmdDt is obsolete */
		scsi_bad_field(drive, plan);
	else
		scsi_send(plan, size, scsi_get16(cdb + 3));
}

/* SPC-4, 6.33: the one logical unit, number 0 */
void scsi_report_luns(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 16);

	if (cdb[2] > 0x02) { /* SELECT REPORT */
		scsi_bad_field(drive, plan);
		return;
	}
	if (cdb[2] == 0x01) { /* well known logical units: none */
		scsi_send(plan, 8, scsi_get32(cdb + 6));
		return;
	}
	scsi_put32(bytes, 8);
	scsi_send(plan, 16, scsi_get32(cdb + 6));
}

/* SPC-4, 4.6.4: INQUIRY and REQUEST SENSE are answered for any unit, all else fails. */
void scsi_command_elsewhere(const uint8_t *cdb, size_t length, struct scsi_plan *plan)
{
	static const struct scsi_sense sense = {SCSI_ILLEGAL_REQUEST, SCSI_NO_SUCH_UNIT};
	uint8_t *bytes = plan->bytes;

	*plan = (struct scsi_plan){.opcode = cdb[0]};
	if (length >= 6 && cdb[0] == 0x12) {
		bytes[0] = TYPE_NOT_THERE;
		bytes[3] = 0x02;
		bytes[4] = INQUIRY_SIZE - 5;
		scsi_send(plan, INQUIRY_SIZE, scsi_get16(cdb + 3));
	} else if (length >= 6 && cdb[0] == 0x03) {
		scsi_put_sense(bytes, sense);
		scsi_send(plan, SCSI_SENSE_SIZE, cdb[4]);
	} else {
		plan->status = SCSI_CHECK_CONDITION;
	}
}
