/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who it is: its Device ID, and a GUID that the link tells or the BMC is asked for. GUIDs are
 * compared where both have one; a BMC that is just starting may not know its own.
 */
#include <string.h>
#include "rack/bmc_part.h"

#define IDENTITY_RETRY 1000 /* ms */

static void identity_begin(struct bmc *bmc)
{
	struct bmc_identity *identity = &bmc->identity;

	identity->step = IDENTITY_DEVICE;
	identity->has_device_now = false;
	if (!identity->tells)
		identity->has_guid_now = false;
}

void bmc_identity_up(struct bmc *bmc, int64_t now, const uint8_t *guid)
{
	struct bmc_identity *identity = &bmc->identity;

	identity->known = false;
	identity->retry = now;
	identity->has_guid_now = guid && ipmi_guid_read(guid, RMCP_GUID, identity->guid_now);
	identity->tells = identity->has_guid_now;
	identity_begin(bmc);
}

void bmc_identity_renew(struct bmc *bmc, int64_t now)
{
	struct bmc_identity *identity = &bmc->identity;

	identity->known = false;
	identity->renewed = identity->had;
	identity->retry = now;
	identity_begin(bmc);
}

static bool identity_same_device(const struct ipmi_device *one, const struct ipmi_device *other)
{
	return one->id == other->id && one->manufacturer == other->manufacturer &&
	       one->product == other->product;
}

static bool identity_another(const struct bmc_identity *identity)
{
	if (!identity->had)
		return false;
	if (identity->renewed)
		return true;
	if (identity->has_guid && identity->has_guid_now)
		return memcmp(identity->guid, identity->guid_now, RMCP_GUID) != 0;
	return identity->has_device && identity->has_device_now &&
	       !identity_same_device(&identity->device, &identity->device_now);
}

/* Whether there is more to tell than before, of the same machine. */
static bool identity_news(const struct bmc_identity *identity)
{
	if (!identity->had || (!identity->has_guid && identity->has_guid_now))
		return true;
	if (!identity->has_device_now)
		return false;
	return !identity->has_device ||
	       memcmp(identity->device.firmware, identity->device_now.firmware,
			       sizeof(identity->device.firmware)) != 0;
}

static void identity_take(struct bmc_identity *identity)
{
	if (identity->has_guid_now) {
		identity->has_guid = true;
		memcpy(identity->guid, identity->guid_now, RMCP_GUID);
	}
	if (identity->has_device_now) {
		identity->has_device = true;
		identity->device = identity->device_now;
	}
	identity->known = identity->had = true;
	identity->renewed = false;
}

static void identity_tell(struct bmc *bmc, bool another, int64_t taken)
{
	const struct bmc_identity *identity = &bmc->identity;
	struct bmc_event *event = bmc_tell(bmc, BMC_IDENTITY, taken);

	if (!event)
		return;
	event->another = another;
	if (identity->has_guid)
		memcpy(event->guid, identity->guid, RMCP_GUID);
	event->manufacturer = identity->device.manufacturer;
	event->product = identity->device.product;
	memcpy(event->firmware, identity->device.firmware, sizeof(event->firmware));
}

static void identity_settle(struct bmc *bmc, int64_t now, int64_t taken)
{
	struct bmc_identity *identity = &bmc->identity;
	bool another = identity_another(identity), news = another || identity_news(identity);
	bool fresh = !identity->known;

	if (another && !identity->renewed) /* else that is done */
		bmc_forget(bmc, now);
	if (another) {
		identity->has_guid = identity->has_device = false;
		identity->device = (struct ipmi_device){0};
	}
	identity_take(identity);
	identity->due = bmc_again(now, bmc->settings.identity_ms, now);
	identity_begin(bmc);
	if (news)
		identity_tell(bmc, another, taken);
	bmc_records_look(bmc, now, fresh);
}

static int64_t identity_due(const struct bmc *bmc)
{
	return bmc->identity.retry;
}

static void identity_ask(struct bmc *bmc, int64_t now)
{
	switch (bmc->identity.step) {
	case IDENTITY_DEVICE:
		ipmi_device_id(&bmc->request);
		break;
	case IDENTITY_SYSTEM_GUID:
		ipmi_system_guid(&bmc->request);
		break;
	case IDENTITY_DEVICE_GUID:
		ipmi_device_guid(&bmc->request);
		break;
	}
	(void)now;
}

static void identity_silent(struct bmc *bmc, int64_t now)
{
	struct bmc_identity *identity = &bmc->identity;

	identity_begin(bmc);
	identity->retry = now + IDENTITY_RETRY;
	if (identity->known) {
		identity->due = bmc_again(now, bmc->settings.identity_ms, now);
		return;
	}
	bmc_orders_fail(bmc, "the BMC does not answer");
}

static void identity_answer(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_identity *identity = &bmc->identity;

	if (!answer->came) {
		identity_silent(bmc, now);
		return;
	}
	/* A BMC that does not say who it is can still be read. */
	if (identity->step == IDENTITY_DEVICE) {
		identity->has_device_now = bmc_good(answer) &&
					   ipmi_device_read(answer->bytes, answer->size,
							   &identity->device_now);
	} else if (bmc_good(answer)) {
		identity->has_guid_now = ipmi_guid_read(
				answer->bytes, answer->size, identity->guid_now);
	}
	if (!identity->has_guid_now && identity->step != IDENTITY_DEVICE_GUID) {
		identity->step++;
		if (identity->known)
			identity->due = now;
		return;
	}
	identity_settle(bmc, now, answer->asked);
}

const struct bmc_part bmc_identity_part = {identity_due, identity_ask, identity_answer};

/* Later looks are made in turn with everything else. */
static int64_t look_due(const struct bmc *bmc)
{
	return bmc->identity.due;
}

const struct bmc_part bmc_look_part = {look_due, identity_ask, identity_answer};
