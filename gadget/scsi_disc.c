/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How an optical disc is laid out: one finished session with one data track. */
#include "gadget/scsi_part.h"

#define DATA_TRACK 0x14   /* ADR 1, control 4: MMC-6, 6.25.3.2.1 */
#define LEAD_OUT   0xaa   /* track number, the same table */
#define PREGAP     150    /* frames before block 0: MMC-6, 4.2.3.5.1 */
#define FRAMES     75     /* a second */
#define CD_BLOCKS  449850 /* 99:59:74 is the last address in minutes that a CD can name */
#define LAYER_MOST                                                                                \
	2298496             /* blocks of a DVD's layer, ECMA-267: a single-layer disc has no more \
			     */
#define DVD_FIRST   0x30000 /* physical sector of block 0: ECMA-267; MMC-6, 6.22.3.2.1 */
#define DVD_PAYLOAD 2048    /* bytes of most DVD structures */

bool scsi_is_compact_disc(const struct scsi_drive *drive)
{
	return drive->blocks <= CD_BLOCKS;
}

/* Minutes beyond a byte stay at the most it can hold: software looks at LBAs then. */
static void disc_address(uint8_t *bytes, bool msf, uint64_t lba)
{
	if (!msf) {
		scsi_put32(bytes, lba);
		return;
	}
	lba += PREGAP;
	bytes[0] = 0;
	bytes[1] = lba / (60 * FRAMES) > 255 ? 255 : lba / (60 * FRAMES);
	bytes[2] = lba / FRAMES % 60;
	bytes[3] = lba % FRAMES;
}

static size_t disc_toc_entry(uint8_t *entry, uint8_t track, bool msf, uint64_t lba)
{
	entry[1] = DATA_TRACK;
	entry[2] = track;
	disc_address(entry + 4, msf, lba);
	return 8;
}

/* MMC-6, 6.25.3.2.4: as the lead-in says it, times always in minutes */
static size_t disc_full_toc(const struct scsi_drive *drive, uint8_t *bytes)
{
	static const uint8_t points[] = {0xa0, 0xa1, 0xa2, 1};
	uint8_t *entry = bytes + 4;

	for (size_t i = 0; i < sizeof(points); i++, entry += 11) {
		uint8_t time[4];

		entry[0] = 1; /* session */
		entry[1] = DATA_TRACK;
		entry[3] = points[i];
		if (points[i] == 0xa0 || points[i] == 0xa1) {
			entry[8] = 1; /* first track, last track */
			continue;
		}
		disc_address(time, true, points[i] == 0xa2 ? drive->blocks : 0);
		memcpy(entry + 8, time + 1, 3);
	}
	return entry - bytes;
}

/* MMC-6, 6.25; old software has the format in the last byte (SFF-8020i, 9.8.19) */
void scsi_read_toc(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	enum { TRACKS, SESSIONS, FULL };
	uint8_t format = cdb[2] & 0x0f, first = cdb[6], *bytes = scsi_blank(plan, 64);
	bool msf = cdb[1] & 0x02;
	size_t size = 4;

	if (format == TRACKS)
		format = cdb[9] >> 6;
	if (format == TRACKS && (first <= 1 || first == LEAD_OUT)) {
		if (first <= 1)
			size += disc_toc_entry(bytes + size, 1, msf, 0);
		size += disc_toc_entry(bytes + size, LEAD_OUT, msf, drive->blocks);
	} else if (format == SESSIONS) {
		size += disc_toc_entry(bytes + size, 1, msf, 0);
	} else if (format == FULL && first <= 1 && scsi_is_compact_disc(drive)) {
		size = disc_full_toc(drive, bytes);
	} else {
		scsi_bad_field(drive, plan);
		return;
	}
	scsi_put16(bytes, size - 2);
	bytes[2] = bytes[3] = 1; /* first and last track, or session */
	scsi_send(plan, size, scsi_get16(cdb + 7));
}

/* MMC-6, 6.21.3: standard disc information */
void scsi_read_disc_information(
		struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 34);

	if (cdb[1] & 0x07) {
		scsi_bad_field(drive, plan);
		return;
	}
	scsi_put16(bytes, 32);
	bytes[2] = 0x0e;         /* finalized disc, complete last session */
	memset(bytes + 3, 1, 4); /* first track, sessions, first and last track of the last one */
	bytes[7] = 0x20;         /* unrestricted use */
	scsi_put32(bytes + 16, UINT32_MAX); /* no next session: lead-in and lead-out */
	scsi_put32(bytes + 20, UINT32_MAX);
	scsi_send(plan, 34, scsi_get16(cdb + 7));
}

