/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests byte by byte as the specifications have them, and answers of every length. */
#include <glib.h>
#include <string.h>
#include "rack/ipmi.h"

#define REQUEST(request, fn, cmd, ...)                                                         \
	do {                                                                                   \
		const uint8_t want[] = {fn, cmd, __VA_ARGS__};                                 \
		g_assert_cmphex((request).netfn, ==, want[0]);                                 \
		g_assert_cmphex((request).command, ==, want[1]);                               \
		g_assert_cmpmem((request).data, (request).length, want + 2, sizeof(want) - 2); \
	} while (0)

static void test_requests_are_as_specified(void)
{
	const struct ipmi_limit limit = {.action = 0x11,
			.watts = 0x1234,
			.correction = 0x55667788,
			.period = 0x99aa};
	struct session_request session;
	struct ipmi_request request;

	ipmi_device_id(&request);
	REQUEST(request, 0x06, 0x01);
	ipmi_device_guid(&request);
	REQUEST(request, 0x06, 0x08);
	ipmi_system_guid(&request);
	REQUEST(request, 0x06, 0x37);
	ipmi_chassis_status(&request);
	REQUEST(request, 0x00, 0x01);
	ipmi_chassis_control(&request, IPMI_SOFT_SHUTDOWN);
	REQUEST(request, 0x00, 0x02, 5);
	ipmi_chassis_identify(&request, 15);
	REQUEST(request, 0x00, 0x04, 15);
	ipmi_sdr_info(&request);
	REQUEST(request, 0x0a, 0x20);
	ipmi_sdr_reserve(&request);
	REQUEST(request, 0x0a, 0x22);
	ipmi_sdr_get(&request, 0x1234, 0x5678, 5, 32);
	REQUEST(request, 0x0a, 0x23, 0x34, 0x12, 0x78, 0x56, 5, 32);
	ipmi_sel_info(&request);
	REQUEST(request, 0x0a, 0x40);
	ipmi_sel_reserve(&request);
	REQUEST(request, 0x0a, 0x42);
	ipmi_sel_get(&request, 0, 0x5678);
	REQUEST(request, 0x0a, 0x43, 0, 0, 0x78, 0x56, 0, 0xff);
	ipmi_sensor_reading(&request, 1, 0x30);
	REQUEST(request, 0x04, 0x2d, 0x30);
	g_assert_cmpuint(request.lun, ==, 1);
	ipmi_sensor_factors(&request, 2, 0x30, 99);
	REQUEST(request, 0x04, 0x23, 0x30, 99);
	g_assert_cmpuint(request.lun, ==, 2);
	ipmi_dcmi_power(&request);
	REQUEST(request, 0x2c, 0x02, 0xdc, 1, 0, 0);
	ipmi_dcmi_limit(&request);
	REQUEST(request, 0x2c, 0x03, 0xdc, 0, 0);
	ipmi_dcmi_set_limit(&request, &limit);
	REQUEST(request, 0x2c, 0x04, 0xdc, 0, 0, 0, 0x11, 0x34, 0x12, 0x88, 0x77, 0x66, 0x55, 0, 0,
			0xaa, 0x99);
	ipmi_dcmi_activate(&request, true);
	REQUEST(request, 0x2c, 0x05, 0xdc, 1, 0, 0);
	session = ipmi_session_request(&request);
	g_assert_cmphex(session.netfn, ==, 0x2c);
	g_assert_cmpmem(session.data, session.length, request.data, 4);
}

static void test_a_device_is_read(void)
{
	static const uint8_t bytes[] = {
			0x20, 0x81, 0x83, 0x45, 2, 0xbf, 0x39, 0x28, 0xf1, 0x34, 0x12};
	struct ipmi_device device;

	for (size_t size = 0; size < sizeof(bytes); size++)
		g_assert_false(ipmi_device_read(bytes, size, &device));
	g_assert_true(ipmi_device_read(bytes, sizeof(bytes), &device));
	g_assert_cmphex(device.id, ==, 0x20);
	g_assert_cmphex(device.revision, ==, 1);
	g_assert_cmphex(device.firmware[0], ==, 3);
	g_assert_cmphex(device.firmware[1], ==, 0x45);
	g_assert_cmphex(device.support, ==, 0xbf);
	g_assert_cmphex(device.manufacturer, ==, 0x12839);
	g_assert_cmphex(device.product, ==, 0x1234);
}

