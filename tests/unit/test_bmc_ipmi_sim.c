/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A BMC that is not of our making, ipmi_sim of OpenIPMI, is polled and ordered over the network;
 * what ipmitool says of it is what we have to say.
 */
#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "rack/bmc.h"
#include "rack/link.h"
#include "tests/unit/ipmi_sim_rig.h"

struct stage {
	struct ipmi_sim sim;
	struct link *link;
	struct bmc *bmc;
	guint timer;
	bool skip;
	/* What was told. */
	bool up, refused;
	char *why;
	GHashTable *values; /* double by name */
	unsigned int identities, sensors, entries, downs;
	uint8_t entry[16];
	struct bmc_event chassis, power, limit, ordered;
	unsigned int chassis_told, power_told, limit_told, ordered_told;
};

static const struct ipmi_sim_sensor sensors[] = {
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

static int64_t stage_now(void)
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

static void stage_pump(struct stage *stage);

static gboolean stage_late(gpointer data)
{
	struct stage *stage = data;

	stage->timer = 0;
	stage_pump(stage);
	return G_SOURCE_REMOVE;
}

static void stage_pump(struct stage *stage)
{
	struct session_request request;
	struct bmc_event event;
	int64_t deadline;

	while (bmc_event(stage->bmc, &event))
		stage_event(stage, &event);
	/* After a request without an answer the link may be down already, and about to say so. */
	if (bmc_next(stage->bmc, stage_now(), &request) && !link_ask(stage->link, &request))
		bmc_failed(stage->bmc, stage_now());
	deadline = bmc_deadline(stage->bmc);
	if (stage->timer)
		g_source_remove(stage->timer);
	stage->timer = 0;
	if (deadline >= 0) {
		int64_t left = deadline - stage_now();

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
		bmc_up(stage->bmc, stage_now(), event->guid);
		break;
	case LINK_DOWN:
		stage->up = false;
		stage->downs++;
		stage->refused = event->refused;
		g_free(stage->why);
		stage->why = g_strdup(event->why);
		bmc_down(stage->bmc, stage_now());
		break;
	case LINK_ANSWER:
		bmc_answer(stage->bmc, stage_now(), event->code, event->bytes, event->size);
		break;
	case LINK_FAILED:
		bmc_failed(stage->bmc, stage_now());
		break;
	}
	stage_pump(stage);
}

static void stage_link(struct stage *stage, enum rmcp_suite suite, const char *password)
{
	struct session_settings session = {
			.suite = suite, .privilege = SESSION_ADMINISTRATOR, .name = "admin"};
	g_autoptr(GError) error = NULL;

	g_strlcpy(session.password, password, sizeof(session.password));
	stage->link = link_udp_new(
			"127.0.0.1", stage->sim.port, &session, stage_told, stage, &error);
	g_assert_no_error(error);
}

static gboolean stage_passes(gpointer unused)
{
	(void)unused;
	return G_SOURCE_CONTINUE;
}

/* Nothing here takes that long; a condition that is never met shall not hang for ever. */
#define WAIT_MOST 120000 /* ms */

#define WAIT(condition)                                                    \
	do {                                                               \
		int64_t wait_end = stage_now() + WAIT_MOST;                \
		guint wait_tick = g_timeout_add(1000, stage_passes, NULL); \
		while (!(condition)) {                                     \
			g_assert_cmpint(stage_now(), <, wait_end);         \
			g_main_context_iteration(NULL, TRUE);              \
		}                                                          \
		g_source_remove(wait_tick);                                \
	} while (0)

/* --- Setting up --- */

static void set_up(struct stage *stage, gconstpointer unused)
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
	for (size_t i = 0; i < G_N_ELEMENTS(sensors); i++)
		ipmi_sim_add_sensor(commands, &sensors[i]);
	g_string_append(commands, "sel_add 0x20 0x02 0 0 0 0 0x20 0 4 1 1 1 0x57 0x40 0x41\n");
	ipmi_sim_start(&stage->sim, commands->str, module);
	stage->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	stage->bmc = bmc_new(&settings);
	/* It answers only when it has started; ipmitool is more patient than a session's first try.
	 */
	if (ipmi_sim_has_ipmitool())
		g_free(ipmi_sim_ipmitool(&stage->sim, "mc info"));
}

