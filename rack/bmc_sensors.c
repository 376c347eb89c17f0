/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sensors: by which rule each one is polled, whose turn it is, and what it says. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "rack/bmc_part.h"
#include "rack/pattern.h"

#define SENSOR_MISSES 3 /* in a row, and it is looked at every BMC_SLOW only */

/* Table 43-1, byte 24: factors depend on the reading. */
#define LINEAR_ASK  0x70
#define LINEAR_LAST 0x7f

/* --- Rules --- */

static void sensors_rule(const struct bmc *bmc, struct bmc_sensor *sensor, int64_t now)
{
	sensor->every = sensor->ttl = 0;
	for (size_t i = 0; i < bmc->settings.rule_count; i++) {
		const struct bmc_rule *rule = &bmc->settings.rules[i];

		if (!pattern_match(rule->pattern, sensor->sensor.name))
			continue;
		sensor->every = rule->every_ms > 0 ? rule->every_ms : 0;
		sensor->ttl = rule->ttl_ms;
		break;
	}
	sensor->due = now;
	sensor->misses = 0;
}

/* --- Turns: a heap by the time that they are due --- */

static void sensors_sink(struct bmc_sensors *sensors, size_t at)
{
	for (size_t child = 2 * at + 1; child < sensors->polled; child = 2 * at + 1) {
		const struct bmc_sensor *all = sensors->all;
		uint16_t swap = sensors->heap[at];

		if (child + 1 < sensors->polled &&
				all[sensors->heap[child + 1]].due < all[sensors->heap[child]].due)
			child++;
		if (all[swap].due <= all[sensors->heap[child]].due)
			return;
		sensors->heap[at] = sensors->heap[child];
		sensors->heap[child] = swap;
		at = child;
	}
}

static void sensors_sort(struct bmc_sensors *sensors)
{
	for (size_t i = sensors->polled / 2; i-- > 0;)
		sensors_sink(sensors, i);
}

static void sensors_heap(struct bmc_sensors *sensors)
{
	sensors->polled = 0;
	sensors->heap = calloc(sensors->count ? sensors->count : 1, sizeof(*sensors->heap));
	if (!sensors->heap)
		return;
	for (size_t i = 0; i < sensors->count; i++) {
		if (sensors->all[i].every)
			sensors->heap[sensors->polled++] = (uint16_t)i;
	}
	sensors_sort(sensors);
}

/* --- Which there are --- */

static bool sensors_same(const struct sdr_sensor *one, const struct sdr_sensor *other)
{
	return one->lun == other->lun && one->number == other->number &&
	       strcmp(one->name, other->name) == 0;
}

static void sensors_keep_turn(const struct bmc_sensors *former, struct bmc_sensor *sensor)
{
	for (size_t i = 0; i < former->count; i++) {
		if (!sensors_same(&former->all[i].sensor, &sensor->sensor))
			continue;
		sensor->due = former->all[i].due;
		sensor->misses = former->all[i].misses;
		return;
	}
}

void bmc_sensors_take(struct bmc *bmc, int64_t now, struct bmc_sensor *all, size_t count)
{
	struct bmc_sensors fresh = {.all = all, .count = count};

	for (size_t i = 0; i < count; i++) {
		sensors_rule(bmc, &all[i], now);
		sensors_keep_turn(&bmc->sensors, &all[i]);
	}
	bmc_sensors_drop(bmc);
	/* Without memory for the turns there are sensors that are not polled. */
	sensors_heap(&fresh);
	bmc->sensors = fresh;
}

void bmc_sensors_drop(struct bmc *bmc)
{
	bmc_untell_readings(bmc);
	free(bmc->sensors.all);
	free(bmc->sensors.heap);
	bmc->sensors = (struct bmc_sensors){0};
}

size_t bmc_sensors(const struct bmc *bmc)
{
	return bmc->sensors.count;
}

const struct sdr_sensor *bmc_sensor(const struct bmc *bmc, size_t index)
{
	return index < bmc->sensors.count ? &bmc->sensors.all[index].sensor : NULL;
}

/* --- What they say --- */

static bool sensors_has_factors(const struct sdr_sensor *sensor)
{
	return sensor->analog && sensor->linear >= LINEAR_ASK && sensor->linear <= LINEAR_LAST;
}

