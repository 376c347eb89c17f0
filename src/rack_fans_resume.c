/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With another configuration fans go on from where they are: nobody hears that it was read. */
#include <string.h>
#include "src/rack_fans_part.h"

/* --- Fans --- */

static struct rack_fans_fan *resume_find_fan(
		const struct rack_fans *fans, const struct rack_config_fan *config)
{
	for (size_t i = 0; i < fans->config->fan_count; i++) {
		const struct rack_config_fan *one = fans->fans[i].config;

		if (strcmp(one->device, config->device) == 0 && strcmp(one->pwm, config->pwm) == 0)
			return &fans->fans[i];
	}
	return NULL;
}

/* One that stands still is known to; one that has another tachometer now is looked at anew. */
static void resume_fan(
		struct rack_fans *fans, struct rack_fans_fan *fan, struct rack_fans_fan *former)
{
	former->stays = true;
	fan->duty = former->duty;
	fan->written = former->written;
	if (g_strcmp0(fan->config->tachometer, former->config->tachometer) != 0)
		return;
	fan->rpm = former->rpm;
	fan->strikes = former->strikes;
	fan->missed_at = former->missed_at;
	fan->astray = former->astray;
	fan->write_error = former->write_error;
	fan->failed = former->failed;
	fan->probe.error = former->probe.error;
	fan->fault = g_strdup(former->fault);
	if (fan->failed)
		rack_fans_tell_zone(fans, fan, false);
}

/* --- Zones --- */

static const struct rack_fans_zone *resume_find_zone(const struct rack_fans *fans, const char *name)
{
	size_t zone;

	return rack_fans_find_zone(fans, name, &zone) ? &fans->zones[zone] : NULL;
}

static void resume_inputs(struct rack_fans_zone *zone, const struct rack_fans_zone *former)
{
	for (size_t i = 0; i < zone->input_count; i++) {
		struct rack_fans_input *input = &zone->inputs[i];

		for (size_t k = 0; k < former->input_count; k++) {
			const struct rack_fans_input *before = &former->inputs[k];

			if (strcmp(input->config->sensor, before->config->sensor) != 0)
				continue;
			rack_fans_input_resume(input, zone->zone, before, former->zone);
			break;
		}
	}
}

/* Its fans may have been of several: the highest duty counts. */
static void resume_duty(struct rack_fans *fans, struct rack_fans_zone *zone)
{
	double duty = -1;

	for (size_t i = 0; i < zone->fan_count; i++)
		duty = MAX(duty, fans->fans[zone->fans[i]].duty);
	if (duty >= 0)
		fan_zone_resume(zone->zone, duty);
}

void rack_fans_resume(struct rack_fans *fans, struct rack_fans *former)
{
	former->succeeded = true;
	for (size_t i = 0; i < fans->config->fan_count; i++) {
		struct rack_fans_fan *before = resume_find_fan(former, fans->fans[i].config);

		if (before)
			resume_fan(fans, &fans->fans[i], before);
	}
	for (size_t i = 0; i < fans->config->zone_count; i++) {
		struct rack_fans_zone *zone = &fans->zones[i];
		const struct rack_fans_zone *before = resume_find_zone(former, zone->config->name);

		resume_duty(fans, zone);
		if (!before)
			continue;
		resume_inputs(zone, before);
		zone->failsafe = before->failsafe;
		rack_fans_manual(fans, i, before->manual);
	}
}
