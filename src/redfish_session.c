/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "http/auth.h"
#include "src/redfish_part.h"

static const char *session_id(const struct http_request *request)
{
	return json_string_value(json_object_get(request->values, "session"));
}

/* Where there are no sessions, there are none of these addresses. */
static bool session_none(const struct redfish *redfish, struct http_answer *answer)
{
	if (redfish->settings.auth)
		return false;
	redfish_refuse(answer, 404, "ResourceMissingAtURI", NULL, "there are no sessions here");
	return true;
}

bool redfish_session_service(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	if (session_none(data, answer))
		return true;
	return redfish_show(answer, json_pack("{s:s, s:s, s:s, s:s, s:b, s:i, s:o}", "@odata.id",
						    REDFISH_ROOT "/SessionService", "@odata.type",
						    "#SessionService.v1_1_3.SessionService", "Id",
						    "SessionService", "Name", "Session Service",
						    "ServiceEnabled", 1, "SessionTimeout",
						    HTTP_AUTH_SESSION_TIMEOUT, "Sessions",
						    redfish_link(REDFISH_SESSIONS)));
}

bool redfish_sessions(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const struct redfish *redfish = data;
	g_auto(GStrv) ids = NULL;
	json_t *members = json_array();

	if (session_none(redfish, answer)) {
		json_decref(members);
		return true;
	}
	ids = http_auth_sessions(redfish->settings.auth, g_get_monotonic_time());
	for (char **id = ids; *id; id++) {
		g_autofree char *path = g_strconcat(REDFISH_SESSIONS "/", *id, NULL);

		json_array_append_new(members, redfish_link(path));
	}
	return redfish_show(answer,
			json_pack("{s:s, s:s, s:s, s:i, s:o}", "@odata.id", REDFISH_SESSIONS,
					"@odata.type", "#SessionCollection.SessionCollection",
					"Name", "Sessions", "Members@odata.count",
					(int)json_array_size(members), "Members", members));
}

static json_t *session_resource(const char *id, const char *user)
{
	g_autofree char *path = g_strconcat(REDFISH_SESSIONS "/", id, NULL);

	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "@odata.id", path, "@odata.type",
			"#Session.v1_1_0.Session", "Id", id, "Name", "Session", "UserName", user);
}

/* The user of the session that is asked for; NULL, and the answer is given: there is none. */
static const char *session_user(const struct redfish *redfish, const struct http_request *request,
		struct http_answer *answer)
{
	const char *user;

	if (session_none(redfish, answer))
		return NULL;
	user = http_auth_session(
			redfish->settings.auth, session_id(request), g_get_monotonic_time());
	if (!user)
		redfish_refuse(answer, 404, "ResourceMissingAtURI", NULL, "no such session");
	return user;
}

bool redfish_session(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const char *user = session_user(data, request, answer);

	return !user || redfish_show(answer, session_resource(session_id(request), user));
}

bool redfish_session_open(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	const struct redfish *redfish = data;
	g_autofree char *path = NULL;
	struct http_login login = {0};
	struct redfish_fault fault;
	const char *user, *password;
	unsigned int wait = 0;

	if (session_none(redfish, answer))
		return true;
	if (!redfish_body_session(request->body, &user, &password, &fault))
		return redfish_refuse_fault(answer, &fault);
	if (!http_auth_login(redfish->settings.auth, request->peer ? request->peer : "", user,
			    password, g_get_monotonic_time(), &login, &wait, error)) {
		g_autofree char *seconds = g_strdup_printf("%u", wait);

		if (wait)
			http_answer_header(answer, "Retry-After", seconds);
		return false;
	}
	path = g_strconcat(REDFISH_SESSIONS "/", login.id, NULL);
	answer->status = 201;
	http_answer_header(answer, "X-Auth-Token", login.token);
	http_answer_header(answer, "Location", path);
	redfish_show(answer, session_resource(login.id, user));
	g_free(login.id);
	g_free(login.token);
	return true;
}

/* One's own, or anybody's when one may do everything. */
bool redfish_session_close(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	const struct redfish *redfish = data;
	const char *user = session_user(redfish, request, answer);

	if (!user)
		return true;
	if (request->role != HTTP_OPERATE && g_strcmp0(request->user, user) != 0)
		return redfish_refuse(answer, 403, "InsufficientPrivilege", NULL,
				"this session is somebody else's");
	http_auth_logout(redfish->settings.auth, session_id(request));
	return redfish_done(answer);
}
