/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <string.h>
#include "rack/sdr.h"

#define SDR_HEADER       5
#define SDR_FULL         0x01
#define SDR_COMPACT      0x02
#define SDR_FULL_NAME    47 /* offset of the name's type and length */
#define SDR_COMPACT_NAME 31
#define SDR_THRESHOLD    1 /* event/reading type code */

/* --- Names (43.15) --- */

static char sdr_printable(unsigned int code)
{
	return code >= 0x20 && code < 0x7f ? (char)code : '?';
}

static size_t sdr_name_packed(const uint8_t *bytes, size_t length, char *out)
{
	size_t count = length * 8 / 6;

	if (count > SDR_NAME_MAX - 1)
		count = SDR_NAME_MAX - 1;
	for (size_t i = 0; i < count; i++) {
		size_t bit = i * 6, byte = bit / 8;
		unsigned int word = bytes[byte];

		if (byte + 1 < length)
			word |= (unsigned int)bytes[byte + 1] << 8;
		out[i] = (char)(0x20 + (word >> bit % 8 & 63));
	}
	return count;
}

static size_t sdr_name_bcd(const uint8_t *bytes, size_t length, char *out)
{
	static const char digits[] = "0123456789 -.???";
	size_t count = 0;

	for (size_t i = 0; i < length && count + 2 < SDR_NAME_MAX; i++) {
		out[count++] = digits[bytes[i] >> 4];
		out[count++] = digits[bytes[i] & 15];
	}
	return count;
}

static bool sdr_name(const uint8_t *bytes, size_t size, size_t at, char *out)
{
	size_t length, count = 0;

	if (at >= size)
		return false;
	length = bytes[at] & 31;
	if (at + 1 + length > size)
		return false;
	switch (bytes[at] >> 6) {
	case 1:
		count = sdr_name_bcd(bytes + at + 1, length, out);
		break;
	case 2:
		count = sdr_name_packed(bytes + at + 1, length, out);
		break;
	default:
		for (; count < length && bytes[at + 1 + count]; count++)
			out[count] = sdr_printable(bytes[at + 1 + count]);
	}
	while (count && out[count - 1] == ' ')
		count--;
	out[count] = '\0';
	return true;
}

/* --- Records --- */

static int sdr_signed(unsigned int value, int bits)
{
	int sign = 1 << (bits - 1);

	return (int)value - ((int)value & sign) * 2;
}

/* In a record they stand from the upper fatal one down to the lower warning. */
static void sdr_read_thresholds(const uint8_t *bytes, struct sdr_sensor *out)
{
	out->readable = bytes[18] & 0x3f;
	out->thresholds[SDR_UPPER_FATAL] = bytes[36];
	out->thresholds[SDR_UPPER_CRITICAL] = bytes[37];
	out->thresholds[SDR_UPPER_WARNING] = bytes[38];
	out->thresholds[SDR_LOWER_FATAL] = bytes[39];
	out->thresholds[SDR_LOWER_CRITICAL] = bytes[40];
	out->thresholds[SDR_LOWER_WARNING] = bytes[41];
}

static void sdr_read_analog(const uint8_t *bytes, struct sdr_sensor *out)
{
	int format = bytes[20] >> 6;

	out->analog = format != 3;
	if (!out->analog)
		return;
	out->format = format == 0 ? SDR_UNSIGNED : format == 1 ? SDR_ONES : SDR_TWOS;
	out->linear = bytes[23] & 0x7f;
	out->m = sdr_signed(bytes[24] | (bytes[25] & 0xc0u) << 2, 10);
	out->b = sdr_signed(bytes[26] | (bytes[27] & 0xc0u) << 2, 10);
	out->exponent = sdr_signed(bytes[29] >> 4, 4);
	out->b_exponent = sdr_signed(bytes[29] & 15, 4);
}

