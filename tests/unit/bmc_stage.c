/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/bmc_stage.h"
#include <math.h>
#include <string.h>

const struct ipmi_sim_sensor bmc_stage_sensors[BMC_STAGE_SENSORS] = {
		{"CPU0 Temp", 1, 0, SDR_UNIT_CELSIUS, 0x37, SDR_UNSIGNED, 0, 1, 0, 0, 0},
		{"Inlet", 2, 0, SDR_UNIT_CELSIUS, 0xf6, SDR_TWOS, 0, 1, 0, 0, 0},
		{"P12V", 3, 0, SDR_UNIT_VOLT, 0xbe, SDR_UNSIGNED, 0, 63, 0, -3, 0},
		{"Fan 1", 4, 0, SDR_UNIT_RPM, 120, SDR_UNSIGNED, 0, 60, 0, 0, 0},
		{"Shifted", 5, 0, SDR_UNIT_CELSIUS, 100, SDR_UNSIGNED, 0, 3, -12, -1, 1},
		{"Ones", 6, 0, SDR_UNIT_CELSIUS, 0xf6, SDR_ONES, 0, 2, 7, 0, 0},
		{"Negative", 7, 0, SDR_UNIT_CELSIUS, 50, SDR_UNSIGNED, 0, -300, 500, -2, 1},
		{"Inverse", 8, 0, SDR_UNIT_RPM, 40, SDR_UNSIGNED, 7, 2, 0, -5, 0},
		{"Square", 9, 0, SDR_UNIT_WATT, 14, SDR_UNSIGNED, 8, 2, 1, 0, 0},
		{"Root", 10, 0, SDR_UNIT_VOLT, 200, SDR_UNSIGNED, 10, 3, 0, 0, 0},
		{"Logarithm", 11, 0, SDR_UNIT_VOLT, 90, SDR_UNSIGNED, 1, 1, 0, 0, 0},
		{"Cube root", 12, 0, SDR_UNIT_VOLT, 90, SDR_UNSIGNED, 11, 5, 0, 0, 0},
		{"Other LUN", 1, 2, SDR_UNIT_CELSIUS, 77, SDR_UNSIGNED, 0, 1, 0, 0, 0},
};

/* --- The main loop between the link and the BMC --- */

int64_t bmc_stage_now(void)
{
	return g_get_monotonic_time() / 1000;
}

static void stage_value(struct stage *stage, const char *name, double value)
{
	double *kept = g_new(double, 1);

	*kept = value;
	g_hash_table_insert(stage->values, g_strdup(name), kept);
}

static void stage_event(struct stage *stage, const struct bmc_event *event)
{
	switch (event->kind) {
	case BMC_IDENTITY:
		stage->identities++;
		break;
	case BMC_SENSORS:
		stage->sensors++;
		break;
	case BMC_READING:
		if (event->reading.availability == SDR_READING_GOOD)
			stage_value(stage, event->sensor->name, event->reading.value);
		break;
	case BMC_POWER:
		stage->power = *event;
		stage->power_told++;
		break;
	case BMC_LIMIT_IS:
		stage->limit = *event;
		stage->limit_told++;
		break;
	case BMC_CHASSIS:
		stage->chassis = *event;
		stage->chassis_told++;
		break;
	case BMC_LOG:
		memcpy(stage->entry, event->record, sizeof(stage->entry));
		stage->entries++;
		break;
	case BMC_ORDERED:
		stage->ordered = *event;
		stage->ordered_told++;
		break;
	default:
		g_assert_not_reached();
	}
}

static gboolean stage_late(gpointer data)
{
	struct stage *stage = data;

	stage->timer = 0;
	bmc_stage_pump(stage);
	return G_SOURCE_REMOVE;
}

void bmc_stage_pump(struct stage *stage)
{
	struct session_request request;
	struct bmc_event event;
	int64_t deadline;

	while (bmc_event(stage->bmc, &event))
		stage_event(stage, &event);
	/* After a request without an answer the link may be down already, and about to say so. */
	if (bmc_next(stage->bmc, bmc_stage_now(), &request) && !link_ask(stage->link, &request))
		bmc_failed(stage->bmc, bmc_stage_now());
	deadline = bmc_deadline(stage->bmc);
	if (stage->timer)
		g_source_remove(stage->timer);
	stage->timer = 0;
	if (deadline >= 0) {
		int64_t left = deadline - bmc_stage_now();

		stage->timer = g_timeout_add(left > 0 ? (guint)left : 0, stage_late, stage);
	}
}

