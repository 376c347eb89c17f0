/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A BMC that is not of our making, ipmi_sim of OpenIPMI, is polled and ordered over the network;
 * what ipmitool says of it is what we have to say.
 */
#include <glib.h>
#include <string.h>
#include "tests/unit/bmc_stage.h"

static void set_up(struct stage *stage, gconstpointer unused)
{
	bmc_stage_set_up(stage, false);
}

static void tear_down(struct stage *stage, gconstpointer unused)
{
	bmc_stage_tear_down(stage);
}

static void link_with(struct stage *stage, const char *password)
{
	struct session_settings session = {
			.suite = RMCP_SUITE_3, .privilege = SESSION_ADMINISTRATOR, .name = "admin"};

	g_strlcpy(session.password, password, sizeof(session.password));
	bmc_stage_link(stage, &session, stage->sim.port);
}

static void test_sensors_are_what_ipmitool_reads(struct stage *stage, gconstpointer unused)
{
	if (stage->skip)
		return;
	if (!ipmi_sim_has_ipmitool()) {
		g_test_skip("ipmitool is not installed");
		return;
	}
	link_with(stage, "secret");
	WAIT(g_hash_table_size(stage->values) == BMC_STAGE_SENSORS);
	g_assert_cmpuint(stage->identities, ==, 1);
	g_assert_cmpuint(stage->sensors, ==, 1);
	bmc_stage_assert_values(stage);
}

static void test_the_node_is_switched(struct stage *stage, gconstpointer unused)
{
	g_autofree char *power = NULL;

	if (stage->skip)
		return;
	link_with(stage, "secret");
	WAIT(stage->chassis_told);
	g_assert_true(stage->chassis.active);
	g_assert_true(bmc_order(stage->bmc, bmc_stage_now(), BMC_OFF, 0, stage));
	bmc_stage_pump(stage);
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
	link_with(stage, "secret");
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
	link_with(stage, "secret");
	WAIT(stage->power_told && stage->limit_told);
	g_assert_true(stage->power.known);
	g_assert_cmpint(stage->power.value, ==, 300);
	g_assert_true(stage->limit.known);
	g_assert_false(stage->limit.active);
	g_assert_true(bmc_order(stage->bmc, bmc_stage_now(), BMC_LIMIT, 180, NULL));
	bmc_stage_pump(stage);
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
	g_assert_true(bmc_order(stage->bmc, bmc_stage_now(), BMC_LIMIT, 3000, NULL));
	bmc_stage_pump(stage);
	WAIT(stage->ordered_told == 2);
	g_assert_cmpstr(stage->ordered.why, ==, "the BMC cannot keep a limit of that many watts");
	g_assert_true(bmc_order(stage->bmc, bmc_stage_now(), BMC_NO_LIMIT, 0, NULL));
	bmc_stage_pump(stage);
	WAIT(stage->ordered_told == 3);
	g_assert_true(stage->ordered.done);
	WAIT(stage->power.value == 300);
}

static void test_a_wrong_password_is_a_refusal(struct stage *stage, gconstpointer unused)
{
	if (stage->skip)
		return;
	link_with(stage, "Secret");
	WAIT(stage->downs && strcmp(stage->why, "the BMC does not answer") != 0);
	g_assert_cmpstr(stage->why, ==, "the BMC has another password for this user");
	g_assert_true(stage->refused);
	g_assert_false(stage->up);
}

static void test_a_bmc_that_ends_is_told(struct stage *stage, gconstpointer unused)
{
	if (stage->skip)
		return;
	link_with(stage, "secret");
	WAIT(stage->sensors);
	g_assert_true(bmc_order(stage->bmc, bmc_stage_now(), BMC_IDENTIFY, 1, NULL));
	ipmi_sim_stop(&stage->sim);
	bmc_stage_pump(stage);
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
