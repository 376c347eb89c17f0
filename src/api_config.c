/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/api_config.h"

const struct config_choice api_config_modes[] = {
		{"0600", 0600},
		{"0660", 0660},
		{"0666", 0666},
		{0},
};

bool api_config_agrees(
		const struct api_config *config, const struct config_file *file, GError **error)
{
	if (!config->certificate != !config->key) {
		config_complain(file, "api", config->key ? "key" : "certificate", error,
				"certificate and key belong together");
		return false;
	}
	if (config->listen && !config->access_file) {
		config_complain(file, "api", "listen", error,
				"listen in [api] needs an access-file, which says who may come in");
		return false;
	}
	return true;
}

void api_config_copy(struct api_config *copy, const struct api_config *config)
{
	*copy = (struct api_config){
			.socket = g_strdup(config->socket),
			.mode = config->mode,
			.listen = g_strdupv(config->listen),
			.certificate = g_strdup(config->certificate),
			.key = g_strdup(config->key),
			.allow_plain = config->allow_plain,
			.access_file = g_strdup(config->access_file),
	};
}

void api_config_clear(struct api_config *config)
{
	g_free(config->socket);
	g_strfreev(config->listen);
	g_free(config->certificate);
	g_free(config->key);
	g_free(config->access_file);
	*config = (struct api_config){0};
}