static void tear_down(struct stage *stage, gconstpointer unused)
{
	if (stage->timer)
		g_source_remove(stage->timer);
	link_free(stage->link);
	/* It says goodbye in the background: what is left of it goes with the main loop's work. */
	for (int i = 0; stage->link && i < 30; i++) {
		guint tick = g_timeout_add(10, stage_passes, NULL);

		g_main_context_iteration(NULL, TRUE);
		g_source_remove(tick);
	}
	bmc_free(stage->bmc);
	ipmi_sim_stop(&stage->sim);
	g_clear_pointer(&stage->values, g_hash_table_unref);
	g_free(stage->why);
}

/* --- Tests --- */

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

static void test_sensors_are_what_ipmitool_reads(struct stage *stage, gconstpointer unused)
{
	g_autofree char *list = NULL;

	if (stage->skip)
		return;
	if (!ipmi_sim_has_ipmitool()) {
		g_test_skip("ipmitool is not installed");
		return;
	}
	stage_link(stage, RMCP_SUITE_3, "secret");
	WAIT(g_hash_table_size(stage->values) == G_N_ELEMENTS(sensors));
	g_assert_cmpuint(stage->identities, ==, 1);
	g_assert_cmpuint(stage->sensors, ==, 1);
	list = ipmi_sim_ipmitool(&stage->sim, "sensor");
	for (size_t i = 0; i < G_N_ELEMENTS(sensors); i++) {
		const double *ours = g_hash_table_lookup(stage->values, sensors[i].name);
		g_autofree char *unit = NULL;
		double theirs = ipmitool_value(list, sensors[i].name, &unit);

		g_test_message("%s: %g, ipmitool %g %s", sensors[i].name, *ours, theirs,
				unit ? unit : "?");
		g_assert_cmpfloat_with_epsilon(*ours, theirs, 0.000501);
		g_assert_cmpstr(unit, ==, sdr_unit_text(sensors[i].unit));
	}
}

static void test_the_node_is_switched(struct stage *stage, gconstpointer unused)
{
	g_autofree char *power = NULL;

	if (stage->skip)
		return;
	stage_link(stage, RMCP_SUITE_3, "secret");
	WAIT(stage->chassis_told);
	g_assert_true(stage->chassis.active);
	g_assert_true(bmc_order(stage->bmc, stage_now(), BMC_OFF, 0, stage));
	stage_pump(stage);
	WAIT(stage->ordered_told == 1);
	g_assert_true(stage->ordered.done);
	g_assert_true(stage->ordered.tag == stage);
	WAIT(!stage->chassis.active);
	power = ipmi_sim_read(&stage->sim, "power");
	g_assert_cmpstr(power, ==, "0\n");
	if (ipmi_sim_has_ipmitool()) {
		g_autofree char *said = ipmi_sim_ipmitool(&stage->sim, "chassis power status");
		g_autofree char *ordered = NULL;

		g_assert_cmpstr(said, ==, "Chassis Power is off\n");
		ordered = ipmi_sim_ipmitool(&stage->sim, "chassis power on");
		WAIT(stage->chassis.active);
	}
}

static void test_the_log_is_read_on(struct stage *stage, gconstpointer unused)
{
	g_autofree char *added = NULL, *cleared = NULL, *again = NULL;

	if (stage->skip)
		return;
	if (!ipmi_sim_has_ipmitool()) {
		g_test_skip("ipmitool is not installed");
		return;
	}
	stage_link(stage, RMCP_SUITE_3, "secret");
	WAIT(stage->entries == 1);
	g_assert_cmphex(stage->entry[13], ==, 0x57);
	ipmi_sim_write(&stage->sim, "event", "0x04 0x01 0x01 0x01 0x50 0x11 0x12\n");
	added = ipmi_sim_ipmitool(&stage->sim, "sel add event");
	WAIT(stage->entries == 2);
	g_assert_cmphex(stage->entry[13], ==, 0x50);
	cleared = ipmi_sim_ipmitool(&stage->sim, "sel clear");
	ipmi_sim_write(&stage->sim, "event", "0x04 0x01 0x01 0x01 0x51 0x11 0x12\n");
	again = ipmi_sim_ipmitool(&stage->sim, "sel add event");
	WAIT(stage->entries == 3);
	g_assert_cmphex(stage->entry[13], ==, 0x51);
}

