/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The records of sensors, read one by one along the chain that the BMC tells: a header, and when it
 * is a sensor's the rest in small pieces. Sensors stay as they are until a round is at its end.
 *
 * BMCs lie here: in chains that have no end, records that come again, lengths that are not kept.
 * So a round has at most RECORDS_WALK records, ends where it was before, and keeps a record only
 * when it is one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "rack/bmc_part.h"

#define RECORDS_WALK   2048
#define RECORDS_PIECE  32 /* bytes at first; with its head an IPMB's message bears less */
#define RECORDS_LEAST  4
#define RECORDS_LOST   8 /* reservations that may go in a round */
#define RECORDS_SILENT 3
#define RECORDS_HUNG   6     /* answers that did not come in a round, over several sessions */
#define RECORDS_ROUNDS 3     /* that are not whole; then it is taken as it is */
#define RECORDS_AGAIN  60000 /* ms between them */

#define SDR_TYPE    3 /* offsets in a header (43) */
#define SDR_LENGTH  4
#define SDR_FULL    0x01
#define SDR_COMPACT 0x02

/* --- Rounds --- */

static void records_clear(struct bmc_records *records)
{
	free(records->all);
	records->all = NULL;
	records->count = 0;
}

void bmc_records_drop(struct bmc *bmc)
{
	records_clear(&bmc->records);
	bmc->records = (struct bmc_records){.due = BMC_NEVER};
}

static void records_go(struct bmc_records *records, int step, int64_t now)
{
	records->step = step;
	records->due = now;
}

static void records_begin(struct bmc_records *records, int64_t now)
{
	records_clear(records);
	records->reservation = 0;
	records->walked = 0;
	records->mark_at = 1;
	records->mark = IPMI_LAST;
	records->cut = false;
	if (!records->piece)
		records->piece = RECORDS_PIECE;
	records_go(records, RECORDS_RESERVE, now);
}

/* Nothing more comes of this round. What was not whole is read again a few times. */
static void records_end(struct bmc *bmc, int64_t now)
{
	struct bmc_records *records = &bmc->records;
	bool whole = !records->cut, last;

	records->rounds = whole ? 0 : records->rounds + 1;
	records->hung = records->silent = 0;
	last = whole || records->rounds >= RECORDS_ROUNDS;
	if (last) {
		records_go(records, RECORDS_FINE, BMC_NEVER);
		records->have = true;
		records->store = records->store_now;
	} else {
		records_go(records, RECORDS_INFO, now + RECORDS_AGAIN);
	}
	/* A worse look than the one before is not worth losing sensors for. */
	if (!whole && records->count <= bmc->sensors.count && (records->told || !last)) {
		records_clear(records);
		return;
	}
	bmc_sensors_take(bmc, now, records->all, records->count);
	records->all = NULL;
	records->count = 0;
	records->told = true;
	bmc_tell(bmc, BMC_SENSORS, now);
}

static void records_cut(struct bmc *bmc, int64_t now)
{
	bmc->records.cut = true;
	records_end(bmc, now);
}

void bmc_records_look(struct bmc *bmc, int64_t now, bool fresh)
{
	struct bmc_records *records = &bmc->records;

	if (fresh && records->hung >= RECORDS_HUNG)
		records_cut(bmc, now);
	else if (fresh || records->step == RECORDS_FINE)
		records_go(records, RECORDS_INFO, now);
}

/* --- A sensor --- */

static bool records_name_is_taken(const struct bmc_records *records, const char *name)
{
	for (size_t i = 0; i < records->count; i++) {
		if (strcmp(records->all[i].sensor.name, name) == 0)
			return true;
	}
	return false;
}

/* Readings are kept by name. */
static void records_name(const struct bmc_records *records, struct sdr_sensor *sensor)
{
	char base[SDR_NAME_MAX];
	size_t length;

	if (!sensor->name[0])
		snprintf(sensor->name, sizeof(sensor->name), "Sensor %u", sensor->number);
	length = strlen(sensor->name);
	memcpy(base, sensor->name, length + 1);
	if (length > SDR_NAME_MAX - 6)
		length = SDR_NAME_MAX - 6; /* "_1024" */
	for (unsigned int i = 2; records_name_is_taken(records, sensor->name); i++)
		snprintf(sensor->name, sizeof(sensor->name), "%.*s_%u", (int)length, base, i);
}

