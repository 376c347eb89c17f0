/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Nodes: the way to each one's BMC, who asks there, and its part of the budget. */
#include <string.h>
#include "rack/lan15.h"
#include "src/password_file.h"
#include "src/rack_config_part.h"
#include "src/suggest.h"

#define GPIO_LINE_MAX 1023.0

/* --- The way --- */

/* "[ADDRESS]" is taken for ADDRESS, as URLs have it. */
static void rack_node_unwrap(char **address)
{
	size_t size = *address ? strlen(*address) : 0;
	char *inside;

	if (size < 2 || (*address)[0] != '[' || (*address)[size - 1] != ']')
		return;
	inside = g_strndup(*address + 1, size - 2);
	g_free(*address);
	*address = inside;
}

static bool rack_node_way(const struct rack_config_reader *reader, const struct config_group *group,
		struct rack_node_keys *keys)
{
	static const char *const commands[] = {"on-command", "off-command", "cycle-command",
			"reset-command", "soft-command", "status-command"};
	struct rack_config_node *node = &keys->node;

	rack_node_unwrap(&node->address);
	if (node->address && node->device)
		return rack_config_wrong(reader, group, "device",
				"address and device exclude each other: a node has one way to its BMC");
	if (node->address)
		return rack_config_is_address(node->address) ||
		       rack_config_wrong(reader, group, "address",
				       "\"%s\" is no address: a number like 192.0.2.7 or fe80::7%%eth0 is, the port has a key of its own",
				       node->address);
	if (node->device)
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(commands); i++)
		if (config_group_has(reader->file, group, commands[i]))
			return true;
	return rack_config_wrong(reader, group, NULL,
			"[node %s] has neither an address or device of its BMC nor commands",
			config_group_name(group));
}

/* A BMC has one session of ours, and gets each order once. */
static bool rack_node_apart(const struct rack_config_reader *reader,
		const struct config_group *group, const struct rack_config_node *node)
{
	for (const struct rack_config_node *other = reader->config->nodes; other->name; other++) {
		if (node->device && g_strcmp0(node->device, other->device) == 0)
			return rack_config_wrong(reader, group, "device", "%s is [node %s]'s",
					node->device, other->name);
		if (node->address && node->port == other->port &&
				g_strcmp0(node->address, other->address) == 0)
			return rack_config_wrong(reader, group, "address",
					"%s port %d is [node %s]'s", node->address, node->port,
					other->name);
	}
	return true;
}

/* What is of use with an address alone. */
static bool rack_node_session(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_node_keys *keys)
{
	static const char *const all[] = {
			"port", "user", "password-file", "suite", "privilege", "ipmi15"};
	struct rack_config_node *node = &keys->node;

	for (size_t i = 0; !node->address && i < G_N_ELEMENTS(all); i++)
		if (config_group_has(reader->file, group, all[i]))
			return rack_config_wrong(
					reader, group, all[i], "%s goes with an address", all[i]);
	if (keys->user && g_strlcpy(node->session.name, keys->user, sizeof(node->session.name)) >=
					  sizeof(node->session.name))
		return rack_config_wrong(reader, group, "user", "user has more than %d bytes",
				RMCP_NAME_MAX);
	return true;
}

static bool rack_node_password(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_config_node *node)
{
	g_autofree char *wrong = NULL;
	char *password;

	if (!node->password_file)
		return true;
	password = password_file_read(node->password_file, RMCP_PASSWORD_MAX, &wrong);
	if (!password)
		return rack_config_wrong(reader, group, "password-file", "password-file %s: %s",
				node->password_file, wrong);
	g_strlcpy(node->session.password, password, sizeof(node->session.password));
	password_file_forget(password);
	if (!node->session.ipmi15 || strlen(node->session.password) <= LAN15_PASSWORD_MAX)
		return true;
	return rack_config_wrong(reader, group, "ipmi15",
			"the password in %s has more than %d bytes, which IPMI 1.5 does not know",
			node->password_file, LAN15_PASSWORD_MAX);
}

/* "CHIP:LINE", with "!" in front or without. */
static bool rack_node_presence(const struct rack_config_reader *reader,
		const struct config_group *group, const struct rack_config_node *node)
{
	const char *text = node->presence;
	const char *colon = text ? strrchr(text, ':') : NULL;
	double line;

	if (!text)
		return true;
	text += *text == '!';
	if (colon > text && strspn(colon + 1, G_CSET_DIGITS) == strlen(colon + 1) &&
			config_number(colon + 1, 0, GPIO_LINE_MAX, &line))
		return true;
	return rack_config_wrong(reader, group, "presence",
			"\"%s\" is no GPIO line: gpiochip0:12 or !gpiochip0:12 is", node->presence);
}

/* --- Commands --- */

