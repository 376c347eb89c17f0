/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The probe's judgement, of devices that are only bytes: good ones and ones with one fault each. */
#include "gadget/pointer.h"
#include "tests/unit/usbprobe_rig.h"
#include "tools/usbprobe/print.h"

static bool found(const struct fixture *f, enum finding_level level, const char *words)
{
	const struct finding *finding;

	for (guint i = 0; (finding = findings_get(&f->findings, i)); i++)
		if (finding->level == level && strstr(finding->text, words))
			return true;
	return false;
}

static void show(const struct fixture *f)
{
	const struct finding *finding;

	for (guint i = 0; (finding = findings_get(&f->findings, i)); i++)
		g_test_message("%s %s: %s", findings_level(finding->level), finding->subject,
				finding->text);
}

/* One thing is wrong, and said with these words. */
static void assert_wrong(struct fixture *f, const char *words)
{
	checks_run(f->probe, &f->findings);
	show(f);
	g_assert_cmpint(f->findings.wrong, ==, 1);
	g_assert_true(found(f, FINDING_WRONG, words));
	fixture_close(f);
}

static void assert_good(struct fixture *f)
{
	checks_run(f->probe, &f->findings);
	show(f);
	g_assert_cmpint(f->findings.wrong, ==, 0);
}

static void test_a_good_keyboard_passes(void)
{
	struct fixture f;

	fixture_open(&f);
	assert_good(&f);
	g_assert_true(found(&f, FINDING_OK, "keyboard; reports of 8 bytes in, 1 out"));
	g_assert_true(found(&f, FINDING_OK, "boot protocol, keyboard"));
	g_assert_true(found(&f, FINDING_OK, "can wake"));
	g_assert_true(found(&f, FINDING_OK, "at most 100 mA"));
	fixture_close(&f);
}

static void test_pointers_pass(void)
{
	static const guint8 zero[8];
	struct fixture f;

	fixture_open(&f);
	byte(&f, AT_SUBCLASS, 0);
	byte(&f, AT_PROTOCOL, 0);
	report_descriptor(&f, pointer_absolute_descriptor, pointer_absolute_descriptor_size);
	answer(&hid(&f)->input, zero, POINTER_ABSOLUTE_SIZE);
	hid(&f)->lights.asked = false;
	assert_good(&f);
	g_assert_true(found(&f, FINDING_OK, "absolute pointer; reports of 6 bytes in"));
	fixture_close(&f);

	fixture_open(&f);
	byte(&f, AT_PROTOCOL, 2);
	report_descriptor(&f, pointer_relative_descriptor, pointer_relative_descriptor_size);
	answer(&hid(&f)->input, zero, POINTER_RELATIVE_SIZE);
	hid(&f)->lights.asked = false;
	assert_good(&f);
	g_assert_true(found(&f, FINDING_OK, "boot protocol, mouse"));
	fixture_close(&f);
}

static void test_a_keyboard_that_firmware_would_miss_is_wrong(void)
{
	struct fixture f;

	fixture_open(&f);
	byte(&f, AT_SUBCLASS, 0);
	assert_wrong(&f, "subclass 0, protocol 1 instead of 1, 1");
	fixture_open(&f);
	byte(&f, AT_PROTOCOL, 2);
	assert_wrong(&f, "subclass 1, protocol 2 instead of 1, 1");
	fixture_open(&f);
	byte(&f, AT_PROTOCOL, 0);
	assert_wrong(&f, "subclass 1, protocol 0 instead of 1, 1");
}

static void test_an_absolute_pointer_is_no_boot_mouse(void)
{
	static const guint8 zero[8];
	struct fixture f;

	fixture_open(&f);
	byte(&f, AT_PROTOCOL, 2);
	report_descriptor(&f, pointer_absolute_descriptor, pointer_absolute_descriptor_size);
	answer(&hid(&f)->input, zero, POINTER_ABSOLUTE_SIZE);
	assert_wrong(&f, "boot mouse: it has no relative motion");
}