/* The owner is the BMC itself: requests to others would have to be sent on through it. */
static bool records_wanted(const struct bmc_records *records, const struct sdr_sensor *sensor)
{
	if (sensor->owner != IPMI_BMC)
		return false;
	for (size_t i = 0; i < records->count; i++) {
		const struct sdr_sensor *other = &records->all[i].sensor;

		if (other->lun == sensor->lun && other->number == sensor->number)
			return false;
	}
	return true;
}

/* Room doubles as it grows: most BMCs have a tenth of what would be kept. */
static void records_add(struct bmc *bmc, const struct sdr_sensor *sensor)
{
	struct bmc_records *records = &bmc->records;
	struct bmc_sensor *all = records->all;
	size_t count = records->count;

	if ((count & (count - 1)) == 0) { /* full: it has room for a power of two */
		all = realloc(all, (count ? 2 * count : 1) * sizeof(*all));
		if (!all) {
			records->cut = true;
			return;
		}
		records->all = all;
	}
	all[count] = (struct bmc_sensor){.sensor = *sensor};
	records_name(records, &all[count].sensor);
	records->count++;
}

/* --- The chain --- */

static void records_next(struct bmc *bmc, int64_t now)
{
	struct bmc_records *records = &bmc->records;

	records->walked++;
	/* A mark that is set at the 1st, 2nd, 4th, 8th .. record finds every circle. */
	if (records->next == IPMI_LAST || records->next == records->record ||
			records->next == records->mark || records->count >= bmc->settings.most) {
		records_end(bmc, now);
		return;
	}
	if (records->walked == RECORDS_WALK) {
		records_cut(bmc, now);
		return;
	}
	if (records->walked == records->mark_at) {
		records->mark = records->next;
		records->mark_at *= 2;
	}
	records->record = records->next;
	records->size = 0;
	records_go(records, RECORDS_HEADER, now);
}

static void records_whole(struct bmc *bmc, int64_t now)
{
	struct bmc_records *records = &bmc->records;
	struct sdr_sensor sensor;

	if (sdr_read(records->bytes, records->size, &sensor) && records_wanted(records, &sensor))
		records_add(bmc, &sensor);
	records_next(bmc, now);
}

static void records_header(struct bmc *bmc, int64_t now)
{
	struct bmc_records *records = &bmc->records;
	uint8_t type = records->bytes[SDR_TYPE];

	records->whole = (size_t)IPMI_SDR_HEADER + records->bytes[SDR_LENGTH];
	if (records->whole > sizeof(records->bytes))
		records->whole = sizeof(records->bytes);
	if ((type != SDR_FULL && type != SDR_COMPACT) || records->whole == IPMI_SDR_HEADER) {
		records_next(bmc, now);
		return;
	}
	records_go(records, RECORDS_REST, now);
}

/* --- Asking --- */

static int64_t records_due(const struct bmc *bmc)
{
	return bmc->records.step == RECORDS_FINE ? BMC_NEVER : bmc->records.due;
}

static uint8_t records_count(const struct bmc_records *records)
{
	size_t want = records->step == RECORDS_HEADER ? IPMI_SDR_HEADER : records->whole;

	want -= records->size;
	return (uint8_t)(want < records->piece ? want : records->piece);
}

static void records_ask(struct bmc *bmc, int64_t now)
{
	const struct bmc_records *records = &bmc->records;

	switch (records->step) {
	case RECORDS_FINE:
	case RECORDS_INFO:
		ipmi_sdr_info(&bmc->request);
		break;
	case RECORDS_RESERVE:
		ipmi_sdr_reserve(&bmc->request);
		break;
	case RECORDS_HEADER:
	case RECORDS_REST:
		ipmi_sdr_get(&bmc->request, records->reservation, records->record,
				(uint8_t)records->size, records_count(records));
		break;
	}
	(void)now;
}

/* --- Answers --- */

