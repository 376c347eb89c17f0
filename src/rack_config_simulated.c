/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration of a rack that is not there. */
#include "src/rack_config_part.h"

#define SIMULATED_DEVICE    "simulated"
#define SIMULATED_FLOOR     110 /* W */
#define SIMULATED_CEILING   420
#define SIMULATED_UNMANAGED 200
#define SIMULATED_FANS      6
#define SIMULATED_LEAST_RPM 800
#define SIMULATED_CLASSES   3

char *rack_config_simulated_name(size_t number)
{
	return g_strdup_printf("r1n%02zu", number);
}

static void simulated_nodes(struct rack_config *config, size_t count)
{
	config->nodes = g_new0(struct rack_config_node, count);
	for (size_t i = 0; i < count; i++) {
		struct rack_node_keys keys = {0};

		config_group_defaults(rack_config_table, "node", &keys);
		keys.node.name = rack_config_simulated_name(i + 1);
		keys.node.capping.floor = SIMULATED_FLOOR;
		keys.node.capping.ceiling = SIMULATED_CEILING;
		keys.node.capping.class = (int)(i * SIMULATED_CLASSES / count);
		keys.node.capped = true;
		config->nodes[config->node_count++] = keys.node;
		keys.node = (struct rack_config_node){0};
		config_group_clear(rack_config_table, "node", &keys);
	}
}

static void simulated_sensors(struct rack_config *config)
{
	static const char *const names[] = {"inlet", "outlet"};

	config->sensors = g_new0(struct rack_config_sensor, G_N_ELEMENTS(names));
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		struct rack_sensor_keys keys = {0};

		config_group_defaults(rack_config_table, "sensor", &keys);
		keys.sensor.name = g_strdup(names[i]);
		keys.sensor.device = g_strdup(SIMULATED_DEVICE);
		keys.sensor.attribute = g_strdup_printf("temp%zu", i + 1);
		config->sensors[config->sensor_count++] = keys.sensor;
	}
}

static struct rack_config_input simulated_input(const char *name, const char *sensor)
{
	struct rack_input_keys keys = {0};

	config_group_defaults(rack_config_table, "input", &keys);
	keys.input.name = g_strdup(name);
	keys.input.sensor = g_strdup(sensor);
	return keys.input;
}

static void simulated_inputs(struct rack_config *config)
{
	static const struct fan_point curve[] = {{20, 25}, {27, 35}, {32, 50}, {38, 75}, {43, 100}};
	struct rack_config_input *cpus, *inlet;

	config->inputs = g_new0(struct rack_config_input, 2);
	cpus = &config->inputs[config->input_count++];
	*cpus = simulated_input("cpus", "*/CPU*_TEMP");
	cpus->settings.control = FAN_CONTROL_PID;
	cpus->settings.pid.setpoint = 70;
	inlet = &config->inputs[config->input_count++];
	*inlet = simulated_input("inlet", RACK_SELF "/inlet");
	inlet->settings.control = FAN_CONTROL_CURVE;
	inlet->settings.timeout_ms = 5000;
	inlet->settings.critical = 50;
	for (size_t i = 0; i < G_N_ELEMENTS(curve); i++)
		inlet->settings.curve[inlet->settings.points++] = curve[i];
}

static void simulated_fans(struct rack_config *config)
{
	struct rack_zone_keys zone = {0};

	config_group_defaults(rack_config_table, "zone", &zone);
	zone.zone.name = g_strdup("wall");
	config->zones = g_new0(struct rack_config_zone, 1);
	config->zones[config->zone_count++] = zone.zone;
	config->fans = g_new0(struct rack_config_fan, SIMULATED_FANS);
	for (int i = 1; i <= SIMULATED_FANS; i++)
		config->fans[config->fan_count++] = (struct rack_config_fan){
				.name = g_strdup_printf("fan%d", i),
				.device = g_strdup(SIMULATED_DEVICE),
				.pwm = g_strdup_printf("pwm%d", i),
				.tachometer = g_strdup_printf("fan%d", i),
				.least_rpm = SIMULATED_LEAST_RPM,
		};
}

void rack_config_simulated(struct rack_config *config, int nodes)
{
	rack_config_clear_parts(config);
	if (!config->name)
		config_defaults(rack_config_table, config);
	if (!config->memcached_prefix)
		config->memcached_prefix = g_strdup_printf("spicerack/%s", config->name);
	config->simulate_nodes = nodes;
	if (!config->capping.budget) {
		config->capping.mode = CAPPING_GUARANTEED;
		config->capping.budget = nodes * SIMULATED_CEILING * 3 / 4;
		config->capping.unmanaged = SIMULATED_UNMANAGED;
	}
	config->plans = g_new0(struct rack_config_plan, 1);
	rack_config_plan_default(&config->plans[config->plan_count++]);
	simulated_nodes(config, (size_t)nodes);
	simulated_sensors(config);
	simulated_inputs(config);
	simulated_fans(config);
}
