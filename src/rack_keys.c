/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every key of rack.conf; rack.conf(5) and the example say the same in words. */
#include "src/rack_config_part.h"

static const struct config_choice capping_modes[] = {
		{"guaranteed", CAPPING_GUARANTEED},
		{"reactive", CAPPING_REACTIVE},
		{"off", CAPPING_OFF},
		{0},
};

static const struct config_choice suites[] = {
		{"3", RMCP_SUITE_3},
		{"17", RMCP_SUITE_17},
		{0},
};

static const struct config_choice privileges[] = {
		{"user", SESSION_USER},
		{"operator", SESSION_OPERATOR},
		{"administrator", SESSION_ADMINISTRATOR},
		{0},
};

static const struct config_choice controls[] = {
		{"curve", FAN_CONTROL_CURVE},
		{"pid", FAN_CONTROL_PID},
		{0},
};

/* Groups: their name, what their keys are members of, and whether there are several. */
#define RACK     "rack", struct rack_config, false
#define SIMULATE "simulate", struct rack_config, false
#define PLAN     "sensor-plan", struct rack_plan_keys, true
#define NODE     "node", struct rack_node_keys, true
#define SENSOR   "sensor", struct rack_sensor_keys, true
#define ZONE     "zone", struct rack_zone_keys, true
#define INPUT    "input", struct rack_input_keys, true
#define FAN      "fan", struct rack_fan_keys, true

/*
 * A key of each type: group, key, the member, what is allowed, what it is without the key (NULL:
 * nothing), and its help.
 */
#define KEY(type, ...) KEY_OF(type, __VA_ARGS__)
#define KEY_OF(type, group, owner, named, key, member, fallback, help, min, max, scale, choices) \
	{                                                                                        \
		group, key, type, offsetof(owner, member), min, max, choices, fallback, help,    \
				named, scale                                                     \
	}
#define STRING(place, key, member, fallback, help) \
	KEY(CONFIG_STRING, place, key, member, fallback, help, 0, 0, 0, NULL)
#define PATH(place, key, member, fallback, help) \
	KEY(CONFIG_PATH, place, key, member, fallback, help, 0, 0, 0, NULL)
#define LIST(place, key, member, fallback, help) \
	KEY(CONFIG_LIST, place, key, member, fallback, help, 0, 0, 0, NULL)
#define BOOLEAN(place, key, member, fallback, help) \
	KEY(CONFIG_BOOLEAN, place, key, member, fallback, help, 0, 0, 0, NULL)
#define INTEGER(place, key, member, min, max, fallback, help) \
	KEY(CONFIG_INTEGER, place, key, member, fallback, help, min, max, 0, NULL)
#define REAL(place, key, member, min, max, fallback, help) \
	KEY(CONFIG_REAL, place, key, member, fallback, help, min, max, 0, NULL)
#define SECONDS(place, key, member, min, max, fallback, help) \
	KEY(CONFIG_SCALED, place, key, member, fallback, help, min, max, 1000, NULL)
#define PERCENT(place, key, member, fallback, help) \
	KEY(CONFIG_SCALED, place, key, member, fallback, help, 1, 100, 10, NULL)
#define CHOICE(place, key, member, choices, fallback, help) \
	KEY(CONFIG_CHOICE, place, key, member, fallback, help, 0, 0, 0, choices)

#define WATTS_MAX 65535 /* of a node: DCMI 1.5, table 6-19, has 16 bits for a limit */