static void records_info(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_records *records = &bmc->records;
	struct ipmi_store store = {0};
	bool told = bmc_good(answer) && ipmi_store_read(answer->bytes, answer->size, &store);

	/* One that tells of no changes is read once. */
	if (records->have && (!told || ipmi_store_same(&store, &records->store))) {
		records_go(records, RECORDS_FINE, BMC_NEVER);
		return;
	}
	if (told && !ipmi_store_same(&store, &records->store_now))
		records->rounds = 0;
	records->store_now = store;
	records->lost = 0;
	records_begin(records, now);
}

/* One that has no reservations may still be read. */
static void records_reserved(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_records *records = &bmc->records;

	if (!bmc_good(answer) ||
			!ipmi_reservation_read(answer->bytes, answer->size, &records->reservation))
		records->reservation = 0;
	records->record = IPMI_FIRST;
	records->size = 0;
	records_go(records, RECORDS_HEADER, now);
}

/* False when it cannot be less. */
static bool records_smaller(struct bmc_records *records)
{
	uint8_t count = records_count(records);

	if (count <= RECORDS_LEAST)
		return false;
	records->piece = count / 2 > RECORDS_LEAST ? count / 2 : RECORDS_LEAST;
	return true;
}

static void records_refused(struct bmc *bmc, int64_t now, uint8_t code)
{
	struct bmc_records *records = &bmc->records;

	switch (code) {
	case IPMI_RESERVATION:
		if (++records->lost < RECORDS_LOST)
			records_begin(records, now);
		else
			records_cut(bmc, now);
		return;
	case IPMI_BUSY:
	case IPMI_TIMEOUT:
		if (++records->silent < RECORDS_SILENT)
			records->due = now + 1000;
		else
			records_cut(bmc, now);
		return;
	default: /* several codes are seen in the place of IPMI_TOO_MANY_BYTES */
		if (code != IPMI_ABSENT && records_smaller(records)) {
			records_go(records, records->step, now);
			return;
		}
	}
	/* The header has told where the next record is. */
	if (records->step == RECORDS_REST) {
		records->cut = true;
		records_next(bmc, now);
	} else if (records->record == IPMI_FIRST && code == IPMI_ABSENT) {
		records_end(bmc, now); /* it has no records at all */
	} else {
		records_cut(bmc, now);
	}
}

static void records_piece(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_records *records = &bmc->records;
	size_t asked = records_count(records);
	struct ipmi_piece piece;

	if (answer->code != IPMI_GOOD) {
		records_refused(bmc, now, answer->code);
		return;
	}
	if (!ipmi_piece_read(answer->bytes, answer->size, &piece)) {
		records_refused(bmc, now, IPMI_UNSPECIFIED);
		return;
	}
	/* More than was asked for is not believed. */
	if (piece.size > asked)
		piece.size = asked;
	memcpy(records->bytes + records->size, piece.bytes, piece.size);
	records->size += piece.size;
	records->next = piece.next;
	records_go(records, records->step, now);
	if (records->step == RECORDS_HEADER && records->size == IPMI_SDR_HEADER)
		records_header(bmc, now);
	else if (records->step == RECORDS_REST && records->size == records->whole)
		records_whole(bmc, now);
}

/* Large answers are what some BMCs fail at. */
static void records_silent(struct bmc *bmc, int64_t now)
{
	struct bmc_records *records = &bmc->records;

	if (records->step == RECORDS_INFO) {
		records->due = now + RECORDS_AGAIN;
		return;
	}
	records->due = now;
	records->hung++;
	if (++records->silent >= RECORDS_SILENT)
		records_cut(bmc, now);
	else if (records->step == RECORDS_REST)
		records_smaller(records);
}

static void records_answer(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_records *records = &bmc->records;

	if (!answer->came) {
		records_silent(bmc, now);
		return;
	}
	if (answer->code != IPMI_BUSY && answer->code != IPMI_TIMEOUT)
		records->silent = 0;
	switch (records->step) {
	case RECORDS_FINE:
		break;
	case RECORDS_INFO:
		records_info(bmc, now, answer);
		break;
	case RECORDS_RESERVE:
		records_reserved(bmc, now, answer);
		break;
	case RECORDS_HEADER:
	case RECORDS_REST:
		records_piece(bmc, now, answer);
		break;
	}
}

const struct bmc_part bmc_records_part = {records_due, records_ask, records_answer};
