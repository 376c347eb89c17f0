/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/rack_log.h"
#include <glib.h>

static void assert_text(const json_t *entry, const char *key, const char *text)
{
	g_assert_cmpstr(json_string_value(json_object_get(entry, key)), ==, text);
}

/* Table 32-1: id 0x1234, system event, time, generator, revision 4. */
#define HEAD 0x34, 0x12, 0x02, 0xc0, 0x8a, 0x20, 0x6a, 0x20, 0x00, 0x04

static void test_a_threshold(void)
{
	const uint8_t record[] = {HEAD, 0x01, 0x30, 0x01, 0x59, 0x5c, 0x5a};
	json_t *entry = rack_log_entry(record, "CPU0_TEMP");

	g_assert_cmpint(rack_log_sensor(record), ==, 0x30);
	g_assert_cmpint(json_integer_value(json_object_get(entry, "id")), ==, 0x1234);
	assert_text(entry, "sensor", "CPU0_TEMP");
	assert_text(entry, "text", "temperature: upper critical threshold, going up");
	assert_text(entry, "raw", "341202c08a206a200004013001595c5a");
	json_decref(entry);
}

static void test_times(void)
{
	uint8_t record[] = {0x01, 0x00, 0x02, 0x80, 0x00, 0x92, 0x65, 0x20, 0x00, 0x04, 0x0c, 0x01,
			0x6f, 0x01, 0xff, 0xff};
	json_t *entry = rack_log_entry(record, NULL);

	/* date -u -d @1704067200 */
	assert_text(entry, "time", "2024-01-01T00:00:00Z");
	assert_text(entry, "sensor", "sensor 01");
	assert_text(entry, "text", "memory: uncorrectable error");
	json_decref(entry);
	record[6] = 0x00; /* since the BMC's start */
	entry = rack_log_entry(record, NULL);
	g_assert_true(json_is_null(json_object_get(entry, "time")));
	json_decref(entry);
	record[3] = record[4] = record[5] = record[6] = 0xff;
	entry = rack_log_entry(record, NULL);
	g_assert_true(json_is_null(json_object_get(entry, "time")));
	json_decref(entry);
}

static void test_the_end_of_an_event(void)
{
	const uint8_t record[] = {HEAD, 0x08, 0x40, 0xef, 0x03, 0xff, 0xff};
	json_t *entry = rack_log_entry(record, "PSU1");

	assert_text(entry, "text", "power supply: input lost, ended");
	json_decref(entry);
}

static void test_what_is_not_known_has_its_numbers(void)
{
	const uint8_t event[] = {HEAD, 0xc7, 0x40, 0x6f, 0x0e, 0xff, 0xff};
	const uint8_t threshold[] = {HEAD, 0x01, 0x40, 0x01, 0x0f, 0xff, 0xff};
	const uint8_t generic[] = {HEAD, 0x04, 0x40, 0x0b, 0x02, 0xff, 0xff};
	uint8_t makers[16] = {0x01, 0x00, 0xe5};
	json_t *entry = rack_log_entry(event, "A");

	assert_text(entry, "text", "sensor type c7: event 6f.e");
	json_decref(entry);
	entry = rack_log_entry(threshold, "A");
	assert_text(entry, "text", "temperature: threshold event 15");
	json_decref(entry);
	entry = rack_log_entry(generic, "A");
	assert_text(entry, "text", "fan: event 0b.2");
	json_decref(entry);
	g_assert_cmpint(rack_log_sensor(makers), ==, -1);
	entry = rack_log_entry(makers, NULL);
	assert_text(entry, "text", "the maker's own record of type e5");
	assert_text(entry, "sensor", "");
	g_assert_true(json_is_null(json_object_get(entry, "time")));
	json_decref(entry);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/rack-log/" #name, test_##name)
	TEST(a_threshold);
	TEST(times);
	TEST(the_end_of_an_event);
	TEST(what_is_not_known_has_its_numbers);
	return g_test_run();
}
