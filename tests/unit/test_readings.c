/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <math.h>
#include "rack/readings.h"
#include "rack/sdr.h"

#define MOST 64

struct fixture {
	struct readings *readings;
	uint32_t generation; /* of n1 */
	GString *told;
};

static void fixture_told(enum readings_event event, const char *node,
		const struct readings_record *record, void *data)
{
	static const char *const events[] = {
			"changed", "again", "dropped", "added", "flushed", "removed"};
	struct fixture *f = data;

	g_string_append_printf(f->told, "%s %s", events[event], node);
	if (record)
		g_string_append_printf(f->told, "/%s %g %d", record->sensor, record->value.value,
				record->state);
	g_string_append_c(f->told, ';');
}

static void fixture_open(struct fixture *f)
{
	f->told = g_string_new(NULL);
	f->readings = readings_new(MOST);
	f->generation = readings_add(f->readings, "n1");
	g_assert_cmpuint(f->generation, !=, 0);
	g_assert_true(readings_listen(f->readings, fixture_told, f));
}

static void fixture_close(struct fixture *f)
{
	readings_free(f->readings);
	g_string_free(f->told, TRUE);
}

static void assert_told(struct fixture *f, const char *wanted)
{
	g_assert_cmpstr(f->told->str, ==, wanted);
	g_string_truncate(f->told, 0);
}

static enum readings_answer put(struct fixture *f, const char *sensor, int64_t now, double value)
{
	const struct readings_value said = {.value = value, .unit = SDR_UNIT_CELSIUS, .ttl = 2000};

	return readings_put(f->readings, "n1", f->generation, sensor, now, now, &said);
}

static enum readings_state state(const struct fixture *f, const char *key, int64_t now)
{
	struct readings_record record;

	g_assert_true(readings_get(f->readings, key, now, &record));
	return record.state;
}

static void test_age_counts_from_reading_not_from_change(void)
{
	struct readings_record record;
	struct fixture f;

	fixture_open(&f);
	put(&f, "CPU0", 1000, 41.5);
	put(&f, "CPU0", 3000, 41.5);
	g_assert_true(readings_get(f.readings, "n1/CPU0", 5000, &record));
	g_assert_cmpint(record.age, ==, 2000);
	g_assert_cmpint(record.state, ==, READINGS_OK);
	g_assert_cmpfloat(record.value.value, ==, 41.5);
	g_assert_cmpint(record.value.unit, ==, SDR_UNIT_CELSIUS);
	g_assert_cmpuint(record.generation, ==, f.generation);
	g_assert_cmpint(state(&f, "n1/CPU0", 5001), ==, READINGS_STALE);
	assert_told(&f, "changed n1/CPU0 41.5 1;again n1/CPU0 41.5 1;");
	fixture_close(&f);
}

static void test_an_answer_that_was_overtaken_is_dropped(void)
{
	const struct readings_value early = {.value = 1, .ttl = 2000};
	struct readings_record record;
	struct fixture f;

	fixture_open(&f);
	put(&f, "CPU0", 1000, 2);
	readings_put(f.readings, "n1", f.generation, "CPU0", 1100, 900, &early);
	g_assert_true(readings_get(f.readings, "n1/CPU0", 1100, &record));
	g_assert_cmpfloat(record.value.value, ==, 2);
	/* A clock that is ahead does not make a value from the future. */
	readings_put(f.readings, "n1", f.generation, "CPU0", 1200, 9000, &early);
	g_assert_true(readings_get(f.readings, "n1/CPU0", 1200, &record));
	g_assert_cmpint(record.age, ==, 0);
	fixture_close(&f);
}

static void test_three_failures_break_a_sensor_and_one_reading_mends_it(void)
{
	struct readings_record record;
	struct fixture f;

	fixture_open(&f);
	put(&f, "CPU0", 0, 40);
	put(&f, "CPU0", 100, NAN);
	readings_fail(f.readings, "n1", f.generation, "CPU0", 200);
	g_assert_cmpint(state(&f, "n1/CPU0", 200), ==, READINGS_OK);
	put(&f, "CPU0", 300, INFINITY);
	g_assert_cmpint(state(&f, "n1/CPU0", 300), ==, READINGS_BROKEN);
	readings_fail(f.readings, "n1", f.generation, "CPU0", 400);
	g_assert_true(readings_get(f.readings, "n1/CPU0", 400, &record));
	g_assert_cmpfloat(record.value.value, ==, 40);
	g_assert_cmpint(record.age, ==, 400);
	put(&f, "CPU0", 500, 40);
	assert_told(&f, "changed n1/CPU0 40 1;changed n1/CPU0 40 3;changed n1/CPU0 40 1;");
	fixture_close(&f);
}

