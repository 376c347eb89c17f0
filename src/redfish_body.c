/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "src/redfish_body.h"

static bool body_fault(struct redfish_fault *fault, const char *id, const char *property,
		const char *format, ...) G_GNUC_PRINTF(4, 5);

static bool body_fault(struct redfish_fault *fault, const char *id, const char *property,
		const char *format, ...)
{
	va_list args;

	fault->id = id;
	fault->property = property;
	va_start(args, format);
	g_vsnprintf(fault->text, sizeof(fault->text), format, args);
	va_end(args);
	return false;
}

/* A member that may be missing or null, which leaves value as it is. */
static bool body_text(const json_t *body, const char *name, const char **value,
		struct redfish_fault *fault)
{
	const json_t *member = json_object_get(body, name);

	if (!member || json_is_null(member))
		return true;
	if (!json_is_string(member))
		return body_fault(fault, "ActionParameterValueTypeError", name, "%s must be a text",
				name);
	*value = json_string_value(member);
	return true;
}

static bool body_bool(
		const json_t *body, const char *name, bool *value, struct redfish_fault *fault)
{
	const json_t *member = json_object_get(body, name);

	if (!member || json_is_null(member))
		return true;
	if (!json_is_boolean(member))
		return body_fault(fault, "ActionParameterValueTypeError", name,
				"%s must be true or false", name);
	*value = json_is_true(member);
	return true;
}

/* Members that nobody knows are told rather than passed over. known: up to NULL. */
static bool body_known(const json_t *body, const char *const *known, struct redfish_fault *fault)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)body, name, value)
	{
		const char *const *each = known;

		if (name[0] == '@' || strcmp(name, "Oem") == 0)
			continue;
		while (*each && strcmp(*each, name) != 0)
			each++;
		if (!*each)
			return body_fault(fault, "PropertyUnknown", NULL,
					"\"%.60s\" is not known here", name);
	}
	return true;
}

/* --- VirtualMedia --- */

static bool body_has_scheme(const char *image)
{
	static const char *const schemes[] = {"http://", "https://", "file:", "nbd://", "nbds://",
			"nbd+unix:", "nbds+unix:"};

	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
		if (g_ascii_strncasecmp(image, schemes[i], strlen(schemes[i])) == 0)
			return true;
	return false;
}

/* The image with its scheme, which may stand beside it. */
static char *body_image(const char *image, const char *protocol, struct redfish_fault *fault)
{
	if (body_has_scheme(image))
		return g_strdup(image);
	if (protocol && !strstr(image, "://") && *image != '/') {
		if (strcmp(protocol, "HTTP") == 0)
			return g_strconcat("http://", image, NULL);
		if (strcmp(protocol, "HTTPS") == 0)
			return g_strconcat("https://", image, NULL);
	}
	body_fault(fault, "ActionParameterValueFormatError", "Image",
			"Image must be a URI that begins with http, https, nbd, nbds or file");
	return NULL;
}

static bool body_protocol(const char *protocol, struct redfish_fault *fault)
{
	if (!protocol || strcmp(protocol, "HTTP") == 0 || strcmp(protocol, "HTTPS") == 0 ||
			strcmp(protocol, "OEM") == 0)
		return true;
	return body_fault(fault, "ActionParameterValueNotInList", "TransferProtocolType",
			"TransferProtocolType must be HTTP, HTTPS or OEM, not \"%.40s\"", protocol);
}

bool redfish_body_insert(
		const json_t *body, struct redfish_insert *insert, struct redfish_fault *fault)
{
	static const char *const known[] = {"Image", "Inserted", "WriteProtected", "UserName",
			"Password", "TransferMethod", "TransferProtocolType", "MediaType", NULL};
	const char *image = NULL, *method = NULL, *protocol = NULL;
	bool inserted = true;

	*insert = (struct redfish_insert){.write_protected = true};
	if (!body_known(body, known, fault) || !body_text(body, "Image", &image, fault) ||
			!body_bool(body, "Inserted", &inserted, fault) ||
			!body_bool(body, "WriteProtected", &insert->write_protected, fault) ||
			!body_text(body, "UserName", &insert->user, fault) ||
			!body_text(body, "Password", &insert->password, fault) ||
			!body_text(body, "TransferMethod", &method, fault) ||
			!body_text(body, "TransferProtocolType", &protocol, fault))
		return false;
	if (!image || !*image)
		return body_fault(fault, "ActionParameterMissing", "Image", "Image is missing");
	if (!inserted)
		return body_fault(fault, "ActionParameterNotSupported", "Inserted",
				"an image cannot be attached without being inserted");
	if (method && strcmp(method, "Stream") != 0)
		return body_fault(fault, "ActionParameterValueNotInList", "TransferMethod",
				"TransferMethod must be Stream");
	if (!body_protocol(protocol, fault))
		return false;
	insert->image = body_image(image, protocol, fault);
	return insert->image != NULL;
}

