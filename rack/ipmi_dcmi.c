/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Power: its reading and its limit, by DCMI. */
#include "rack/ipmi_part.h"

#define DCMI_GROUP        0xdc /* DCMI 1.5, 6.1: the first byte of data, there and back */
#define DCMI_POWER        0x02
#define DCMI_LIMIT        0x03
#define DCMI_SET_LIMIT    0x04
#define DCMI_ACTIVATE     0x05
#define DCMI_POWER_MODE   0x01 /* system power statistics */
#define DCMI_POWER_ACTIVE 0x40

static void dcmi_make(struct ipmi_request *out, uint8_t command)
{
	ipmi_make(out, IPMI_NETFN_GROUP, command);
	ipmi_put(out, DCMI_GROUP);
}

const char *ipmi_dcmi_code_text(uint8_t code)
{
	switch (code) {
	case IPMI_NO_LIMIT:
		return "the BMC has no active limit";
	case IPMI_WATTS_RANGE:
		return "the BMC cannot keep a limit of that many watts";
	case IPMI_CORRECTION_RANGE:
		return "the BMC finds the limit's correction time out of range";
	case IPMI_PERIOD_RANGE:
		return "the BMC finds the limit's sampling period out of range";
	default:
		return ipmi_code_text(code);
	}
}

void ipmi_dcmi_power(struct ipmi_request *out)
{
	dcmi_make(out, DCMI_POWER);
	ipmi_put(out, DCMI_POWER_MODE);
	ipmi_put_16(out, 0);
}

void ipmi_dcmi_limit(struct ipmi_request *out)
{
	dcmi_make(out, DCMI_LIMIT);
	ipmi_put_16(out, 0);
}

void ipmi_dcmi_activate(struct ipmi_request *out, bool active)
{
	dcmi_make(out, DCMI_ACTIVATE);
	ipmi_put(out, active);
	ipmi_put_16(out, 0);
}

void ipmi_dcmi_set_limit(struct ipmi_request *out, const struct ipmi_limit *limit)
{
	dcmi_make(out, DCMI_SET_LIMIT);
	ipmi_put(out, 0);
	ipmi_put_16(out, 0);
	ipmi_put(out, limit->action);
	ipmi_put_16(out, limit->watts);
	ipmi_put_16(out, limit->correction);
	ipmi_put_16(out, limit->correction >> 16);
	ipmi_put_16(out, 0);
	ipmi_put_16(out, limit->period);
}

bool ipmi_dcmi_done(const uint8_t *bytes, size_t size)
{
	return size >= 1 && bytes[0] == DCMI_GROUP;
}

bool ipmi_dcmi_power_read(const uint8_t *bytes, size_t size, struct ipmi_power *out)
{
	if (size < 18 || !ipmi_dcmi_done(bytes, size))
		return false;
	*out = (struct ipmi_power){.watts = ipmi_16(bytes + 1),
			.lowest = ipmi_16(bytes + 3),
			.highest = ipmi_16(bytes + 5),
			.mean = ipmi_16(bytes + 7),
			.window = ipmi_32(bytes + 13),
			.active = bytes[17] & DCMI_POWER_ACTIVE};
	return true;
}

bool ipmi_dcmi_limit_read(const uint8_t *bytes, size_t size, struct ipmi_limit *out)
{
	if (size < 14 || !ipmi_dcmi_done(bytes, size))
		return false;
	*out = (struct ipmi_limit){.action = bytes[3],
			.watts = ipmi_16(bytes + 4),
			.correction = ipmi_32(bytes + 6),
			.period = ipmi_16(bytes + 12)};
	return true;
}