static void test_a_sensor_without_reading_is_there(void)
{
	struct readings_record record;
	struct fixture f;

	fixture_open(&f);
	readings_none(f.readings, "n1", f.generation, "DIMM", 10);
	g_assert_true(readings_get(f.readings, "n1/DIMM", 20, &record));
	g_assert_cmpint(record.state, ==, READINGS_NONE);
	g_assert_cmpint(record.age, ==, -1);
	put(&f, "DIMM", 30, 33);
	g_assert_cmpint(state(&f, "n1/DIMM", 30), ==, READINGS_OK);
	readings_none(f.readings, "n1", f.generation, "DIMM", 40);
	g_assert_cmpint(state(&f, "n1/DIMM", 40), ==, READINGS_NONE);
	g_assert_false(readings_get(f.readings, "n1/GPU", 20, &record));
	g_assert_false(readings_get(f.readings, "n1", 20, &record));
	g_assert_false(readings_get(f.readings, "/DIMM", 20, &record));
	g_assert_false(readings_get(f.readings, "n/DIMM", 20, &record));
	g_assert_false(readings_get(f.readings, "n11/DIMM", 20, &record));
	fixture_close(&f);
}

static void test_a_crossed_threshold_is_a_change(void)
{
	struct readings_value value = {.value = 90, .unit = SDR_UNIT_CELSIUS, .ttl = 2000};
	struct readings_record record;
	struct fixture f;

	fixture_open(&f);
	readings_put(f.readings, "n1", f.generation, "CPU0", 0, 0, &value);
	value.crossed = 1 << SDR_UPPER_WARNING;
	readings_put(f.readings, "n1", f.generation, "CPU0", 10, 10, &value);
	assert_told(&f, "changed n1/CPU0 90 1;changed n1/CPU0 90 1;");
	g_assert_true(readings_get(f.readings, "n1/CPU0", 10, &record));
	g_assert_cmpuint(record.value.crossed, ==, 1 << SDR_UPPER_WARNING);
	fixture_close(&f);
}

static void test_what_became_stale_is_told_once(void)
{
	struct fixture f;

	fixture_open(&f);
	g_assert_cmpint(readings_expire(f.readings, 0), ==, INT64_MAX);
	put(&f, "CPU0", 0, 40);
	put(&f, "CPU1", 1000, 41);
	assert_told(&f, "changed n1/CPU0 40 1;changed n1/CPU1 41 1;");
	g_assert_cmpint(readings_expire(f.readings, 2000), ==, 2001);
	assert_told(&f, "");
	g_assert_cmpint(readings_expire(f.readings, 2001), ==, 3001);
	assert_told(&f, "changed n1/CPU0 40 2;");
	g_assert_cmpint(readings_expire(f.readings, 3001), ==, INT64_MAX);
	assert_told(&f, "changed n1/CPU1 41 2;");
	fixture_close(&f);
}

static void test_a_sensor_that_is_gone_leaves_nothing(void)
{
	struct readings_record record;
	struct fixture f;

	fixture_open(&f);
	put(&f, "CPU0", 0, 40);
	put(&f, "CPU1", 0, 41);
	g_string_truncate(f.told, 0);
	g_assert_cmpint(readings_drop(f.readings, "n1", f.generation + 1, "CPU0", 1), ==,
			READINGS_FORMER);
	g_assert_cmpint(readings_drop(f.readings, "n9", f.generation, "CPU0", 1), ==,
			READINGS_ABSENT);
	g_assert_cmpint(readings_drop(f.readings, "n1", f.generation, "CPU7", 1), ==,
			READINGS_KEPT);
	assert_told(&f, "");
	g_assert_cmpint(readings_drop(f.readings, "n1", f.generation, "CPU0", 1), ==,
			READINGS_KEPT);
	assert_told(&f, "dropped n1/CPU0 40 1;");
	g_assert_false(readings_get(f.readings, "n1/CPU0", 1, &record));
	g_assert_true(readings_get(f.readings, "n1/CPU1", 1, &record));
	put(&f, "CPU0", 2, 42);
	assert_told(&f, "changed n1/CPU0 42 1;");
	fixture_close(&f);
}

