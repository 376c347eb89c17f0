/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/drives.h"
#include "src/redfish_part.h"

static const struct http_parameter redfish_drive[] = {
		{.name = "drive", .place = HTTP_IN_PATH, .help = "the drive's name"},
		{0},
};

static const struct http_parameter redfish_of_session[] = {
		{.name = "session", .place = HTTP_IN_PATH, .help = "the session's id"},
		{0},
};

/* Path, what, who, words. */
#define GET(p, r, h)                                                                   \
	{                                                                              \
		.method = HTTP_GET, .path = p, .role = r, .free_form = true, .help = h \
	}
#define ACT(m, p, r, h)                                                                          \
	{                                                                                        \
		.method = m, .path = p, .role = r, .free_form = true, .changes = true, .help = h \
	}
#define GET_OF(p, of, h)                                                                      \
	{                                                                                     \
		.method = HTTP_GET, .path = p, .parameters = of, .free_form = true, .help = h \
	}
#define ACT_OF(m, p, of, r, h)                                                          \
	{                                                                               \
		.method = m, .path = p, .parameters = of, .role = r, .free_form = true, \
		.changes = true, .help = h                                              \
	}

#define MEDIA(base)                                                                     \
	GET(base "/VirtualMedia", HTTP_READ, "Redfish: the drives."),                   \
			GET_OF(base "/VirtualMedia/{drive}", redfish_drive,             \
					"Redfish: a drive and what is in it."),         \
			ACT_OF(HTTP_PATCH, base "/VirtualMedia/{drive}", redfish_drive, \
					HTTP_OPERATE, "Redfish: inserts or ejects."),   \
			ACT_OF(HTTP_POST,                                               \
					base "/VirtualMedia/{drive}/Actions/"           \
					     "VirtualMedia.InsertMedia",                \
					redfish_drive, HTTP_OPERATE,                    \
					"Redfish: inserts an image."),                  \
			ACT_OF(HTTP_POST,                                               \
					base "/VirtualMedia/{drive}/Actions/"           \
					     "VirtualMedia.EjectMedia",                 \
					redfish_drive, HTTP_OPERATE, "Redfish: ejects.")

static const struct http_route redfish_routes[] = {
		GET("/redfish", HTTP_PUBLIC, "Redfish: its versions."),
		GET(REDFISH_ROOT, HTTP_PUBLIC, "Redfish: where everything else is."),
		GET(REDFISH_ROOT "/odata", HTTP_PUBLIC, "Redfish: the same for OData."),
		GET(REDFISH_ROOT "/$metadata", HTTP_PUBLIC, "Redfish: the schemas, XML."),
		GET(REDFISH_ROOT "/Systems", HTTP_READ, "Redfish: the one node."),
		GET(REDFISH_SYSTEM, HTTP_READ, "Redfish: the node."),
		ACT(HTTP_PATCH, REDFISH_SYSTEM, HTTP_OPERATE, "Redfish: says what it boots from."),
		ACT(HTTP_POST, REDFISH_SYSTEM "/Actions/ComputerSystem.Reset", HTTP_OPERATE,
				"Redfish: switches its power."),
		GET(REDFISH_ROOT "/Managers", HTTP_READ, "Redfish: the one console."),
		GET(REDFISH_MANAGER, HTTP_READ, "Redfish: the console."),
		GET(REDFISH_ROOT "/SessionService", HTTP_READ, "Redfish: about sessions."),
		GET(REDFISH_SESSIONS, HTTP_READ, "Redfish: the sessions."),
		ACT(HTTP_POST, REDFISH_SESSIONS, HTTP_PUBLIC, "Redfish: opens a session."),
		GET_OF(REDFISH_SESSIONS "/{session}", redfish_of_session, "Redfish: a session."),
		ACT_OF(HTTP_DELETE, REDFISH_SESSIONS "/{session}", redfish_of_session, HTTP_READ,
				"Redfish: ends a session."),
		MEDIA(REDFISH_MANAGER),
		MEDIA(REDFISH_SYSTEM),
};

static const http_handler_fn redfish_handlers[] = {
		redfish_versions,
		redfish_root,
		redfish_odata,
		redfish_metadata,
		redfish_systems,
		redfish_system,
		redfish_system_patch,
		redfish_system_reset,
		redfish_managers,
		redfish_manager,
		redfish_session_service,
		redfish_sessions,
		redfish_session_open,
		redfish_session,
		redfish_session_close,
		redfish_media,
		redfish_medium,
		redfish_medium_patch,
		redfish_medium_insert,
		redfish_medium_eject,
		redfish_media,
		redfish_medium,
		redfish_medium_patch,
		redfish_medium_insert,
		redfish_medium_eject,
};

G_STATIC_ASSERT(G_N_ELEMENTS(redfish_routes) == G_N_ELEMENTS(redfish_handlers));

/*
 * The same for each start, another for each console and machine, and not the machine's own number
 * (machine-id(5) asks for that): RFC 9562, version 8.
 */
static char *redfish_uuid(const char *name)
{
	g_autofree char *machine = NULL;
	g_autofree char *text = NULL;
	g_autofree char *sum = NULL;

	if (!g_file_get_contents("/etc/machine-id", &machine, NULL, NULL))
		machine = g_strdup(g_get_host_name());
	text = g_strconcat("spicerack redfish ", name, " ", machine, NULL);
	sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
	return g_strdup_printf(
			"%.8s-%.4s-8%.3s-a%.3s-%.12s", sum, sum + 8, sum + 12, sum + 15, sum + 18);
}

struct redfish *redfish_new(const struct redfish_settings *settings)
{
	struct redfish *redfish = g_new0(struct redfish, 1);
	size_t count = settings->drives ? drives_count(settings->drives) : 0;

	redfish->settings = *settings;
	redfish->uuid = redfish_uuid(settings->name);
	redfish->verify = g_new(bool, count + 1);
	for (size_t i = 0; i < count; i++)
		redfish->verify[i] = true;
	redfish_wait_begin(redfish);
	return redfish;
}

void redfish_add(struct redfish *redfish, struct http_server *server)
{
	http_server_add(server, redfish_routes, redfish_handlers, G_N_ELEMENTS(redfish_routes),
			redfish);
	http_server_style(server, &redfish_style);
}

void redfish_free(struct redfish *redfish)
{
	if (!redfish)
		return;
	redfish_wait_end(redfish);
	g_free(redfish->verify);
	g_free(redfish->uuid);
	g_free(redfish);
}
