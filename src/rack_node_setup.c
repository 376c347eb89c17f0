/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/rack_node_part.h"

#define POLL_S    10 /* where the configuration leaves it open */
#define TIMEOUT_S 30

static void rack_node_copy_commands(struct power_settings *to, const struct power_settings *from)
{
	*to = (struct power_settings){
			.on_command = g_strdup(from->on_command),
			.off_command = g_strdup(from->off_command),
			.cycle_command = g_strdup(from->cycle_command),
			.reset_command = g_strdup(from->reset_command),
			.soft_command = g_strdup(from->soft_command),
			.status_command = g_strdup(from->status_command),
			.poll = from->poll > 0 ? from->poll : POLL_S,
			.timeout = from->timeout > 0 ? from->timeout : TIMEOUT_S,
	};
}

void rack_node_setup_copy(struct rack_node_setup *setup, const struct rack_config_node *config,
		const struct rack_config_plan *plan)
{
	struct bmc_rule *rules = g_new0(struct bmc_rule, plan->settings.rule_count + 1);

	setup->node = *config;
	setup->node.name = g_strdup(config->name);
	setup->node.address = g_strdup(config->address);
	setup->node.password_file = g_strdup(config->password_file);
	setup->node.device = g_strdup(config->device);
	setup->node.presence = g_strdup(config->presence);
	rack_node_copy_commands(&setup->node.power, &config->power);
	setup->bmc = plan->settings;
	for (size_t i = 0; i < plan->settings.rule_count; i++) {
		rules[i] = plan->settings.rules[i];
		rules[i].pattern = g_strdup(rules[i].pattern);
	}
	setup->bmc.rules = rules;
}

static bool rack_node_same_commands(const struct power_settings *a, const struct power_settings *b)
{
	return g_strcmp0(a->on_command, b->on_command) == 0 &&
	       g_strcmp0(a->off_command, b->off_command) == 0 &&
	       g_strcmp0(a->cycle_command, b->cycle_command) == 0 &&
	       g_strcmp0(a->reset_command, b->reset_command) == 0 &&
	       g_strcmp0(a->soft_command, b->soft_command) == 0 &&
	       g_strcmp0(a->status_command, b->status_command) == 0 &&
	       a->poll == (b->poll > 0 ? b->poll : POLL_S) &&
	       a->timeout == (b->timeout > 0 ? b->timeout : TIMEOUT_S);
}

static bool rack_node_same_session(
		const struct session_settings *a, const struct session_settings *b)
{
	return a->suite == b->suite && a->privilege == b->privilege && a->ipmi15 == b->ipmi15 &&
	       strcmp(a->name, b->name) == 0 &&
	       memcmp(a->password, b->password, sizeof(a->password)) == 0;
}

static bool rack_node_same_plan(const struct bmc_settings *a, const struct bmc_settings *b)
{
	if (a->rule_count != b->rule_count || a->power_ms != b->power_ms ||
			a->limit_ms != b->limit_ms || a->chassis_ms != b->chassis_ms ||
			a->log_ms != b->log_ms || a->identity_ms != b->identity_ms ||
			a->most != b->most)
		return false;
	for (size_t i = 0; i < a->rule_count; i++)
		if (strcmp(a->rules[i].pattern, b->rules[i].pattern) != 0 ||
				a->rules[i].every_ms != b->rules[i].every_ms ||
				a->rules[i].ttl_ms != b->rules[i].ttl_ms)
			return false;
	return true;
}

bool rack_node_setup_is(const struct rack_node_setup *setup, const struct rack_config_node *config,
		const struct rack_config_plan *plan)
{
	const struct rack_config_node *own = &setup->node;

	return strcmp(own->name, config->name) == 0 &&
	       g_strcmp0(own->address, config->address) == 0 && own->port == config->port &&
	       g_strcmp0(own->device, config->device) == 0 &&
	       g_strcmp0(own->presence, config->presence) == 0 &&
	       rack_node_same_session(&own->session, &config->session) &&
	       rack_node_same_commands(&own->power, &config->power) &&
	       rack_node_same_plan(&setup->bmc, &plan->settings);
}

void rack_node_setup_clear(struct rack_node_setup *setup)
{
	struct power_settings *power = &setup->node.power;

	for (size_t i = 0; i < setup->bmc.rule_count; i++)
		g_free((char *)setup->bmc.rules[i].pattern);
	g_free((struct bmc_rule *)setup->bmc.rules);
	g_free(setup->node.name);
	g_free(setup->node.address);
	g_free(setup->node.password_file);
	g_free(setup->node.device);
	g_free(setup->node.presence);
	g_free(power->on_command);
	g_free(power->off_command);
	g_free(power->cycle_command);
	g_free(power->reset_command);
	g_free(power->soft_command);
	g_free(power->status_command);
	explicit_bzero(setup, sizeof(*setup));
}
