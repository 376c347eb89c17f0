/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an optical drive can do and what happened to its medium: GET CONFIGURATION, events. */
#include "gadget/scsi_part.h"

enum { PROFILE_CD_ROM = 0x0008, PROFILE_DVD_ROM = 0x0010 }; /* MMC-6, 5.3.1 */

enum feature { /* MMC-6, 5.3 */
	FEATURE_PROFILES = 0x0000,
	FEATURE_CORE = 0x0001,
	FEATURE_MORPHING = 0x0002,
	FEATURE_REMOVABLE = 0x0003,
	FEATURE_RANDOM_READ = 0x0010,
	FEATURE_MULTI_READ = 0x001d,
	FEATURE_CD_READ = 0x001e,
	FEATURE_DVD_READ = 0x001f,
	FEATURE_POWER = 0x0100,
	FEATURE_TIMEOUT = 0x0105,
	FEATURE_STREAMING = 0x0107,
};

/* Which medium makes a feature current. */
enum current { CURRENT_ALWAYS, CURRENT_MEDIUM, CURRENT_CD, CURRENT_DVD };

static const struct {
	uint16_t code;
	uint8_t version, size;
	enum current current;
} config_features[] = {
		{FEATURE_PROFILES, 0, 8, CURRENT_ALWAYS},
		{FEATURE_CORE, 2, 8, CURRENT_ALWAYS},
		{FEATURE_MORPHING, 1, 4, CURRENT_ALWAYS},
		{FEATURE_REMOVABLE, 1, 4, CURRENT_ALWAYS},
		{FEATURE_RANDOM_READ, 0, 8, CURRENT_MEDIUM},
		{FEATURE_MULTI_READ, 0, 0, CURRENT_CD},
		{FEATURE_CD_READ, 2, 4, CURRENT_CD},
		{FEATURE_DVD_READ, 1, 4, CURRENT_DVD},
		{FEATURE_POWER, 0, 0, CURRENT_ALWAYS},
		{FEATURE_TIMEOUT, 1, 4, CURRENT_ALWAYS},
		{FEATURE_STREAMING, 4, 4, CURRENT_MEDIUM},
};

static bool config_current(const struct scsi_drive *drive, enum current current)
{
	bool cd = scsi_is_compact_disc(drive);

	switch (current) {
	case CURRENT_MEDIUM:
		return drive->present;
	case CURRENT_CD:
		return drive->present && cd;
	case CURRENT_DVD:
		return drive->present && !cd;
	default:
		return true;
	}
}

static void config_feature(const struct scsi_drive *drive, enum feature code, uint8_t *bytes)
{
	switch (code) {
	case FEATURE_PROFILES: /* the best first */
		scsi_put16(bytes, PROFILE_DVD_ROM);
		bytes[2] = config_current(drive, CURRENT_DVD);
		scsi_put16(bytes + 4, PROFILE_CD_ROM);
		bytes[6] = config_current(drive, CURRENT_CD);
		break;
	case FEATURE_CORE:
		scsi_put32(bytes, 0x00000008); /* the interface: USB */
		bytes[4] = 0x01;               /* DBE */
		break;
	case FEATURE_MORPHING:
		bytes[0] = 0x02; /* OCEvent; GESN by polling only */
		break;
	case FEATURE_REMOVABLE:
		bytes[0] = 0x29; /* tray; ejects; locks */
		break;
	case FEATURE_RANDOM_READ:
		scsi_put32(bytes, drive->block);
		/* blocks that are read at once, MMC-6, 5.3.6: a DVD's ECC block is 16 */
		scsi_put16(bytes + 4, scsi_is_compact_disc(drive) ? 1 : 16);
		break;
	default:
		break;
	}
}

/* MMC-6, 6.5 */
void scsi_get_configuration(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	enum { ALL, ONLY_CURRENT, ONE, RESERVED } which = cdb[1] & 0x03;
	uint32_t start = scsi_get16(cdb + 2);
	uint8_t *bytes = scsi_blank(plan, 256), *next = bytes + 8;

	if (which == RESERVED) {
		scsi_bad_field(drive, plan);
		return;
	}
	for (size_t i = 0; i < sizeof(config_features) / sizeof(config_features[0]); i++) {
		bool current = config_current(drive, config_features[i].current);
		uint16_t code = config_features[i].code;

		if (which == ONE ? code != start : code < start)
			continue;
		if (which == ONLY_CURRENT && !current)
			continue;
		scsi_put16(next, code);
		next[2] = config_features[i].version << 2 | current;
		if (config_features[i].current == CURRENT_ALWAYS)
			next[2] |= 0x02; /* persistent */
		next[3] = config_features[i].size;
		config_feature(drive, code, next + 4);
		next += 4 + config_features[i].size;
	}
	scsi_put32(bytes, next - bytes - 4);
	if (drive->present)
		scsi_put16(bytes + 6,
				scsi_is_compact_disc(drive) ? PROFILE_CD_ROM : PROFILE_DVD_ROM);
	scsi_send(plan, next - bytes, scsi_get16(cdb + 7));
}

/* MMC-6, 6.6, the media class (4) only. An event is used up once the host can have seen it. */
void scsi_get_event_status(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 8);
	uint32_t allocated = scsi_get16(cdb + 7);

	if (!(cdb[1] & 0x01)) { /* only polled: USB has no asynchronous events */
		scsi_bad_field(drive, plan);
		return;
	}
	bytes[3] = 1 << 4;
	if (!(cdb[4] & 1 << 4)) {
		scsi_put16(bytes, 2);
		bytes[2] = 0x80; /* no such events */
		scsi_send(plan, 4, allocated);
		return;
	}
	scsi_put16(bytes, 6);
	bytes[2] = 4;
	if (allocated >= 8)
		bytes[4] = scsi_next_event(drive);
	bytes[5] = (drive->present ? 0x02 : 0) | (drive->open ? 0x01 : 0);
	scsi_send(plan, 8, allocated);
}

/* MMC-6, 6.10 */
void scsi_mechanism_status(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 8);

	bytes[1] = drive->open ? 0x10 : 0;
	scsi_send(plan, 8, scsi_get16(cdb + 8));
}

/* MMC-6, 6.7: type 0, nominal performance, the same over the whole medium */
void scsi_get_performance(struct scsi_drive *drive, const uint8_t *cdb, struct scsi_plan *plan)
{
	uint8_t *bytes = scsi_blank(plan, 24);
	uint32_t count = scsi_get16(cdb + 8);

	if (cdb[10] != 0) {
		scsi_bad_field(drive, plan);
		return;
	}
	scsi_put32(bytes, 4 + 16);
	scsi_put32(bytes + 12, 22160); /* kB/s at the first and at the last block: DVD, 16 times */
	scsi_put32(bytes + 16, drive->blocks ? drive->blocks - 1 : 0);
	scsi_put32(bytes + 20, 22160);
	scsi_send(plan, count ? 24 : 8, 24);
}
