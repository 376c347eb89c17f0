/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/drives_config.h"
#include "src/console_config.h"

#define MIB (1u << 20)

/* The simulated node has no kernel to run them. */
static enum drives_backend drives_backend_of(const struct console_config *config, const char *name)
{
	const char *const *kernel = (const char *const *)config->kernel_drives;
	bool hub = console_config_devices(config) == CONSOLE_DEVICES_HUB;

	return hub && kernel && g_strv_contains(kernel, name) ? DRIVES_BACKEND_KERNEL
							      : DRIVES_BACKEND_OWN;
}

struct drives *drives_from_config(const struct console_config *config, struct keep *keep)
{
	struct drives_unit units[CONSOLE_CONFIG_DRIVES_MAX];
	g_autofree char *serial = g_strdup_printf("%s/%s", config->hub_name, config->serial);
	size_t count = 0;

	if (console_config_devices(config) != CONSOLE_DEVICES_NONE)
		for (char **name = config->drives; name && *name; name++)
			units[count++] = (struct drives_unit){
					.name = *name,
					.kind = g_str_has_prefix(*name, "cd") ? DRIVES_AS_CD
									      : DRIVES_AS_DISK,
					.backend = drives_backend_of(config, *name),
			};
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
