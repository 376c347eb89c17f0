/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the parts of a BMC's network side share: sessions and their set-up, and messages. */
#include "sim/bmc_lan.h"

uint32_t bmc_lan_random(struct bmc_lan *lan);
void bmc_lan_forget(struct bmc_lan_session *session);

/* NULL: there is none of this number. */
struct bmc_lan_session *bmc_lan_find(struct bmc_lan *lan, uint32_t id);

/* Open Session, RAKP 1 and 3. */
size_t bmc_lan_set_up(
		struct bmc_lan *lan, int64_t now, const struct rmcp_packet *packet, uint8_t *out);

/* IPMI 1.5. */
size_t bmc_lan_old(
		struct bmc_lan *lan, int64_t now, const uint8_t *bytes, size_t size, uint8_t *out);

/* --- Messages --- */

/* The answer: from whom it was to, with netfn + 1. Returns its size. */
size_t bmc_lan_message(
		const struct rmcp_message *asked, const uint8_t *data, size_t length, uint8_t *out);

/* What is told without a session; false: nothing is. data has room for RMCP_DATA_MAX. */
bool bmc_lan_ask_bare(struct bmc_lan *lan, const struct rmcp_message *message, uint8_t *data,
		size_t *length);

/* Returns the answer's length, its completion code first. */
size_t bmc_lan_ask(struct bmc_lan *lan, struct bmc_lan_session *session,
		const struct rmcp_message *message, uint8_t *data);
