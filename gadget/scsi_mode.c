/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* MODE SENSE and MODE SELECT: what can be set. Nothing can; hosts try all the same. */
#include "gadget/scsi_part.h"

enum {
	PAGE_RECOVERY = 0x01,     /* SBC-3, 6.4.7; MMC-6, 7.2 */
	PAGE_CACHING = 0x08,      /* SBC-3, 6.4.5 */
	PAGE_POWER = 0x1a,        /* SPC-4, 7.5.13 */
	PAGE_CAPABILITIES = 0x2a, /* MMC-3, 6.3.11 (legacy in MMC-6, annex E.3) */
	PAGE_ALL = 0x3f,
};

enum { CONTROL_CURRENT, CONTROL_CHANGEABLE, CONTROL_DEFAULT, CONTROL_SAVED }; /* SPC-4, 6.11 */

#define SPEED_DVD 22160 /* kB/s: 16 times 1385; the fastest a DVD drive turns */

static bool mode_has(const struct scsi_drive *drive, uint8_t page)
{
	switch (page) {
	case PAGE_RECOVERY:
		return true;
	case PAGE_CACHING:
		return drive->kind == SCSI_DISK;
	case PAGE_POWER:
	case PAGE_CAPABILITIES:
		return drive->kind == SCSI_CD;
	default:
		return false;
	}
}

static void mode_capabilities(const struct scsi_drive *drive, uint8_t *page)
{
	page[2] = 0x0f;                                 /* reads CD-R, CD-RW, method 2, DVD-ROM */
	page[4] = 0x70;                                 /* mode 2 form 1, form 2, multi-session */
	page[6] = 0x29 | (drive->prevented ? 0x02 : 0); /* tray, eject, lock; locked now */
	scsi_put16(page + 8, SPEED_DVD);
	scsi_put16(page + 12, 512); /* buffer, KiB */
	scsi_put16(page + 14, SPEED_DVD);
}

/* Returns the bytes of the page; those that can be changed are none. */
static size_t mode_page(const struct scsi_drive *drive, uint8_t code, bool values, uint8_t *page)
{
	size_t size = 12;

	if (!mode_has(drive, code))
		return 0;
	if (code == PAGE_CACHING)
		size = 20;
	else if (code == PAGE_CAPABILITIES)
		size = 22;
	page[0] = code;
	page[1] = size - 2;
	if (!values)
		return size;
	if (code == PAGE_RECOVERY)
		page[3] = 3; /* reads are tried again */
	else if (code == PAGE_CACHING && drive->writable)
		page[2] = 0x04; /* WCE: the host must synchronize */
	else if (code == PAGE_CAPABILITIES)
		mode_capabilities(drive, page);
	return size;
}

/* SPC-4, 6.11 and 6.12; the header: 7.5.4 */
void scsi_mode_sense(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	static const uint8_t pages[] = {PAGE_RECOVERY, PAGE_CACHING, PAGE_POWER, PAGE_CAPABILITIES};
	bool six = cdb[0] == 0x1a;
	size_t head = six ? 4 : 8, size = head;
	uint8_t code = cdb[2] & 0x3f, control = cdb[2] >> 6;
	uint8_t *bytes = scsi_blank(plan, 128);
	uint8_t protect = drive->kind == SCSI_DISK && drive->present && !drive->writable ? 0x80 : 0;

	for (size_t i = 0; i < sizeof(pages); i++)
		if (code == pages[i] || code == PAGE_ALL)
			size += mode_page(drive, pages[i], control != CONTROL_CHANGEABLE,
					bytes + size);
	if (size == head || (cdb[3] != 0 && cdb[3] != 0xff)) { /* there are no subpages */
		scsi_bad_field(drive, plan);
		return;
	}
	if (control == CONTROL_SAVED) {
		scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_SAVING_UNSUPPORTED);
		return;
	}
	if (six) {
		bytes[0] = size - 1;
		bytes[2] = protect;
	} else {
		scsi_put16(bytes, size - 2);
		bytes[3] = protect;
	}
	scsi_send(plan, size, six ? cdb[4] : scsi_get16(cdb + 7));
}

/* SPC-4, 6.9 and 6.10 */
void scsi_mode_select(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	size_t size = cdb[0] == 0x15 ? cdb[4] : scsi_get16(cdb + 7);

	if (cdb[1] & 0x01) /* SP: nothing can be saved */
		scsi_bad_field(drive, plan);
	else if (size > SCSI_PARAMETERS_MAX)
		scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_LIST_LENGTH);
	else if (size > 0) {
		plan->kind = SCSI_ACCEPT;
		plan->size = size;
	}
}

/* The list must be well formed and name pages that are there; its values are as good as set. */
void scsi_mode_data(
		struct scsi_drive *drive, struct scsi_plan *plan, const uint8_t *bytes, size_t size)
{
	size_t head = plan->opcode == 0x15 ? 4 : 8, at;

	if (size < head) {
		scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_LIST_LENGTH);
		return;
	}
	at = head + (head == 4 ? bytes[3] : scsi_get16(bytes + 6)); /* after the descriptors */
	while (at < size) {
		if (size - at < 2 || size - at - 2 < bytes[at + 1]) {
			scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_LIST_LENGTH);
			return;
		}
		if (!mode_has(drive, bytes[at] & 0x7f)) {
			scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_INVALID_PARAMETER);
			return;
		}
		at += (size_t)2 + bytes[at + 1];
	}
	if (at > size)
		scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_LIST_LENGTH);
}
