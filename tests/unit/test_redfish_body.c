/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "src/redfish_body.h"

static json_t *parse(const char *text)
{
	json_t *body = json_loads(text, 0, NULL);

	g_assert_nonnull(body);
	return body;
}

static void assert_image(const char *text, const char *image)
{
	json_t *body = parse(text);
	struct redfish_insert insert;
	struct redfish_fault fault;

	g_assert_true(redfish_body_insert(body, &insert, &fault));
	g_assert_cmpstr(insert.image, ==, image);
	redfish_insert_clear(&insert);
	json_decref(body);
}

static void assert_fault(const char *text, const char *id, const char *property)
{
	json_t *body = text ? parse(text) : NULL;
	struct redfish_insert insert;
	struct redfish_fault fault;

	g_assert_false(redfish_body_insert(body, &insert, &fault));
	g_assert_null(insert.image);
	g_assert_cmpstr(fault.id, ==, id);
	g_assert_cmpstr(fault.property, ==, property);
	json_decref(body);
}

static void test_an_image_has_a_scheme(void)
{
	assert_image("{\"Image\": \"https://a/b.iso\"}", "https://a/b.iso");
	assert_image("{\"Image\": \"NBD://a/b\"}", "NBD://a/b");
	assert_image("{\"Image\": \"file:///b.iso\", \"TransferProtocolType\": \"OEM\"}",
			"file:///b.iso");
	assert_image("{\"Image\": \"a/b.iso\", \"TransferProtocolType\": \"HTTPS\"}",
			"https://a/b.iso");
	assert_image("{\"Image\": \"a/b.iso\", \"TransferProtocolType\": \"HTTP\"}",
			"http://a/b.iso");
	assert_fault("{\"Image\": \"a/b.iso\"}", "ActionParameterValueFormatError", "Image");
	assert_fault("{\"Image\": \"/etc/shadow\", \"TransferProtocolType\": \"HTTP\"}",
			"ActionParameterValueFormatError", "Image");
	assert_fault("{\"Image\": \"smb://a/b\", \"TransferProtocolType\": \"HTTP\"}",
			"ActionParameterValueFormatError", "Image");
}

static void test_what_cannot_be_done_is_told(void)
{
	assert_fault(NULL, "ActionParameterMissing", "Image");
	assert_fault("{}", "ActionParameterMissing", "Image");
	assert_fault("{\"Image\": 7}", "ActionParameterValueTypeError", "Image");
	assert_fault("{\"Image\": \"http://a/b\", \"Inserted\": \"yes\"}",
			"ActionParameterValueTypeError", "Inserted");
	assert_fault("{\"Image\": \"http://a/b\", \"Inserted\": false}",
			"ActionParameterNotSupported", "Inserted");
	assert_fault("{\"Image\": \"http://a/b\", \"TransferMethod\": \"Upload\"}",
			"ActionParameterValueNotInList", "TransferMethod");
	assert_fault("{\"Image\": \"http://a/b\", \"TransferProtocolType\": \"CIFS\"}",
			"ActionParameterValueNotInList", "TransferProtocolType");
	assert_fault("{\"Image\": \"http://a/b\", \"Imgae\": 1}", "PropertyUnknown", NULL);
}

static void test_null_is_as_good_as_nothing(void)
{
	json_t *body = parse("{\"Image\": \"http://a/b\", \"UserName\": null, \"Password\": null, "
			     "\"WriteProtected\": null, \"Oem\": {}, \"@odata.id\": \"\"}");
	struct redfish_insert insert;
	struct redfish_fault fault;

	g_assert_true(redfish_body_insert(body, &insert, &fault));
	g_assert_true(insert.write_protected);
	g_assert_null(insert.user);
	redfish_insert_clear(&insert);
	json_decref(body);
}

static void assert_patch(const char *text, bool insert, bool eject, int verify)
{
	json_t *body = parse(text);
	struct redfish_medium_patch patch;
	struct redfish_fault fault;

	g_assert_true(redfish_body_medium(body, &patch, &fault));
	g_assert_cmpint(patch.insert, ==, insert);
	g_assert_cmpint(patch.eject, ==, eject);
	g_assert_cmpint(patch.verify, ==, verify);
	redfish_insert_clear(&patch.what);
	json_decref(body);
}

static void test_a_patch_inserts_ejects_and_verifies(void)
{
	assert_patch("{\"Image\": \"http://a/b\", \"Inserted\": true}", true, false, -1);
	assert_patch("{\"Image\": \"http://a/b\", \"VerifyCertificate\": false}", true, false, 0);
	assert_patch("{\"Image\": null}", false, true, -1);
	assert_patch("{\"Image\": null, \"Inserted\": false}", false, true, -1);
	assert_patch("{\"Inserted\": false}", false, true, -1);
	assert_patch("{\"VerifyCertificate\": true}", false, false, 1);
}

static void assert_boot(const char *text, int target, int how_long, const char *property)
{
	json_t *body = parse(text);
	struct redfish_boot boot;
	struct redfish_fault fault;

	g_assert_cmpint(redfish_body_boot(body, &boot, &fault), ==, property == NULL);
	if (property) {
		g_assert_cmpstr(fault.property ? fault.property : "", ==, property);
	} else {
		g_assert_cmpint(boot.target, ==, target);
		g_assert_cmpint(boot.how_long, ==, how_long);
	}
	json_decref(body);
}

static void test_a_wish_for_the_next_boot_is_read(void)
{
	assert_boot("{\"Boot\": {\"BootSourceOverrideTarget\": \"Hdd\"}}", POWER_BOOT_DISK, -1,
			NULL);
	assert_boot("{\"Boot\": {\"BootSourceOverrideTarget\": \"Cd\", "
		    "\"BootSourceOverrideEnabled\": \"Continuous\"}}",
			POWER_BOOT_CD, POWER_BOOT_CONTINUOUS, NULL);
	assert_boot("{\"Boot\": {\"BootSourceOverrideEnabled\": \"Disabled\"}}", -1,
			POWER_BOOT_NEVER, NULL);
	assert_boot("{\"Boot\": {\"BootSourceOverrideTarget\": \"Floppy\"}}", 0, 0,
			"BootSourceOverrideTarget");
	assert_boot("{\"Boot\": {\"BootSourceOverrideMode\": \"UEFI\"}}", 0, 0, "");
	assert_boot("{\"Boot\": 7}", 0, 0, "Boot");
	assert_boot("{\"AssetTag\": \"x\"}", 0, 0, "");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/redfish-body/" #name, test_##name)
	TEST(an_image_has_a_scheme);
	TEST(what_cannot_be_done_is_told);
	TEST(null_is_as_good_as_nothing);
	TEST(a_patch_inserts_ejects_and_verifies);
	TEST(a_wish_for_the_next_boot_is_read);
	return g_test_run();
}