static void test_a_guid_of_zeros_or_ones_is_none(void)
{
	uint8_t bytes[16] = {0}, guid[16];

	g_assert_false(ipmi_guid_read(bytes, 16, guid));
	memset(bytes, 0xff, 16);
	g_assert_false(ipmi_guid_read(bytes, 16, guid));
	memset(bytes, 0x55, 16);
	g_assert_true(ipmi_guid_read(bytes, 16, guid));
	g_assert_false(ipmi_guid_read(bytes, 15, guid));
	memset(bytes, 0, 16);
	bytes[15] = 1;
	g_assert_true(ipmi_guid_read(bytes, 16, guid));
	g_assert_cmpmem(bytes, 16, guid, 16);
}

static void test_a_chassis_is_read(void)
{
	bool on = false;

	g_assert_true(ipmi_chassis_read((const uint8_t *)"\x21\0\0", 3, &on));
	g_assert_true(on);
	g_assert_true(ipmi_chassis_read((const uint8_t *)"\x60\0\0", 3, &on));
	g_assert_false(on);
	g_assert_false(ipmi_chassis_read((const uint8_t *)"\x60\0", 2, &on));
}

static void test_factors_make_a_sensor_linear(void)
{
	/* Next reading; M -2, B 300 * 10^1, result * 10^-1. */
	static const uint8_t bytes[] = {0x10, 0xfe, 0xc0, 0x2c, 0x40, 0, 0xf1};
	struct sdr_sensor sensor = {.analog = true, .linear = 0x70};

	g_assert_false(ipmi_factors_read(bytes, 6, &sensor));
	g_assert_cmpint(sensor.linear, ==, 0x70);
	g_assert_true(ipmi_factors_read(bytes, 7, &sensor));
	g_assert_cmpfloat_with_epsilon(sdr_value(&sensor, 50), (-100 + 3000) / 10.0, 1e-9);
}

static void test_stores_and_records_are_read(void)
{
	static const uint8_t info[] = {0x51, 0x34, 0x12, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0};
	uint8_t entry[18] = {0xff, 0xff, 0x07, 0x01};
	struct ipmi_store store, other;
	struct ipmi_piece piece;
	struct ipmi_entry read;
	uint16_t reservation;

	g_assert_false(ipmi_store_read(info, 13, &store));
	g_assert_true(ipmi_store_read(info, 14, &store));
	g_assert_cmphex(store.count, ==, 0x1234);
	g_assert_cmphex(store.added, ==, 0x04030201);
	g_assert_cmphex(store.erased, ==, 0x08070605);
	other = store;
	g_assert_true(ipmi_store_same(&store, &other));
	other.erased++;
	g_assert_false(ipmi_store_same(&store, &other));
	g_assert_false(ipmi_reservation_read(info, 1, &reservation));
	g_assert_true(ipmi_reservation_read(info + 1, 2, &reservation));
	g_assert_cmphex(reservation, ==, 0x1234);
	g_assert_false(ipmi_piece_read(info, 2, &piece));
	g_assert_true(ipmi_piece_read(info, 14, &piece));
	g_assert_cmphex(piece.next, ==, 0x3451);
	g_assert_cmpuint(piece.size, ==, 12);
	g_assert_false(ipmi_entry_read(entry, 17, &read));
	g_assert_true(ipmi_entry_read(entry, 18, &read));
	g_assert_cmphex(read.next, ==, IPMI_LAST);
	g_assert_cmphex(read.id, ==, 0x0107);
	g_assert_true(read.record == entry + 2);
}

