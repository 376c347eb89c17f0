/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bodies of Redfish requests: whatever is taken must be something that can be done, and whatever is
 * not must be told.
 */
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include "src/redfish_body.h"
#include "tests/fuzz/targets.h"

static void check_fault(const struct redfish_fault *fault)
{
	g_assert_nonnull(fault->id);
	g_assert_cmpuint(strlen(fault->text), >, 0);
}

static void check_insert(const struct redfish_insert *insert)
{
	g_assert_nonnull(strchr(insert->image, ':'));
	g_assert_true(insert->image[0] != '/');
	g_assert_true(!insert->user || strlen(insert->user) <= 1 << 20);
}

static void check_media(const json_t *body)
{
	struct redfish_medium_patch patch;
	struct redfish_insert insert;
	struct redfish_fault fault;

	if (redfish_body_insert(body, &insert, &fault)) {
		check_insert(&insert);
		redfish_insert_clear(&insert);
	} else {
		check_fault(&fault);
	}
	if (!redfish_body_medium(body, &patch, &fault)) {
		check_fault(&fault);
		return;
	}
	g_assert_false(patch.insert && patch.eject);
	if (patch.insert)
		check_insert(&patch.what);
	redfish_insert_clear(&patch.what);
}

static void check_system(const json_t *body)
{
	struct redfish_fault fault;
	struct redfish_boot boot;
	const char *user, *password;

	if (!redfish_body_boot(body, &boot, &fault))
		check_fault(&fault);
	else if (boot.target >= 0)
		g_assert_nonnull(redfish_boot_word(boot.target));
	if (!redfish_body_reset(body, &fault))
		check_fault(&fault);
	if (!redfish_body_session(body, &user, &password, &fault))
		check_fault(&fault);
	else
		g_assert_true(user && password);
}

int target_redfish(const uint8_t *data, size_t size)
{
	json_t *body = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);

	if (!body || json_is_object(body)) { /* the server lets nothing else pass */
		check_media(body);
		check_system(body);
	}
	json_decref(body);
	return 0;
}
