/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that name blocks of the medium: they become a part of the image, never outside it. */
#include "gadget/scsi_part.h"

enum {
	WRITE_6 = 0x0a,
	FUA = 1 << 3,    /* byte 1 of WRITE, SBC-3, 5.41; the short one has an address there */
	BYTCHK = 3 << 1, /* byte 1 of VERIFY, SBC-3, 5.34 */
};

struct extent {
	uint64_t first, count; /* blocks */
};

/* By the group that the opcode belongs to. */
static struct extent block_extent(const uint8_t *cdb)
{
	switch (cdb[0] >> 5) {
	case 0: /* SBC-3, 5.7: 21 bits, and 0 blocks are 256 */
		return (struct extent){scsi_get24(cdb + 1) & 0x1fffff, cdb[4] ? cdb[4] : 256};
	case 4:
		return (struct extent){scsi_get64(cdb + 2), scsi_get32(cdb + 10)};
	case 5:
		return (struct extent){scsi_get32(cdb + 2), scsi_get32(cdb + 6)};
	default:
		return (struct extent){scsi_get32(cdb + 2), scsi_get16(cdb + 7)};
	}
}

static bool block_inside(
		struct scsi_drive *drive, struct scsi_plan *plan, const struct extent *extent)
{
	if (extent->first <= drive->blocks && extent->count <= drive->blocks - extent->first)
		return true;
	scsi_fail(drive, plan, SCSI_ILLEGAL_REQUEST, SCSI_OUT_OF_RANGE);
	return false;
}

static void block_plan(struct scsi_drive *drive, struct scsi_plan *plan, enum scsi_plan_kind kind,
		const struct extent *extent)
{
	if (!block_inside(drive, plan, extent) || extent->count == 0)
		return;
	plan->kind = kind;
	plan->offset = extent->first * drive->block;
	plan->size = extent->count * drive->block;
}

/* SBC-3, 5.7..5.11; MMC-6, 6.17, 6.18 */
void scsi_read(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	struct extent extent = block_extent(cdb);

	block_plan(drive, plan, SCSI_READ, &extent);
}

/* SBC-3, 5.40..5.44 */
void scsi_write(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	struct extent extent = block_extent(cdb);

	if (!drive->writable) {
		scsi_fail(drive, plan, SCSI_DATA_PROTECT, SCSI_WRITE_PROTECTED);
		return;
	}
	if (drive->fault == SCSI_FAULT_WRITE) {
		scsi_data_failed(drive, plan, SCSI_FAULT_WRITE);
		return;
	}
	block_plan(drive, plan, SCSI_WRITE, &extent);
	plan->flush = plan->kind == SCSI_WRITE && cdb[0] != WRITE_6 && cdb[1] & FUA;
}

/* SBC-3, 5.34..5.37: the image has no other check than being read, so the range is enough. */
void scsi_verify(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	struct extent extent = block_extent(cdb);

	if (cdb[1] & BYTCHK)
		scsi_bad_field(drive, plan);
	else
		block_inside(drive, plan, &extent);
}

/* SBC-3, 5.22, 5.23: all of it is written out, whatever part is named. */
void scsi_synchronize(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	struct extent extent = block_extent(cdb);

	if (block_inside(drive, plan, &extent))
		plan->flush = drive->writable;
}

/* SBC-3, 5.15; MMC-6, 6.19. FFFFFFFF asks a host to use the longer command. */
void scsi_read_capacity(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint64_t last = drive->blocks - 1;

	(void)cdb;
	scsi_put32(plan->bytes, last > UINT32_MAX ? UINT32_MAX : last);
	scsi_put32(plan->bytes + 4, drive->block);
	scsi_send(plan, 8, 8);
}

/* SBC-3, 5.16: service action 0x10 of SERVICE ACTION IN(16) */
void scsi_read_capacity_16(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 32);

	if ((cdb[1] & 0x1f) != 0x10) {
		scsi_bad_field(drive, plan);
		return;
	}
	scsi_put64(bytes, drive->blocks - 1);
	scsi_put32(bytes + 8, drive->block);
	scsi_send(plan, 32, scsi_get32(cdb + 10));
}

/* MMC-6, 6.23: one descriptor, of formatted media */
void scsi_read_format_capacities(
		struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 12);

	bytes[3] = 8;
	scsi_put32(bytes + 4, drive->blocks > UINT32_MAX ? UINT32_MAX : drive->blocks);
	bytes[8] = 0x02;
	bytes[9] = drive->block >> 16;
	scsi_put16(bytes + 10, drive->block & 0xffff);
	scsi_send(plan, 12, scsi_get16(cdb + 7));
}

/*
 * MMC-6, 6.15. Data discs have user data (2048 bytes in mode 1) and nothing around it that an
 * image knows; a host that wants none of it only moves the head.
 */
void scsi_read_cd(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	struct extent extent = {scsi_get32(cdb + 2), scsi_get24(cdb + 6)};
	unsigned int type = cdb[1] >> 2 & 7, what = cdb[9] & 0xfe;

	/* expected sector type: any, mode 1, mode 2 form 1 are 2048 bytes of user data */
	if ((type != 0 && type != 2 && type != 4) || (what != 0 && what != 0x10) || cdb[10] & 7)
		scsi_bad_field(drive, plan);
	else if (what == 0)
		block_inside(drive, plan, &extent);
	else
		block_plan(drive, plan, SCSI_READ, &extent);
}
