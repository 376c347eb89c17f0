/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any commands and data phases to a drive through the Bulk-Only transport. The input: a byte of
 * options (1 disk, 2 stall, 4 medium present, 8 large, 16 writable), a byte with the number of
 * slots, then steps: a byte that says what happens; 0..0x7f: a command follows: expected length
 * (little-endian, 4 bytes), flags, unit, length of the command, 16 bytes of it; its lower bits tell
 * which fetch or store fails.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "gadget/bot.h"
#include "tests/fuzz/targets.h"

#define CHUNK 65536
#define TURNS 4096 /* actions for one command; a longer one is reset */

struct host {
	struct scsi_drive drive;
	struct bot bot;
	uint32_t expected, tag;
	bool in;
	uint64_t sent, received; /* in this data phase */
	uint64_t stored;         /* without a failure */
	bool store_failed;
	bool ended; /* by a packet that is not full */
	unsigned int moves, fail_at;
};

static const uint8_t zeros[CHUNK];

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static uint32_t get32(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void check_csw(struct host *host, const uint8_t *csw)
{
	uint64_t residue = get32(csw + 8);

	demand(memcmp(csw, "USBS", 4) == 0 && get32(csw + 4) == host->tag && csw[12] <= 2);
	demand(residue <= host->expected);
	if (host->in && residue > 0 && !host->bot.options.stall)
		demand(host->ended);
	if (host->in)
		demand(residue == host->expected - host->sent);
	else if (host->bot.plan.opcode != 0x15 && host->bot.plan.opcode != 0x55)
		demand(host->store_failed ? host->expected - residue <= host->stored
					  : host->expected - residue == host->stored);
	if (!host->in && !host->bot.options.stall)
		demand(host->received == host->expected);
}

/* Carries out one action; false when the command is over or nothing is to be done. */
static bool act(struct host *host)
{
	struct bot *bot = &host->bot;
	struct bot_action action;
	enum scsi_fault fault = SCSI_NO_FAULT;

	if (!bot_next(bot, &action))
		return false;
	demand(action.generation == bot->generation);
	if (action.kind == BOT_FETCH || action.kind == BOT_STORE) {
		demand(action.slot < bot->options.depth && action.size > 0 && action.size <= CHUNK);
		demand(action.offset + action.size <= scsi_size(&host->drive));
		if (++host->moves == host->fail_at)
			fault = SCSI_FAULT_WAIT;
	}
	switch (action.kind) {
	case BOT_RECEIVE:
		if (bot->state == BOT_COMMAND)
			return false;
		demand(!host->in && action.size <= CHUNK);
		host->received += action.size;
		demand(host->received <= host->expected);
		bot_received(bot, action.generation, zeros, action.size);
		break;
	case BOT_SEND:
		if (action.bytes == bot->csw) {
			check_csw(host, action.bytes);
		} else {
			demand(host->in && action.size <= SCSI_BYTES_MAX);
			host->sent += action.size;
			host->ended = action.size % bot->packet || action.size == 0;
			demand(action.size || host->sent % bot->packet == 0);
		}
		bot_sent(bot, action.generation);
		break;
	case BOT_SEND_SLOT:
		host->sent += action.size;
		host->ended = action.size % bot->packet != 0;
		demand(host->in && host->sent <= host->expected);
		bot_sent(bot, action.generation);
		break;
	case BOT_FETCH:
		bot_fetched(bot, action.generation, action.slot, fault);
		break;
	case BOT_STORE:
		demand(host->drive.writable);
		if (fault)
			host->store_failed = true;
		else
			host->stored += action.size;
		bot_stored(bot, action.generation, action.slot, fault);
		break;
	case BOT_FLUSH:
		bot_flushed(bot, action.generation, SCSI_NO_FAULT);
		break;
	default:
		break;
	}
	return true;
}

static void drain(struct host *host)
{
	for (int i = 0; act(host); i++)
		if (i == TURNS)
			bot_reset(&host->bot);
	if (bot_halted(&host->bot)) {
		bot_reset(&host->bot);
		drain(host);
	}
}

/* step[1..]: see above */
static void command(struct host *host, const uint8_t *step)
{
	uint8_t cbw[BOT_CBW_SIZE] = {'U', 'S', 'B', 'C', 7, 7, 7, 7};

	memcpy(cbw + 8, step + 1, 23);
	host->tag = 0x07070707;
	host->expected = get32(cbw + 8);
	host->in = cbw[12] & 0x80;
	host->sent = host->received = host->stored = 0;
	host->store_failed = host->ended = false;
	host->moves = 0;
	host->fail_at = step[0] & 0x0f;
	bot_received(&host->bot, host->bot.generation, cbw, sizeof(cbw));
	if (step[0] & 0x40) { /* something happens in its middle */
		for (int i = step[0] & 0x0f; i > 0 && act(host); i--)
			;
		if (step[0] & 0x20)
			bot_reset(&host->bot);
		else if (host->bot.state != BOT_COMMAND) {
			scsi_eject_forced(&host->drive);
			bot_medium_gone(&host->bot);
		}
	}
	drain(host);
}

static void event(struct host *host, uint8_t what)
{
	switch (what & 7) {
	case 0:
		scsi_insert(&host->drive, (uint64_t)what << (what & 0x3f), what & 8);
		break;
	case 1:
		scsi_eject(&host->drive);
		break;
	case 2:
		scsi_eject_forced(&host->drive);
		break;
	case 3:
		scsi_set_fault(&host->drive, what >> 3 & 3);
		break;
	case 4:
		bot_disable(&host->bot);
		bot_enable(&host->bot, what & 8 ? 64 : 1024);
		break;
	case 5:
		bot_broken(&host->bot, host->bot.generation);
		break;
	default:
		host->drive.attention_count = 0;
		break;
	}
	scsi_take_news(&host->drive);
	drain(host);
}

int target_scsi(const uint8_t *data, size_t size)
{
	static const struct scsi_identity identity = {"Maker", "Drive", "1", "0123456789AB"};
	struct bot_options options = {.chunk = CHUNK};
	struct host host = {0};

	if (size < 2)
		return 0;
	options.stall = data[0] & 2;
	options.depth = data[1] % BOT_DEPTH_MAX + 1;
	scsi_init(&host.drive, data[0] & 1 ? SCSI_DISK : SCSI_CD, &identity);
	if (data[0] & 4)
		scsi_insert(&host.drive, data[0] & 8 ? 5ull << 40 : 1 << 20, !(data[0] & 16));
	bot_init(&host.bot, &host.drive, &options);
	bot_enable(&host.bot, 512);
	host.drive.attention_count = 0;
	drain(&host);
	data += 2;
	size -= 2;
	while (size > 0) {
		size_t step = data[0] & 0x80 ? 1 : 24;

		if (step > size)
			break;
		if (step == 1)
			event(&host, data[0] & 0x7f);
		else
			command(&host, data);
		data += step;
		size -= step;
	}
	return 0;
}
