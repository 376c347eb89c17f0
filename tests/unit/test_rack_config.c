/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/rack_config_rig.h"

static void test_empty_file_is_an_empty_rack(struct fixture *f, gconstpointer unused)
{
	const struct rack_config *config = &f->config;

	assert_loads(f, "");
	g_assert_cmpstr(config->name, ==, "rack");
	g_assert_null(config->sysfs);
	g_assert_cmpint(config->capping.mode, ==, CAPPING_OFF);
	g_assert_cmpint(config->capping.settle_ms, ==, 8000);
	g_assert_cmpint(config->capping.act_at, ==, 970);
	g_assert_cmpint(config->safe_duty, ==, 70);
	g_assert_cmpstr(config->memcached_prefix, ==, "spicerack/rack");
	g_assert_cmpint(config->api.mode, ==, 0660);
	g_assert_cmpint(config->simulate_nodes, ==, 36);
	g_assert_cmpint(config->simulate_speed, ==, 1);
	g_assert_cmpuint(config->node_count + config->sensor_count + config->zone_count, ==, 0);
	g_assert_cmpuint(config->plan_count, ==, 1);
	g_assert_cmpstr(config->plans[0].name, ==, "default");
	g_assert_cmpint(config->plans[0].settings.power_ms, ==, 1000);
	g_assert_cmpuint(config->plans[0].settings.rule_count, ==, 5);
	g_assert_cmpstr(config->plans[0].settings.rules[0].pattern, ==, "*CPU*TEMP*");
	g_assert_cmpint(config->plans[0].settings.rules[0].every_ms, ==, 2000);
	g_assert_cmpint(config->plans[0].settings.rules[4].ttl_ms, ==, 30000);
	g_assert_cmpuint(config->plans[0].settings.most, ==, 256);
}

static void test_simulated_rack_has_it_all(struct fixture *f, gconstpointer unused)
{
	const struct rack_config *config = &f->config;

	rack_config_simulated(&f->config, 36);
	g_assert_cmpuint(config->node_count, ==, 36);
	g_assert_cmpstr(config->nodes[0].name, ==, "r1n01");
	g_assert_cmpstr(config->nodes[35].name, ==, "r1n36");
	g_assert_null(config->nodes[0].address);
	g_assert_true(config->nodes[0].capped);
	g_assert_cmpint(config->nodes[11].capping.class, ==, 0);
	g_assert_cmpint(config->nodes[12].capping.class, ==, 1);
	g_assert_cmpint(config->nodes[35].capping.class, ==, 2);
	g_assert_cmpint(config->capping.mode, ==, CAPPING_GUARANTEED);
	g_assert_cmpint(config->capping.budget, ==, 36 * 420 * 3 / 4);
	g_assert_cmpuint(config->sensor_count, ==, 2);
	g_assert_cmpuint(config->zone_count, ==, 1);
	g_assert_cmpuint(config->fan_count, ==, 6);
	g_assert_cmpstr(config->fans[5].pwm, ==, "pwm6");
	g_assert_cmpuint(config->input_count, ==, 2);
	g_assert_cmpfloat(config->inputs[0].settings.pid.setpoint, ==, 70);
	g_assert_cmpint(config->inputs[1].settings.points, ==, 5);
	rack_config_simulated(&f->config, 1);
	g_assert_cmpuint(config->node_count, ==, 1);
}

static void test_faults_are_read_in_their_order(struct fixture *f, gconstpointer unused)
{
	const struct rack_fault *faults;

	assert_loads(f, "[simulate]\nnodes = 3\n"
			"faults = 0.5 fan6 dead 2; 30 r1n03 hung;40  room hot; 50 r1n01 reset\n");
	faults = f->config.faults;
	g_assert_cmpuint(f->config.fault_count, ==, 4);
	g_assert_cmpint(faults[0].kind, ==, RACK_FAULT_DEAD);
	g_assert_cmpint(faults[0].of, ==, RACK_FAULT_OF_FAN);
	g_assert_cmpuint(faults[0].fan, ==, 5);
	g_assert_cmpfloat(faults[0].at, ==, 0.5);
	g_assert_cmpfloat(faults[0].keeps, ==, 2);
	g_assert_cmpint(faults[1].kind, ==, RACK_FAULT_HUNG);
	g_assert_cmpstr(faults[1].what, ==, "r1n03");
	g_assert_false(rack_fault_ends(&faults[1]));
	g_assert_cmpint(faults[2].of, ==, RACK_FAULT_OF_ROOM);
	g_assert_true(rack_fault_ends(&faults[3])); /* so long does it take to start */
}