static bool rack_node_commands(const struct rack_config_reader *reader,
		const struct config_group *group, const struct power_settings *power)
{
	g_autoptr(GError) cause = NULL;
	const char *key = power_settings_fault(power, &cause);

	return !key || rack_config_wrong(reader, group, key, "%s: %s", key, cause->message);
}

/* --- Budget --- */

static bool rack_node_watts(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_config_node *node)
{
	const struct capping_node_settings *capping = &node->capping;

	if (capping->floor && !capping->ceiling)
		return rack_config_wrong(reader, group, "floor", "floor needs a ceiling");
	if (capping->ceiling && !capping->floor)
		return rack_config_wrong(reader, group, "ceiling", "ceiling needs a floor");
	node->capped = capping->floor > 0;
	if (capping->boot && !node->capped)
		return rack_config_wrong(reader, group, "boot", "boot needs a floor and a ceiling");
	if (capping->floor > capping->ceiling)
		return rack_config_wrong(reader, group, "floor",
				"floor = %d W is above the ceiling of %d W", capping->floor,
				capping->ceiling);
	if (capping->boot && (capping->boot < capping->floor || capping->boot > capping->ceiling))
		return rack_config_wrong(reader, group, "boot",
				"boot = %d W is not within floor and ceiling, %d W to %d W",
				capping->boot, capping->floor, capping->ceiling);
	return true;
}

/* Who limits a node has to reach its BMC, be let to, and see what comes of it. */
static bool rack_node_controlled(const struct rack_config_reader *reader,
		const struct config_group *group, const struct rack_config_node *node)
{
	const struct rack_config_plan *plan = &reader->config->plans[node->plan];

	if (!node->capped || reader->config->capping.mode == CAPPING_OFF)
		return true;
	if (!node->address && !node->device)
		return rack_config_wrong(reader, group, "floor",
				"floor and ceiling need a BMC; add what the node draws to unmanaged in [rack] instead");
	if (node->address && node->session.privilege < SESSION_OPERATOR)
		return rack_config_wrong(reader, group, "privilege",
				"privilege = user may not set limits, and floor and ceiling ask for them");
	if (plan->settings.power_ms == 0)
		return rack_config_wrong(reader, group, "floor",
				"floor and ceiling need power readings, and plan \"%s\" has power = 0",
				plan->name);
	return true;
}

/* --- Reading --- */

static bool rack_node_plan(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_node_keys *keys)
{
	const struct rack_config *config = reader->config;
	const char *near = NULL;

	for (size_t i = 0; i < config->plan_count; i++) {
		if (strcmp(config->plans[i].name, keys->plan) == 0) {
			keys->node.plan = i;
			return true;
		}
		near = suggest_nearer(keys->plan, near, config->plans[i].name);
	}
	return rack_config_wrong(reader, group, "plan", "there is no [sensor-plan %s]%s%s%s",
			keys->plan, near ? "; did you mean \"" : "", near ? near : "",
			near ? "\"?" : "");
}

static bool rack_node_named(
		const struct rack_config_reader *reader, const struct config_group *group)
{
	const char *name = config_group_name(group);

	if (strcmp(name, RACK_SELF) == 0)
		return rack_config_wrong(reader, group, NULL,
				"no node can be called %s: that is this board", name);
	return rack_config_is_name(name) ||
	       rack_config_wrong(reader, group, NULL, "\"%s\" is no name for a node", name);
}

static bool rack_node_read(const struct rack_config_reader *reader,
		const struct config_group *group, struct rack_config_node *node)
{
	struct rack_node_keys keys = {0};
	bool fine;

	config_group_defaults(rack_config_table, "node", &keys);
	fine = rack_node_named(reader, group) &&
	       config_group_apply(reader->file, group, &keys, reader->error) &&
	       rack_node_plan(reader, group, &keys) && rack_node_way(reader, group, &keys) &&
	       rack_node_apart(reader, group, &keys.node) &&
	       rack_node_session(reader, group, &keys) &&
	       rack_node_presence(reader, group, &keys.node) &&
	       rack_node_commands(reader, group, &keys.node.power) &&
	       rack_node_watts(reader, group, &keys.node) &&
	       rack_node_controlled(reader, group, &keys.node);
	*node = keys.node;
	node->name = g_strdup(config_group_name(group));
	keys.node = (struct rack_config_node){0};
	config_group_clear(rack_config_table, "node", &keys);
	/* Where it stays: nothing is left of a password in places that are left. */
	return fine && rack_node_password(reader, group, node);
}

bool rack_config_read_nodes(const struct rack_config_reader *reader)
{
	struct rack_config *config = reader->config;
	const struct config_group *group;
	size_t count = 0;

	while (config_group(reader->file, "node", count))
		count++;
	/* And one without a name. */
	config->nodes = g_new0(struct rack_config_node, count + 1);
	while ((group = config_group(reader->file, "node", config->node_count)) != NULL)
		if (!rack_node_read(reader, group, &config->nodes[config->node_count++]))
			return false;
	return true;
}
