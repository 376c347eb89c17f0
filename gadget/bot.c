/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "gadget/bot_part.h"

#define CSW_SIGNATURE 0x53425355 /* BOT, 5.2 */

/* BOT's numbers are little-endian (5). */
static void bot_put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = value >> (8 * i);
}

void bot_void(struct bot *bot)
{
	bot->resumed = false;
	bot->generation++;
	bot->cancel = true;
	bot->receiving = false;
	bot->sending = 0;
	bot->first = bot->used = 0;
	memset(bot->slots, 0, sizeof(bot->slots));
}

void bot_init(struct bot *bot, struct scsi_drive *drive, const struct bot_options *options)
{
	g_assert(options->chunk >= 1024 && options->chunk % 1024 == 0);
	g_assert(options->depth >= 1 && options->depth <= BOT_DEPTH_MAX);
	memset(bot, 0, sizeof(*bot));
	bot->drive = drive;
	bot->options = *options;
	bot->packet = 512;
}

void bot_enable(struct bot *bot, size_t packet)
{
	bot->packet = packet;
	bot_reset(bot);
}

void bot_disable(struct bot *bot)
{
	bot_void(bot);
	bot_enter(bot, BOT_OFF);
}

void bot_reset(struct bot *bot)
{
	bot_void(bot);
	scsi_reset(bot->drive);
	bot_enter(bot, BOT_COMMAND);
}

void bot_halt(struct bot *bot)
{
	bot_void(bot);
	bot->halts = 0;
	bot_enter(bot, BOT_HALTED);
}

void bot_broken(struct bot *bot, uint32_t generation)
{
	if (generation == bot->generation && bot->state != BOT_OFF)
		bot_halt(bot);
}

bool bot_halted(const struct bot *bot)
{
	return bot->state == BOT_HALTED;
}

/*
 * The thirteen cases of BOT 6.7: what the host expects against what the drive intends. The drive
 * may want more than the host (2, 3, 7, 13) or another direction (8, 10): a phase error. Of answers
 * to commands with an allocation length a host gets what it has room for, without an error: some
 * firmware asks like that.
 */
static void bot_data_phase(struct bot *bot)
{
	const struct scsi_plan *plan = &bot->plan;
	bool to_host = plan->kind == SCSI_SEND || plan->kind == SCSI_READ;

	bot->phase_error = false;
	bot->wanted = 0;
	if (plan->kind != SCSI_NONE && (bot->expected == 0 || to_host != bot->in)) {
		bot->phase_error = true;
	} else if (plan->size > bot->expected) {
		bot->phase_error = plan->kind != SCSI_SEND || bot->options.stall;
		bot->wanted = to_host ? bot->expected : 0; /* half of a write is none */
	} else {
		bot->wanted = plan->size;
	}
	if (bot->expected == 0)
		bot_enter(bot, BOT_ENDING);
	else if (!bot->in)
		bot_enter(bot, BOT_TAKING);
	else if (bot->wanted == 0)
		bot_enter(bot, BOT_ENDING);
	else
		bot_enter(bot, plan->kind == SCSI_READ ? BOT_READING : BOT_ANSWERING);
}

static void bot_cbw(struct bot *bot, const uint8_t *cbw, size_t size)
{
	if (!bot_valid(cbw, size)) {
		bot_halt(bot);
		return;
	}
	bot->resumed = false;
	bot->tag = bot_get32(cbw + 4);
	bot->expected = bot_get32(cbw + 8);
	bot->in = cbw[12] & 0x80;
	bot->begun = bot->moved = bot->received = 0;
	bot->short_data = false;
	if (cbw[13] == 0)
		scsi_command(bot->drive, cbw + 15, cbw[14], &bot->plan);
	else
		scsi_command_elsewhere(cbw + 15, cbw[14], &bot->plan);
	bot_data_phase(bot);
}

static unsigned int bot_slot(const struct bot *bot, unsigned int number)
{
	number += bot->first; /* number: below depth */
	return number < bot->options.depth ? number : number - bot->options.depth;
}

static void bot_free_first(struct bot *bot)
{
	bot->slots[bot->first].state = BOT_SLOT_FREE;
	bot->first = bot_slot(bot, 1);
	bot->used--;
}

/*
 * Chunks of a read end where those of the image do, if packets stay whole: a medium may have such
 * ones in one piece.
 */
