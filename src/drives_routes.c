/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/drives_routes.h"
#include <string.h>
#include "src/audit.h"
#include "src/drives.h"
#include "src/drives_api.h"
#include "src/routes_part.h"

#define ACCEPTED    202 /* RFC 9110, 15.3.3: begun; how it goes is in the status */
#define BAD_REQUEST 400
#define NOT_FOUND   404
#define CONFLICT    409

/* --- Status --- */

/* null: nobody knows. */
static void routes_progress(json_t *json, const struct drives_status *status)
{
	bool known = status->backend == DRIVES_BACKEND_OWN;
	const struct {
		const char *name;
		uint64_t value;
	} counts[] = {
			{"host_read", status->host_read},
			{"host_written", status->host_written},
			{"fetched", status->fetched},
			{"cached", status->cached},
			{"errors", status->errors},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(counts); i++)
		json_object_set_new(json, counts[i].name,
				known ? json_integer((json_int_t)counts[i].value) : json_null());
	json_object_set_new(json, "rate", known ? json_real(status->rate) : json_null());
	json_object_set_new(json, "locked", known ? json_boolean(status->locked) : json_null());
}

json_t *drives_routes_show(struct drives *drives, size_t drive)
{
	struct drives_status status;
	json_t *json;

	drives_status(drives, drive, &status);
	json = json_pack("{s:o, s:s, s:s, s:o, s:o}", "name", routes_text(status.name), "kind",
			drives_as_word(status.as), "state", drives_state_word(status.state),
			"reason", *status.reason ? routes_text(status.reason) : json_null(),
			"source", routes_text(status.source));
	routes_moment(json, "since", "age_ms", status.since);
	json_object_set_new(json, "backend", json_string(drives_backend_word(status.backend)));
	json_object_set_new(json, "write", json_string(drives_write_word(status.write)));
	json_object_set_new(json, "hybrid", json_boolean(status.hybrid));
	json_object_set_new(json, "label", routes_text(status.label));
	json_object_set_new(json, "viewer", routes_text(status.viewer));
	json_object_set_new(json, "size",
			status.size ? json_integer((json_int_t)status.size) : json_null());
	routes_progress(json, &status);
	json_object_set_new(json, "port", routes_text(status.port));
	json_object_set_new(json, "connected", json_boolean(status.connected));
	json_object_set_new(json, "fault", routes_text(status.fault));
	return json;
}

/* --- What is given --- */

static const char *routes_string(const json_t *values, const char *name)
{
	return json_string_value(json_object_get(values, name));
}

static bool routes_drive(struct drives *drives, const json_t *values, size_t *drive, GError **error)
{
	const char *name = routes_string(values, "drive");
	int found = drives_find(drives, name);
	g_autoptr(GString) known = g_string_new(NULL);

	*drive = (size_t)found;
	if (found >= 0)
		return true;
	for (size_t i = 0; i < drives_count(drives); i++) {
		struct drives_status status;

		drives_status(drives, i, &status);
		g_string_append_printf(known, "%s%s", i ? ", " : "", status.name);
	}
	g_set_error(error, HTTP_ERROR, NOT_FOUND, "there is no drive \"%s\"; there %s %s", name,
			drives_count(drives) == 1 ? "is" : "are", known->len ? known->str : "none");
	return false;
}

static bool routes_as(const char *word, enum drives_as *as, GError **error)
{
	*as = DRIVES_AS_AUTO;
	for (int i = DRIVES_AS_AUTO; word && i <= DRIVES_AS_DISK; i++) {
		*as = (enum drives_as)i;
		if (strcmp(word, drives_as_word(*as)) == 0)
			return true;
	}
	if (word)
		g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST, "as must be auto, cd or disk");
	return !word;
}

static bool routes_write(const char *word, enum drives_write *write, GError **error)
{
	*write = DRIVES_READ_ONLY;
	for (int i = DRIVES_READ_ONLY; word && i <= DRIVES_READ_WRITE; i++) {
		*write = (enum drives_write)i;
		if (strcmp(word, drives_write_word(*write)) == 0)
			return true;
	}
	if (word)
		g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST,
				"write must be read-only, overlay or read-write");
	return !word;
}

/* --- Who did it --- */

