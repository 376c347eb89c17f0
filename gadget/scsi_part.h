/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Between the files of the SCSI core: numbers on the wire, failing, answering, and the commands. */
#include <string.h>
#include "gadget/scsi.h"

enum { SCSI_EVENT_EJECT_REQUEST = 1, SCSI_EVENT_NEW_MEDIUM = 2, SCSI_EVENT_REMOVAL = 3 };

/* SCSI's numbers are big-endian (SPC-4, 3.5). */
static inline void scsi_put16(uint8_t *bytes, uint32_t value)
{
	bytes[0] = value >> 8;
	bytes[1] = value;
}

static inline void scsi_put32(uint8_t *bytes, uint32_t value)
{
	scsi_put16(bytes, value >> 16);
	scsi_put16(bytes + 2, value);
}

static inline void scsi_put64(uint8_t *bytes, uint64_t value)
{
	scsi_put32(bytes, value >> 32);
	scsi_put32(bytes + 4, value);
}

static inline uint32_t scsi_get16(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 8 | bytes[1];
}

static inline uint32_t scsi_get24(const uint8_t *bytes)
{
	return scsi_get16(bytes) << 8 | bytes[2];
}

static inline uint32_t scsi_get32(const uint8_t *bytes)
{
	return scsi_get16(bytes) << 16 | scsi_get16(bytes + 2);
}

static inline uint64_t scsi_get64(const uint8_t *bytes)
{
	return (uint64_t)scsi_get32(bytes) << 32 | scsi_get32(bytes + 4);
}

/* Zeros for an answer of size bytes. */
static inline uint8_t *scsi_blank(struct scsi_plan *plan, size_t size)
{
	return memset(plan->bytes, 0, size);
}

/* Sends the first size bytes, or as many as the host has allocated (SPC-4, 4.3.5.6). */
void scsi_send(struct scsi_plan *plan, size_t size, size_t allocated);
void scsi_fail(struct scsi_drive *drive, struct scsi_plan *plan, enum scsi_key key,
		enum scsi_code code);
void scsi_bad_field(struct scsi_drive *drive, struct scsi_plan *plan); /* 05/24/00 */

/* Whether the medium can be addressed by minute, second and frame, so that it passes for a CD. */
bool scsi_is_compact_disc(const struct scsi_drive *drive);

enum scsi_code scsi_no_medium(const struct scsi_drive *drive);
void scsi_add_attention(struct scsi_drive *drive, enum scsi_code code);
void scsi_drop_attention(struct scsi_drive *drive, enum scsi_code code);
bool scsi_next_attention(struct scsi_drive *drive, enum scsi_code *code);
void scsi_add_event(struct scsi_drive *drive, uint8_t event);
uint8_t scsi_next_event(struct scsi_drive *drive); /* 0: none */
void scsi_put_sense(uint8_t *bytes, struct scsi_sense sense);
#define SCSI_SENSE_SIZE 18

typedef void (*scsi_command_fn)(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);

/* scsi_sense.c, scsi_inquiry.c, scsi_mode.c */
void scsi_request_sense(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_inquiry(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_report_luns(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_mode_sense(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_mode_select(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_mode_data(struct scsi_drive *, struct scsi_plan *, const uint8_t *bytes, size_t size);

/* scsi_block.c */
void scsi_read(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_write(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_verify(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_synchronize(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_read_capacity(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_read_capacity_16(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_read_format_capacities(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_read_cd(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);

/* scsi_config.c */
void scsi_get_configuration(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_get_event_status(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_mechanism_status(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_get_performance(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);

/* scsi_disc.c */
void scsi_read_toc(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_read_disc_information(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_read_track_information(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_read_dvd_structure(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_read_subchannel(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
void scsi_read_header(struct scsi_drive *, const uint8_t *cdb, struct scsi_plan *);
