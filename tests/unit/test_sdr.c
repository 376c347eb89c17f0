/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <math.h>
#include <string.h>
#include "rack/sdr.h"

/* A full record, byte by byte as in table 43-1: degrees, y = (1 * x - 10 * 10^1) * 10^-1. */
static const uint8_t full[] = {0x34, 0x12, 0x51, 0x01, 48 + 8 - 5, /* record 0x1234 */
		0x20, 0x02, 0x30,                                  /* owner, lun, number */
		0x03, 0x61,                                        /* processor 0x61 */
		0x7f, 0x68, 0x01, 0x01,                            /* temperature, thresholds */
		0x95, 0x7a, 0x95, 0x7a, 0x1b,
		0x1b,             /* masks; readable: all but both critical's last */
		0x80, 0x01, 0x00, /* two's complement, degrees C */
		0x00,             /* linear */
		0x01, 0x00, 0xf6, 0xc0, 0x00, 0xf1, /* m 1, b -10, exponents -1 and 1 */
		0x00, 0x2d, 0x50, 0x00, 0x7f, 0x80, /* nominal and limits */
		0x60, 0x5a, 0x55, 0xf0, 0xf6, 0xfb, /* thresholds */
		0x02, 0x02, 0x00, 0x00, 0x00,       /* hysteresis */
		0xc8, 'C', 'P', 'U', '0', ' ', 'T', 'e', 'm'};

static struct sdr_sensor sensor(
		uint8_t format, uint8_t formula, int m, int b, int b_exponent, int exponent)
{
	uint8_t record[sizeof(full)];
	struct sdr_sensor out;

	memcpy(record, full, sizeof(full));
	record[20] = (uint8_t)(format << 6);
	record[23] = formula;
	record[24] = (uint8_t)m;
	record[25] = (uint8_t)(m >> 2 & 0xc0);
	record[26] = (uint8_t)b;
	record[27] = (uint8_t)(b >> 2 & 0xc0);
	record[29] = (uint8_t)((exponent & 15) << 4 | (b_exponent & 15));
	g_assert_true(sdr_read(record, sizeof(record), &out));
	return out;
}

static void test_a_full_record_is_read(void)
{
	struct sdr_sensor out;

	g_assert_true(sdr_read(full, sizeof(full), &out));
	g_assert_cmpstr(out.name, ==, "CPU0 Tem");
	g_assert_cmpuint(out.record, ==, 0x1234);
	g_assert_cmpuint(out.owner, ==, 0x20);
	g_assert_cmpuint(out.lun, ==, 2);
	g_assert_cmpuint(out.number, ==, 0x30);
	g_assert_cmpuint(out.entity, ==, 3);
	g_assert_cmpuint(out.instance, ==, 0x61);
	g_assert_cmpuint(out.unit, ==, SDR_UNIT_CELSIUS);
	g_assert_true(out.analog);
	g_assert_cmpint(out.m, ==, 1);
	g_assert_cmpint(out.b, ==, -10);
	g_assert_cmpuint(out.readable, ==, 0x1b);
	g_assert_cmpuint(out.thresholds[SDR_UPPER_CRITICAL], ==, 0x5a);
	g_assert_cmpuint(out.thresholds[SDR_LOWER_WARNING], ==, 0xfb);
	g_assert_cmpfloat_with_epsilon(sdr_value(&out, 120), 2, 1e-9);
	g_assert_cmpfloat_with_epsilon(sdr_value(&out, 0x80), -22.8, 1e-9);
}

static void test_every_format_and_formula_is_computed(void)
{
	const struct {
		uint8_t format, formula;
		int m, b, b_exponent, exponent;
		uint8_t raw;
		double value;
	} cases[] = {
			{0, 0, 100, 0, 0, 0, 90, 9000},    /* a fan */
			{0, 0, 62, 0, 0, -3, 194, 12.028}, /* 12 V */
			{0, 0, -2, 511, 0, 0, 255, 1},
			{0, 0, -512, -512, 0, 0, 1, -1024},
			{1, 0, 1, 0, 0, 0, 0xfe, -1},
			{1, 0, 1, 0, 0, 0, 0xff, 0},
			{2, 0, 1, 0, 0, 0, 0xff, -1},
			{2, 0, 5, 3, 2, -1, 10, 35},
			{0, 1, 1, 0, 0, 0, 1, 0},
			{0, 2, 1, 0, 0, 0, 100, 2},
			{0, 3, 1, 0, 0, 0, 64, 6},
			{0, 4, 1, 0, 0, 0, 1, 2.718281828},
			{0, 5, 1, 0, 0, 0, 3, 1000},
			{0, 6, 1, 0, 0, 0, 10, 1024},
			{0, 7, 1, 0, 0, 0, 8, 0.125},
			{0, 8, 1, 0, 0, 0, 12, 144},
			{0, 9, 1, 0, 0, 0, 5, 125},
			{0, 10, 1, 0, 0, 0, 81, 9},
			{0, 11, 1, 0, 0, 0, 27, 3},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sdr_sensor out = sensor(cases[i].format, cases[i].formula, cases[i].m,
				cases[i].b, cases[i].b_exponent, cases[i].exponent);

		g_assert_cmpfloat_with_epsilon(sdr_value(&out, cases[i].raw), cases[i].value, 1e-6);
	}
}

