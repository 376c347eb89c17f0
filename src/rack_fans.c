/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <jansson.h>
#include <string.h>
#include "src/log.h"
#include "src/rack_fans_part.h"

#define RACK_FANS_STEP_MS    100
#define RACK_FANS_DUTY_STEPS 10 /* between the records of a fan's duty */

int64_t rack_fans_now(const struct rack_fans *fans)
{
	return rack_clock_now(&fans->world->clock);
}

const char *rack_fan_reason_word(enum fan_reason reason)
{
	static const char *const words[] = {"start", "demand", "least", "stale", "broken", "range",
			"recovers", "critical", "fan", "manual"};

	return words[reason];
}

/* --- Zones --- */

/* The input or fan that is meant. */
static const char *rack_fans_about(const struct rack_fans *fans, const struct rack_fans_zone *zone,
		enum fan_reason reason, size_t index)
{
	switch (reason) {
	case FAN_REASON_FAN:
		return fans->fans[zone->fans[index]].config->name;
	case FAN_REASON_LEAST:
	case FAN_REASON_MANUAL:
		return NULL;
	default:
		return zone->input_count > 0 ? zone->about[index] : NULL;
	}
}

static const char *rack_fans_words(enum fan_reason reason)
{
	switch (reason) {
	case FAN_REASON_STALE:
		return "says nothing";
	case FAN_REASON_BROKEN:
		return "cannot be read";
	case FAN_REASON_RANGE:
		return "says what cannot be";
	case FAN_REASON_FAN:
		return "stands still";
	default:
		return "is not trusted yet";
	}
}

static void rack_fans_say(struct rack_fans *fans, struct rack_fans_zone *zone)
{
	const char *name = zone->config->name, *about;
	struct fan_state state;

	fan_zone_read(zone->zone, &state);
	if (state.failsafe == zone->failsafe)
		return;
	zone->failsafe = state.failsafe;
	if (!state.failsafe) {
		log_line(LOG_LINE_NOTICE, "fans: zone %s can trust its inputs and fans again",
				name);
		events_publish(fans->events, "fan.recovered", json_pack("{s:s}", "zone", name));
		return;
	}
	about = rack_fans_about(fans, zone, state.doubt, state.doubted);
	log_line(LOG_LINE_ERROR, "fans: zone %s runs at %.0f %%: %s %s %s", name, state.duty,
			state.doubt == FAN_REASON_FAN ? "fan" : "input", about,
			rack_fans_words(state.doubt));
	events_publish(fans->events, "fan.failsafe",
			json_pack("{s:s, s:s, s:s?, s:f}", "zone", name, "reason",
					rack_fan_reason_word(state.doubt), "about", about, "duty",
					state.duty));
}

static void rack_fans_control(struct rack_fans *fans, struct rack_fans_zone *zone, int64_t now)
{
	double duty;

	for (size_t i = 0; i < zone->input_count; i++)
		rack_fans_input_tell(&zone->inputs[i], zone->zone, fans->readings, now);
	duty = fan_zone_step(zone->zone, now);
	for (size_t i = 0; i < zone->fan_count; i++) {
		fans->fans[zone->fans[i]].duty = duty;
		board_duty(fans->board, zone->fans[i], duty);
	}
	rack_fans_say(fans, zone);
}

static gboolean rack_fans_step(gpointer data)
{
	struct rack_fans *fans = data;
	int64_t now = rack_fans_now(fans);

	rack_fans_listen(fans, now);
	for (size_t i = 0; i < fans->config->zone_count; i++)
		rack_fans_control(fans, &fans->zones[i], now);
	if (fans->steps++ % RACK_FANS_DUTY_STEPS == 0)
		for (size_t i = 0; i < fans->config->fan_count; i++)
			rack_fans_tell_duty(fans, &fans->fans[i]);
	if (fans->petted)
		fans->petted(fans->data);
	return G_SOURCE_CONTINUE;
}

/* --- What others see --- */

size_t rack_fans_zones(const struct rack_fans *fans)
{
	return fans->config->zone_count;
}

bool rack_fans_find_zone(const struct rack_fans *fans, const char *name, size_t *zone)
{
	for (size_t i = 0; i < fans->config->zone_count; i++)
		if (strcmp(fans->config->zones[i].name, name) == 0) {
			*zone = i;
			return true;
		}
	return false;
}

void rack_fans_zone(const struct rack_fans *fans, size_t zone, struct rack_zone_status *out)
{
	const struct rack_fans_zone *of = &fans->zones[zone];

	*out = (struct rack_zone_status){.name = of->config->name,
			.manual = of->manual >= 0,
			.manual_duty = of->manual};
	fan_zone_read(of->zone, &out->state);
	out->about = rack_fans_about(fans, of, out->state.reason, out->state.index);
}

size_t rack_fans_count(const struct rack_fans *fans)
{
	return fans->config->fan_count;
}

void rack_fans_fan(const struct rack_fans *fans, size_t fan, struct rack_fan_status *out)
{
	const struct rack_fans_fan *of = &fans->fans[fan];

	*out = (struct rack_fan_status){
			.name = of->config->name,
			.zone = of->config->zone,
			.duty = of->duty,
			.rpm = of->rpm,
			.failed = of->failed,
			.fault = of->fault,
	};
}

void rack_fans_ask_nodes(struct rack_fans *fans, rack_fans_node_fn is, void *data)
{
	fans->nodes.is = is;
	fans->nodes.data = data;
}

