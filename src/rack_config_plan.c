/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sensor plans: what is read of a node, and how often. */
#include <string.h>
#include "src/rack_config_part.h"

#define RULE_SECONDS_MAX 86400.0

void rack_config_plan_clear(struct rack_config_plan *plan)
{
	for (size_t i = 0; i < plan->settings.rule_count; i++)
		g_free((char *)plan->rules[i].pattern);
	g_free(plan->rules);
	g_free(plan->name);
	*plan = (struct rack_config_plan){0};
}

/* "PATTERN EVERY TTL"; false: it is none. */
static bool rack_plan_rule(const char *text, struct bmc_rule *rule)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t", -1);
	const char *word[3];
	size_t count = 0;
	double every, ttl;

	for (int i = 0; words[i]; i++) {
		if (!*words[i])
			continue;
		if (count == G_N_ELEMENTS(word))
			return false;
		word[count++] = words[i];
	}
	if (count < G_N_ELEMENTS(word) || !config_number(word[1], 0, RULE_SECONDS_MAX, &every) ||
			!config_number(word[2], 0.1, RULE_SECONDS_MAX, &ttl))
		return false;
	rule->every_ms = (int)(every * 1000 + 0.5);
	rule->ttl_ms = (int)(ttl * 1000 + 0.5);
	rule->pattern = g_strdup(word[0]);
	return true;
}

/* Sets the plan's rules; returns the text that is none, or NULL. */
static const char *rack_plan_rules(struct rack_config_plan *plan, char **poll)
{
	plan->rules = g_new0(struct bmc_rule, g_strv_length(poll));
	plan->settings.rules = plan->rules;
	for (; *poll; poll++) {
		if (!rack_plan_rule(*poll, &plan->rules[plan->settings.rule_count]))
			return *poll;
		plan->settings.rule_count++;
	}
	return NULL;
}

static void rack_plan_begin(struct rack_plan_keys *keys)
{
	*keys = (struct rack_plan_keys){0};
	config_group_defaults(rack_config_table, "sensor-plan", keys);
}

/* Moves the plan out, and frees the rest. */
static void rack_plan_end(
		struct rack_plan_keys *keys, const char *name, struct rack_config_plan *plan)
{
	*plan = keys->plan;
	plan->name = g_strdup(name);
	plan->settings.most = (size_t)keys->most;
	config_group_clear(rack_config_table, "sensor-plan", keys);
}

void rack_config_plan_default(struct rack_config_plan *plan)
{
	struct rack_plan_keys keys;

	rack_plan_begin(&keys);
	if (rack_plan_rules(&keys.plan, keys.poll))
		g_assert_not_reached();
	rack_plan_end(&keys, "default", plan);
}

static bool rack_plan_poll(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_plan_keys *keys)
{
	const char *wrong = rack_plan_rules(&keys->plan, keys->poll);

	if (wrong)
		return rack_config_wrong(reader, group, "poll",
				"poll has \"%s\"; PATTERN EVERY TTL, in seconds, is what it has to have",
				wrong);
	for (size_t i = 0; i < keys->plan.settings.rule_count; i++) {
		const struct bmc_rule *rule = &keys->plan.rules[i];

		if (rule->ttl_ms < rule->every_ms)
			return rack_config_wrong(reader, group, "poll",
					"poll reads \"%s\" every %g s, and a reading is good for %g s only",
					rule->pattern, rule->every_ms / 1000.0,
					rule->ttl_ms / 1000.0);
	}
	return true;
}

static bool rack_plan_read(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_config_plan *plan)
{
	struct rack_plan_keys keys;
	bool fine;

	rack_plan_begin(&keys);
	fine = config_group_apply(reader->file, group, &keys, reader->error) &&
	       rack_plan_poll(reader, group, &keys);
	rack_plan_end(&keys, config_group_name(group), plan);
	return fine;
}

bool rack_config_read_plans(const struct rack_config_reader *reader)
{
	struct rack_config *config = reader->config;
	const struct config_group *group;
	bool has_default = false;
	size_t count = 0;

	while ((group = config_group(reader->file, "sensor-plan", count)) != NULL) {
		if (!rack_config_is_name(config_group_name(group)))
			return rack_config_wrong(reader, group, NULL,
					"\"%s\" is no name for a plan", config_group_name(group));
		has_default = has_default || strcmp(config_group_name(group), "default") == 0;
		count++;
	}
	config->plans = g_new0(struct rack_config_plan, count + 1);
	if (!has_default)
		rack_config_plan_default(&config->plans[config->plan_count++]);
	for (size_t i = 0; i < count; i++) {
		group = config_group(reader->file, "sensor-plan", i);
		if (!rack_plan_read(reader, group, &config->plans[config->plan_count++]))
			return false;
	}
	return true;
}