/* MMC-6, 6.26: track 1, by block, by track or by session */
void scsi_read_track_information(
		struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	enum { BY_BLOCK, BY_TRACK, BY_SESSION };
	uint8_t by = cdb[1] & 0x03, *bytes = scsi_blank(plan, 36);
	uint32_t number = scsi_get32(cdb + 2);

	if (by == BY_BLOCK ? number >= drive->blocks : by > BY_SESSION || number != 1) {
		scsi_bad_field(drive, plan);
		return;
	}
	scsi_put16(bytes, 34);
	bytes[2] = bytes[3] = 1; /* track, session */
	bytes[5] = 0x04;         /* data, uninterrupted */
	bytes[6] = 0x01;         /* data mode 1 */
	scsi_put32(bytes + 24, drive->blocks);
	scsi_put32(bytes + 28, drive->blocks - 1);
	scsi_send(plan, 36, scsi_get16(cdb + 7));
}

/* MMC-6, 6.22.3.2.1 */
static size_t disc_physical(const struct scsi_drive *drive, uint8_t *bytes)
{
	bool two = drive->blocks > LAYER_MOST;

	bytes[4] = 0x01;              /* DVD-ROM, part version 1 */
	bytes[5] = 0x02;              /* 120 mm, any rate */
	bytes[6] = two ? 0x21 : 0x01; /* layers, embossed */
	bytes[7] = 0x10;              /* densities of a DVD-ROM */
	scsi_put32(bytes + 8, DVD_FIRST);
	scsi_put32(bytes + 12, DVD_FIRST + drive->blocks - 1);
	if (two) /* the layers are equal, in whole ECC blocks of 16 */
		scsi_put32(bytes + 16, DVD_FIRST + (drive->blocks + 31) / 32 * 16 - 1);
	return 4 + DVD_PAYLOAD;
}

/* MMC-6, 6.22.3.1.1: each structure that can be read, with its size */
static size_t disc_structures(uint8_t *bytes)
{
	static const struct {
		uint8_t format;
		uint16_t size;
	} list[] = {{0x00, 4 + DVD_PAYLOAD}, {0x01, 8}, {0x04, 4 + DVD_PAYLOAD}};
	uint8_t *entry = bytes + 4;

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++, entry += 4) {
		entry[0] = list[i].format;
		entry[1] = 0x40; /* can be read */
		scsi_put16(entry + 2, list[i].size);
	}
	return entry - bytes;
}

/* MMC-6, 6.22 */
void scsi_read_dvd_structure(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 4 + DVD_PAYLOAD);
	size_t size;

	if (scsi_is_compact_disc(drive)) {
		scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_INCOMPATIBLE_FORMAT);
		return;
	}
	switch (cdb[1] & 0x0f ? 0xfe : cdb[7]) { /* media type 0: DVD */
	case 0x00:
		size = disc_physical(drive, bytes);
		break;
	case 0x01: /* copyright: no protection, all regions */
		size = 8;
		break;
	case 0x04: /* manufacturer: nothing */
		size = 4 + DVD_PAYLOAD;
		break;
	case 0xff:
		size = disc_structures(bytes);
		break;
	default:
		scsi_bad_field(drive, plan);
		return;
	}
	scsi_put16(bytes, size - 2);
	scsi_send(plan, size, scsi_get16(cdb + 8));
}

/* MMC-3, 6.33: nothing plays, and an image has no subchannels; the head of the answer says so */
void scsi_read_subchannel(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 4);

	(void)drive;
	bytes[1] = 0x15; /* no audio status */
	scsi_send(plan, 4, scsi_get16(cdb + 7));
}

/* MMC-2, 6.1.12 */
void scsi_read_header(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 8);
	uint32_t lba = scsi_get32(cdb + 2);

	if (lba >= drive->blocks) {
		scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_OUT_OF_RANGE);
		return;
	}
	bytes[0] = 0x01; /* data mode 1 */
	disc_address(bytes + 4, cdb[1] & 0x02, lba);
	scsi_send(plan, 8, scsi_get16(cdb + 7));
}