void rack_fans_manual(struct rack_fans *fans, size_t zone, double duty)
{
	struct rack_fans_zone *of = &fans->zones[zone];

	of->manual = duty < 0 ? -1 : MIN(duty, 100);
	fan_zone_manual(of->zone, of->manual);
}

/* --- Coming and going --- */

static bool rack_fans_make_zone(struct rack_fans *fans, size_t number, GError **error)
{
	const struct rack_config *config = fans->config;
	struct rack_fans_zone *zone = &fans->zones[number];
	struct fan_input_settings *inputs = g_new0(
			struct fan_input_settings, 2 * config->input_count);
	int *least = g_new0(int, config->fan_count);
	struct fan_settings settings = config->zones[number].settings;
	size_t taken = 0;

	zone->config = &config->zones[number];
	zone->manual = -1;
	zone->inputs = g_new0(struct rack_fans_input, config->input_count);
	zone->about = g_new0(const char *, 2 * config->input_count);
	zone->fans = g_new0(size_t, config->fan_count);
	for (size_t i = 0; i < config->input_count; i++) {
		const struct rack_config_input *input = &config->inputs[i];

		if (input->zone != number)
			continue;
		zone->about[taken] = zone->about[taken + 1] = input->name;
		taken += rack_fans_input_init(&zone->inputs[zone->input_count++], input,
				&fans->nodes, taken, inputs + taken);
	}
	for (size_t i = 0; i < config->fan_count; i++) {
		if (config->fans[i].zone != number)
			continue;
		fans->fans[i].number = zone->fan_count;
		least[zone->fan_count] = config->fans[i].least_rpm;
		zone->fans[zone->fan_count++] = i;
	}
	settings.inputs = inputs;
	settings.input_count = taken;
	settings.least_rpm = least;
	settings.fan_count = zone->fan_count;
	zone->zone = fan_zone_new(&settings);
	g_free(inputs);
	g_free(least);
	if (!zone->zone)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "zone %s: no memory",
				zone->config->name);
	return zone->zone != NULL;
}

struct rack_fans *rack_fans_new(const struct rack_config *config, const struct rack_world *world,
		struct readings *readings, struct events *events, void (*petted)(void *data),
		void *data, GError **error)
{
	struct rack_fans *fans = g_new0(struct rack_fans, 1);
	bool made = true;

	fans->config = config;
	fans->world = world;
	fans->nodes = (struct rack_fans_nodes){.nodes = config->nodes, .count = config->node_count};
	fans->readings = readings;
	fans->events = events;
	fans->petted = petted;
	fans->data = data;
	fans->sensors = g_new0(struct rack_fans_probe, config->sensor_count);
	fans->fans = g_new0(struct rack_fans_fan, config->fan_count);
	fans->tachometers = g_new0(size_t, config->fan_count);
	fans->zones = g_new0(struct rack_fans_zone, config->zone_count);
	for (size_t i = 0; i < config->fan_count; i++) {
		const struct rack_config_fan *fan = &config->fans[i];

		fans->fans[i] = (struct rack_fans_fan){
				.config = fan,
				.probe = {fan->name, fan->tachometer, RACK_FANS_TACH_MS, 0},
				.duty = -1,
				.written = -100,
				.behind_at = -1,
				.missed_at = -1,
				.rpm = -1,
				.heard_at = rack_fans_now(fans),
		};
	}
	for (size_t i = 0; made && i < config->zone_count; i++)
		made = rack_fans_make_zone(fans, i, error);
	if (!made || !rack_fans_open_board(fans, error)) {
		rack_fans_free(fans);
		return NULL;
	}
	/* What a former configuration had is gone with it. */
	readings_add(readings, RACK_SELF);
	fans->generation = readings_flush(readings, RACK_SELF);
	fans->timer = g_timeout_add_full(G_PRIORITY_HIGH,
			rack_clock_real(&world->clock, RACK_FANS_STEP_MS), rack_fans_step, fans,
			NULL);
	return fans;
}

/* At the end fans are known to be safe; on the way to another configuration nobody waits for a
 * device that hangs. */
static void rack_fans_close_board(struct rack_fans *fans)
{
	bool *stay = g_new0(bool, fans->config->fan_count + 1);

	for (size_t i = 0; fans->board && i < fans->config->fan_count; i++) {
		stay[i] = fans->fans[i].stays;
		if (!stay[i])
			board_duty(fans->board, i, fans->config->safe_duty);
	}
	if (fans->succeeded)
		board_leave(fans->board, stay);
	else
		board_free(fans->board);
	g_free(stay);
}

void rack_fans_free(struct rack_fans *fans)
{
	if (!fans)
		return;
	if (fans->timer)
		g_source_remove(fans->timer);
	rack_fans_close_board(fans);
	for (size_t i = 0; i < fans->config->zone_count; i++) {
		struct rack_fans_zone *zone = &fans->zones[i];

		for (size_t k = 0; k < zone->input_count; k++)
			rack_fans_input_clear(&zone->inputs[k]);
		fan_zone_free(zone->zone);
		g_free(zone->inputs);
		g_free(zone->about);
		g_free(zone->fans);
	}
	for (size_t i = 0; i < fans->config->fan_count; i++)
		g_free(fans->fans[i].fault);
	g_free(fans->sensors);
	g_free(fans->fans);
	g_free(fans->tachometers);
	g_free(fans->zones);
	g_free(fans);
}
