/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include "src/api.h"
#include "src/api_path.h"
#include "src/log.h"

#define API_RETRY 10 /* s */

/* One of the places where the API is to be had. */
struct api_place {
	const char *address; /* NULL: the unix socket */
	bool open;
	char *said; /* the last failure, so that it is said once */
};

struct api {
	struct api_config config; /* its socket is set */
	struct http_server *server;
	struct http_auth *auth; /* NULL: nobody comes in by TCP */
	void (*refused)(const char *peer, bool encrypted, void *data);
	void *data;
	GArray *places; /* of struct api_place */
	guint retry;
	char *files; /* which ones those of the configuration were */
};

static void api_complain(struct api_place *place, const char *text, const char *hint)
{
	if (g_strcmp0(text, place->said) != 0)
		log_line(LOG_LINE_WARNING,
				"api: %s; going on without, and trying again every %d s%s", text,
				API_RETRY, hint);
	g_free(place->said);
	place->said = g_strdup(text);
}

static void api_try_socket(struct api *api, struct api_place *place)
{
	g_autoptr(GError) error = NULL;

	place->open = http_server_listen(
			api->server, api->config.socket, (mode_t)api->config.mode, &error);
	if (place->open)
		log_line(LOG_LINE_NOTICE, "api: on %s", api->config.socket);
	else
		api_complain(place, error->message,
				"; [api] socket in the configuration or --socket names another "
				"place");
}

static void api_try_tcp(struct api *api, struct api_place *place)
{
	const struct http_tcp tcp = {
			.address = place->address,
			.certificate = api->config.certificate,
			.key = api->config.key,
			.allow_plain = api->config.allow_plain,
			.auth = api->auth,
	};
	g_autoptr(GError) error = NULL;

	place->open = http_server_listen_tcp(api->server, &tcp, &error);
	if (place->open)
		log_line(LOG_LINE_NOTICE, "api: on %s://%s", tcp.key ? "https" : "http",
				http_server_address(api->server));
	else
		api_complain(place, error->message, "");
}

/* Whether there is nothing left to try. */
static bool api_try(struct api *api)
{
	bool all = true;

	for (guint i = 0; i < api->places->len; i++) {
		struct api_place *place = &g_array_index(api->places, struct api_place, i);

		if (!place->open && place->address)
			api_try_tcp(api, place);
		else if (!place->open)
			api_try_socket(api, place);
		all = all && place->open;
	}
	return all;
}

static gboolean api_again(gpointer data)
{
	struct api *api = data;

	if (!api_try(api))
		return G_SOURCE_CONTINUE;
	api->retry = 0;
	return G_SOURCE_REMOVE;
}

static void api_warn(const char *peer, bool waits, void *data)
{
	const struct api *api = data;

	if (api->refused)
		api->refused(peer, api->config.certificate != NULL, api->data);
	if (!waits)
		return;
	log_line(LOG_LINE_WARNING, "api: wrong passwords or tokens from %s; it has to wait now",
			peer);
}

static void api_place_clear(gpointer data)
{
	g_free(((struct api_place *)data)->said);
}

static void api_find_places(struct api *api)
{
	char *const *address = api->config.listen;
	struct api_place place = {0};

	api->places = g_array_new(FALSE, FALSE, sizeof(struct api_place));
	g_array_set_clear_func(api->places, api_place_clear);
	g_array_append_val(api->places, place);
	for (; address && *address; address++) {
		place.address = *address;
		g_array_append_val(api->places, place);
	}
}

/* Without it every TCP address is refused, which says the rest. */
static void api_open_auth(struct api *api)
{
	g_autoptr(GError) error = NULL;

	if (!api->config.listen || !api->config.access_file)
		return;
	api->auth = http_auth_open(api->config.access_file, &error);
	if (api->auth)
		http_auth_warn(api->auth, api_warn, api);
	else
		log_line(LOG_LINE_ERROR, "api: access-file %s", error->message);
}

/* One that is written anew is another one. */
static char *api_files(const struct api_config *config)
{
	const char *const paths[] = {config->access_file, config->certificate, config->key};
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		struct stat file;

		if (paths[i] && stat(paths[i], &file) == 0)
			g_string_append_printf(text, "%ju %ju %jd %jd.%09ld",
					(uintmax_t)file.st_dev, (uintmax_t)file.st_ino,
					(intmax_t)file.st_size, (intmax_t)file.st_mtim.tv_sec,
					file.st_mtim.tv_nsec);
		g_string_append_c(text, ';');
	}
	return g_string_free(text, FALSE);
}

bool api_is_stale(const struct api *api)
{
	g_autofree char *files = api_files(&api->config);

	return strcmp(files, api->files) != 0;
}

struct api *api_open(const struct api_settings *settings)
{
	const struct http_settings limits = {
			.about = {.title = settings->program, .version = PACKAGE_VERSION},
	};
	const char *name = settings->name ? settings->name : API_PATH_CONSOLE;
	struct api *api = g_new0(struct api, 1);

	api->refused = settings->refused;
	api->data = settings->data;
	api_config_copy(&api->config, settings->config);
	api->files = api_files(&api->config);
	if (!api->config.socket)
		api->config.socket = api_path_to_serve(name);
	api->server = http_server_new(&limits);
	api_open_auth(api);
	settings->add_routes(api->server, api->auth, settings->data);
	api_find_places(api);
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
	http_auth_close(api->auth);
	g_array_unref(api->places);
	api_config_clear(&api->config);
	g_free(api->files);
	g_free(api);
}