static void test_report_lengths_that_do_not_fit_are_wrong(void)
{
	struct fixture f;

	fixture_open(&f);
	byte(&f, AT_IN + 4, 4);
	assert_wrong(&f, "takes 4 bytes, a report has 8");
	fixture_open(&f);
	hid(&f)->input.size = 4;
	assert_wrong(&f, "GET_REPORT: 4 bytes of 8");
	fixture_open(&f);
	byte(&f, AT_REPORT_SIZE, (guint8)(keyboard_descriptor_size + 1));
	assert_wrong(&f, "the HID descriptor says");
	fixture_open(&f);
	byte(&f, AT_IN + 4, 0);
	checks_run(f.probe, &f.findings);
	g_assert_true(found(&f, FINDING_WRONG, "takes 0 bytes; high speed allows 1 to 1024"));
	fixture_close(&f);
}

static void test_missing_strings_are_wrong(void)
{
	static const char *const words[] = {"a node's user", "a node's user", "cannot tell this"};

	for (int i = 0; i < PROBE_STRINGS; i++) {
		struct fixture f;

		fixture_open(&f);
		f.probe->device_bytes.bytes[14 + i] = 0;
		f.probe->string[i] = (struct probe_text){0};
		assert_wrong(&f, words[i]);
		fixture_open(&f);
		*f.probe->string[i].text = '\0';
		assert_wrong(&f, "empty");
		fixture_open(&f);
		f.probe->string[i] = (struct probe_text){.asked = true, .error = "no answer"};
		assert_wrong(&f, "cannot be read: no answer");
	}
}

static void test_requests_that_fail_are_wrong(void)
{
	struct fixture f;

	fixture_open(&f);
	hid(&f)->protocol.error = "refused";
	assert_wrong(&f, "GET_PROTOCOL failed: refused");
	fixture_open(&f);
	hid(&f)->idle.error = "refused";
	assert_wrong(&f, "GET_IDLE failed");
	fixture_open(&f);
	hid(&f)->lights.error = "refused";
	assert_wrong(&f, "the lights' report failed");
	fixture_open(&f);
	hid(&f)->boot.bytes[0] = 1;
	assert_wrong(&f, "does not take effect");
	fixture_open(&f);
	f.probe->waited = 3;
	assert_wrong(&f, "none came within 3 s");
	fixture_open(&f);
	hid(&f)->input.ms = 2500;
	assert_good(&f);
	g_assert_true(found(&f, FINDING_NOTE, "GET_REPORT took 2500 ms"));
	fixture_close(&f);
	fixture_open(&f);
	hid(&f)->claim_error = "busy"; /* known, and not the device's fault */
	assert_good(&f);
	g_assert_true(found(&f, FINDING_NOTE, "not looked at: busy"));
	fixture_close(&f);
}

static void test_devices_that_break_the_rules_are_wrong(void)
{
	struct fixture f;

	fixture_open(&f);
	f.probe->device_bytes.bytes[7] = 8;
	assert_wrong(&f, "endpoint 0 takes 8 bytes");
	fixture_open(&f);
	byte(&f, AT_ATTRIBUTES, 0x60);
	assert_wrong(&f, "lacks bit 7");
	fixture_open(&f);
	byte(&f, AT_POWER, 255);
	assert_wrong(&f, "510 mA");
	fixture_open(&f);
	byte(&f, AT_COUNT, 2);
	assert_wrong(&f, "it says it has 2 interfaces, and has 1");
	fixture_open(&f);
	byte(&f, AT_INTERFACE + 4, 3);
	assert_wrong(&f, "it says it has 3 endpoints, and has 2");
	fixture_open(&f);
	byte(&f, AT_IN + 6, 17);
	assert_wrong(&f, "interval 17");
	fixture_open(&f);
	f.probe->active = 0;
	assert_wrong(&f, "none is in use");
	fixture_open(&f);
	f.probe->device_bytes.bytes[2] = 0x10; /* USB 2.10 and no BOS */
	assert_wrong(&f, "missing (refused), though");
	fixture_open(&f);
	f.probe->open_error = "permission denied";
	assert_wrong(&f, "permission denied");
}