static void test_simulated_rack_is_served_as_configured(struct fixture *f, gconstpointer unused)
{
	const struct rack_config *config = &f->config;

	assert_loads(f, "[rack]\n"
			"name = lab\n"
			"budget = 9000\n"
			"mode = reactive\n"
			"unmanaged = 300\n"
			"[api]\n"
			"socket = /tmp/lab.sock\n"
			"listen = 127.0.0.1:8080\n"
			"access-file = access\n"
			"[simulate]\n"
			"speed = 10\n");
	rack_config_simulated(&f->config, 12);
	g_assert_cmpuint(config->node_count, ==, 12);
	g_assert_cmpstr(config->name, ==, "lab");
	g_assert_cmpstr(config->memcached_prefix, ==, "spicerack/lab");
	g_assert_cmpint(config->capping.budget, ==, 9000);
	g_assert_cmpint(config->capping.mode, ==, CAPPING_REACTIVE);
	g_assert_cmpint(config->capping.unmanaged, ==, 300);
	g_assert_cmpstr(config->api.socket, ==, "/tmp/lab.sock");
	g_assert_cmpstr(config->api.listen[0], ==, "127.0.0.1:8080");
	g_assert_nonnull(config->api.access_file);
	g_assert_cmpint(config->simulate_speed, ==, 10);
}

/* A rack with one of each. */
#define WHOLE_RACK                               \
	"[rack]\n"                               \
	"name = r1\n"                            \
	"budget = 800\n"                         \
	"unmanaged = 100\n"                      \
	"settle = 0.5\n"                         \
	"act-at = 97.5\n"                        \
	"[sensor-plan slow]\n"                   \
	"poll = CPU* 2.5 10 ; *  0 1\n"          \
	"power = 0.25\n"                         \
	"log = 0\n"                              \
	"[node a]\n"                             \
	"address = [fe80::7%eth0]\n"             \
	"user = admin\n"                         \
	"password-file = password\n"             \
	"suite = 3\n"                            \
	"ipmi15 = true\n"                        \
	"plan = slow\n"                          \
	"presence = !gpiochip0:12\n"             \
	"floor = 110\n"                          \
	"ceiling = 420\n"                        \
	"class = 3\n"                            \
	"keeps = true\n"                         \
	"[node b]\n"                             \
	"device = /dev/ipmi1\n"                  \
	"[node c]\n"                             \
	"on-command = true on\n"                 \
	"[sensor inlet]\n"                       \
	"device = /sys/bus/i2c/devices/7-0048\n" \
	"attribute = temp1\n"                    \
	"every = 0.5\n"                          \
	"[input air]\n"                          \
	"zone = wall\n"                          \
	"sensor = SELF/inlet\n"                  \
	"curve = 25:30; 35.5 : 60\n"             \
	"[input cpus]\n"                         \
	"zone = wall\n"                          \
	"sensor = */CPU*_TEMP\n"                 \
	"control = pid\n"                        \
	"setpoint = 72.5\n"                      \
	"kp = 1e1\n"                             \
	"[fan left]\n"                           \
	"zone = wall\n"                          \
	"device = /sys/bus/i2c/devices/3-0052\n" \
	"pwm = pwm1\n"                           \
	"[zone wall]\n"                          \
	"least = 12.5\n"                         \
	"failsafe-time = 2\n"

static void assert_whole_nodes(const struct rack_config *config)
{
	const struct rack_config_node *node = config->nodes;

	g_assert_cmpuint(config->node_count, ==, 3);
	g_assert_cmpstr(node->name, ==, "a");
	g_assert_cmpstr(node->address, ==, "fe80::7%eth0");
	g_assert_cmpint(node->port, ==, 623);
	g_assert_cmpstr(node->session.name, ==, "admin");
	g_assert_cmpstr(node->session.password, ==, "secret");
	g_assert_cmpint(node->session.suite, ==, RMCP_SUITE_3);
	g_assert_true(node->session.ipmi15);
	g_assert_cmpint(node->session.privilege, ==, SESSION_OPERATOR);
	g_assert_cmpstr(config->plans[node->plan].name, ==, "slow");
	g_assert_cmpstr(node->presence, ==, "!gpiochip0:12");
	g_assert_true(node->capped && node->capping.keeps);
	g_assert_cmpint(node->capping.floor, ==, 110);
	g_assert_cmpint(node->capping.ceiling, ==, 420);
	g_assert_cmpint(node->capping.boot, ==, 0);
	g_assert_cmpint(node->capping.class, ==, 3);
	node++;
	g_assert_cmpstr(node->device, ==, "/dev/ipmi1");
	g_assert_null(node->address);
	g_assert_false(node->capped);
	g_assert_cmpstr(config->plans[node->plan].name, ==, "default");
	node++;
	g_assert_cmpstr(node->power.on_command, ==, "true on");
	g_assert_cmpint(node->power.poll, ==, 10);
}