/* Sees the cache as it is when the event is told. */
static void nothing_is_left(enum readings_event event, const char *node,
		const struct readings_record *record, void *data)
{
	struct fixture *f = data;
	struct readings_cursor cursor = {0};
	struct readings_record found;

	if (event != READINGS_FLUSHED && event != READINGS_REMOVED)
		return;
	g_assert_null(record);
	while (readings_next(f->readings, &cursor, 100, &found))
		g_assert_cmpstr(found.node, !=, node);
	readings_unlisten(f->readings, nothing_is_left, f);
}

static void test_a_replaced_node_loses_all_at_once(void)
{
	const struct readings_value late = {.value = 99, .ttl = 2000};
	struct readings_record record;
	struct fixture f;
	uint32_t former, other;

	fixture_open(&f);
	former = f.generation;
	other = readings_add(f.readings, "n2");
	readings_put(f.readings, "n2", other, "CPU0", 0, 0, &late);
	for (int i = 0; i < MOST; i++) {
		char name[16];

		g_snprintf(name, sizeof(name), "S%d", i);
		g_assert_cmpint(put(&f, name, 0, i), ==, READINGS_KEPT);
	}
	g_assert_cmpint(put(&f, "one-more", 0, 1), ==, READINGS_FULL);
	g_assert_true(readings_listen(f.readings, nothing_is_left, &f));
	g_string_truncate(f.told, 0);
	f.generation = readings_flush(f.readings, "n1");
	g_assert_cmpuint(f.generation, >, former);
	g_assert_cmpuint(f.generation, >, other);
	assert_told(&f, "flushed n1;");
	g_assert_false(readings_get(f.readings, "n1/S0", 100, &record));
	g_assert_cmpint(readings_put(f.readings, "n1", former, "S0", 100, 100, &late), ==,
			READINGS_FORMER);
	g_assert_cmpint(readings_fail(f.readings, "n1", former, "S0", 100), ==, READINGS_FORMER);
	g_assert_false(readings_get(f.readings, "n1/S0", 100, &record));
	g_assert_true(readings_get(f.readings, "n2/CPU0", 100, &record));
	g_assert_cmpint(put(&f, "S0", 100, 1), ==, READINGS_KEPT);
	fixture_close(&f);
}

static void test_a_removed_node_is_another_when_it_comes_back(void)
{
	struct readings_record record;
	struct fixture f;

	fixture_open(&f);
	put(&f, "CPU0", 0, 40);
	g_string_truncate(f.told, 0);
	g_assert_true(readings_listen(f.readings, nothing_is_left, &f));
	readings_remove(f.readings, "n1");
	readings_remove(f.readings, "n1");
	assert_told(&f, "removed n1;");
	g_assert_cmpint(put(&f, "CPU0", 0, 40), ==, READINGS_ABSENT);
	g_assert_cmpuint(readings_flush(f.readings, "n1"), ==, 0);
	g_assert_cmpuint(readings_generation(f.readings, "n1"), ==, 0);
	g_assert_cmpuint(readings_add(f.readings, "n1"), !=, f.generation);
	g_assert_cmpint(put(&f, "CPU0", 0, 40), ==, READINGS_FORMER);
	g_assert_false(readings_get(f.readings, "n1/CPU0", 0, &record));
	fixture_close(&f);
}

static void test_records_come_in_order(void)
{
	const struct readings_value value = {.value = 1, .ttl = 1000};
	struct readings_cursor cursor = {0};
	struct readings_record record;
	struct fixture f;
	GString *keys = g_string_new(NULL);

	fixture_open(&f);
	readings_put(f.readings, "CB-1/3", readings_add(f.readings, "CB-1/3"), "X", 0, 0, &value);
	readings_add(f.readings, "empty");
	put(&f, "b", 0, 1);
	put(&f, "a", 0, 1);
	while (readings_next(f.readings, &cursor, 0, &record))
		g_string_append_printf(keys, "%s/%s ", record.node, record.sensor);
	g_assert_cmpstr(keys->str, ==, "CB-1/3/X n1/a n1/b ");
	g_assert_true(readings_get(f.readings, "CB-1/3/X", 0, &record));
	g_assert_cmpstr(readings_node(f.readings, 1), ==, "empty");
	g_assert_null(readings_node(f.readings, 3));
	g_string_free(keys, TRUE);
	fixture_close(&f);
}

