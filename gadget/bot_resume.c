/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A transport that goes on where that of a process before was, when that died. */
#include "gadget/bot_part.h"

bool bot_command(const struct bot *bot, struct bot_command *command)
{
	if (bot->state == BOT_OFF || bot->state == BOT_COMMAND || bot->state == BOT_HALTED)
		return false;
	command->tag = bot->tag;
	command->expected = bot->expected;
	command->in = bot->in;
	command->told = bot->state == BOT_WONDERING || (bot->state == BOT_REPORTING && bot->asked);
	command->ending = bot->state != BOT_TAKING || bot->received >= bot->expected;
	return true;
}

void bot_resume(struct bot *bot, size_t packet, const struct bot_command *command)
{
	bot_void(bot);
	bot->packet = packet;
	if (!command) {
		bot_enter(bot, BOT_COMMAND);
		return;
	}
	bot->tag = command->tag;
	bot->expected = command->expected;
	/* A host that has sent all waits for the status, and so at the other endpoint. */
	bot->in = command->in || command->ending;
	bot->moved = bot->received = bot->wanted = 0;
	bot->phase_error = bot->short_data = false;
	bot->resumed = true;
	if (command->told)
		bot_enter(bot, BOT_WONDERING);
	else
		bot_tell_again(bot);
}

bool bot_wonders(const struct bot *bot)
{
	return bot->state == BOT_WONDERING;
}

void bot_tell_again(struct bot *bot)
{
	scsi_data_failed(bot->drive, &bot->plan, SCSI_FAULT_WAIT);
	bot_enter(bot, BOT_RESUMING);
}

void bot_resume_next(struct bot *bot, size_t packet, const uint8_t *cbw, size_t size)
{
	const struct bot_command command = {
			.tag = bot_get32(cbw + 4),
			.expected = bot_get32(cbw + 8),
			.in = cbw[12] & 0x80,
			.ending = bot_get32(cbw + 8) == 0,
	};

	if (bot_valid(cbw, size))
		bot_resume(bot, packet, &command);
	else
		bot_halt(bot);
}

void bot_resume_with(struct bot *bot, size_t packet, const uint8_t cbw[BOT_CBW_SIZE])
{
	bot->packet = packet;
	bot_resume_next(bot, packet, cbw, BOT_CBW_SIZE);
}