static void test_drives_are_judged(void)
{
	guint8 bytes[AT_END + sizeof(storage_interface)];
	struct fixture f;

	memcpy(bytes, keyboard_bytes, AT_END);
	memcpy(bytes + AT_END, storage_interface, sizeof(storage_interface));
	bytes[2] = sizeof(bytes);
	bytes[AT_COUNT] = 2;
	bytes[AT_REPORT_SIZE] = (guint8)keyboard_descriptor_size;
	for (int round = 0; round < 4; round++) {
		fixture_open(&f);
		configure(&f, bytes, sizeof(bytes));
		if (round == 1)
			byte(&f, AT_END + 7, 0x62);
		if (round == 2)
			byte(&f, AT_END + 9 + 4 + 1, 0); /* 0 bytes rather than 512 */
		if (round == 3)
			text(&f, PROBE_SERIAL, "drive-1");
		checks_run(f.probe, &f.findings);
		g_assert_cmpint(checks_found(f.probe) & EXPECT_STORAGE, !=, 0);
		show(&f);
		g_assert_cmpint(f.findings.wrong > 0, ==, round == 1 || round == 2);
		g_assert_cmpint(found(&f, FINDING_NOTE, "at least 12 characters"), ==, round == 3);
		fixture_close(&f);
	}
}

static void test_devices_are_what_they_are(void)
{
	unsigned int expect;
	struct fixture f;

	g_assert_true(checks_expect("keyboard,wake,high", &expect));
	fixture_open(&f);
	checks_run(f.probe, &f.findings);
	g_assert_cmphex(checks_found(f.probe), ==, expect);
	fixture_close(&f);
	g_assert_true(checks_expect("mouse,low", &expect));
	fixture_open(&f);
	f.probe->speed = PROBE_LOW;
	byte(&f, AT_ATTRIBUTES, 0x80);
	report_descriptor(&f, pointer_relative_descriptor, pointer_relative_descriptor_size);
	checks_run(f.probe, &f.findings);
	g_assert_cmphex(checks_found(f.probe), ==, expect);
	fixture_close(&f);
	for (int bit = EXPECT_KEYBOARD; bit <= EXPECT_SUPER; bit <<= 1) {
		g_assert_true(checks_expect(checks_expect_word(bit), &expect));
		g_assert_cmphex(expect, ==, bit);
	}
	g_assert_false(checks_expect("", &expect));
	g_assert_false(checks_expect("keyboard,", &expect));
	g_assert_false(checks_expect("keyboards", &expect));
}

static void test_json_has_what_was_found(void)
{
	struct fixture f;
	json_t *object;

	fixture_open(&f);
	byte(&f, AT_SUBCLASS, 0);
	checks_run(f.probe, &f.findings);
	object = print_json(f.probe, &f.findings);
	g_assert_cmpint(json_integer_value(json_object_get(object, "wrong")), ==, 1);
	g_assert_cmpstr(json_string_value(json_object_get(object, "serial")), ==, "0123456789AB");
	g_assert_true(json_is_true(json_object_get(object, "wake")));
	g_assert_cmpuint(json_array_size(json_object_get(object, "checks")), ==,
			f.findings.list->len);
	json_decref(object);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/usbprobe/" path, function)
	TEST("a-good-keyboard-passes", test_a_good_keyboard_passes);
	TEST("pointers-pass", test_pointers_pass);
	TEST("a-keyboard-that-firmware-would-miss-is-wrong",
			test_a_keyboard_that_firmware_would_miss_is_wrong);
	TEST("an-absolute-pointer-is-no-boot-mouse", test_an_absolute_pointer_is_no_boot_mouse);
	TEST("report-lengths-that-do-not-fit-are-wrong",
			test_report_lengths_that_do_not_fit_are_wrong);
	TEST("missing-strings-are-wrong", test_missing_strings_are_wrong);
	TEST("requests-that-fail-are-wrong", test_requests_that_fail_are_wrong);
	TEST("devices-that-break-the-rules-are-wrong", test_devices_that_break_the_rules_are_wrong);
	TEST("drives-are-judged", test_drives_are_judged);
	TEST("devices-are-what-they-are", test_devices_are_what_they_are);
	TEST("json-has-what-was-found", test_json_has_what_was_found);
	return g_test_run();
}
