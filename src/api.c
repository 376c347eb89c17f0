/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/api.h"
#include "src/api_path.h"
#include "src/log.h"

#define API_RETRY 10 /* s */

struct api {
	struct api_settings settings;
	char *socket;
	struct http_server *server; /* NULL: not yet */
	guint retry;
	char *said; /* the last failure, so that it is said once */
};

static bool api_try(struct api *api)
{
	const struct http_settings settings = {
			.socket = api->socket,
			.mode = api->settings.mode,
			.about = {.title = api->settings.program, .version = PACKAGE_VERSION},
	};
	g_autoptr(GError) error = NULL;

	api->server = http_server_open(&settings, &error);
	if (api->server) {
		api->settings.add_routes(api->server, api->settings.data);
		log_line(LOG_LINE_NOTICE, "api: on %s", api->socket);
		return true;
	}
	if (g_strcmp0(error->message, api->said) != 0)
		log_line(LOG_LINE_WARNING,
				"api: %s; going on without, and trying again every %d s; [api] socket in "
				"the configuration or --socket names another place",
				error->message, API_RETRY);
	g_free(api->said);
	api->said = g_strdup(error->message);
	return false;
}

static gboolean api_again(gpointer data)
{
	struct api *api = data;

	if (!api_try(api))
		return G_SOURCE_CONTINUE;
	api->retry = 0;
	return G_SOURCE_REMOVE;
}

struct api *api_open(const struct api_settings *settings)
{
	struct api *api = g_new0(struct api, 1);

	api->settings = *settings;
	api->socket = settings->socket ? g_strdup(settings->socket) : api_path_to_serve();
	if (!api_try(api))
		api->retry = g_timeout_add_seconds(API_RETRY, api_again, api);
	return api;
}

void api_close(struct api *api)
{
	if (!api)
		return;
	if (api->retry)
		g_source_remove(api->retry);
	http_server_close(api->server);
	g_free(api->socket);
	g_free(api->said);
	g_free(api);
}
