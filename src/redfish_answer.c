/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/redfish_part.h"

#define REDFISH_ETAG 16 /* digits of the checksum */

/* DSP0266, 8.6: "error" with the registry's message, and what it is about. */
static json_t *answer_error(const char *id, const char *property, const char *text)
{
	g_autofree char *code = g_strconcat("Base.1.8.", id, NULL);
	json_t *info = json_pack("{s:s, s:s, s:s, s:[], s:s, s:s}", "@odata.type",
			"#Message.v1_1_1.Message", "MessageId", code, "Message", text,
			"MessageArgs", "Severity", "Warning", "Resolution",
			"See the message; the console's log may say more.");

	if (property) {
		g_autofree char *pointer = g_strconcat("#/", property, NULL);

		json_object_set_new(info, "RelatedProperties", json_pack("[s]", pointer));
	}
	return json_pack("{s:{s:s, s:s, s:[o]}}", "error", "code", code, "message", text,
			"@Message.ExtendedInfo", info);
}

static json_t *answer_style(unsigned int status, const char *message)
{
	const char *id = "GeneralError";

	switch (status) {
	case 400:
		id = "MalformedJSON";
		break;
	case 401:
		id = "NoValidSession";
		break;
	case 403:
		id = "InsufficientPrivilege";
		break;
	case 404:
		id = "ResourceMissingAtURI";
		break;
	case 405:
		id = "OperationNotAllowed";
		break;
	case 503:
		id = "ServiceShuttingDown";
		break;
	}
	return answer_error(id, NULL, message);
}

static const char *const answer_headers[][2] = {{"OData-Version", "4.0"}, {NULL, NULL}};

const struct http_style redfish_style = {"/redfish", answer_style, answer_headers};

bool redfish_refuse(struct http_answer *answer, unsigned int status, const char *id,
		const char *property, const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	answer->status = status;
	answer->json = answer_error(id, property, valid);
	return true;
}

bool redfish_refuse_fault(struct http_answer *answer, const struct redfish_fault *fault)
{
	return redfish_refuse(answer, 400, fault->id, fault->property, fault->text);
}

/* New: a checksum of what the resource says, in quotes. */
static char *answer_etag(const json_t *resource)
{
	g_autofree char *sum = NULL;
	char *text = json_dumps(resource, JSON_COMPACT | JSON_SORT_KEYS);

	sum = g_compute_checksum_for_string(G_CHECKSUM_SHA1, text ? text : "", -1);
	free(text);
	sum[REDFISH_ETAG] = '\0';
	return g_strdup_printf("\"%s\"", sum);
}

bool redfish_show(struct http_answer *answer, json_t *resource)
{
	g_autofree char *etag = answer_etag(resource);

	json_object_set_new(resource, "@odata.etag", json_string(etag));
	http_answer_header(answer, "ETag", etag);
	answer->json = resource;
	return true;
}

bool redfish_done(struct http_answer *answer)
{
	answer->status = 204;
	return true;
}

bool redfish_is_current(const struct http_request *request, const json_t *resource,
		struct http_answer *answer)
{
	g_autofree char *etag = answer_etag(resource);
	const char *match = request->if_match;

	if (!match || strcmp(match, "*") == 0 || strstr(match, etag))
		return true;
	redfish_refuse(answer, 412, "PreconditionFailed", NULL,
			"it has changed since you looked (If-Match)");
	return false;
}

json_t *redfish_link(const char *path)
{
	return json_pack("{s:s}", "@odata.id", path);
}