static void stage_told(struct link *link, const struct link_event *event, void *data)
{
	struct stage *stage = data;

	g_assert_true(link == stage->link);
	switch (event->kind) {
	case LINK_UP:
		stage->up = true;
		bmc_up(stage->bmc, bmc_stage_now(), event->guid);
		break;
	case LINK_DOWN:
		stage->up = false;
		stage->downs++;
		stage->refused = event->refused;
		g_free(stage->why);
		stage->why = g_strdup(event->why);
		bmc_down(stage->bmc, bmc_stage_now());
		break;
	case LINK_ANSWER:
		bmc_answer(stage->bmc, bmc_stage_now(), event->code, event->bytes, event->size);
		break;
	case LINK_FAILED:
		bmc_failed(stage->bmc, bmc_stage_now());
		break;
	}
	bmc_stage_pump(stage);
}

void bmc_stage_link(struct stage *stage, const struct session_settings *settings, uint16_t port)
{
	g_autoptr(GError) error = NULL;

	stage->link = link_udp_new("127.0.0.1", port, settings, stage_told, stage, &error);
	g_assert_no_error(error);
}

gboolean bmc_stage_passes(gpointer unused)
{
	(void)unused;
	return G_SOURCE_CONTINUE;
}

/* --- Setting up --- */

void bmc_stage_set_up(struct stage *stage, bool old)
{
	static const struct bmc_rule rules[] = {{"*", 300, 1000}};
	static const struct bmc_settings settings = {.rules = rules,
			.rule_count = 1,
			.power_ms = 200,
			.limit_ms = 500,
			.chassis_ms = 300,
			.log_ms = 300,
			.identity_ms = 1000};
	g_autoptr(GString) commands = g_string_new("sel_enable 0x20 1000 0x0a\n");
	g_autofree char *module = ipmi_sim_module();
	const char *missing = ipmi_sim_missing();

	if (missing) {
		g_test_skip(missing);
		stage->skip = true;
		return;
	}
	for (size_t i = 0; i < BMC_STAGE_SENSORS; i++)
		ipmi_sim_add_sensor(commands, &bmc_stage_sensors[i]);
	g_string_append(commands, "sel_add 0x20 0x02 0 0 0 0 0x20 0 4 1 1 1 0x57 0x40 0x41\n");
	stage->sim.old = old;
	ipmi_sim_start(&stage->sim, commands->str, module);
	stage->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	stage->bmc = bmc_new(&settings);
	/* It answers only when it has started; ipmitool is more patient than a session's first try.
	 */
	if (!old && ipmi_sim_has_ipmitool())
		g_free(ipmi_sim_ipmitool(&stage->sim, "mc info"));
}

void bmc_stage_tear_down(struct stage *stage)
{
	if (stage->timer)
		g_source_remove(stage->timer);
	link_free(stage->link);
	/* It says goodbye in the background: what is left of it goes with the main loop's work. */
	for (int i = 0; stage->link && i < 30; i++) {
		guint tick = g_timeout_add(10, bmc_stage_passes, NULL);

		g_main_context_iteration(NULL, TRUE);
		g_source_remove(tick);
	}
	bmc_free(stage->bmc);
	ipmi_sim_stop(&stage->sim);
	g_clear_pointer(&stage->values, g_hash_table_unref);
	g_free(stage->why);
}

/* --- Values --- */

/* "name | 12.345 | degrees C | ok | .." of ipmitool's list. Returns not a number for what has none.
 */
static double ipmitool_value(const char *list, const char *name, char **unit)
{
	g_auto(GStrv) lines = g_strsplit(list, "\n", -1);

	for (char **line = lines; *line; line++) {
		g_auto(GStrv) columns = g_strsplit(*line, "|", -1);
		char *end;
		double value;

		if (g_strv_length(columns) < 4 || strcmp(g_strstrip(columns[0]), name) != 0)
			continue;
		value = g_ascii_strtod(g_strstrip(columns[1]), &end);
		*unit = g_strdup(g_strstrip(columns[2]));
		return *end ? NAN : value;
	}
	return NAN;
}

void bmc_stage_assert_values(const struct stage *stage)
{
	g_autofree char *list = ipmi_sim_ipmitool(&stage->sim, "sensor");

	for (size_t i = 0; i < BMC_STAGE_SENSORS; i++) {
		const struct ipmi_sim_sensor *sensor = &bmc_stage_sensors[i];
		const double *ours = g_hash_table_lookup(stage->values, sensor->name);
		g_autofree char *unit = NULL;
		double theirs = ipmitool_value(list, sensor->name, &unit);

		g_test_message("%s: %g, ipmitool %g %s", sensor->name, *ours, theirs,
				unit ? unit : "?");
		g_assert_cmpfloat_with_epsilon(*ours, theirs, 0.000501);
		g_assert_cmpstr(unit, ==, sdr_unit_text(sensor->unit));
	}
}