bool sdr_read(const uint8_t *bytes, size_t size, struct sdr_sensor *out)
{
	bool full;

	memset(out, 0, sizeof(*out));
	if (size < SDR_HEADER || (bytes[3] != SDR_FULL && bytes[3] != SDR_COMPACT))
		return false;
	/* Some BMCs send more than the record has. */
	if (size > SDR_HEADER + (size_t)bytes[4])
		size = SDR_HEADER + (size_t)bytes[4];
	full = bytes[3] == SDR_FULL;
	if (!sdr_name(bytes, size, full ? SDR_FULL_NAME : SDR_COMPACT_NAME, out->name))
		return false;
	out->record = (uint16_t)(bytes[0] | bytes[1] << 8);
	out->owner = bytes[5];
	out->lun = bytes[6] & 3;
	out->number = bytes[7];
	out->entity = bytes[8];
	out->instance = bytes[9] & 0x7f;
	out->type = bytes[12];
	out->event_type = bytes[13] & 0x7f;
	out->percent = bytes[20] & 1;
	out->unit = bytes[21];
	if (full) {
		sdr_read_analog(bytes, out);
		if (out->event_type == SDR_THRESHOLD)
			sdr_read_thresholds(bytes, out);
	}
	return true;
}

/* --- Values --- */

static int sdr_raw(const struct sdr_sensor *sensor, uint8_t raw)
{
	switch (sensor->format) {
	case SDR_ONES:
		return raw & 0x80 ? -(int)(uint8_t)~raw : raw;
	case SDR_TWOS:
		return sdr_signed(raw, 8);
	case SDR_UNSIGNED:
		break;
	}
	return raw;
}

/* Table 43-1, byte 24. */
static double sdr_linearise(int formula, double x)
{
	switch (formula) {
	case 0:
		return x;
	case 1:
		return x > 0 ? log(x) : NAN;
	case 2:
		return x > 0 ? log10(x) : NAN;
	case 3:
		return x > 0 ? log2(x) : NAN;
	case 4:
		return exp(x);
	case 5:
		return pow(10, x);
	case 6:
		return exp2(x);
	case 7:
		return x != 0 ? 1 / x : NAN;
	case 8:
		return x * x;
	case 9:
		return x * x * x;
	case 10:
		return x >= 0 ? sqrt(x) : NAN;
	case 11:
		return cbrt(x);
	default:
		return NAN;
	}
}

double sdr_value(const struct sdr_sensor *sensor, uint8_t raw)
{
	double x = sensor->m * (double)sdr_raw(sensor, raw) +
		   sensor->b * pow(10, sensor->b_exponent);

	return sdr_linearise(sensor->linear, x * pow(10, sensor->exponent));
}

void sdr_reading(const struct sdr_sensor *sensor, const uint8_t *bytes, size_t size,
		struct sdr_reading *out)
{
	bool thresholds = sensor->event_type == SDR_THRESHOLD;

	*out = (struct sdr_reading){.availability = SDR_READING_BAD, .value = NAN};
	if (size < 2)
		return;
	out->availability = SDR_READING_NONE;
	/* Bit 5: not available; bit 6: scanning is on. */
	if (bytes[1] & 0x20 || !(bytes[1] & 0x40))
		return;
	out->availability = SDR_READING_GOOD;
	if (sensor->analog)
		out->value = sdr_value(sensor, bytes[0]);
	if (size > 2 && thresholds)
		out->state = bytes[2] & 0x3f;
	else if (size > 2)
		out->states = (uint16_t)(bytes[2] | (size > 3 ? (bytes[3] & 0x7f) << 8 : 0));
}

const char *sdr_unit_text(uint8_t unit)
{
	static const char *const texts[] = {"", "degrees C", "degrees F", "degrees K", "Volts",
			"Amps", "Watts", "Joules", "Coulombs", "VA", "Nits", "lumen", "lux",
			"Candela", "kPa", "PSI", "Newton", "CFM", "RPM", "Hz"};

	return unit < sizeof(texts) / sizeof(texts[0]) ? texts[unit] : "";
}