static void test_power_is_read_and_limited(struct stage *stage, gconstpointer unused)
{
	g_autofree char *module = ipmi_sim_module();

	if (stage->skip)
		return;
	if (!module) {
		g_test_skip("ipmi_sim's DCMI is not built: libopenipmi-dev is not installed");
		return;
	}
	stage_link(stage, RMCP_SUITE_3, "secret");
	WAIT(stage->power_told && stage->limit_told);
	g_assert_true(stage->power.known);
	g_assert_cmpint(stage->power.value, ==, 300);
	g_assert_true(stage->limit.known);
	g_assert_false(stage->limit.active);
	g_assert_true(bmc_order(stage->bmc, stage_now(), BMC_LIMIT, 180, NULL));
	stage_pump(stage);
	WAIT(stage->ordered_told == 1);
	g_assert_cmpstr(stage->ordered.why, ==, "");
	g_assert_true(stage->ordered.done);
	g_assert_true(stage->limit.active);
	g_assert_cmpint(stage->limit.value, ==, 180);
	WAIT(stage->power.value == 180);
	if (ipmi_sim_has_ipmitool()) {
		g_autofree char *reading = ipmi_sim_ipmitool(&stage->sim, "dcmi power reading");
		g_autofree char *limit = ipmi_sim_ipmitool(&stage->sim, "dcmi power get_limit");

		g_assert_nonnull(strstr(reading, "180 Watts"));
		g_assert_nonnull(strstr(limit, "180 Watts"));
		g_assert_nonnull(strstr(limit, "Power Limit Active"));
	}
	g_assert_true(bmc_order(stage->bmc, stage_now(), BMC_LIMIT, 3000, NULL));
	stage_pump(stage);
	WAIT(stage->ordered_told == 2);
	g_assert_cmpstr(stage->ordered.why, ==, "the BMC cannot keep a limit of that many watts");
	g_assert_true(bmc_order(stage->bmc, stage_now(), BMC_NO_LIMIT, 0, NULL));
	stage_pump(stage);
	WAIT(stage->ordered_told == 3);
	g_assert_true(stage->ordered.done);
	WAIT(stage->power.value == 300);
}

static void test_a_wrong_password_is_a_refusal(struct stage *stage, gconstpointer unused)
{
	if (stage->skip)
		return;
	stage_link(stage, RMCP_SUITE_3, "Secret");
	WAIT(stage->downs && strcmp(stage->why, "the BMC does not answer") != 0);
	g_assert_cmpstr(stage->why, ==, "the BMC has another password for this user");
	g_assert_true(stage->refused);
	g_assert_false(stage->up);
}

static void test_a_bmc_that_ends_is_told(struct stage *stage, gconstpointer unused)
{
	if (stage->skip)
		return;
	stage_link(stage, RMCP_SUITE_3, "secret");
	WAIT(stage->sensors);
	g_assert_true(bmc_order(stage->bmc, stage_now(), BMC_IDENTIFY, 1, NULL));
	ipmi_sim_stop(&stage->sim);
	stage_pump(stage);
	WAIT(stage->downs);
	g_assert_false(stage->refused);
	g_assert_cmpuint(stage->ordered_told, ==, 1);
	g_assert_false(stage->ordered.done);
}

static void add(const char *name, void (*test)(struct stage *, gconstpointer))
{
	g_test_add(name, struct stage, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add("/bmc_ipmi_sim/sensors are what ipmitool reads", test_sensors_are_what_ipmitool_reads);
	add("/bmc_ipmi_sim/the node is switched", test_the_node_is_switched);
	add("/bmc_ipmi_sim/the log is read on", test_the_log_is_read_on);
	add("/bmc_ipmi_sim/power is read and limited", test_power_is_read_and_limited);
	add("/bmc_ipmi_sim/a wrong password is a refusal", test_a_wrong_password_is_a_refusal);
	add("/bmc_ipmi_sim/a BMC that ends is told", test_a_bmc_that_ends_is_told);
	return g_test_run();
}