void redfish_insert_clear(struct redfish_insert *insert)
{
	g_clear_pointer(&insert->image, g_free);
}

bool redfish_body_medium(
		const json_t *body, struct redfish_medium_patch *patch, struct redfish_fault *fault)
{
	const json_t *image = json_object_get(body, "Image");
	const json_t *inserted = json_object_get(body, "Inserted");
	json_t *rest;
	bool verify = true, good;

	*patch = (struct redfish_medium_patch){.verify = -1};
	if (!body_bool(body, "VerifyCertificate", &verify, fault))
		return false;
	if (json_object_get(body, "VerifyCertificate"))
		patch->verify = verify;
	patch->eject = json_is_null(image) || (!image && json_is_false(inserted)) ||
		       (json_is_string(image) && json_string_length(image) == 0);
	if (patch->eject || (!image && patch->verify >= 0 && json_object_size(body) == 1))
		return true;
	rest = json_copy((json_t *)body);
	json_object_del(rest, "VerifyCertificate");
	good = redfish_body_insert(rest, &patch->what, fault);
	patch->insert = good;
	json_decref(rest); /* the strings are the body's too */
	return good;
}

/* --- ComputerSystem --- */

static const char *const body_boots[] = {
		[POWER_BOOT_NONE] = "None",
		[POWER_BOOT_CD] = "Cd",
		[POWER_BOOT_DISK] = "Hdd",
		[POWER_BOOT_PXE] = "Pxe",
};

static const char *const body_times[] = {
		[POWER_BOOT_NEVER] = "Disabled",
		[POWER_BOOT_ONCE] = "Once",
		[POWER_BOOT_CONTINUOUS] = "Continuous",
};

const char *redfish_boot_word(enum power_boot boot)
{
	return body_boots[boot];
}

const char *redfish_boot_for_word(enum power_boot_for how_long)
{
	return body_times[how_long];
}

/* The place of a member's text among words; -1: it is not there. */
static bool body_word(const json_t *body, const char *name, const char *const *words, int count,
		int *place, struct redfish_fault *fault)
{
	const char *text = NULL;

	*place = -1;
	if (!body_text(body, name, &text, fault))
		return false;
	for (int i = 0; text && i < count; i++)
		if (strcmp(words[i], text) == 0)
			*place = i;
	if (text && *place < 0)
		return body_fault(fault, "PropertyValueNotInList", name, "%s cannot be \"%.60s\"",
				name, text);
	return true;
}

bool redfish_body_boot(const json_t *body, struct redfish_boot *boot, struct redfish_fault *fault)
{
	static const char *const outer[] = {"Boot", NULL};
	static const char *const inner[] = {
			"BootSourceOverrideTarget", "BootSourceOverrideEnabled", NULL};
	const json_t *object = json_object_get(body, "Boot");

	*boot = (struct redfish_boot){-1, -1};
	if (!body_known(body, outer, fault))
		return false;
	if (!json_is_object(object))
		return body_fault(fault, "PropertyMissing", "Boot", "Boot must be an object");
	return body_known(object, inner, fault) &&
	       body_word(object, inner[0], body_boots, G_N_ELEMENTS(body_boots), &boot->target,
			       fault) &&
	       body_word(object, inner[1], body_times, G_N_ELEMENTS(body_times), &boot->how_long,
			       fault);
}

const char *redfish_body_reset(const json_t *body, struct redfish_fault *fault)
{
	static const char *const known[] = {"ResetType", NULL};
	const char *type = NULL;

	if (!body_known(body, known, fault) || !body_text(body, "ResetType", &type, fault))
		return NULL;
	if (!type)
		body_fault(fault, "ActionParameterMissing", "ResetType", "ResetType is missing");
	return type;
}

/* --- Sessions --- */

bool redfish_body_session(const json_t *body, const char **user, const char **password,
		struct redfish_fault *fault)
{
	*user = NULL;
	*password = NULL;
	if (!body_text(body, "UserName", user, fault) ||
			!body_text(body, "Password", password, fault))
		return false;
	if (!*user || !*password)
		return body_fault(fault, "PropertyMissing", *user ? "Password" : "UserName",
				"%s is missing", *user ? "Password" : "UserName");
	return true;
}
