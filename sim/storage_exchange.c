/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One command of Bulk-Only Transport: CBW, data, CSW, and the sense data of one that fails. */
#include <glib.h>
#include <string.h>
#include "sim/alarm.h"
#include "sim/storage_private.h"

#define STORAGE_CBW_SIZE        31         /* BOT, 5.1 */
#define STORAGE_CSW_SIZE        13         /* BOT, 5.2 */
#define STORAGE_CBW             0x43425355 /* their signatures */
#define STORAGE_CSW             0x53425355
#define STORAGE_PHASE_ERROR     2    /* BOT, table 5.3 */
#define STORAGE_REQUEST_SENSE   0x03 /* SPC-4, 6.39 */
#define STORAGE_STATUS_ATTEMPTS 2    /* BOT, figure 2 */

static void storage_put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = value >> (8 * i);
}

static uint32_t storage_get32(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void storage_exchange(struct storage *storage, const uint8_t *cdb, uint8_t cdb_size,
		bool out, void *bytes, size_t size)
{
	uint8_t cbw[STORAGE_CBW_SIZE] = {0};

	memcpy(storage->exchange.cdb, cdb, cdb_size);
	storage->exchange.cdb_size = cdb_size;
	storage->exchange.out = out;
	storage->exchange.bytes = bytes;
	storage->exchange.size = size;
	storage->exchange.at = 0;
	storage->exchange.attempts = 0;
	storage->exchange.tag++;
	storage_put32(cbw, STORAGE_CBW);
	storage_put32(cbw + 4, storage->exchange.tag);
	storage_put32(cbw + 8, (uint32_t)size);
	cbw[12] = out ? 0 : 0x80;
	cbw[14] = cdb_size;
	memcpy(cbw + 15, cdb, cdb_size);
	alarm_set(storage->deadline,
			g_get_monotonic_time() + (int64_t)storage->time_out * STORAGE_MILLI);
	storage_say(storage, STORAGE_COMMANDING, CABLE_OUT, 0, cbw, sizeof(cbw));
}

void storage_begin(struct storage *storage)
{
	struct storage_request *request = g_queue_peek_head(&storage->requests);

	if (storage->running || !request)
		return;
	if (storage->step == STORAGE_DEAD) {
		storage_reset_port(storage);
		return;
	}
	if (storage->step != STORAGE_IDLE)
		return;
	storage->running = true;
	storage->sensing = false;
	storage->outcome = (struct storage_outcome){0};
	storage->stats.commands++;
	storage_exchange(storage, request->command.cdb, request->command.cdb_size,
			request->command.out, request->command.bytes, request->command.size);
}

void storage_end(struct storage *storage, enum storage_result result)
{
	struct storage_outcome outcome = storage->outcome;
	struct storage_request *request;

	alarm_clear(storage->deadline);
	if (storage->running) {
		storage->running = false;
		request = g_queue_pop_head(&storage->requests);
		outcome.result = result;
		if (request->command.done)
			request->command.done(&outcome, request->command.data);
		storage_request_free(request);
	}
	storage_begin(storage);
}

void storage_ask_status(struct storage *storage)
{
	storage_say(storage, STORAGE_ASKING, CABLE_IN, STORAGE_CSW_SIZE, NULL, 0);
}

static void storage_give(struct storage *storage)
{
	size_t part = MIN(storage->exchange.size - storage->exchange.at, CABLE_PART);

	storage_say(storage, STORAGE_GIVING, CABLE_OUT, 0,
			storage->exchange.bytes + storage->exchange.at, part);
}

static void storage_data_phase(struct storage *storage)
{
	if (storage->exchange.at == storage->exchange.size)
		storage_ask_status(storage);
	else if (storage->exchange.out)
		storage_give(storage);
	else
		storage_say(storage, STORAGE_TAKING, CABLE_IN, (uint32_t)storage->exchange.size,
				NULL, 0);
}

static void storage_ask_sense(struct storage *storage)
{
	static const uint8_t cdb[6] = {STORAGE_REQUEST_SENSE, 0, 0, 0, STORAGE_SENSE_SIZE};

	storage->sensing = true;
	memset(storage->sense, 0, sizeof(storage->sense));
	storage_exchange(storage, cdb, sizeof(cdb), false, storage->sense, sizeof(storage->sense));
}

/* Valid and meaningful: BOT, 6.3. */
static bool storage_status_valid(const struct storage *storage, const uint8_t *csw, size_t size)
{
	return size == STORAGE_CSW_SIZE && storage_get32(csw) == STORAGE_CSW &&
	       storage_get32(csw + 4) == storage->exchange.tag &&
	       storage_get32(csw + 8) <= storage->exchange.size && csw[12] < STORAGE_PHASE_ERROR;
}

static void storage_status(struct storage *storage, const uint8_t *csw, size_t size)
{
	size_t counts;

	if (size == 0 && ++storage->exchange.attempts < STORAGE_STATUS_ATTEMPTS) {
		storage_ask_status(storage); /* an empty packet too many */
		return;
	}
	if (!storage_status_valid(storage, csw, size)) {
		storage_recover(storage);
		return;
	}
	storage->step = STORAGE_IDLE;
	counts = storage->exchange.size - storage_get32(csw + 8);
	if (storage->sensing) {
		storage->outcome.sense.key = storage->sense[2] & 0x0f;
		storage->outcome.sense.code = storage->sense[12];
		storage->outcome.sense.qualifier = storage->sense[13];
		storage_end(storage, STORAGE_FAILED);
		return;
	}
	storage->outcome.moved = MIN(counts, storage->exchange.at);
	if (csw[12])
		storage_ask_sense(storage);
	else
		storage_end(storage, STORAGE_PASSED);
}

static void storage_taken(struct storage *storage, const uint8_t *bytes, size_t size)
{
	size_t room = storage->exchange.size - storage->exchange.at;

	memcpy(storage->exchange.bytes + storage->exchange.at, bytes, MIN(size, room));
	storage->exchange.at += MIN(size, room);
	if (size >= room || size % CABLE_PACKET != 0 || size == 0)
		storage_ask_status(storage);
}

static void storage_given(struct storage *storage, size_t size)
{
	storage->exchange.at += MIN(size, storage->exchange.size - storage->exchange.at);
	storage_data_phase(storage);
}

static void storage_stalled(struct storage *storage)
{
	storage->stats.stalls++;
	switch (storage->step) {
	case STORAGE_TAKING:
		storage_control(storage, STORAGE_CLEARING, CABLE_CLEAR_IN);
		break;
	case STORAGE_GIVING:
		storage_control(storage, STORAGE_CLEARING, CABLE_CLEAR_OUT);
		break;
	case STORAGE_ASKING:
		if (++storage->exchange.attempts < STORAGE_STATUS_ATTEMPTS)
			storage_control(storage, STORAGE_CLEARING, CABLE_CLEAR_IN);
		else
			storage_recover(storage);
		break;
	default:
		storage_recover(storage);
		break;
	}
}

bool storage_exchange_message(struct storage *storage, const struct cable_head *head,
		const uint8_t *bytes, size_t size)
{
	if (storage->step == STORAGE_TAKING && head->kind == CABLE_DATA)
		storage_taken(storage, bytes, size);
	else if (storage->step == STORAGE_ASKING && head->kind == CABLE_DATA)
		storage_status(storage, bytes, size);
	else if (storage->step == STORAGE_COMMANDING && head->kind == CABLE_DONE)
		storage_data_phase(storage);
	else if (storage->step == STORAGE_GIVING && head->kind == CABLE_DONE)
		storage_given(storage, head->value);
	else if (head->kind == CABLE_STALLED && storage->running &&
			storage->step >= STORAGE_COMMANDING && storage->step <= STORAGE_ASKING)
		storage_stalled(storage);
	else
		return false;
	return true;
}