void drives_routes_inserted(const struct drives_routes *routes, size_t drive,
		const struct http_request *request)
{
	const struct audit_who who = audit_who_asks(request);
	struct drives_status status;

	drives_status(routes->drives, drive, &status);
	audit_tell(routes->audit, AUDIT_MEDIUM_INSERTED, &who,
			json_pack("{s:o, s:o, s:s}", "drive", routes_text(status.name), "source",
					routes_text(status.source), "write",
					drives_write_word(status.write)));
}

void drives_routes_ejected(const struct drives_routes *routes, size_t drive, bool force,
		const struct http_request *request)
{
	const struct audit_who who = audit_who_asks(request);

	audit_tell(routes->audit, AUDIT_MEDIUM_EJECTED, &who,
			json_pack("{s:o, s:b}", "drive",
					routes_text(drives_name(routes->drives, drive)), "forced",
					force));
}

/* --- Handlers --- */

static bool routes_refuse(GError *cause, GError **error)
{
	if (g_error_matches(cause, DRIVES_ERROR, DRIVES_ERROR_REQUEST))
		g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST, cause->message);
	else if (g_error_matches(cause, DRIVES_ERROR, DRIVES_ERROR_STATE))
		g_set_error_literal(error, HTTP_ERROR, CONFLICT, cause->message);
	else
		g_propagate_error(error, g_error_copy(cause));
	return false;
}

static bool routes_list(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const struct drives_routes *routes = data;
	struct drives *drives = routes->drives;
	json_t *list = json_array();

	for (size_t i = 0; i < drives_count(drives); i++)
		json_array_append_new(list, drives_routes_show(drives, i));
	answer->json = json_pack("{s:o}", "drives", list);
	return true;
}

static bool routes_show(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const struct drives_routes *routes = data;
	size_t drive;

	if (!routes_drive(routes->drives, request->values, &drive, error))
		return false;
	answer->json = drives_routes_show(routes->drives, drive);
	return true;
}

static bool routes_insert(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	const struct drives_routes *routes = data;
	const json_t *values = request->values;
	struct drives_request wanted = {
			.source = routes_string(values, "source"),
			.user = routes_string(values, "user"),
			.password = routes_string(values, "password"),
			.token = routes_string(values, "token"),
			.ca_file = routes_string(values, "ca_file"),
			.insecure = json_is_true(json_object_get(values, "insecure")),
			.persistent = json_is_true(json_object_get(values, "persistent")),
	};
	g_autoptr(GError) cause = NULL;
	size_t drive;

	if (!routes_drive(routes->drives, values, &drive, error) ||
			!routes_as(routes_string(values, "as"), &wanted.as, error) ||
			!routes_write(routes_string(values, "write"), &wanted.write, error))
		return false;
	if (!drives_insert(routes->drives, drive, &wanted, &cause))
		return routes_refuse(cause, error);
	drives_routes_inserted(routes, drive, request);
	answer->status = ACCEPTED;
	answer->json = drives_routes_show(routes->drives, drive);
	return true;
}

/* 202 when the node was asked and has not given it free yet. */
static bool routes_eject(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	bool force = json_is_true(json_object_get(request->values, "force"));
	const struct drives_routes *routes = data;
	struct drives_status status;
	g_autoptr(GError) cause = NULL;
	size_t drive;

	if (!routes_drive(routes->drives, request->values, &drive, error))
		return false;
	if (!drives_eject(routes->drives, drive, force, &cause))
		return routes_refuse(cause, error);
	drives_routes_ejected(routes, drive, force, request);
	drives_status(routes->drives, drive, &status);
	if (status.state == DRIVES_EJECTING)
		answer->status = ACCEPTED;
	answer->json = drives_routes_show(routes->drives, drive);
	return true;
}

static const http_handler_fn routes_handlers[DRIVES_API_COUNT] = {
		[DRIVES_API_LIST] = routes_list,
		[DRIVES_API_SHOW] = routes_show,
		[DRIVES_API_INSERT] = routes_insert,
		[DRIVES_API_EJECT] = routes_eject,
};

void drives_routes_add(struct http_server *server, struct drives_routes *routes)
{
	http_server_add(server, drives_api, routes_handlers, DRIVES_API_COUNT, routes);
}
