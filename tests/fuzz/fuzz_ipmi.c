/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any answer of a BMC, for all that take one apart. The input: the data behind a completion code.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "rack/ipmi.h"
#include "tests/fuzz/targets.h"

static void fuzz_require(int condition)
{
	if (!condition)
		abort();
}

static void fuzz_sensor(const uint8_t *bytes, size_t size)
{
	struct sdr_sensor sensor;
	struct sdr_reading reading;

	if (!sdr_read(bytes, size, &sensor))
		return;
	fuzz_require(memchr(sensor.name, '\0', sizeof(sensor.name)) != NULL);
	ipmi_factors_read(bytes, size, &sensor);
	sdr_reading(&sensor, bytes, size, &reading);
	fuzz_require(sensor.analog || isnan(reading.value));
}

static void fuzz_power(const uint8_t *bytes, size_t size)
{
	struct ipmi_request request;
	struct ipmi_power power;
	struct ipmi_limit limit, again;

	if (ipmi_dcmi_power_read(bytes, size, &power))
		fuzz_require(size >= 18 && ipmi_dcmi_done(bytes, size));
	if (!ipmi_dcmi_limit_read(bytes, size, &limit))
		return;
	/* What is set is what is read: the answer has it a byte earlier. */
	ipmi_dcmi_set_limit(&request, &limit);
	request.data[1] = request.data[0];
	fuzz_require(ipmi_dcmi_limit_read(request.data + 1, request.length - 1u, &again));
	fuzz_require(limit.action == again.action && limit.watts == again.watts &&
			limit.correction == again.correction && limit.period == again.period);
}

int target_ipmi(const uint8_t *data, size_t size)
{
	struct ipmi_device device;
	struct ipmi_store store;
	struct ipmi_piece piece;
	struct ipmi_entry entry;
	uint8_t guid[RMCP_GUID];
	uint16_t reservation;
	bool on;

	if (ipmi_device_read(data, size, &device))
		fuzz_require(device.manufacturer < 1u << 20);
	if (ipmi_guid_read(data, size, guid))
		fuzz_require(memcmp(guid, data, RMCP_GUID) == 0);
	if (ipmi_store_read(data, size, &store))
		fuzz_require(ipmi_store_same(&store, &store));
	if (ipmi_piece_read(data, size, &piece)) {
		fuzz_require(piece.size && piece.bytes + piece.size == data + size);
		fuzz_sensor(piece.bytes, piece.size);
	}
	if (ipmi_entry_read(data, size, &entry))
		fuzz_require(entry.record + IPMI_SEL_RECORD <= data + size);
	ipmi_reservation_read(data, size, &reservation);
	ipmi_chassis_read(data, size, &on);
	fuzz_sensor(data, size);
	fuzz_power(data, size);
	return 0;
}