const struct config_key rack_config_table[] = {
		STRING(RACK, "name", name, "rack", "What the rack is called among others."),
		PATH(RACK, "sysfs", sysfs, NULL, "Where the kernel's sysfs is; without it /sys."),
		CHOICE(RACK, "mode", capping.mode, capping_modes, "guaranteed",
				"How the budget is kept: by limits on all nodes at all times, by limits when it gets tight, or not at all."),
		INTEGER(RACK, "budget", capping.budget, 1, 10000000, NULL,
				"W of all that the rack's feed supplies."),
		INTEGER(RACK, "unmanaged", capping.unmanaged, 0, 10000000, "0",
				"W of the budget for switches, fans and nodes without a limit."),
		SECONDS(RACK, "settle", capping.settle_ms, 0.1, 600, "8",
				"Seconds from a limit's acceptance until a node keeps to it."),
		SECONDS(RACK, "obey", capping.obey_ms, 0.1, 600, "30",
				"Seconds from then until a node above its limit is taken for disobedient."),
		SECONDS(RACK, "reclaim", capping.reclaim_ms, 0.1, 3600, "15",
				"Seconds that a node keeps watts that it does not use."),
		PERCENT(RACK, "act-at", capping.act_at, "97",
				"Percent of the budget at which mode = reactive sets limits."),
		PERCENT(RACK, "cut-to", capping.cut_to, "95", "Percent that these cut down to."),
		PERCENT(RACK, "release-at", capping.release_at, "90",
				"Percent below which they are taken away."),
		BOOLEAN(RACK, "drop", drop, "false",
				"Switch nodes of the last class off, one by one, when the least limits do not fit."),
		STRING(RACK, "memcached", memcached, NULL,
				"The memcached that readings are shared through: ADDRESS:PORT or the path of a socket."),
		STRING(RACK, "memcached-prefix", memcached_prefix, NULL,
				"What keys there begin with; without it spicerack/, the rack's name and /."),
		INTEGER(RACK, "safe-duty", safe_duty, 20, 100, "70",
				"Percent that all fans run at before and after the daemon."),

		API_CONFIG_KEYS(struct rack_config, api),

		INTEGER(SIMULATE, "nodes", simulate_nodes, 1, 256, "36",
				"How many nodes the simulated rack has."),
		LIST(SIMULATE, "faults", simulate_faults, NULL,
				"SECONDS WHAT FAULT [SECONDS] of each thing that goes wrong, with ; between."),
		INTEGER(SIMULATE, "speed", simulate_speed, 1, 1000, "1",
				"How many times as fast as real time its time passes."),

		LIST(PLAN, "poll", poll,
				"*CPU*TEMP* 2 10; *CPU*Temp* 2 10; *TEMP* 5 15; *Temp* 5 15; * 10 30",
				"PATTERN EVERY TTL: sensors by name, seconds between two readings, and how many one is good for; the first pattern that fits counts."),
		SECONDS(PLAN, "power", plan.settings.power_ms, 0, 86400, "1",
				"Seconds between two readings of the power that a node draws; 0: never."),
		SECONDS(PLAN, "limit", plan.settings.limit_ms, 0, 86400, "10",
				"Seconds between two looks at its power limit; 0: never."),
		SECONDS(PLAN, "chassis", plan.settings.chassis_ms, 0, 86400, "5",
				"Seconds between two looks at whether it is on; 0: never."),
		SECONDS(PLAN, "log", plan.settings.log_ms, 0, 86400, "60",
				"Seconds between two looks at its event log; 0: never."),
		SECONDS(PLAN, "identity", plan.settings.identity_ms, 0, 86400, "60",
				"Seconds between two looks at whether it is still the same machine; 0: never."),
		INTEGER(PLAN, "sensors", most, 1, 1024, "256",
				"How many sensors of a node are kept at most."),

		STRING(NODE, "address", node.address, NULL,
				"The address of its BMC, a number; fe80::1%eth0 with the interface."),
		INTEGER(NODE, "port", node.port, 1, 65535, "623", "The BMC's UDP port."),
		STRING(NODE, "user", user, NULL, "The BMC's user, up to 16 bytes."),
		PATH(NODE, "password-file", node.password_file, NULL,
				"Its first line is the user's password, up to 20 bytes; only its owner may have access."),
		CHOICE(NODE, "suite", node.session.suite, suites, "17",
				"The cipher suite: 17 (SHA-256), or 3 (SHA-1) for old BMCs."),
		CHOICE(NODE, "privilege", node.session.privilege, privileges, "operator",
				"What is asked for; limits and switching need an operator at least."),
		BOOLEAN(NODE, "ipmi15", node.session.ipmi15, "false",
				"A BMC that speaks IPMI 1.5 alone is spoken to by that: nothing is encrypted."),
		PATH(NODE, "device", node.device, NULL,
				"The kernel's device for a BMC that is reached without network, /dev/ipmi0."),
		STRING(NODE, "plan", plan, "default", "Its sensor-plan."),
		STRING(NODE, "presence", node.presence, NULL,
				"The GPIO line that tells whether there is a machine, CHIP:LINE; with ! in front when low means so."),
		INTEGER(NODE, "floor", node.capping.floor, 1, WATTS_MAX, NULL,
				"W, the least limit that it takes."),
		INTEGER(NODE, "ceiling", node.capping.ceiling, 1, WATTS_MAX, NULL,
				"W, the most that it ever draws."),
		INTEGER(NODE, "boot", node.capping.boot, 1, WATTS_MAX, NULL,
				"W, the most that it draws before it keeps a limit after power-on; without it the ceiling."),
		INTEGER(NODE, "class", node.capping.class, 0, 3, "0",
				"Who gets watts first: 0, then 1, 2 and 3."),
		BOOLEAN(NODE, "keeps", node.capping.keeps, "false",
				"Its limit holds while its BMC does not answer."),
		STRING(NODE, "on-command", node.power.on_command, NULL,
				"The command that switches the node on, where that is not for its BMC."),
		STRING(NODE, "off-command", node.power.off_command, NULL,
				"The command that switches it off at once."),
		STRING(NODE, "cycle-command", node.power.cycle_command, NULL,
				"The command that switches it off and on again."),
		STRING(NODE, "reset-command", node.power.reset_command, NULL,
				"The command that resets it."),
		STRING(NODE, "soft-command", node.power.soft_command, NULL,
				"The command that asks its system to shut down."),
		STRING(NODE, "status-command", node.power.status_command, NULL,
				"The command that ends with 0 when the node is on, with 1 when it is off."),
		INTEGER(NODE, "poll", node.power.poll, 1, 3600, "10",
				"Seconds between two looks by status-command."),
		INTEGER(NODE, "timeout", node.power.timeout, 1, 25, "20",
				"Seconds that a command may take."),

		STRING(SENSOR, "device", sensor.device, NULL,
				"The device in sysfs, or a pattern: /sys/bus/i2c/devices/7-0048."),
		STRING(SENSOR, "attribute", sensor.attribute, NULL,
				"Which of its sensors: temp1, fan2, in0, curr1, power1, humidity1."),
		SECONDS(SENSOR, "every", sensor.every, 0.1, 3600, "1",
				"Seconds between two readings."),

		REAL(ZONE, "least", zone.settings.least, 0, 100, "20",
				"Percent that its fans run at when nothing asks for more."),
		REAL(ZONE, "most", zone.settings.most, 1, 100, "100",
				"Percent that they run at at most."),
		REAL(ZONE, "start", zone.settings.start, 1, 100, "70",
				"Percent until all inputs were heard."),
		REAL(ZONE, "fan-failed", zone.settings.fan_failed, 1, 100, "100",
				"Percent of the others while a fan stands still."),
		REAL(ZONE, "fall", zone.settings.fall, 0.1, 100, "5",
				"Percent a second at most downwards."),
		SECONDS(ZONE, "failsafe-time", zone.settings.failsafe_ms, 0.1, 3600, "5",
				"Seconds that an input has to be good for to be trusted again."),

		STRING(INPUT, "zone", zone, NULL, "The zone that it is for."),
		STRING(INPUT, "sensor", input.sensor, NULL,
				"NODE/SENSOR, or SELF/SENSOR of this board; with * and ? the hottest of those that match."),
		CHOICE(INPUT, "control", input.settings.control, controls, "curve",
				"By steps, or by a controller that holds a temperature."),
		REAL(INPUT, "setpoint", input.settings.pid.setpoint, 0, 200, NULL,
				"Degrees Celsius that control = pid holds."),
		REAL(INPUT, "feed", input.settings.pid.feed, 0, 100, "30",
				"Percent that the controller begins with."),
		REAL(INPUT, "kp", input.settings.pid.kp, 0, 1000, "6",
				"Percent for each degree above the setpoint, at a duty of 50 percent."),
		REAL(INPUT, "ki", input.settings.pid.ki, 0, 1000, "0.8",
				"Percent for each degree and second above it."),
		REAL(INPUT, "kd", input.settings.pid.kd, 0, 1000, "60",
				"Percent for each degree a second that it rises."),
		REAL(INPUT, "dead", input.settings.pid.dead, 0, 20, "0.5",
				"Degrees around the setpoint that are none."),
		LIST(INPUT, "curve", curve, NULL,
				"DEGREES:PERCENT of each step of control = curve, rising, with ; between."),
		REAL(INPUT, "hysteresis", input.settings.hysteresis, 0, 50, "2",
				"Degrees that it must fall below a step before that is left."),
		REAL(INPUT, "low", input.settings.low, -100, 300, "-20",
				"Degrees Celsius; what is lower is no sound sensor's word."),
		REAL(INPUT, "high", input.settings.high, -100, 300, "125",
				"Degrees Celsius; what is higher is no sound sensor's word."),
		REAL(INPUT, "critical", input.settings.critical, -100, 300, "95",
				"Degrees Celsius from which on all fans of the zone run at full duty."),
		SECONDS(INPUT, "timeout", input.settings.timeout_ms, 0.5, 3600, "15",
				"Seconds without a reading after which it is not trusted."),
		REAL(INPUT, "failsafe", input.settings.failsafe, 1, 100, "80",
				"Percent while it is not trusted."),

		STRING(FAN, "zone", zone, NULL, "The zone that it is of."),
		STRING(FAN, "device", fan.device, NULL,
				"The device in sysfs, or a pattern: /sys/bus/i2c/devices/3-0052."),
		STRING(FAN, "pwm", fan.pwm, NULL, "Its duty there: pwm1."),
		STRING(FAN, "tachometer", fan.tachometer, NULL,
				"Its speed there: fan1; without it nobody knows whether it turns."),
		INTEGER(FAN, "least-rpm", fan.least_rpm, 0, 50000, "800",
				"Revolutions a minute below which it stands still."),
		{0},
};
