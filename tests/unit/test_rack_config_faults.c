/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/rack_config_rig.h"

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
			/* What goes wrong. */
			{"[simulate]\nfaults = x fan1 dead\n",
					":2: faults has \"x fan1 dead\": SECONDS WHAT FAULT and, if it ends, for how many SECONDS is what it has to be: \"30 fan1 dead 60\""},
			{"[simulate]\nfaults = 1 fan1\n",
					":2: faults has \"1 fan1\": SECONDS WHAT FAULT and, if it ends, for how many SECONDS is what it has to be: \"30 fan1 dead 60\""},
			{"[simulate]\nfaults = 1 fan1 dead 2 3\n",
					":2: faults has \"1 fan1 dead 2 3\": SECONDS WHAT FAULT and, if it ends, for how many SECONDS is what it has to be: \"30 fan1 dead 60\""},
			{"[simulate]\nfaults = 1 fan1 dead; 2 fan2 hung\n",
					":2: faults has \"2 fan2 hung\": a fan is not \"hung\", but dead"},
			{"[simulate]\nfaults = 1 room dead\n",
					":2: faults has \"1 room dead\": the room is not \"dead\", but warm or hot"},
			{"[simulate]\nfaults = 1 r1n01 dead\n",
					":2: faults has \"1 r1n01 dead\": a node is not \"dead\", but hung, reset, replaced, disobeys, lossy, stuck-sensor, drifting-sensor, dead-sensor or no-power-reading"},
			{"[simulate]\nnodes = 3\nfaults = 1 r1n03 hung; 2 r1n04 hung\n",
					":3: faults has \"2 r1n04 hung\": no node is called \"r1n04\""},
			{NODE "[simulate]\nfaults = 1 a hung; 2 r1n01 hung\n",
					":4: faults has \"2 r1n01 hung\": no node is called \"r1n01\""},
			{"[simulate]\nfaults = 1 r1n01 replaced 5\n",
					":2: faults has \"1 r1n01 replaced 5\": who is replaced does not come back"},
			{"[simulate]\nfaults = 1 r1n01 hung 0\n",
					":2: faults has \"1 r1n01 hung 0\": \"0\" are no seconds"},
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
	g_autofree char *too_long = NULL;

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
	too_long = g_strdup_printf(
			":3: the password in %s/password has more than 16 bytes, which IPMI 1.5 does not know",
			f->folder);
	assert_complaint(f, NODE "ipmi15 = true\npassword-file = password\n", too_long);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	TEST(mistakes_are_named_with_file_and_line);
	TEST(what_is_right_at_the_edge_is_taken);
	TEST(what_is_given_in_two_files_names_both);
	TEST(faults_in_parts_have_their_file_and_line);
	TEST(bad_password_files_are_refused);
	return g_test_run();
}