static uint32_t bot_chunk_size(const struct bot *bot)
{
	const uint32_t chunk = bot->options.chunk;
	uint32_t past = (bot->plan.offset + bot->begun) % chunk;

	return bot->plan.kind == SCSI_READ && past % 1024 == 0 ? chunk - past : chunk;
}

/* A slot for the next chunk of total bytes. */
static unsigned int bot_begin_chunk(struct bot *bot, uint32_t total)
{
	unsigned int slot = bot_slot(bot, bot->used++);

	bot->slots[slot].state = BOT_SLOT_AWAITED;
	bot->slots[slot].start = bot->begun;
	bot->slots[slot].size = MIN(bot_chunk_size(bot), total - bot->begun);
	bot->begun += bot->slots[slot].size;
	return slot;
}

static void bot_act(struct bot *bot, struct bot_action *action, enum bot_action_kind kind)
{
	*action = (struct bot_action){.kind = kind, .generation = bot->generation};
}

static void bot_send(struct bot *bot, struct bot_action *action, const uint8_t *bytes, size_t size)
{
	bot_act(bot, action, BOT_SEND);
	action->bytes = bytes;
	action->size = size;
	bot->sending++;
}

static void bot_act_slot(struct bot *bot, struct bot_action *action, enum bot_action_kind kind,
		unsigned int slot)
{
	bot_act(bot, action, kind);
	action->slot = slot;
	action->size = bot->slots[slot].size;
	if (kind == BOT_FETCH || kind == BOT_STORE)
		action->offset = bot->plan.offset + bot->slots[slot].start;
}

static bool bot_next_command(struct bot *bot, struct bot_action *action)
{
	if (bot->asked)
		return false;
	bot->asked = bot->receiving = true;
	bot_act(bot, action, BOT_RECEIVE);
	action->size = BOT_CBW_SIZE;
	return true;
}

static bool bot_next_reading(struct bot *bot, struct bot_action *action)
{
	for (unsigned int i = 0; i < bot->used; i++) {
		unsigned int slot = bot_slot(bot, i);

		if (bot->slots[slot].state == BOT_SLOT_AWAITED)
			break;
		if (bot->slots[slot].state != BOT_SLOT_HERE)
			continue;
		bot->slots[slot].state = BOT_SLOT_SENDING;
		bot->sending++;
		bot->moved += bot->slots[slot].size;
		bot_act_slot(bot, action, BOT_SEND_SLOT, slot);
		if (bot->moved == bot->wanted)
			bot_enter(bot, BOT_ENDING);
		return true;
	}
	if (bot->used == bot->options.depth || bot->begun == bot->wanted)
		return false;
	bot_act_slot(bot, action, BOT_FETCH, bot_begin_chunk(bot, bot->wanted));
	return true;
}

/* How much is read of what the host sends; a halted endpoint can cut it only between packets. */
static uint32_t bot_most(const struct bot *bot)
{
	uint64_t packets = ((uint64_t)bot->wanted + bot->packet - 1) / bot->packet;

	return bot->options.stall ? MIN(packets * bot->packet, bot->expected) : bot->expected;
}

/* The host sends all it announced, also what nobody wants; or the endpoint is halted. */
static bool bot_taken_all(const struct bot *bot)
{
	return bot->short_data || bot->received >= bot_most(bot);
}

static bool bot_next_taking(struct bot *bot, struct bot_action *action)
{
	for (unsigned int i = 0; i < bot->used; i++) {
		unsigned int slot = bot_slot(bot, i);

		if (bot->slots[slot].state != BOT_SLOT_HERE)
			continue;
		bot->slots[slot].state = BOT_SLOT_AWAITED;
		bot_act_slot(bot, action, BOT_STORE, slot);
		return true;
	}
	if (bot_taken_all(bot)) {
		if (bot->used == 0)
			bot_enter(bot, BOT_ENDING);
		return bot->used == 0 && bot_next(bot, action);
	}
	if (bot->receiving || bot->used == bot->options.depth)
		return false;
	bot->receiving = true;
	bot_act_slot(bot, action, BOT_RECEIVE, bot_begin_chunk(bot, bot_most(bot)));
	return true;
}