static int64_t sensors_due(const struct bmc *bmc)
{
	const struct bmc_sensors *sensors = &bmc->sensors;

	if (sensors->factors)
		return bmc->now;
	return sensors->polled ? sensors->all[sensors->heap[0]].due : BMC_NEVER;
}

static void sensors_ask(struct bmc *bmc, int64_t now)
{
	struct bmc_sensors *sensors = &bmc->sensors;
	struct bmc_sensor *sensor;

	if (sensors->factors) {
		sensor = &sensors->all[sensors->asked];
		ipmi_sensor_factors(&bmc->request, sensor->sensor.lun, sensor->sensor.number,
				sensors->raw[0]);
		return;
	}
	sensors->asked = sensors->heap[0];
	sensor = &sensors->all[sensors->asked];
	ipmi_sensor_reading(&bmc->request, sensor->sensor.lun, sensor->sensor.number);
	if (sensor->misses >= SENSOR_MISSES && sensor->every < BMC_SLOW)
		sensor->due = now + BMC_SLOW;
	else
		sensor->due = bmc_again(sensor->due, sensor->every, now);
	sensors_sink(sensors, 0);
}

/* Its next turn was set when it was asked for; one that fell silent, or is well again, gets another
 * rhythm. */
static void sensors_turn(struct bmc_sensors *sensors, struct bmc_sensor *sensor, int64_t due)
{
	sensor->due = due;
	sensors_sort(sensors);
}

static void sensors_missed(struct bmc_sensors *sensors, struct bmc_sensor *sensor, int64_t now)
{
	if (sensor->misses < SENSOR_MISSES)
		sensor->misses++;
	if (sensor->misses == SENSOR_MISSES && sensor->due < now + BMC_SLOW)
		sensors_turn(sensors, sensor, now + BMC_SLOW);
}

static void sensors_read(struct bmc_sensors *sensors, struct bmc_sensor *sensor, int64_t now)
{
	if (sensor->misses == SENSOR_MISSES && sensor->due > now + sensor->every)
		sensors_turn(sensors, sensor, now + sensor->every);
	sensor->misses = 0;
}

static void sensors_tell(
		struct bmc *bmc, int64_t now, int64_t taken, const struct sdr_reading *reading)
{
	struct bmc_sensor *sensor = &bmc->sensors.all[bmc->sensors.asked];
	struct bmc_event *event = bmc_tell(bmc, BMC_READING, taken);

	if (reading->availability == SDR_READING_BAD)
		sensors_missed(&bmc->sensors, sensor, now);
	else
		sensors_read(&bmc->sensors, sensor, now);
	if (!event)
		return;
	event->sensor = &sensor->sensor;
	event->reading = *reading;
	event->ttl = sensor->ttl;
}

static void sensors_factors_told(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_sensors *sensors = &bmc->sensors;
	struct sdr_sensor linear = sensors->all[sensors->asked].sensor;
	struct sdr_reading reading = {.availability = SDR_READING_BAD, .value = NAN};

	sensors->factors = false;
	if (bmc_good(answer) && ipmi_factors_read(answer->bytes, answer->size, &linear))
		sdr_reading(&linear, sensors->raw, sensors->raw_size, &reading);
	sensors_tell(bmc, now, sensors->taken, &reading);
}

static void sensors_answer(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_sensors *sensors = &bmc->sensors;
	const struct sdr_sensor *sensor = &sensors->all[sensors->asked].sensor;
	struct sdr_reading reading = {.availability = SDR_READING_BAD, .value = NAN};

	if (sensors->factors) {
		sensors_factors_told(bmc, now, answer);
		return;
	}
	if (bmc_good(answer))
		sdr_reading(sensor, answer->bytes, answer->size, &reading);
	if (reading.availability == SDR_READING_GOOD && sensors_has_factors(sensor)) {
		sensors->factors = true;
		sensors->taken = answer->asked;
		sensors->raw_size = answer->size < sizeof(sensors->raw) ? answer->size
									: sizeof(sensors->raw);
		memcpy(sensors->raw, answer->bytes, sensors->raw_size);
		return;
	}
	sensors_tell(bmc, now, answer->asked, &reading);
}

const struct bmc_part bmc_sensors_part = {sensors_due, sensors_ask, sensors_answer};
