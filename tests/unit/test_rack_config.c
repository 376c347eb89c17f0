/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include "src/rack_config.h"

struct fixture {
	char *folder, *path, *parts;
	struct rack_config config;
};

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->path = g_build_filename(f->folder, "rack.conf", NULL);
	f->parts = g_build_filename(f->folder, "conf.d", NULL);
	g_assert_cmpint(g_mkdir(f->parts, 0700), ==, 0);
}

static void remove_folder(const char *folder)
{
	GDir *open = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(open))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_remove(path);
	}
	g_dir_close(open);
	g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	remove_folder(f->parts);
	remove_folder(f->folder);
	g_free(f->folder);
	g_free(f->path);
	g_free(f->parts);
	rack_config_clear(&f->config);
}

static void write_part(struct fixture *f, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(f->parts, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void write_password(struct fixture *f, const char *content, int mode)
{
	g_autofree char *path = g_build_filename(f->folder, "password", NULL);

	g_assert_true(g_file_set_contents(path, content, -1, NULL));
	g_assert_cmpint(g_chmod(path, mode), ==, 0);
}

static bool load(struct fixture *f, const char *text, GError **error)
{
	g_assert_true(g_file_set_contents(f->path, text, -1, NULL));
	return rack_config_load(&f->config, f->path, error);
}

static void assert_loads(struct fixture *f, const char *text)
{
	g_autoptr(GError) error = NULL;

	load(f, text, &error);
	g_assert_no_error(error);
}

/* Loading fails with "config: FILE" and this. */
static void assert_complaint(struct fixture *f, const char *text, const char *complaint)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *want = g_strdup_printf("config: %s%s", f->path, complaint);

	g_assert_false(load(f, text, &error));
	g_assert_nonnull(error);
	g_assert_cmpstr(error->message, ==, want);
}

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
	g_assert_cmpint(config->api_mode, ==, 0660);
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
	g_assert_cmpstr(config->api_socket, ==, "/tmp/lab.sock");
	g_assert_cmpstr(config->api_listen[0], ==, "127.0.0.1:8080");
	g_assert_nonnull(config->api_access_file);
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

#define NODE "[node a]\naddress = 192.0.2.1\n"
#define WALL                                                                                    \
	"[zone wall]\n[fan f]\nzone = wall\ndevice = /x\npwm = pwm1\n[sensor s]\ndevice = /y\n" \
	"attribute = temp1\n"                                  /* 8 lines */
#define INPUT WALL "[input i]\nzone = wall\nsensor = SELF/s\n" /* 11 lines */

static void test_mistakes_are_named_with_file_and_line(struct fixture *f, gconstpointer unused)
{
	static const struct {
		const char *text, *complaint;
	} mistakes[] = {
			/* Groups and keys. */
			{"[nod a]\n", ":1: unknown group [nod a]; did you mean [node NAME]?"},
			{"[rakc]\n", ":1: unknown group [rakc]; did you mean [rack]?"},
			{"\n[video x]\n", ":2: unknown group [video x]"},
			{"[rack one]\n", ":1: [rack] has no name"},
			{"[node]\n", ":1: [node] needs a name: [node NAME]"},
			{"[node ]\n", ":1: [node] needs a name: [node NAME]"},
			{"[]\n", ":1: unknown group []"},
			{"[node a[b]\n", ":1: a group's name with [, ] or a control character"},
			{"[node a]b]\n", ":1: a group's name with [, ] or a control character"},
			{"[node a\n", ":1: a group is not closed with ]"},
			{NODE "[node b]\n[node  a]\n", ":4: [node a] stands in line 1 already"},
			{NODE "adress = x\n",
					":3: unknown key \"adress\" in [node a]; did you mean \"address\"?"},
			{NODE "budget = 1\n",
					":3: unknown key \"budget\" in [node a]; it belongs in [rack]"},
			{"[rack]\nceiling = 1\n",
					":2: unknown key \"ceiling\" in [rack]; it belongs in [node NAME]"},
			{NODE "port = 1\nport = 1\n", ":4: \"port\" stands in line 3 already"},
			{"[rack]\nname = a\n[api]\n[rack]\nname = a\n",
					":5: \"name\" stands in line 2 already"},
			/* Values. */
			{NODE "port = 65536\n",
					":3: port = \"65536\" in [node a]; allowed: 1..65535"},
			{NODE "class = 4\n", ":3: class = \"4\" in [node a]; allowed: 0..3"},
			{NODE "suite = 18\n", ":3: suite = \"18\" in [node a]; allowed: 3, 17"},
			{"[rack]\nsettle = 0\n", ":2: settle = \"0\" in [rack]; allowed: 0.1..600"},
			{"[rack]\nsettle = 8s\n",
					":2: settle = \"8s\" in [rack]; allowed: 0.1..600"},
			{"[rack]\nsettle = 0x8\n",
					":2: settle = \"0x8\" in [rack]; allowed: 0.1..600"},
			{"[zone wall]\nleast = nan\n",
					":2: least = \"nan\" in [zone wall]; allowed: 0..100"},
			{"[zone wall]\nleast = 1e\n",
					":2: least = \"1e\" in [zone wall]; allowed: 0..100"},
			{"[zone wall]\nfall = 1e999\n",
					":2: fall = \"1e999\" in [zone wall]; allowed: 0.1..100"},
			/* The rack. */
			{"[rack]\nname = r 1\n",
					":2: name has what has no place in keys and addresses: letters, digits, _, - and . are fine, up to 39 of them"},
			{"[rack]\nmode = reactive\n",
					":2: mode = guaranteed and mode = reactive need a budget"},
			{"[rack]\ncut-to = 98\n",
					":2: release-at has to be below cut-to, and cut-to not above act-at"},
			{"[rack]\nact-at = 99\ncut-to = 98\nrelease-at = 98\n",
					":4: release-at has to be below cut-to, and cut-to not above act-at"},
			{"[rack]\nbudget = 99\nunmanaged = 100\n",
					":2: floors and the unmanaged load alone need 100 W of a budget of 99 W"},
			{"[rack]\nmemcached = localhost:11211\n",
					":2: memcached is a number and a port, 127.0.0.1:11211 or [::1]:11211, or the path of a socket"},
			{"[rack]\nmemcached = 127.0.0.1\n",
					":2: memcached is a number and a port, 127.0.0.1:11211 or [::1]:11211, or the path of a socket"},
			{"[rack]\nmemcached = 127.0.0.1:0\n",
					":2: memcached is a number and a port, 127.0.0.1:11211 or [::1]:11211, or the path of a socket"},
			{"[rack]\nmemcached-prefix = a b\n",
					":2: memcached-prefix has more than 60 bytes, or a blank, \\, % or @"},
			{"[api]\nlisten = :1\n",
					":2: listen in [api] needs an access-file, which says who may come in"},
			{"[api]\n\nkey = k\n", ":3: certificate and key belong together"},
			/* Plans. */
			{"[sensor-plan a,b]\n", ":1: \"a,b\" is no name for a plan"},
			{"[sensor-plan p]\npoll = * 1\n",
					":2: poll has \"* 1\"; PATTERN EVERY TTL, in seconds, is what it has to have"},
			{"[sensor-plan p]\npoll = * 1 2; * 1 2 3\n",
					":2: poll has \"* 1 2 3\"; PATTERN EVERY TTL, in seconds, is what it has to have"},
			{"[sensor-plan p]\npoll = * -1 2\n",
					":2: poll has \"* -1 2\"; PATTERN EVERY TTL, in seconds, is what it has to have"},
			{"[sensor-plan p]\npoll = * 1 0\n",
					":2: poll has \"* 1 0\"; PATTERN EVERY TTL, in seconds, is what it has to have"},
			{"[sensor-plan p]\npoll = * 5 2.5\n",
					":2: poll reads \"*\" every 5 s, and a reading is good for 2.5 s only"},
			/* Nodes. */
			{"[node SELF]\naddress = ::1\n",
					":1: no node can be called SELF: that is this board"},
			{"[node a/b]\naddress = ::1\n", ":1: \"a/b\" is no name for a node"},
			{"[node a b]\naddress = ::1\n", ":1: \"a b\" is no name for a node"},
			{"[node a*]\naddress = ::1\n", ":1: \"a*\" is no name for a node"},
			{"[node 1234567890123456789012345678901234567890]\n",
					":1: \"1234567890123456789012345678901234567890\" is no name for a node"},
			{"\n[node a]\n",
					":2: [node a] has neither an address or device of its BMC nor commands"},
			{"[node a]\naddress = bmc.example\n",
					":2: \"bmc.example\" is no address: a number like 192.0.2.7 or fe80::7%eth0 is, the port has a key of its own"},
			{"[node a]\naddress = 192.0.2.7:623\n",
					":2: \"192.0.2.7:623\" is no address: a number like 192.0.2.7 or fe80::7%eth0 is, the port has a key of its own"},
			{"[node a]\naddress = fe80::7%\n",
					":2: \"fe80::7%\" is no address: a number like 192.0.2.7 or fe80::7%eth0 is, the port has a key of its own"},
			{NODE "device = /dev/ipmi0\n",
					":3: address and device exclude each other: a node has one way to its BMC"},
			{"[node a]\ndevice = /dev/ipmi0\nuser = x\n",
					":3: user goes with an address"},
			{NODE "user = 12345678901234567\n", ":3: user has more than 16 bytes"},
			{NODE "[node b]\nport = 623\naddress = [192.0.2.1]\n",
					":5: 192.0.2.1 port 623 is [node a]'s"},
			{"[node a]\ndevice = /dev/ipmi0\n[node b]\ndevice = /dev/ipmi0\n",
					":4: /dev/ipmi0 is [node a]'s"},
			{NODE "plan = defualt\n",
					":3: there is no [sensor-plan defualt]; did you mean \"default\"?"},
			{NODE "plan = x\n", ":3: there is no [sensor-plan x]"},
			{NODE "presence = 12\n",
					":3: \"12\" is no GPIO line: gpiochip0:12 or !gpiochip0:12 is"},
			{NODE "presence = !:12\n",
					":3: \"!:12\" is no GPIO line: gpiochip0:12 or !gpiochip0:12 is"},
			{NODE "presence = gpiochip0:x\n",
					":3: \"gpiochip0:x\" is no GPIO line: gpiochip0:12 or !gpiochip0:12 is"},
			{NODE "off-command = ' '\non-command = '\n",
					":4: on-command: Text ended before matching quote was found for '. (The text was \u201c'\u201d)"},
			{NODE "floor = 100\n", ":3: floor needs a ceiling"},
			{NODE "ceiling = 100\n", ":3: ceiling needs a floor"},
			{NODE "boot = 100\n", ":3: boot needs a floor and a ceiling"},
			{NODE "floor = 100\nceiling = 99\n",
					":3: floor = 100 W is above the ceiling of 99 W"},
			{NODE "floor = 100\nceiling = 200\nboot = 201\n",
					":5: boot = 201 W is not within floor and ceiling, 100 W to 200 W"},
			{NODE "floor = 100\nceiling = 100\n",
					":3: floor and ceiling need a budget in [rack], or mode = off there"},
			{NODE "floor = 100\nceiling = 100\n[rack]\n#\nbudget = 99\n",
					":7: floors alone need 100 W of a budget of 99 W"},
			{"[rack]\nbudget = 500\n[node a]\non-command = x\nfloor = 1\nceiling = 2\n",
					":5: floor and ceiling need a BMC; add what the node draws to unmanaged in [rack] instead"},
			{"[rack]\nbudget = 500\n" NODE "floor = 1\nceiling = 2\nprivilege = user\n",
					":7: privilege = user may not set limits, and floor and ceiling ask for them"},
			{"[rack]\nbudget = 500\n[sensor-plan default]\npower = 0\n" NODE
			 "floor = 1\nceiling = 2\n",
					":7: floor and ceiling need power readings, and plan \"default\" has power = 0"},
			/* The fan wall. */
			{"[sensor s]\ndevice = /x\n", ":1: \"s\" needs the key \"attribute\""},
			{"[sensor s]\ndevice = /x\nattribute = pwm1\n",
					":3: \"pwm1\" is no sensor: temp1, fan2, in0, curr1, power1 and humidity1 are"},
			{"[zone w]\nleast = 50.5\nmost = 50\n",
					":2: least = 50.5 is above most = 50"},
			{"[zone w,]\n", ":1: \"w,\" is no name for a zone"},
			{WALL, ":1: [zone wall] has no [input]"},
			{"[sensor s]\ndevice = /y\nattribute = temp1\n[zone wall]\n[input i]\n"
			 "zone = wall\nsensor = SELF/s\ncurve = 1:1\n",
					":4: [zone wall] has no [fan]"},
			{WALL "[input i]\nsensor = SELF/s\n", ":9: \"i\" needs the key \"zone\""},
			{WALL "[input i]\nzone = wal\nsensor = SELF/s\n",
					":10: there is no [zone wal]; did you mean \"wall\"?"},
			{INPUT, ":9: control = curve needs a curve"},
			{INPUT "control = pid\n", ":12: control = pid needs a setpoint"},
			{INPUT "curve = 1:1\nkp = 1\n", ":13: kp goes with control = pid"},
			{INPUT "curve = 1:1\ncontrol = pid\nsetpoint = 1\n",
					":12: curve goes with control = curve"},
			{INPUT "curve = 30:30; 30:40\n", ":12: curve does not rise at \"30:40\""},
			{INPUT "curve = 30:30; 31:29\n", ":12: curve does not rise at \"31:29\""},
			{INPUT "curve = 30\n",
					":12: curve has \"30\"; DEGREES:PERCENT is what it has to have"},
			{INPUT "curve = 30:101\n",
					":12: curve has \"30:101\"; DEGREES:PERCENT is what it has to have"},
			{INPUT "curve = 1:1;2:1;3:1;4:1;5:1;6:1;7:1;8:1;9:1;10:1;11:1;12:1;13:1;14:1;"
			       "15:1;16:1;17:1;18:1;19:1;20:1;21:1\n",
					":12: curve has more than 20 steps"},
			{INPUT "curve = 1:1\nlow = 50\nhigh = 50\n",
					":13: low = 50 is not below high = 50"},
			{INPUT "curve = 1:1\ncritical = 126\n",
					":13: critical = 126 is not within low and high, -20 to 125"},
			{INPUT "control = pid\nsetpoint = 95\n",
					":13: setpoint = 95 is not below critical = 95"},
			{INPUT "curve = 1:1\ntimeout = 1\n",
					":13: timeout = 1 is too short: [sensor s] is read every 1 s"},
			{WALL "[input i]\nzone = wall\nsensor = inlet\ncurve = 1:1\n",
					":11: sensor = \"inlet\": NODE/SENSOR or SELF/SENSOR is what it has to be"},
			{WALL "[input i]\nzone = wall\nsensor = SELF/t\ncurve = 1:1\n",
					":11: sensor = \"SELF/t\": no [node] or [sensor] is called so"},
			{WALL "[input i]\nzone = wall\nsensor = b/T\ncurve = 1:1\n" NODE,
					":11: sensor = \"b/T\": no [node] or [sensor] is called so"},
			{WALL "[input i]\nzone = wall\nsensor = a/CPU_TEMP\ncurve = 1:1\n"
			      "timeout = 2\n" NODE,
					":13: timeout = 2 is too short: plan \"default\" reads a/CPU_TEMP every 2 s"},
			{WALL "[input i]\nzone = wall\nsensor = ?/AIR\ncurve = 1:1\n"
			      "[sensor-plan default]\npoll = CPU* 1 2\n" NODE,
					":11: sensor = \"?/AIR\": plan \"default\" of a does not read it"},
			{WALL "[fan g]\nzone = wall\ndevice = /x\npwm = fan1\n",
					":12: \"fan1\" is no fan's duty: pwm1 is"},
			{WALL "[fan g]\nzone = wall\ndevice = /x\npwm = pwm2\ntachometer = in1\n",
					":13: \"in1\" is no fan's speed: fan1 is"},
			{WALL "[fan g]\nzone = wall\ndevice = /x\npwm = pwm1\n",
					":12: pwm1 of /x is [fan f]'s"},
			{WALL "[fan s]\nzone = wall\ndevice = /x\npwm = pwm2\n",
					":9: a fan and a sensor are both called \"s\""},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
		assert_complaint(f, mistakes[i].text, mistakes[i].complaint);
		g_assert_null(f->config.name);
	}
}

static void test_what_is_right_at_the_edge_is_taken(struct fixture *f, gconstpointer unused)
{
	static const char *const texts[] = {
			NODE "[node b]\naddress = 2001:db8::7\n[node c]\naddress = [::1]\n",
			"[rack]\nbudget = 100\n" NODE "floor = 100\nceiling = 100\nboot = 100\n",
			"[rack]\nmode = off\n" NODE "floor = 100\nceiling = 100\n",
			"[rack]\nmode = off\n[node a]\non-command = x\nfloor = 1\nceiling = 2\n",
			"[rack]\nmemcached = [::1]:11211\n[rack]\nmemcached-prefix = x\n",
			NODE "[node b]\nport = 1623\naddress = 192.0.2.1\n",
			"[rack]\nmemcached = /run/memcached.sock\n",
			INPUT "curve = 30:30; 31:30\nlow = 0\nhigh = 60\ncritical = 60\n",
			WALL "[input i]\nzone = wall\nsensor = */*\ncurve = 1:1\n",
			WALL "[input i]\nzone = wall\nsensor = S?LF/*\ncurve = 1:1\n",
			WALL "[input i]\nzone = wall\nsensor = a/TEMP\ncurve = 1:1\n" NODE,
			"[sensor-plan default]\npoll = *  5\t5\nsensors = 1\n" NODE,
			"[node 123456789012345678901234567890123456789]\naddress = ::1\n",
	};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		assert_loads(f, texts[i]);
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

static void assert_part_complaint(
		struct fixture *f, const char *main, const char *part, const char *format)
{
	g_autofree char *path = g_build_filename(f->parts, "x.conf", NULL);
	g_auto(GStrv) halves = g_strsplit(format, "@", 2); /* where the main file is named */
	g_autofree char *want = g_strdup_printf("config: %s%s%s%s", path, halves[0],
			halves[1] ? f->path : "", halves[1] ? halves[1] : "");
	g_autoptr(GError) error = NULL;

	write_part(f, "x.conf", part);
	g_assert_false(load(f, main, &error));
	g_assert_cmpstr(error->message, ==, want);
}

static void test_what_is_given_in_two_files_names_both(struct fixture *f, gconstpointer unused)
{
	assert_part_complaint(f, "\n" NODE, "#\n[node a]\n", ":2: [node a] stands in @:2 already");
	assert_part_complaint(f, "[rack]\nname = a\n", "[rack]\nbudget = 1\nname = b\n",
			":3: \"name\" stands in @:2 already");
	assert_part_complaint(f, "", "[rack]\nname = a\nname = b\n",
			":3: \"name\" stands in line 2 already");
}

static void test_faults_in_parts_have_their_file_and_line(struct fixture *f, gconstpointer unused)
{
	assert_part_complaint(f, NODE, "[rack]\nbudgte = 1\n",
			":2: unknown key \"budgte\" in [rack]; did you mean \"budget\"?");
	assert_part_complaint(f, NODE, "name = 1\n", ":1: a key before the first [group]");
	assert_part_complaint(f, NODE "floor = 2\nceiling = 2\n", "[rack]\n\nbudget = 1\n",
			":3: floors alone need 2 W of a budget of 1 W");
	assert_part_complaint(f, NODE, "[node b]\naddress = ::1\nplan = x\n",
			":3: there is no [sensor-plan x]");
	assert_part_complaint(f, NODE, "[zone wall]\n", ":1: [zone wall] has no [input]");
	assert_part_complaint(f, NODE, "[rack]\nname = \xff\n", ":2: not UTF-8");
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

static void test_bad_password_files_are_refused(struct fixture *f, gconstpointer unused)
{
	static const struct {
		const char *content;
		int mode;
		const char *why;
	} files[] = {
			{NULL, 0, "No such file or directory"},
			{"secret", 0640,
					"group or others have access to it; chmod 600 takes that away"},
			{"secret", 0604,
					"group or others have access to it; chmod 600 takes that away"},
			{"\nsecret", 0600, "the first line is empty"},
			{"123456789012345678901", 0600, "the first line has more than 20 bytes"},
			{"12345678901234567890123", 0600, "the first line has more than 20 bytes"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *complaint = g_strdup_printf(
				":4: password-file %s/password: %s", f->folder, files[i].why);

		if (files[i].content)
			write_password(f, files[i].content, files[i].mode);
		assert_complaint(f, NODE "\npassword-file = password\n", complaint);
	}
	write_password(f, "12345678901234567890\r\n", 0600);
	assert_loads(f, NODE "password-file = password\n");
	g_assert_cmpstr(f->config.nodes[0].session.password, ==, "12345678901234567890");
}

/* --- What operators read --- */

/* The lines "#key = value" and "#[group]" of an example, without the #. */
static char *uncommented(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *result = g_string_new(NULL);

	for (int i = 0; lines[i]; i++) {
		bool hidden = lines[i][0] == '#' &&
			      (g_ascii_isalpha(lines[i][1]) || lines[i][1] == '[');

		g_string_append_printf(result, "%s\n", lines[i] + hidden);
	}
	return g_string_free(result, FALSE);
}

static char *source_text(const char *path)
{
	g_autofree char *full = g_test_build_filename(G_TEST_DIST, path, NULL);
	char *text = NULL;

	g_assert_true(g_file_get_contents(full, &text, NULL, NULL));
	return text;
}

/* Whether a file has a key, with its default where it is a group of which there is one. */
static bool shows(GKeyFile *file, const struct config_key *key)
{
	g_auto(GStrv) groups = g_key_file_get_groups(file, NULL);
	g_autofree char *kind = g_strconcat(key->group, " ", NULL);
	g_autofree char *value = NULL;

	for (char **group = groups; key->named && *group; group++)
		if (g_str_has_prefix(*group, kind) &&
				g_key_file_has_key(file, *group, key->key, NULL))
			return true;
	if (key->named)
		return false;
	value = g_key_file_get_value(file, key->group, key->key, NULL);
	return value && (!key->fallback || strcmp(value, key->fallback) == 0);
}

static void test_example_shows_every_key(struct fixture *f, gconstpointer unused)
{
	g_autofree char *example = source_text("packaging/rack.conf.example");
	g_autofree char *text = uncommented(example);
	g_autofree char *password = g_build_filename(f->folder, "rack.password", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();

	assert_loads(f, example);
	g_assert_cmpuint(f->config.node_count, ==, 0);
	g_assert_true(g_file_set_contents(password, "secret\n", -1, NULL));
	g_assert_cmpint(g_chmod(password, 0600), ==, 0);
	assert_loads(f, text);
	g_assert_cmpuint(f->config.node_count, ==, 3);
	g_assert_true(g_key_file_load_from_data(file, text, -1, G_KEY_FILE_NONE, NULL));
	for (const struct config_key *key = rack_config_table; key->group; key++) {
		if (!shows(file, key))
			g_test_message("%s in [%s] is missing", key->key, key->group);
		g_assert_true(shows(file, key));
	}
}

/* What the page says about a group's keys. */
static char *manual_part(const char *page, const struct config_key *key)
{
	g_autofree char *title = g_strdup_printf(
			"\n.SS [%s%s]\n", key->group, key->named ? " NAME" : "");
	const char *begin = strstr(page, title);
	const char *end = begin ? strstr(begin + 1, "\n.S") : NULL;

	g_assert_nonnull(end);
	return g_strndup(begin, (gsize)(end - begin));
}

static void test_manual_names_every_key(void)
{
	g_autofree char *page = source_text("man/rack.conf.5");
	g_auto(GStrv) parts = g_strsplit(page, "\\-", -1);
	g_autofree char *text = g_strjoinv("-", parts);

	for (const struct config_key *key = rack_config_table; key->group; key++) {
		g_autofree char *part = manual_part(text, key);
		g_autofree char *alone = g_strdup_printf("\n.B %s\n", key->key);
		g_autofree char *with = g_strdup_printf(
				"\n.BR %s \" = %s\"\n", key->key, key->fallback);

		if (!strstr(part, key->fallback ? with : alone))
			g_test_message("%s of [%s] is missing", key->key, key->group);
		g_assert_nonnull(strstr(part, key->fallback ? with : alone));
	}
}

static void test_example_of_the_manual_is_right(struct fixture *f, gconstpointer unused)
{
	g_autofree char *page = source_text("man/rack.conf.5");
	g_auto(GStrv) parts = g_strsplit(page, "\\-", -1);
	g_autofree char *text = g_strjoinv("-", parts);
	char *begin = strstr(text, "\n.nf\n"), *end = strstr(text, "\n.fi\n");
	g_autofree char *password = g_build_filename(f->folder, "rack.password", NULL);

	g_assert_true(g_file_set_contents(password, "secret\n", -1, NULL));
	g_assert_cmpint(g_chmod(password, 0600), ==, 0);
	g_assert_true(begin && end && end > begin);
	*end = '\0';
	assert_loads(f, begin + strlen("\n.nf\n"));
	g_assert_cmpuint(f->config.node_count, ==, 2);
}

static void test_printed_help_can_be_read_back(struct fixture *f, gconstpointer unused)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	config_print(rack_config_table, stream);
	fclose(stream);
	for (const struct config_key *key = rack_config_table; key->group; key++)
		g_assert_nonnull(strstr(text, key->help));
	assert_loads(f, text);
	g_assert_nonnull(strstr(text, "\n#[node NAME]\n"));
	free(text);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                         \
	g_test_add("/rack_config/" #name, struct fixture, NULL, fixture_open, test_##name, \
			fixture_close)
	g_test_init(&argc, &argv, NULL);
	TEST(empty_file_is_an_empty_rack);
	TEST(simulated_rack_has_it_all);
	TEST(simulated_rack_is_served_as_configured);
	TEST(whole_rack_is_read);
	TEST(mistakes_are_named_with_file_and_line);
	TEST(what_is_right_at_the_edge_is_taken);
	TEST(parts_are_read_by_name);
	TEST(what_is_given_in_two_files_names_both);
	TEST(faults_in_parts_have_their_file_and_line);
	TEST(named_file_must_be_there);
	TEST(wrong_file_leaves_what_was_there);
	TEST(bad_password_files_are_refused);
	TEST(example_shows_every_key);
	TEST(example_of_the_manual_is_right);
	TEST(printed_help_can_be_read_back);
	g_test_add_func("/rack_config/manual_names_every_key", test_manual_names_every_key);
	return g_test_run();
}