static bool bot_next_ending(struct bot *bot, struct bot_action *action)
{
	bool passed = bot->plan.status == SCSI_GOOD && !bot->phase_error;
	bool rest = bot->in ? bot->moved < bot->expected : bot->received < bot->expected;

	if (bot->expected > 0 && rest && !bot->short_data && bot->options.stall) {
		if (bot->sending > 0) /* an endpoint with requests queued cannot be halted */
			return false;
		bot_act(bot, action, bot->in ? BOT_STALL_IN : BOT_STALL_OUT);
	} else if (bot->expected > 0 && rest && bot->in && bot->moved % bot->packet == 0) {
		bot_send(bot, action, NULL, 0);
	} else {
		bot_enter(bot, passed && bot->plan.flush ? BOT_FLUSHING : BOT_REPORTING);
		return bot_next(bot, action);
	}
	bot_enter(bot, passed && bot->plan.flush ? BOT_FLUSHING : BOT_REPORTING);
	return true;
}

static bool bot_next_flushing(struct bot *bot, struct bot_action *action)
{
	if (bot->asked)
		return false;
	bot->asked = true;
	bot_act(bot, action, BOT_FLUSH);
	return true;
}

/* BOT, 5.2 and 5.3.3: the residue is what was expected and did not move, or was of no use. */
static bool bot_next_reporting(struct bot *bot, struct bot_action *action)
{
	if (bot->asked && bot->resumed && !bot->receiving) {
		/* A host that has the status sends its next command instead of taking it. */
		bot->receiving = true;
		bot_act(bot, action, BOT_RECEIVE);
		action->size = BOT_CBW_SIZE;
		return true;
	}
	if (bot->asked)
		return false;
	bot->asked = true;
	bot_put32(bot->csw, CSW_SIGNATURE);
	bot_put32(bot->csw + 4, bot->tag);
	bot_put32(bot->csw + 8, bot->expected - bot->moved);
	bot->csw[12] = bot->phase_error ? BOT_PHASE_ERROR : bot->plan.status ? BOT_FAILED : 0;
	bot_send(bot, action, bot->csw, sizeof(bot->csw));
	return true;
}

bool bot_next(struct bot *bot, struct bot_action *action)
{
	if (bot->cancel) {
		bot->cancel = false;
		bot_act(bot, action, BOT_CANCEL);
		return true;
	}
	switch (bot->state) {
	case BOT_COMMAND:
		return bot_next_command(bot, action);
	case BOT_ANSWERING:
		bot->moved = bot->wanted;
		bot_enter(bot, BOT_ENDING);
		bot_send(bot, action, bot->plan.bytes, bot->wanted);
		return true;
	case BOT_READING:
		return bot_next_reading(bot, action);
	case BOT_WONDERING:
		return bot_next_command(bot, action);
	case BOT_RESUMING:
		/* Whatever the host has of the data: after a halt it asks for the status. */
		bot_act(bot, action, bot->in ? BOT_STALL_IN : BOT_STALL_OUT);
		bot_enter(bot, BOT_REPORTING);
		return true;
	case BOT_GIVING_UP:
		if (bot->sending > 0)
			return false;
		bot_void(bot);
		bot_enter(bot, BOT_ENDING);
		return bot_next(bot, action);
	case BOT_TAKING:
		return bot_next_taking(bot, action);
	case BOT_ENDING:
		return bot_next_ending(bot, action);
	case BOT_FLUSHING:
		return bot_next_flushing(bot, action);
	case BOT_REPORTING:
		return bot_next_reporting(bot, action);
	case BOT_HALTED:
		if (bot->halts == 2)
			return false;
		bot_act(bot, action, bot->halts++ == 0 ? BOT_STALL_IN : BOT_STALL_OUT);
		return true;
	default:
		return false;
	}
}

/* What the drive wants of a chunk is kept, the rest is dropped. */
static void bot_chunk(struct bot *bot, const uint8_t *bytes, size_t size)
{
	unsigned int slot = bot_slot(bot, bot->used - 1);
	uint32_t start = bot->slots[slot].start, asked = bot->slots[slot].size, useful;

	if (size != asked) { /* more or less than it announced */
		bot->phase_error = bot->short_data = true;
		size = MIN(size, asked);
	}
	bot->received = start + size;
	useful = start < bot->wanted ? MIN(size, bot->wanted - start) : 0;
	if (useful > 0 && bot->plan.kind == SCSI_WRITE && !bot->plan.status &&
			useful % bot->drive->block == 0) {
		bot->slots[slot].state = BOT_SLOT_HERE;
		bot->slots[slot].size = useful;
		return;
	}
	bot->used--;
	bot->slots[slot].state = BOT_SLOT_FREE;
	if (useful == 0 || bot->plan.kind != SCSI_ACCEPT)
		return;
	memcpy(bot->plan.bytes, bytes, useful); /* at most SCSI_PARAMETERS_MAX, in one chunk */
	if (useful < bot->wanted)
		return;
	scsi_data(bot->drive, &bot->plan, bot->plan.bytes, useful);
	if (!bot->plan.status)
		bot->moved = useful;
}

