/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Between the files of the Bulk-Only transport: bot.c and bot_resume.c. */
#include "gadget/bot.h"

#define CBW_SIGNATURE 0x43425355 /* BOT, 5.1 */

/* BOT's numbers are little-endian (5). */
static inline uint32_t bot_get32(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static inline void bot_enter(struct bot *bot, enum bot_state state)
{
	bot->state = state;
	bot->asked = false;
}

/* Valid and meaningful: BOT, 6.2. The upper bits are reserved. */
static inline bool bot_valid(const uint8_t *cbw, size_t size)
{
	return size == BOT_CBW_SIZE && bot_get32(cbw) == CBW_SIGNATURE && !(cbw[13] & 0xf0) &&
	       cbw[14] >= 1 && cbw[14] <= SCSI_CDB_MAX;
}

/* Nothing that is under way counts any more. */
void bot_void(struct bot *bot);

/* Both endpoints until the host resets (BOT 6.6.1). */
void bot_halt(struct bot *bot);

/* A command meets an endpoint that was halted for the one before: the host shall ask again. */
void bot_resume_next(struct bot *bot, size_t packet, const uint8_t *cbw, size_t size);