static void test_names_are_made_clean_or_refused(void)
{
	char name[READINGS_SENSOR_MAX];
	struct fixture f;

	fixture_open(&f);
	g_assert_true(readings_clean("CPU1 Temp  ", name));
	g_assert_cmpstr(name, ==, "CPU1_Temp");
	g_assert_cmpint(put(&f, name, 0, 1), ==, READINGS_KEPT);
	g_assert_true(readings_clean("a/b,c\x01\xff", name));
	g_assert_cmpstr(name, ==, "a_b_c__");
	g_assert_true(readings_clean("012345678901234567890123456789012345678901234567", name));
	g_assert_cmpint(put(&f, name, 0, 1), ==, READINGS_KEPT);
	g_assert_false(readings_clean("", name));
	g_assert_false(readings_clean("   ", name));
	g_assert_cmpint(put(&f, "a/b", 0, 1), ==, READINGS_NAME);
	g_assert_cmpint(put(&f, "a b", 0, 1), ==, READINGS_NAME);
	g_assert_cmpint(put(&f, "", 0, 1), ==, READINGS_NAME);
	g_assert_cmpint(put(&f, "0123456789012345678901234567890123456789", 0, 1), ==,
			READINGS_NAME);
	g_assert_cmpuint(readings_add(f.readings, ""), ==, 0);
	g_assert_cmpuint(readings_add(f.readings, "a,b"), ==, 0);
	fixture_close(&f);
}

static void test_a_whole_rack_is_small(void)
{
	struct readings *readings = readings_new(MOST);
	const struct readings_value value = {.value = 1, .ttl = 1000};

	for (int i = 0; i < 48; i++) {
		char node[8], sensor[8];
		uint32_t generation;

		g_snprintf(node, sizeof(node), "n%d", i);
		generation = readings_add(readings, node);
		for (int k = 0; k < MOST; k++) {
			g_snprintf(sensor, sizeof(sensor), "S%d", k);
			readings_put(readings, node, generation, sensor, 0, 0, &value);
		}
	}
	g_test_message("48 nodes of 64 sensors: %zu bytes, %.1f a record",
			readings_memory(readings), (double)readings_memory(readings) / (48 * MOST));
	g_assert_cmpuint(readings_memory(readings), <, 68 * 48 * MOST);
	readings_free(readings);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/readings/age-counts-from-reading-not-from-change",
			test_age_counts_from_reading_not_from_change);
	g_test_add_func("/readings/an-answer-that-was-overtaken-is-dropped",
			test_an_answer_that_was_overtaken_is_dropped);
	g_test_add_func("/readings/three-failures-break-a-sensor-and-one-reading-mends-it",
			test_three_failures_break_a_sensor_and_one_reading_mends_it);
	g_test_add_func("/readings/a-sensor-without-reading-is-there",
			test_a_sensor_without_reading_is_there);
	g_test_add_func("/readings/a-crossed-threshold-is-a-change",
			test_a_crossed_threshold_is_a_change);
	g_test_add_func("/readings/what-became-stale-is-told-once",
			test_what_became_stale_is_told_once);
	g_test_add_func("/readings/a-replaced-node-loses-all-at-once",
			test_a_replaced_node_loses_all_at_once);
	g_test_add_func("/readings/a-removed-node-is-another-when-it-comes-back",
			test_a_removed_node_is_another_when_it_comes_back);
	g_test_add_func("/readings/a-sensor-that-is-gone-leaves-nothing",
			test_a_sensor_that_is_gone_leaves_nothing);
	g_test_add_func("/readings/records-come-in-order", test_records_come_in_order);
	g_test_add_func("/readings/names-are-made-clean-or-refused",
			test_names_are_made_clean_or_refused);
	g_test_add_func("/readings/a-whole-rack-is-small", test_a_whole_rack_is_small);
	return g_test_run();
}
