/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that concern channels and sessions (22.13 to 22.20). */
#include <string.h>
#include "sim/bmc_lan_part.h"

#define NETFN_APP         0x06
#define APP_GUID          0x37
#define APP_CAPABILITIES  0x38
#define APP_SET_PRIVILEGE 0x3b
#define APP_CLOSE         0x3c
#define APP_SESSION       0x3d
#define APP_SUITES        0x54

#define CODE_GOOD         0x00
#define CODE_INVALID      0xc1
#define CODE_LENGTH       0xc7
#define CODE_NO_SESSION   0x87 /* 22.19 */
#define CODE_NO_PRIVILEGE 0x81 /* 22.18 */

#define CHANNEL 1 /* the one that we are on */

static size_t message_code(uint8_t code, uint8_t *data)
{
	data[0] = code;
	return 1;
}

static size_t message_capabilities(const struct rmcp_message *message, uint8_t *data)
{
	static const uint8_t answer[] = {CODE_GOOD, CHANNEL,
			0x80,              /* more below; none of IPMI 1.5's kinds */
			0x04,              /* users with names; no key of the BMC's own */
			0x02, 0, 0, 0, 0}; /* IPMI 2.0 */

	if (message->length != 2)
		return message_code(CODE_LENGTH, data);
	memcpy(data, answer, sizeof(answer));
	return sizeof(answer);
}

/* Records of 22.15.1, 16 bytes at a time. */
static size_t message_suites(
		const struct bmc_lan *lan, const struct rmcp_message *message, uint8_t *data)
{
	static const enum rmcp_suite suites[] = {RMCP_SUITE_3, RMCP_SUITE_17};
	unsigned int offered = lan->suites ? lan->suites : BMC_LAN_SUITES;
	size_t length = 2;

	if (message->length != 3)
		return message_code(CODE_LENGTH, data);
	data[0] = CODE_GOOD;
	data[1] = CHANNEL;
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
		if (!(offered & BMC_LAN_SUITE(suites[i])) || (message->data[2] & 0x3f) != 0)
			continue;
		data[length++] = 0xc0;
		data[length++] = (uint8_t)suites[i];
		data[length++] = rmcp_suite_authentication(suites[i]);
		data[length++] = 0x40 | rmcp_suite_integrity(suites[i]);
		data[length++] = 0x80 | rmcp_suite_confidentiality(suites[i]);
	}
	return length;
}

static size_t message_guid(const struct bmc_lan *lan, uint8_t *data)
{
	data[0] = CODE_GOOD;
	memcpy(data + 1, lan->guid, RMCP_GUID);
	return 1 + RMCP_GUID;
}

bool bmc_lan_ask_bare(struct bmc_lan *lan, const struct rmcp_message *message, uint8_t *data,
		size_t *length)
{
	if (message->netfn != NETFN_APP)
		return false;
	switch (message->command) {
	case APP_GUID:
		*length = message_guid(lan, data);
		return true;
	case APP_CAPABILITIES:
		*length = message_capabilities(message, data);
		return true;
	case APP_SUITES:
		*length = message_suites(lan, message, data);
		return true;
	default:
		return false;
	}
}

/* --- In a session --- */

static size_t message_privilege(struct bmc_lan *lan, struct bmc_lan_session *session,
		const struct rmcp_message *message, uint8_t *data)
{
	uint8_t wanted;

	if (lan->privilege)
		return message_code(lan->privilege, data);
	if (message->length != 1)
		return message_code(CODE_LENGTH, data);
	wanted = message->data[0] & 0x0f;
	if (wanted > session->most)
		return message_code(CODE_NO_PRIVILEGE, data);
	if (wanted)
		session->privilege = wanted;
	data[0] = CODE_GOOD;
	data[1] = session->privilege;
	return 2;
}

static size_t message_close(struct bmc_lan *lan, struct bmc_lan_session *session,
		const struct rmcp_message *message, uint8_t *data)
{
	struct bmc_lan_session *other;

	if (message->length < 4)
		return message_code(CODE_LENGTH, data);
	other = bmc_lan_find(lan, rmcp_get32(message->data));
	if (!other)
		return message_code(CODE_NO_SESSION, data);
	lan->closes++;
	if (other == session)
		session->state = BMC_LAN_FREE; /* its keys are wanted for the answer */
	else
		bmc_lan_forget(other);
	return message_code(CODE_GOOD, data);
}

static struct bmc_lan_session *session_asked(struct bmc_lan *lan, struct bmc_lan_session *session,
		const struct rmcp_message *message)
{
	size_t left;

	if (message->data[0] == 0)
		return session;
	if (message->data[0] == 0xff)
		return message->length < 5 ? NULL
					   : bmc_lan_find(lan, rmcp_get32(message->data + 1));
	if (message->data[0] == 0xfe)
		left = message->length < 2 ? 0 : message->data[1];
	else
		left = message->data[0];
	for (size_t i = 0; i < BMC_LAN_SESSIONS; i++)
		if (lan->sessions[i].state == BMC_LAN_UP && --left == 0)
			return &lan->sessions[i];
	return NULL;
}

static size_t message_session(struct bmc_lan *lan, struct bmc_lan_session *session,
		const struct rmcp_message *message, uint8_t *data)
{
	const struct bmc_lan_session *found;

	if (message->length < 1)
		return message_code(CODE_LENGTH, data);
	found = session_asked(lan, session, message);
	memset(data, 0, 19);
	data[2] = (uint8_t)(lan->limit ? lan->limit : BMC_LAN_SESSIONS);
	data[3] = (uint8_t)bmc_lan_up(lan);
	if (!found)
		return 4;
	data[1] = (uint8_t)(found - lan->sessions + 1);
	data[4] = 2; /* the user's number: the first that has a name */
	data[5] = found->privilege;
	data[6] = 0x10 | CHANNEL; /* RMCP+ */
	return 19;
}

size_t bmc_lan_ask(struct bmc_lan *lan, struct bmc_lan_session *session,
		const struct rmcp_message *message, uint8_t *data)
{
	if (message->netfn == NETFN_APP) {
		switch (message->command) {
		case APP_CAPABILITIES:
			return message_capabilities(message, data);
		case APP_SUITES:
			return message_suites(lan, message, data);
		case APP_SET_PRIVILEGE:
			return message_privilege(lan, session, message, data);
		case APP_CLOSE:
			return message_close(lan, session, message, data);
		case APP_SESSION:
			return message_session(lan, session, message, data);
		default:
			break;
		}
	}
	if (!lan->answer || (message->netfn & 1))
		return message_code(CODE_INVALID, data);
	return lan->answer(message->netfn, message->command, message->data, message->length, data,
			lan->data);
}
