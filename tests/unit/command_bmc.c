/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/command_bmc.h"

#define RESERVATION_LOST 0xc5

static void put_16(uint8_t *out, unsigned int number)
{
	out[0] = (uint8_t)number;
	out[1] = (uint8_t)(number >> 8);
}

static void put_32(uint8_t *out, uint32_t number)
{
	put_16(out, number);
	put_16(out + 2, number >> 16);
}

void command_bmc_init(struct command_bmc *bmc)
{
	memset(bmc, 0, sizeof(*bmc));
	bmc->product = 7;
	bmc->on = bmc->dcmi = bmc->measures = true;
	bmc->watts = 210;
	bmc->piece_code = 0xca;
	bmc->reservation = 1;
	bmc->has_guid = true;
	memset(bmc->guid, 0x11, sizeof(bmc->guid));
	bmc->guid[0] = 1;
	memset(bmc->states, 0xc0, sizeof(bmc->states)); /* scanned, and there */
}

void command_bmc_add_sensor(struct command_bmc *bmc, const char *name, uint8_t owner, uint8_t lun,
		uint8_t number, uint8_t linear)
{
	uint8_t *record = bmc->records[bmc->record_count];
	size_t length = strlen(name);

	memset(record, 0, sizeof(bmc->records[0]));
	put_16(record, (unsigned int)++bmc->record_count);
	record[2] = 0x51;
	record[3] = 0x01;
	record[4] = (uint8_t)(48 + length - 5);
	record[5] = owner;
	record[6] = lun;
	record[7] = number;
	record[12] = 1; /* temperature */
	record[13] = 1; /* thresholds */
	record[21] = 1; /* degrees C */
	record[23] = linear;
	record[24] = 1; /* M */
	record[47] = (uint8_t)(0xc0 | length);
	memcpy(record + 48, name, length);
	bmc->record_sizes[bmc->record_count - 1] = (uint8_t)(48 + length);
	bmc->records_added++;
}

void command_bmc_add_other(struct command_bmc *bmc)
{
	uint8_t *record = bmc->records[bmc->record_count];

	memset(record, 0, sizeof(bmc->records[0]));
	put_16(record, (unsigned int)++bmc->record_count);
	record[2] = 0x51;
	record[3] = 0x12;
	record[4] = 11;
	bmc->record_sizes[bmc->record_count - 1] = 16;
}

void command_bmc_log(struct command_bmc *bmc, uint8_t mark)
{
	uint8_t *entry = bmc->entries[bmc->entry_count];

	memset(entry, mark, sizeof(bmc->entries[0]));
	put_16(entry, (unsigned int)++bmc->entry_count);
	bmc->log_added++;
}

void command_bmc_clear_log(struct command_bmc *bmc)
{
	bmc->entry_count = 0;
	bmc->log_added++;
}

/* --- Each answers with its size; 0 stands for an error whose code is in answer[0]. --- */

static size_t failed(uint8_t *answer, uint8_t code)
{
	answer[0] = code;
	return 1;
}

static size_t app(struct command_bmc *bmc, const struct session_request *request, uint8_t *answer)
{
	bool device = request->command == 0x08;

	if (request->command == 0x01) {
		memset(answer + 1, 0, 11);
		answer[1] = 0x20;
		answer[3] = bmc->firmware;
		answer[4] = 0x12;
		answer[7] = 0x9f;
		put_16(answer + 10, bmc->product);
		return 12;
	}
	if ((request->command == 0x37 && bmc->has_guid) || (device && bmc->device_guid)) {
		memcpy(answer + 1, bmc->guid, 16);
		return 17;
	}
	return failed(answer, 0xc1);
}

static size_t chassis(
		struct command_bmc *bmc, const struct session_request *request, uint8_t *answer)
{
	switch (request->command) {
	case 0x01:
		memset(answer + 1, 0, 3);
		answer[1] = bmc->on;
		return 4;
	case 0x02:
		bmc->control = request->data[0];
		bmc->on = bmc->control == 1 || (bmc->on && bmc->control != 0 && bmc->control != 5);
		return 1;
	case 0x04:
		bmc->identify = request->data[0];
		return 1;
	default:
		return failed(answer, 0xc1);
	}
}

static size_t sensor(
		struct command_bmc *bmc, const struct session_request *request, uint8_t *answer)
{
	uint8_t number = request->length ? request->data[0] : 0;

	if (bmc->reading_codes[number])
		return failed(answer, bmc->reading_codes[number]);
	if (request->command == 0x2d) {
		answer[1] = bmc->readings[number];
		answer[2] = bmc->states[number];
		answer[3] = 0xc0;
		return 4;
	}
	if (request->command == 0x23) { /* a tenth of the raw reading as M */
		memset(answer + 1, 0, 7);
		answer[2] = request->data[1] / 10;
		return 8;
	}
	return failed(answer, 0xc1);
}

static size_t record_piece(
		struct command_bmc *bmc, const struct session_request *request, uint8_t *answer)
{
	size_t id = request->data[2] | request->data[3] << 8, at = request->data[4];
	size_t count = request->data[5], size;
	const uint8_t *record;

