/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/drives.h"
#include "src/drives_routes.h"
#include "src/redfish_part.h"

/* The collection that a request came by: the manager's, or the system's. */
static const char *media_path(const struct http_request *request)
{
	return g_str_has_prefix(request->route->path, REDFISH_SYSTEM)
			       ? REDFISH_SYSTEM "/VirtualMedia"
			       : REDFISH_MANAGER "/VirtualMedia";
}

static json_t *media_text(const char *text)
{
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

	return valid ? json_string(valid) : json_null();
}

/* Which drive a request is about; -1, and the answer is given: there is none. */
static int media_drive(const struct redfish *redfish, const struct http_request *request,
		struct http_answer *answer)
{
	const char *name = json_string_value(json_object_get(request->values, "drive"));
	struct drives *drives = redfish->settings.drives;
	struct drives_status status;
	int drive = drives ? drives_find(drives, name) : -1;

	if (drive >= 0) { /* by its name, not by its number */
		drives_status(drives, drive, &status);
		if (strcmp(status.name, name) == 0)
			return drive;
	}
	redfish_refuse(answer, 404, "ResourceMissingAtURI", NULL, "no such drive");
	return -1;
}

bool redfish_media(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const struct redfish *redfish = data;
	struct drives *drives = redfish->settings.drives;
	size_t count = drives ? drives_count(drives) : 0;
	json_t *members = json_array();

	for (size_t i = 0; i < count; i++) {
		g_autofree char *path = NULL;
		struct drives_status status;

		drives_status(drives, i, &status);
		path = g_strconcat(media_path(request), "/", status.name, NULL);
		json_array_append_new(members, redfish_link(path));
	}
	return redfish_show(
			answer, json_pack("{s:s, s:s, s:s, s:i, s:o}", "@odata.id",
						media_path(request), "@odata.type",
						"#VirtualMediaCollection.VirtualMediaCollection",
						"Name", "Virtual Media", "Members@odata.count",
						(int)count, "Members", members));
}

/* Whether the node has the medium; one that could not be opened is not in it. */
static bool media_is_in(const struct drives_status *status)
{
	switch (status->state) {
	case DRIVES_READY:
	case DRIVES_WAITING:
	case DRIVES_EJECTING:
		return true;
	case DRIVES_FAILED:
		return status->size > 0;
	case DRIVES_EMPTY:
	case DRIVES_OPENING:
		break;
	}
	return false;
}

static const char *media_protocol(const char *source)
{
	if (g_str_has_prefix(source, "https:"))
		return "HTTPS";
	return g_str_has_prefix(source, "http:") ? "HTTP" : "OEM";
}

/* What of it depends on the medium. */
static void media_show_image(json_t *medium, const struct drives_status *status)
{
	const bool in = media_is_in(status);
	const char *source = in ? status->source : NULL;
	g_autofree char *plain = source ? g_strndup(source, strcspn(source, "?#")) : NULL;
	g_autofree char *name = plain ? g_path_get_basename(plain) : NULL;
	const char *via = !in ? "NotConnected" : status->viewer ? "Applet" : "URI";

	json_object_set_new(medium, "Inserted", json_boolean(in));
	json_object_set_new(medium, "Image", media_text(source));
	json_object_set_new(medium, "ImageName", media_text(name));
	json_object_set_new(medium, "ConnectedVia", json_string(via));
	json_object_set_new(medium, "WriteProtected",
			json_boolean(!in || status->write == DRIVES_READ_ONLY));
	json_object_set_new(medium, "TransferProtocolType",
			source ? json_string(media_protocol(source)) : json_null());
	json_object_set_new(medium, "TransferMethod", in ? json_string("Stream") : json_null());
}

static json_t *media_resource(
		const struct redfish *redfish, const struct http_request *request, size_t drive)
{
	struct drives_status status;
	g_autofree char *path = NULL, *insert = NULL, *eject = NULL;
	const char *health = "OK";
	json_t *medium;

	drives_status(redfish->settings.drives, drive, &status);
	path = g_strconcat(media_path(request), "/", status.name, NULL);
	insert = g_strconcat(path, "/Actions/VirtualMedia.InsertMedia", NULL);
	eject = g_strconcat(path, "/Actions/VirtualMedia.EjectMedia", NULL);
	if (status.state == DRIVES_FAILED || status.state == DRIVES_WAITING || status.fault)
		health = "Warning";
	medium = json_pack("{s:s, s:s, s:s, s:s, s:o, s:n, s:n, s:b, s:{s:s, s:s}, "
			   "s:{s:{s:s}, s:{s:s}}}",
			"@odata.id", path, "@odata.type", "#VirtualMedia.v1_4_0.VirtualMedia", "Id",
			status.name, "Name", status.name, "MediaTypes",
			status.as == DRIVES_AS_CD ? json_pack("[s, s]", "CD", "DVD")
						  : json_pack("[s]", "USBStick"),
			"UserName", "Password", "VerifyCertificate", redfish->verify[drive],
			"Status", "State", "Enabled", "Health", health, "Actions",
			"#VirtualMedia.InsertMedia", "target", insert, "#VirtualMedia.EjectMedia",
			"target", eject);
	media_show_image(medium, &status);
	if (*status.reason)
		json_object_set_new(medium, "Description", media_text(status.reason));
	return medium;
}