void bot_received(struct bot *bot, uint32_t generation, const uint8_t *bytes, size_t size)
{
	if (generation != bot->generation || !bot->receiving)
		return;
	bot->receiving = false;
	if (bot->resumed && bot->state != BOT_WONDERING)
		bot_resume_next(bot, bot->packet, bytes, size);
	else if (bot->state == BOT_COMMAND || bot->state == BOT_WONDERING)
		bot_cbw(bot, bytes, size);
	else
		bot_chunk(bot, bytes, size);
}

void bot_sent(struct bot *bot, uint32_t generation)
{
	if (generation != bot->generation || bot->sending == 0)
		return;
	bot->sending--;
	if (bot->used > 0 && bot->slots[bot->first].state == BOT_SLOT_SENDING)
		bot_free_first(bot);
	if (bot->state == BOT_REPORTING && bot->asked && bot->sending == 0) {
		bot_enter(bot, BOT_COMMAND);
		bot->asked = bot->receiving;
		bot->resumed = false;
	}
}

/* Whether a slot is waited for in that state; what else is told is late or wrong. */
static bool bot_awaits(
		const struct bot *bot, uint32_t generation, unsigned int slot, enum bot_state state)
{
	return generation == bot->generation && bot->state == state && slot < bot->options.depth &&
	       bot->slots[slot].state == BOT_SLOT_AWAITED;
}

void bot_fetched(struct bot *bot, uint32_t generation, unsigned int slot, enum scsi_fault fault)
{
	if (!bot_awaits(bot, generation, slot, BOT_READING))
		return;
	if (!fault) {
		bot->slots[slot].state = BOT_SLOT_HERE;
		return;
	}
	scsi_data_failed(bot->drive, &bot->plan, fault);
	bot_enter(bot, BOT_GIVING_UP);
}

static void bot_retire(struct bot *bot)
{
	while (bot->used > 0 && bot->slots[bot->first].state == BOT_SLOT_DONE) {
		uint32_t end = bot->slots[bot->first].start + bot->slots[bot->first].size;

		bot->moved = MIN(end, bot->wanted);
		bot_free_first(bot);
	}
}

/* Only what lies before the first failure counts as written. */
void bot_stored(struct bot *bot, uint32_t generation, unsigned int slot, enum scsi_fault fault)
{
	if (!bot_awaits(bot, generation, slot, BOT_TAKING) ||
			(bot->receiving && slot == bot_slot(bot, bot->used - 1)))
		return;
	bot->slots[slot].state = BOT_SLOT_DONE;
	if (fault) {
		bot->wanted = MIN(bot->wanted, bot->slots[slot].start);
		scsi_data_failed(bot->drive, &bot->plan, fault);
	}
	bot_retire(bot);
}

void bot_medium_gone(struct bot *bot)
{
	if (bot->state == BOT_READING) {
		scsi_data_failed(bot->drive, &bot->plan, SCSI_FAULT_GONE);
		bot_enter(bot, BOT_GIVING_UP);
	} else if (bot->state == BOT_TAKING && bot->plan.kind == SCSI_WRITE) {
		bot->wanted = bot->moved;
		scsi_data_failed(bot->drive, &bot->plan, SCSI_FAULT_GONE);
		for (unsigned int i = 0; i < BOT_DEPTH_MAX; i++)
			if (bot->slots[i].state == BOT_SLOT_HERE)
				bot->slots[i].state = BOT_SLOT_DONE;
		bot_retire(bot);
	}
}

void bot_flushed(struct bot *bot, uint32_t generation, enum scsi_fault fault)
{
	if (generation != bot->generation || bot->state != BOT_FLUSHING || !bot->asked)
		return;
	if (fault)
		scsi_data_failed(bot->drive, &bot->plan, fault);
	bot_enter(bot, BOT_REPORTING);
}