static void test_power_and_its_limit_are_read(void)
{
	uint8_t bytes[18] = {0xdc, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0xe8, 3, 0, 0, 0x40};
	static const uint8_t limit_bytes[] = {0xdc, 0, 0, 1, 0x2c, 1, 0x70, 0x17, 0, 0, 0, 0, 5, 0};
	struct ipmi_limit limit;
	struct ipmi_power power;

	g_assert_false(ipmi_dcmi_power_read(bytes, 17, &power));
	g_assert_true(ipmi_dcmi_power_read(bytes, 18, &power));
	g_assert_cmphex(power.watts, ==, 0x0201);
	g_assert_cmphex(power.lowest, ==, 0x0403);
	g_assert_cmphex(power.highest, ==, 0x0605);
	g_assert_cmphex(power.mean, ==, 0x0807);
	g_assert_cmpuint(power.window, ==, 1000);
	g_assert_true(power.active);
	bytes[17] = 0;
	g_assert_true(ipmi_dcmi_power_read(bytes, 18, &power));
	g_assert_false(power.active);
	bytes[0] = 0;
	g_assert_false(ipmi_dcmi_power_read(bytes, 18, &power));
	g_assert_false(ipmi_dcmi_limit_read(limit_bytes, 13, &limit));
	g_assert_true(ipmi_dcmi_limit_read(limit_bytes, 14, &limit));
	g_assert_cmpuint(limit.action, ==, 1);
	g_assert_cmpuint(limit.watts, ==, 300);
	g_assert_cmpuint(limit.correction, ==, 6000);
	g_assert_cmpuint(limit.period, ==, 5);
	g_assert_true(ipmi_dcmi_done(limit_bytes, 1));
	g_assert_false(ipmi_dcmi_done(limit_bytes, 0));
	g_assert_false(ipmi_dcmi_done(bytes, 1));
}

static void test_every_code_has_words(void)
{
	for (unsigned int code = 0; code < 256; code++) {
		g_assert_cmpuint(strlen(ipmi_code_text((uint8_t)code)), <, 64);
		g_assert_cmpuint(strlen(ipmi_dcmi_code_text((uint8_t)code)), <, 64);
		g_assert_cmpuint(strlen(ipmi_dcmi_code_text((uint8_t)code)), >, 0);
	}
	g_assert_cmpstr(ipmi_code_text(IPMI_BUSY), ==, "the BMC is busy");
	g_assert_cmpstr(ipmi_code_text(IPMI_RESERVATION), ==,
			"the BMC has dropped the reservation");
	g_assert_cmpstr(ipmi_code_text(IPMI_ABSENT), ==, "the BMC has no such sensor or record");
	g_assert_cmpstr(ipmi_code_text(0xd4), ==, "the BMC does not permit this to this user");
	g_assert_cmpstr(ipmi_code_text(0xd6), ==, "the BMC has this command switched off");
	g_assert_cmpstr(ipmi_code_text(0xd7), ==, "the BMC refuses without a reason");
	g_assert_cmpstr(ipmi_dcmi_code_text(0x84), ==,
			"the BMC cannot keep a limit of that many watts");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/ipmi/requests are as specified", test_requests_are_as_specified);
	g_test_add_func("/ipmi/a device is read", test_a_device_is_read);
	g_test_add_func("/ipmi/a GUID of zeros or ones is none",
			test_a_guid_of_zeros_or_ones_is_none);
	g_test_add_func("/ipmi/a chassis is read", test_a_chassis_is_read);
	g_test_add_func("/ipmi/factors make a sensor linear", test_factors_make_a_sensor_linear);
	g_test_add_func("/ipmi/stores and records are read", test_stores_and_records_are_read);
	g_test_add_func("/ipmi/power and its limit are read", test_power_and_its_limit_are_read);
	g_test_add_func("/ipmi/every code has words", test_every_code_has_words);
	return g_test_run();
}