bool redfish_medium(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	int drive = media_drive(data, request, answer);

	return drive < 0 || redfish_show(answer, media_resource(data, request, drive));
}

/* --- In and out --- */

static bool media_refuse(struct http_answer *answer, const GError *error)
{
	if (g_error_matches(error, DRIVES_ERROR, DRIVES_ERROR_STATE))
		return redfish_refuse(answer, 409, "ResourceInUse", NULL, error->message);
	return redfish_refuse(answer, 400, "GeneralError", NULL, error->message);
}

static bool media_insert(struct redfish *redfish, const struct http_request *request, size_t drive,
		const struct redfish_insert *insert, struct http_answer *answer)
{
	const bool web = g_str_has_prefix(media_protocol(insert->image), "HTTP");
	struct drives_status status;
	struct drives_request wish = {
			.source = insert->image,
			.user = insert->user,
			.password = insert->password,
			.insecure = !redfish->verify[drive],
	};
	g_autoptr(GError) error = NULL;

	drives_status(redfish->settings.drives, drive, &status);
	wish.as = status.as;          /* a drive stays what its MediaTypes say */
	if (!insert->write_protected) /* no web server takes it back */
		wish.write = web ? DRIVES_OVERLAY : DRIVES_READ_WRITE;
	if (!drives_insert(redfish->settings.drives, drive, &wish, &error))
		return media_refuse(answer, error);
	drives_routes_inserted(
			&(struct drives_routes){redfish->settings.drives, redfish->settings.audit},
			drive, request);
	redfish_wait(redfish, request, drive, REDFISH_INSERTED);
	return true;
}

static bool media_eject(struct redfish *redfish, const struct http_request *request, size_t drive,
		struct http_answer *answer)
{
	struct drives_status status;
	g_autoptr(GError) error = NULL;

	drives_status(redfish->settings.drives, drive, &status);
	if (status.state == DRIVES_EMPTY)
		return redfish_done(answer);
	if (!drives_eject(redfish->settings.drives, drive, false, &error))
		return media_refuse(answer, error);
	drives_routes_ejected(
			&(struct drives_routes){redfish->settings.drives, redfish->settings.audit},
			drive, false, request);
	redfish_wait(redfish, request, drive, REDFISH_EJECTED);
	return true;
}

bool redfish_medium_insert(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	struct redfish_insert insert;
	struct redfish_fault fault;
	int drive = media_drive(data, request, answer);

	if (drive < 0)
		return true;
	if (!redfish_body_insert(request->body, &insert, &fault))
		return redfish_refuse_fault(answer, &fault);
	media_insert(data, request, drive, &insert, answer);
	redfish_insert_clear(&insert);
	return true;
}

bool redfish_medium_eject(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	int drive = media_drive(data, request, answer);

	return drive < 0 || media_eject(data, request, drive, answer);
}

bool redfish_medium_patch(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	struct redfish *redfish = data;
	struct redfish_medium_patch patch;
	struct redfish_fault fault;
	int drive = media_drive(redfish, request, answer);
	json_t *now;
	bool current;

	if (drive < 0)
		return true;
	now = media_resource(redfish, request, drive);
	current = redfish_is_current(request, now, answer);
	json_decref(now);
	if (!current)
		return true;
	if (!redfish_body_medium(request->body, &patch, &fault))
		return redfish_refuse_fault(answer, &fault);
	if (patch.verify >= 0)
		redfish->verify[drive] = patch.verify;
	if (patch.insert)
		media_insert(redfish, request, drive, &patch.what, answer);
	else if (patch.eject)
		media_eject(redfish, request, drive, answer);
	else
		redfish_show(answer, media_resource(redfish, request, drive));
	redfish_insert_clear(&patch.what);
	return true;
}