static void test_what_has_no_answer_is_not_a_number(void)
{
	const uint8_t formulas[] = {1, 2, 3, 7, 12, 0x70, 0x7f};

	for (size_t i = 0; i < G_N_ELEMENTS(formulas); i++) {
		struct sdr_sensor out = sensor(0, formulas[i], 1, 0, 0, 0);

		g_assert_true(isnan(sdr_value(&out, 0)));
	}
}

static void test_names_come_in_three_codes(void)
{
	uint8_t record[sizeof(full)];
	struct sdr_sensor out;

	memcpy(record, full, sizeof(full));
	/* "IPMI" in 6 bits: the specification's example, 43.15. */
	memcpy(record + 47, "\x83\x29\xdc\xa6", 4);
	g_assert_true(sdr_read(record, sizeof(record), &out));
	g_assert_cmpstr(out.name, ==, "IPMI");
	memcpy(record + 47, "\x42\x12\xb3", 3);
	g_assert_true(sdr_read(record, sizeof(record), &out));
	g_assert_cmpstr(out.name, ==, "12-3");
	memcpy(record + 47, "\xc3 a\x07", 4);
	g_assert_true(sdr_read(record, sizeof(record), &out));
	g_assert_cmpstr(out.name, ==, " a?");
}

static void test_a_compact_record_has_states(void)
{
	uint8_t record[40] = {1, 0, 0x51, 0x02, 35, 0x20, 0, 0x55, 10, 1, 0, 0, 0x08, 0x6f};
	const uint8_t reading[] = {0, 0xc0, 0x09, 0x80};
	struct sdr_reading value;
	struct sdr_sensor out;

	record[20] = 0xc0;
	memcpy(record + 31, "\xc4PSU1", 5);
	g_assert_true(sdr_read(record, sizeof(record), &out));
	g_assert_cmpstr(out.name, ==, "PSU1");
	g_assert_false(out.analog);
	sdr_reading(&out, reading, sizeof(reading), &value);
	g_assert_cmpint(value.availability, ==, SDR_READING_GOOD);
	g_assert_cmpuint(value.states, ==, 0x0009);
	g_assert_true(isnan(value.value));
}

static void test_a_reading_may_not_be_there(void)
{
	const struct {
		uint8_t bytes[3];
		size_t size;
		enum sdr_availability availability;
	} cases[] = {
			{{120, 0xc0, 0xc0}, 3, SDR_READING_GOOD},
			{{120, 0xe0, 0xc0}, 3, SDR_READING_NONE},
			{{120, 0x80, 0xc0}, 3, SDR_READING_NONE},
			{{120, 0xc0}, 2, SDR_READING_GOOD},
			{{120}, 1, SDR_READING_BAD},
			{{0}, 0, SDR_READING_BAD},
	};
	struct sdr_sensor out;

	g_assert_true(sdr_read(full, sizeof(full), &out));
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct sdr_reading value;

		sdr_reading(&out, cases[i].bytes, cases[i].size, &value);
		g_assert_cmpint(value.availability, ==, cases[i].availability);
		g_assert_cmpuint(value.state, ==, 0);
	}
}

static void test_crossed_thresholds_are_told(void)
{
	const uint8_t reading[] = {0x5b, 0xc0, 0xd8};
	struct sdr_reading value;
	struct sdr_sensor out;

	g_assert_true(sdr_read(full, sizeof(full), &out));
	sdr_reading(&out, reading, sizeof(reading), &value);
	g_assert_cmpuint(value.state, ==, 1 << SDR_UPPER_WARNING | 1 << SDR_UPPER_CRITICAL);
}

static void test_a_record_that_is_cut_is_none(void)
{
	struct sdr_sensor out;

	for (size_t size = 0; size < sizeof(full); size++) {
		g_autofree uint8_t *cut = g_memdup2(full, size ? size : 1);

		g_assert_false(sdr_read(cut, size, &out));
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/sdr/a full record is read", test_a_full_record_is_read);
	g_test_add_func("/sdr/every format and formula is computed",
			test_every_format_and_formula_is_computed);
	g_test_add_func("/sdr/what has no answer is not a number",
			test_what_has_no_answer_is_not_a_number);
	g_test_add_func("/sdr/names come in three codes", test_names_come_in_three_codes);
	g_test_add_func("/sdr/a compact record has states", test_a_compact_record_has_states);
	g_test_add_func("/sdr/a reading may not be there", test_a_reading_may_not_be_there);
	g_test_add_func("/sdr/crossed thresholds are told", test_crossed_thresholds_are_told);
	g_test_add_func("/sdr/a record that is cut is none", test_a_record_that_is_cut_is_none);
	return g_test_run();
}