	if (bmc->lose > 0 && at > 0) {
		bmc->lose--;
		bmc->reservation++;
	}
	if (at > 0 && (request->data[0] | request->data[1] << 8) != bmc->reservation)
		return failed(answer, RESERVATION_LOST);
	if (bmc->piece_most && count > bmc->piece_most)
		return failed(answer, bmc->piece_code);
	if (bmc->record_count == 0)
		return failed(answer, 0xcb);
	if (id == 0)
		id = 1;
	put_16(answer + 1, id < bmc->record_count ? (unsigned int)id + 1 : 0xffff);
	if (bmc->records_circle && id >= bmc->record_count)
		put_16(answer + 1, 2);
	if (bmc->records_endless)
		put_16(answer + 1, (unsigned int)(id + 1) & 0x7fff);
	if (bmc->same_record)
		put_16(answer + 1, (unsigned int)id);
	if (id > bmc->record_count && !bmc->records_endless)
		return failed(answer, 0xcb);
	record = bmc->records[(id - 1) % bmc->record_count];
	size = bmc->record_sizes[(id - 1) % bmc->record_count];
	if (at >= size)
		return failed(answer, 0xc9);
	if (count > size - at)
		count = size - at;
	memcpy(answer + 3, record + at, count);
	if (at == 0 && count > 4)
		answer[3 + 4] = (uint8_t)(answer[3 + 4] + bmc->longer);
	if (bmc->records_endless && at <= 7 && at + count > 7)
		answer[3 + 7 - at] = (uint8_t)id; /* always another sensor */
	return 3 + count;
}

static size_t log_entry(
		struct command_bmc *bmc, const struct session_request *request, uint8_t *answer)
{
	size_t id = request->data[2] | request->data[3] << 8;

	if (bmc->entry_count == 0)
		return failed(answer, 0xcb);
	if (id == 0)
		id = 1;
	if (id > bmc->entry_count && !bmc->log_endless)
		return failed(answer, 0xcb);
	put_16(answer + 1, id < bmc->entry_count ? (unsigned int)id + 1 : 0xffff);
	memcpy(answer + 3, bmc->entries[(id - 1) % bmc->entry_count], 16);
	if (bmc->log_endless) {
		put_16(answer + 1, (unsigned int)(id + 1) & 0x7fff);
		put_16(answer + 3, (unsigned int)id);
	}
	return 19;
}

static size_t store(uint8_t *answer, size_t count, uint32_t added)
{
	memset(answer + 1, 0, 14);
	answer[1] = 0x51;
	put_16(answer + 2, (unsigned int)count);
	put_32(answer + 6, added);
	return 15;
}

static size_t storage(
		struct command_bmc *bmc, const struct session_request *request, uint8_t *answer)
{
	switch (request->command) {
	case 0x20:
		return store(answer, bmc->record_count, bmc->records_added);
	case 0x22:
	case 0x42:
		put_16(answer + 1, bmc->reservation);
		return 3;
	case 0x23:
		return record_piece(bmc, request, answer);
	case 0x40:
		return store(answer, bmc->entry_count, bmc->log_added);
	case 0x43:
		return log_entry(bmc, request, answer);
	default:
		return failed(answer, 0xc1);
	}
}

static size_t set_limit(
		struct command_bmc *bmc, const struct session_request *request, uint8_t *answer)
{
	if (request->length != 15)
		return failed(answer, 0xc7);
	bmc->action = request->data[4];
	bmc->limit = (uint16_t)(request->data[5] | request->data[6] << 8);
	if (bmc->limit < bmc->clamp)
		bmc->limit = bmc->clamp;
	bmc->correction = request->data[7] | (uint32_t)request->data[8] << 8 |
			  (uint32_t)request->data[9] << 16 | (uint32_t)request->data[10] << 24;
	bmc->period = (uint16_t)(request->data[13] | request->data[14] << 8);
	return 2;
}

static size_t dcmi(struct command_bmc *bmc, const struct session_request *request, uint8_t *answer)
{
	if (!bmc->dcmi || !request->length || request->data[0] != 0xdc)
		return failed(answer, 0xc1);
	memset(answer + 1, 0, 18);
	answer[1] = 0xdc;
	switch (request->command) {
	case 0x02:
		put_16(answer + 2, bmc->watts);
		answer[18] = bmc->measures ? 0x40 : 0;
		return 19;
	case 0x03:
		answer[0] = bmc->limit_active ? 0 : 0x80;
		put_16(answer + 5, bmc->limit);
		put_32(answer + 7, bmc->correction);
		put_16(answer + 13, bmc->period);
		return 15;
	case 0x04:
		return set_limit(bmc, request, answer);
	case 0x05:
		bmc->limit_active = request->data[1] && !bmc->never_active;
		return 2;
	default:
		return failed(answer, 0xc1);
	}
}

size_t command_bmc_answer(struct command_bmc *bmc, const struct session_request *request,
		uint8_t answer[COMMAND_BMC_ANSWER])
{
	uint8_t netfn = request->netfn & 0x3f, command = request->command;

	bmc->asked[netfn][command]++;
	bmc->last_lun = request->lun;
	bmc->last_size = request->length < sizeof(bmc->last) ? request->length : sizeof(bmc->last);
	if (bmc->last_size)
		memcpy(bmc->last, request->data, bmc->last_size);
	if (bmc->silent || (bmc->silent_command == command && bmc->silent_netfn == netfn &&
					   bmc->silent_command))
		return 0;
	if (bmc->refuse_code && bmc->refuse_netfn == netfn && bmc->refuse_command == command)
		return failed(answer, bmc->refuse_code);
	answer[0] = 0;
	switch (netfn) {
	case 0x00:
		return chassis(bmc, request, answer);
	case 0x04:
		return sensor(bmc, request, answer);
	case 0x06:
		return app(bmc, request, answer);
	case 0x0a:
		return storage(bmc, request, answer);
	case 0x2c:
		return dcmi(bmc, request, answer);
	default:
		return failed(answer, 0xc1);
	}
}
