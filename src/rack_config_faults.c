/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is to go wrong with the simulated rack. */
#include <string.h>
#include "src/rack_config_part.h"

/* Of the nodes that there are, or that rack_config_simulated would make. */
static bool rack_faults_node(const struct rack_config *config, const char *name)
{
	for (size_t i = 0; i < config->node_count; i++)
		if (strcmp(name, config->nodes[i].name) == 0)
			return true;
	for (int i = 1; config->node_count == 0 && i <= config->simulate_nodes; i++) {
		g_autofree char *own = rack_config_simulated_name((size_t)i);

		if (strcmp(name, own) == 0)
			return true;
	}
	return false;
}

static bool rack_faults_wrong(
		const struct rack_config_reader *reader, const char *item, const char *why)
{
	config_complain(reader->file, "simulate", "faults", reader->error, "faults has \"%s\": %s",
			item, why);
	return false;
}

static bool rack_faults_read(
		const struct rack_config_reader *reader, char *item, struct rack_fault *fault)
{
	g_autofree char *why = NULL;

	if (!rack_fault_parse(g_strstrip(item), fault, &why))
		return rack_faults_wrong(reader, item, why);
	if (fault->of == RACK_FAULT_OF_NODE && !rack_faults_node(reader->config, fault->what)) {
		why = g_strdup_printf("no node is called \"%s\"", fault->what);
		return rack_faults_wrong(reader, item, why);
	}
	return true;
}

bool rack_config_read_faults(const struct rack_config_reader *reader)
{
	struct rack_config *config = reader->config;
	char **items = config->simulate_faults;

	config->faults = g_new0(struct rack_fault, items ? g_strv_length(items) : 0);
	for (; items && *items; items++)
		if (!rack_faults_read(reader, *items, &config->faults[config->fault_count++]))
			return false;
	return true;
}

void rack_config_clear_faults(struct rack_config *config)
{
	for (size_t i = 0; i < config->fault_count; i++)
		rack_fault_clear(&config->faults[i]);
	g_free(config->faults);
	config->faults = NULL;
	config->fault_count = 0;
}
