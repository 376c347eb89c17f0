/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the parts of the commands share: network functions (table 5-1), and numbers in bytes. */
#include "rack/ipmi.h"

enum ipmi_netfn {
	IPMI_NETFN_CHASSIS = 0x00,
	IPMI_NETFN_SENSOR = 0x04,
	IPMI_NETFN_APP = 0x06,
	IPMI_NETFN_STORAGE = 0x0a,
	IPMI_NETFN_GROUP = 0x2c,
};

static inline uint16_t ipmi_16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t ipmi_32(const uint8_t *bytes)
{
	return ipmi_16(bytes) | (uint32_t)ipmi_16(bytes + 2) << 16;
}

static inline void ipmi_make(struct ipmi_request *out, enum ipmi_netfn netfn, uint8_t command)
{
	*out = (struct ipmi_request){.netfn = (uint8_t)netfn, .command = command};
}

static inline void ipmi_put(struct ipmi_request *out, unsigned int byte)
{
	out->data[out->length++] = (uint8_t)byte;
}

static inline void ipmi_put_16(struct ipmi_request *out, unsigned int number)
{
	ipmi_put(out, number);
	ipmi_put(out, number >> 8);
}
