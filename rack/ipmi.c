/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who a BMC is, its chassis and its sensors. */
#include <string.h>
#include "rack/ipmi_part.h"

/* Appendix G: the numbers of the commands. */
#define APP_GET_DEVICE_ID   0x01
#define APP_GET_DEVICE_GUID 0x08
#define APP_GET_SYSTEM_GUID 0x37
#define CHASSIS_STATUS      0x01
#define CHASSIS_CONTROL     0x02
#define CHASSIS_IDENTIFY    0x04
#define SENSOR_FACTORS      0x23
#define SENSOR_READING      0x2d

struct session_request ipmi_session_request(const struct ipmi_request *request)
{
	return (struct session_request){.netfn = request->netfn,
			.lun = request->lun,
			.command = request->command,
			.data = request->data,
			.length = request->length};
}

/* --- Completion codes --- */

const char *ipmi_code_text(uint8_t code)
{
	static const char *const texts[] = {
			"the BMC is busy",
			"the BMC does not know this command",
			"the BMC does not know this command here",
			"the BMC ran out of time",
			"the BMC has no space left",
			"the BMC has dropped the reservation",
			"the BMC has cut the request off",
			"the BMC finds the request's length wrong",
			"the BMC finds the request too long",
			"the BMC finds a parameter out of range",
			"the BMC cannot return that many bytes",
			"the BMC has no such sensor or record",
			"the BMC finds a field of the request wrong",
			"the BMC cannot do this to this sensor or record",
			"the BMC has no answer to this",
			"the BMC will not do the same twice",
			"the BMC's sensor records are being updated",
			"the BMC is being updated",
			"the BMC is starting",
			"the BMC cannot reach the destination",
			"the BMC does not permit this to this user",
			"the BMC cannot do this in its present state",
			"the BMC has this command switched off",
	};

	if (code == IPMI_GOOD)
		return "done";
	if (code >= IPMI_BUSY && (size_t)(code - IPMI_BUSY) < sizeof(texts) / sizeof(texts[0]))
		return texts[code - IPMI_BUSY];
	return "the BMC refuses without a reason";
}

/* --- Who it is --- */

void ipmi_device_id(struct ipmi_request *out)
{
	ipmi_make(out, IPMI_NETFN_APP, APP_GET_DEVICE_ID);
}

void ipmi_device_guid(struct ipmi_request *out)
{
	ipmi_make(out, IPMI_NETFN_APP, APP_GET_DEVICE_GUID);
}

void ipmi_system_guid(struct ipmi_request *out)
{
	ipmi_make(out, IPMI_NETFN_APP, APP_GET_SYSTEM_GUID);
}

bool ipmi_device_read(const uint8_t *bytes, size_t size, struct ipmi_device *out)
{
	if (size < 11)
		return false;
	/* Bit 7 of the major number tells an update, not a version. */
	*out = (struct ipmi_device){.id = bytes[0],
			.revision = bytes[1] & 0x0f,
			.firmware = {bytes[2] & 0x7f, bytes[3]},
			.support = bytes[5],
			.manufacturer = (ipmi_16(bytes + 6) | (uint32_t)bytes[8] << 16) & 0xfffff,
			.product = ipmi_16(bytes + 9)};
	return true;
}

bool ipmi_guid_read(const uint8_t *bytes, size_t size, uint8_t guid[RMCP_GUID])
{
	size_t same = 1;

	if (size < RMCP_GUID)
		return false;
	while (same < RMCP_GUID && bytes[same] == bytes[0])
		same++;
	if (same == RMCP_GUID && (bytes[0] == 0x00 || bytes[0] == 0xff))
		return false;
	memcpy(guid, bytes, RMCP_GUID);
	return true;
}

/* --- Chassis --- */

void ipmi_chassis_status(struct ipmi_request *out)
{
	ipmi_make(out, IPMI_NETFN_CHASSIS, CHASSIS_STATUS);
}

void ipmi_chassis_control(struct ipmi_request *out, enum ipmi_control control)
{
	ipmi_make(out, IPMI_NETFN_CHASSIS, CHASSIS_CONTROL);
	ipmi_put(out, control);
}

void ipmi_chassis_identify(struct ipmi_request *out, uint8_t seconds)
{
	ipmi_make(out, IPMI_NETFN_CHASSIS, CHASSIS_IDENTIFY);
	ipmi_put(out, seconds);
}

bool ipmi_chassis_read(const uint8_t *bytes, size_t size, bool *on)
{
	if (size < 3)
		return false;
	*on = bytes[0] & 1;
	return true;
}

/* --- Sensors --- */

void ipmi_sensor_reading(struct ipmi_request *out, uint8_t lun, uint8_t number)
{
	ipmi_make(out, IPMI_NETFN_SENSOR, SENSOR_READING);
	out->lun = lun;
	ipmi_put(out, number);
}

void ipmi_sensor_factors(struct ipmi_request *out, uint8_t lun, uint8_t number, uint8_t raw)
{
	ipmi_make(out, IPMI_NETFN_SENSOR, SENSOR_FACTORS);
	out->lun = lun;
	ipmi_put(out, number);
	ipmi_put(out, raw);
}

static int ipmi_signed(unsigned int value, int bits)
{
	int sign = 1 << (bits - 1);

	return (int)value - ((int)value & sign) * 2;
}

bool ipmi_factors_read(const uint8_t *bytes, size_t size, struct sdr_sensor *sensor)
{
	if (size < 7)
		return false;
	sensor->linear = 0;
	sensor->m = ipmi_signed(bytes[1] | (bytes[2] & 0xc0u) << 2, 10);
	sensor->b = ipmi_signed(bytes[3] | (bytes[4] & 0xc0u) << 2, 10);
	sensor->exponent = ipmi_signed(bytes[6] >> 4, 4);
	sensor->b_exponent = ipmi_signed(bytes[6] & 15, 4);
	return true;
}
