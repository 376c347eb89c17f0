/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/drives_config.h"
#include "src/console_config.h"

#define MIB (1u << 20)

struct drives *drives_from_config(const struct console_config *config, struct keep *keep)
{
	struct drives_unit units[CONSOLE_CONFIG_DRIVES_MAX];
	g_autofree char *serial = g_strdup_printf("%s/%s", config->hub_name, config->serial);
	size_t count = 0;

	if (console_config_devices(config) != CONSOLE_DEVICES_NONE)
		for (char **name = config->drives; name && *name; name++)
			units[count++] = (struct drives_unit){
					*name, g_str_has_prefix(*name, "cd") ? DRIVES_AS_CD
									     : DRIVES_AS_DISK};
	return drives_new(&(struct drives_settings){
			.units = units,
			.count = count,
			.cache = (size_t)config->cache * MIB,
			.read_ahead = (size_t)config->read_ahead * MIB,
			.retry_limit = (unsigned int)config->retry_limit,
			.serial = serial,
			.overlay_folder = config->overlay_folder,
			.cache_folder = config->cache_folder,
			.cache_folder_limit = (uint64_t)config->cache_folder_limit * MIB,
			.keep = keep,
	});
}