static void assert_whole_wall(const struct rack_config *config)
{
	g_assert_cmpuint(config->zone_count, ==, 1);
	g_assert_cmpfloat(config->zones[0].settings.least, ==, 12.5);
	g_assert_cmpfloat(config->zones[0].settings.most, ==, 100);
	g_assert_cmpint(config->zones[0].settings.failsafe_ms, ==, 2000);
	g_assert_cmpuint(config->sensor_count, ==, 1);
	g_assert_cmpint(config->sensors[0].every, ==, 500);
	g_assert_cmpuint(config->input_count, ==, 2);
	g_assert_cmpint(config->inputs[0].settings.points, ==, 2);
	g_assert_cmpfloat(config->inputs[0].settings.curve[1].temperature, ==, 35.5);
	g_assert_cmpfloat(config->inputs[0].settings.curve[1].duty, ==, 60);
	g_assert_cmpint(config->inputs[0].settings.timeout_ms, ==, 15000);
	g_assert_cmpint(config->inputs[1].settings.control, ==, FAN_CONTROL_PID);
	g_assert_cmpfloat(config->inputs[1].settings.pid.setpoint, ==, 72.5);
	g_assert_cmpfloat(config->inputs[1].settings.pid.kp, ==, 10);
	g_assert_cmpuint(config->fan_count, ==, 1);
	g_assert_cmpuint(config->fans[0].zone, ==, 0);
	g_assert_null(config->fans[0].tachometer);
}

static void test_whole_rack_is_read(struct fixture *f, gconstpointer unused)
{
	const struct rack_config *config = &f->config;
	const struct rack_config_plan *plan;

	write_password(f, "secret\n", 0600);
	assert_loads(f, WHOLE_RACK);
	g_assert_cmpint(config->capping.mode, ==, CAPPING_GUARANTEED);
	g_assert_cmpint(config->capping.settle_ms, ==, 500);
	g_assert_cmpint(config->capping.act_at, ==, 975);
	g_assert_cmpstr(config->memcached_prefix, ==, "spicerack/r1");
	g_assert_cmpuint(config->plan_count, ==, 2);
	plan = &config->plans[1];
	g_assert_cmpuint(plan->settings.rule_count, ==, 2);
	g_assert_cmpstr(plan->settings.rules[0].pattern, ==, "CPU*");
	g_assert_cmpint(plan->settings.rules[0].every_ms, ==, 2500);
	g_assert_cmpint(plan->settings.rules[1].every_ms, ==, 0);
	g_assert_cmpint(plan->settings.power_ms, ==, 250);
	g_assert_cmpint(plan->settings.log_ms, ==, 0);
	assert_whole_nodes(config);
	assert_whole_wall(config);
}

static void test_parts_are_read_by_name(struct fixture *f, gconstpointer unused)
{
	g_autofree char *folder = g_build_filename(f->parts, "password", NULL);

	write_part(f, "20-more.conf", "[node c]\naddress = ::3\n[rack]\nname = r2\n");
	write_part(f, "10-nodes.conf", "[node b]\naddress = ::2\npassword-file = password\n");
	write_part(f, "old.conf~", "[what is this\n");
	write_part(f, ".hidden.conf", "[what is this\n");
	g_assert_true(g_file_set_contents(folder, "other\n", -1, NULL));
	g_assert_cmpint(g_chmod(folder, 0600), ==, 0);
	assert_loads(f, "[rack]\nbudget = 5\n" NODE);
	g_assert_cmpuint(f->config.node_count, ==, 3);
	g_assert_cmpstr(f->config.nodes[0].name, ==, "a");
	g_assert_cmpstr(f->config.nodes[1].name, ==, "b");
	g_assert_cmpstr(f->config.nodes[1].session.password, ==, "other");
	g_assert_cmpstr(f->config.nodes[2].name, ==, "c");
	g_assert_cmpstr(f->config.name, ==, "r2");
	g_assert_cmpint(f->config.capping.budget, ==, 5);
}

static void test_named_file_must_be_there(struct fixture *f, gconstpointer unused)
{
	g_autofree char *want = g_strdup_printf("config: %s: No such file or directory", f->path);
	g_autoptr(GError) error = NULL;

	write_part(f, "x.conf", NODE);
	g_assert_false(rack_config_load(&f->config, f->path, &error));
	g_assert_error(error, CONFIG_ERROR, CONFIG_ERROR_READ);
	g_assert_cmpstr(error->message, ==, want);
}

static void test_wrong_file_leaves_what_was_there(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	write_password(f, "secret\n", 0600);
	assert_loads(f, WHOLE_RACK);
	g_assert_false(load(f, WHOLE_RACK "[fan right]\nzone = wall\n", &error));
	g_assert_nonnull(error);
	assert_whole_nodes(&f->config);
	assert_whole_wall(&f->config);
	assert_loads(f, NODE);
	g_assert_cmpuint(f->config.node_count, ==, 1);
	g_assert_cmpuint(f->config.fan_count, ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	TEST(empty_file_is_an_empty_rack);
	TEST(simulated_rack_has_it_all);
	TEST(faults_are_read_in_their_order);
	TEST(simulated_rack_is_served_as_configured);
	TEST(whole_rack_is_read);
	TEST(parts_are_read_by_name);
	TEST(named_file_must_be_there);
	TEST(wrong_file_leaves_what_was_there);
	return g_test_run();
}
