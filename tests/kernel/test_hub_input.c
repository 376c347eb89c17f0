/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>
#include "gadget/usage.h"
#include "tests/kernel/keys.h"
#include "tests/kernel/node.h"
#include "tests/kernel/rig.h"

#define UDC "dummy_udc.0"

struct fixture {
	struct rig rig;
	int keyboard, absolute, relative; /* the node's input devices */
};

static void fixture_inputs(struct fixture *f)
{
	node_wait((f->keyboard = node_input(UDC, NODE_KEYBOARD)) >= 0);
	node_wait((f->absolute = node_input(UDC, NODE_ABSOLUTE)) >= 0);
	node_wait((f->relative = node_input(UDC, NODE_RELATIVE)) >= 0);
}

static void fixture_forget(struct fixture *f)
{
	close(f->keyboard);
	close(f->absolute);
	close(f->relative);
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	rig_open(&f->rig, NULL);
	node_wait(f->rig.open == HUB_FUNCTIONS);
	fixture_inputs(f);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	fixture_forget(f);
	rig_close(&f->rig);
	node_wait(node_empty(UDC));
}

static void assert_key(struct fixture *f, int code, int value)
{
	struct input_event event;

	g_assert_true(node_event(f->keyboard, EV_KEY, &event, 5000));
	g_assert_cmpint(event.code, ==, code);
	g_assert_cmpint(event.value, ==, value);
}

static void assert_no_key(struct fixture *f)
{
	struct input_event event;

	g_assert_false(node_event(f->keyboard, EV_KEY, &event, 300));
}

static void press(struct fixture *f, uint8_t usage)
{
	keyboard_key(f->rig.keyboard, usage, true);
}

static void release(struct fixture *f, uint8_t usage)
{
	keyboard_key(f->rig.keyboard, usage, false);
}

static void test_every_key_arrives_as_itself(struct fixture *f, gconstpointer unused)
{
	for (int i = 0; i < KEYS; i++) {
		press(f, keys[i].usage);
		assert_key(f, keys[i].code, 1);
		release(f, keys[i].usage);
		assert_key(f, keys[i].code, 0);
	}
	assert_no_key(f);
}

static void test_seventh_key_rolls_over_and_comes_back(struct fixture *f, gconstpointer unused)
{
	for (int i = 0; i < 6; i++) {
		press(f, keys[i].usage);
		assert_key(f, keys[i].code, 1);
	}
	press(f, keys[6].usage);
	assert_no_key(f); /* the driver keeps what it knows while a keyboard rolls over */
	release(f, keys[0].usage);
	for (int i = 0; i < 2; i++) {
		struct input_event event;

		g_assert_true(node_event(f->keyboard, EV_KEY, &event, 5000));
		g_assert_cmpint(event.code, ==, event.value ? keys[6].code : keys[0].code);
	}
	keyboard_release_all(f->rig.keyboard);
	node_wait(!node_key_down(f->keyboard, keys[1].code));
	for (int i = 0; i < 7; i++)
		g_assert_false(node_key_down(f->keyboard, keys[i].code));
}

static void test_a_thousand_keys_arrive_once_each(struct fixture *f, gconstpointer unused)
{
	int sent = 0, heard = 0;

	while (heard < 2000) {
		struct input_event event;

		while (sent < 2000 && sent - heard < KEYBOARD_WAITING - 2) {
			keyboard_key(f->rig.keyboard, keys[sent / 2 % 52].usage, sent % 2 == 0);
			sent++;
		}
		g_assert_true(node_event(f->keyboard, EV_KEY, &event, 5000));
		g_assert_cmpint(event.code, ==, keys[heard / 2 % 52].code);
		g_assert_cmpint(event.value, ==, heard % 2 == 0);
		heard++;
	}
	assert_no_key(f);
}

static void test_lights_come_back(struct fixture *f, gconstpointer unused)
{
	static const struct {
		int light;
		unsigned int bit;
	} lights[] = {
			{LED_NUML, KEYBOARD_NUM_LOCK},
			{LED_CAPSL, KEYBOARD_CAPS_LOCK},
			{LED_SCROLLL, KEYBOARD_SCROLL_LOCK},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(lights); i++) {
		node_light(f->keyboard, lights[i].light, true);
		node_wait(f->rig.lights & lights[i].bit);
		node_light(f->keyboard, lights[i].light, false);
		node_wait(!(f->rig.lights & lights[i].bit));
	}
}

static void test_corners_are_exact(struct fixture *f, gconstpointer unused)
{
	static const int places[][2] = {{0, 0}, {POINTER_MAX, 0}, {POINTER_MAX, POINTER_MAX},
			{0, POINTER_MAX}, {1, POINTER_MAX - 1}, {16384, 8192}};

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		pointer_move_to(f->rig.pointer, places[i][0], places[i][1], 0, 0);
		node_wait(node_axis(f->absolute, ABS_X) == places[i][0] &&
				node_axis(f->absolute, ABS_Y) == places[i][1]);
	}
}

static int sum(int fd, int axis, int wanted)
{
	struct input_event event;
	int total = 0;

	while (total != wanted && node_event(fd, EV_REL, &event, 5000))
		if (event.code == axis)
			total += event.value;
	while (node_event(fd, EV_REL, &event, 200))
		if (event.code == axis)
			total += event.value;
	return total;
}

static void test_every_notch_arrives(struct fixture *f, gconstpointer unused)
{
	pointer_move_to(f->rig.pointer, 100, 100, 0, 0);
	for (int i = 0; i < 10; i++)
		pointer_move_to(f->rig.pointer, 100, 100, 1, 0);
	g_assert_cmpint(sum(f->absolute, REL_WHEEL, 10), ==, 10);
	pointer_move_to(f->rig.pointer, 100, 100, -300, 0);
	g_assert_cmpint(sum(f->absolute, REL_WHEEL, -300), ==, -300);
	pointer_move_by(f->rig.pointer, 0, 0, -7, 0);
	g_assert_cmpint(sum(f->relative, REL_WHEEL, -7), ==, -7);
}

static void test_motion_adds_up(struct fixture *f, gconstpointer unused)
{
	for (int i = 0; i < 100; i++)
		pointer_move_by(f->rig.pointer, 3, 0, 0, 0);
	g_assert_cmpint(sum(f->relative, REL_X, 300), ==, 300);
	pointer_move_by(f->rig.pointer, 0, -2000, 0, 0);
	g_assert_cmpint(sum(f->relative, REL_Y, -2000), ==, -2000);
}

static void test_five_buttons_work_on_both(struct fixture *f, gconstpointer unused)
{
	static const int buttons[] = {BTN_LEFT, BTN_RIGHT, BTN_MIDDLE, BTN_SIDE, BTN_EXTRA};

	for (size_t i = 0; i < G_N_ELEMENTS(buttons); i++) {
		pointer_move_to(f->rig.pointer, 5, 5, 0, 1u << i);
		node_wait(node_key_down(f->absolute, buttons[i]));
		pointer_move_by(f->rig.pointer, 0, 0, 0, 1u << i);
		node_wait(node_key_down(f->relative, buttons[i]));
		node_wait(!node_key_down(f->absolute, buttons[i]));
	}
	pointer_release_all(f->rig.pointer);
	node_wait(!node_key_down(f->relative, BTN_EXTRA));
}

/* --- a node that goes and comes back */

/* What is typed while the node is deaf must not reach it later; what is down then must. */
static void type_to_nobody(struct fixture *f)
{
	release(f, USAGE_A);
	for (int i = 0; i < 40; i++) {
		press(f, USAGE_A + 1 + i % 20);
		release(f, USAGE_A + 1 + i % 20);
		node_pass(40);
	}
	press(f, USAGE_A + 25); /* z */
}

/* Only z goes down, at most one report that the kernel held already comes before it. */
static void assert_only_z(struct fixture *f)
{
	struct input_event event;
	int others = 0;

	node_wait(node_key_down(f->keyboard, KEY_Z));
	node_pass(300);
	while (node_event(f->keyboard, EV_KEY, &event, 0))
		others += event.code != KEY_Z && event.value;
	g_assert_cmpint(others, <=, 1);
	for (int i = 0; i < KEYS; i++)
		g_assert_cmpint(node_key_down(f->keyboard, keys[i].code), ==,
				keys[i].code == KEY_Z);
	release(f, USAGE_A + 25);
	node_wait(!node_key_down(f->keyboard, KEY_Z));
	press(f, USAGE_A);
	node_wait(node_key_down(f->keyboard, KEY_A));
	release(f, USAGE_A);
	node_wait(!node_key_down(f->keyboard, KEY_A));
}

static void driver(const char *action)
{
	char *device = node_device(UDC);
	char *name = g_path_get_basename(device);
	char *path = g_strdup_printf("/sys/bus/usb/drivers/usbhid/%s", action);
	char *interface = g_strdup_printf("%s:1.0", name);

	node_write(path, interface);
	g_free(interface);
	g_free(path);
	g_free(name);
	g_free(device);
}

static void test_nothing_sticks_when_the_driver_leaves(struct fixture *f, gconstpointer unused)
{
	press(f, USAGE_A);
	assert_key(f, KEY_A, 1);
	close(f->keyboard);
	driver("unbind");
	type_to_nobody(f);
	g_assert_false(keyboard_listening(f->rig.keyboard));
	driver("bind");
	node_wait((f->keyboard = node_input(UDC, NODE_KEYBOARD)) >= 0);
	assert_only_z(f);
	g_assert_true(keyboard_listening(f->rig.keyboard));
}

static void test_nothing_sticks_when_the_node_deconfigures(struct fixture *f, gconstpointer unused)
{
	press(f, USAGE_A);
	assert_key(f, KEY_A, 1);
	fixture_forget(f);
	node_set(UDC, "bConfigurationValue", "0");
	type_to_nobody(f);
	g_assert_false(keyboard_listening(f->rig.keyboard));
	node_set(UDC, "bConfigurationValue", "1");
	fixture_inputs(f);
	assert_only_z(f);
}

static void sleep_node(struct fixture *f)
{
	/* A keyboard with a light on is kept awake, and the console turned some on. */
	for (int light = LED_NUML; light <= LED_SCROLLL; light++)
		node_light(f->keyboard, light, false);
	node_set(UDC, "power/wakeup", "enabled");
	node_set(UDC, "power/autosuspend_delay_ms", "0");
	node_set(UDC, "power/control", "auto");
	node_wait(node_attribute_is(UDC, "power/runtime_status", "suspended"));
}

static void test_nothing_sticks_when_the_node_sleeps(struct fixture *f, gconstpointer unused)
{
	press(f, USAGE_A);
	assert_key(f, KEY_A, 1);
	/* The driver lets no keyboard sleep with a key down: it is released on the way. */
	release(f, USAGE_A);
	assert_key(f, KEY_A, 0);
	sleep_node(f);
	press(f, USAGE_A);
	type_to_nobody(f);
	g_assert_true(node_attribute_is(UDC, "power/runtime_status", "suspended"));
	node_set(UDC, "power/control", "on");
	assert_only_z(f);
}

static void test_what_a_reset_swallowed_is_said_again(struct fixture *f, gconstpointer unused)
{
	static const uint8_t pressed[8] = {0, 0, USAGE_A};
	uint8_t bytes[8] = {0};

	close(f->keyboard);
	driver("unbind");
	press(f, USAGE_A); /* the kernel takes it, and nobody fetches it */
	node_reset(UDC);
	node_pass(300);
	g_assert_cmpint(node_fetch(UDC, 0x81, bytes, sizeof(bytes), 2000), ==, 8);
	g_assert_cmpmem(bytes, sizeof(bytes), pressed, sizeof(pressed));
	driver("bind");
	node_wait((f->keyboard = node_input(UDC, NODE_KEYBOARD)) >= 0);
}

static void test_only_a_wake_wakes(struct fixture *f, gconstpointer unused)
{
	GError *error = NULL;

	node_wait(rig_node(&f->rig) == UDC_CONFIGURED);
	g_assert_false(hub_wake(f->rig.hub, &error));
	g_assert_error(error, GADGET_FAULT, GADGET_FAULT_ASLEEP);
	g_clear_error(&error);
	sleep_node(f);
	g_assert_cmpint(rig_node(&f->rig), ==, UDC_SUSPENDED);
	press(f, USAGE_A);
	release(f, USAGE_A);
	pointer_move_to(f->rig.pointer, 1, 1, 0, 1);
	pointer_move_to(f->rig.pointer, 1, 1, 0, 0);
	node_pass(1500);
	g_assert_true(node_attribute_is(UDC, "power/runtime_status", "suspended"));
	node_set(UDC, "power/autosuspend_delay_ms", "20000");
	g_assert_true(hub_wake(f->rig.hub, &error));
	g_assert_no_error(error);
	node_wait(node_attribute_is(UDC, "power/runtime_status", "active"));
	node_set(UDC, "power/control", "on");
	node_wait(rig_node(&f->rig) == UDC_CONFIGURED);
	node_drain(f->keyboard);
	press(f, USAGE_A);
	node_wait(node_key_down(f->keyboard, KEY_A));
}

static void test_a_node_that_may_not_be_woken_says_so(struct fixture *f, gconstpointer unused)
{
	static const char *const interfaces[] = {"1.0", "1.1", "1.2"};
	char *device = node_device(UDC);
	char *name = g_path_get_basename(device);

	/* Without drivers nobody asks it to be able to. */
	for (size_t i = 0; i < G_N_ELEMENTS(interfaces); i++) {
		char *interface = g_strdup_printf("%s:%s", name, interfaces[i]);

		node_write("/sys/bus/usb/drivers/usbhid/unbind", interface);
		g_free(interface);
	}
	node_set(UDC, "power/wakeup", "disabled");
	node_set(UDC, "power/autosuspend_delay_ms", "0");
	node_set(UDC, "power/control", "auto");
	node_wait(node_attribute_is(UDC, "power/runtime_status", "suspended"));
	g_assert_true(hub_wake(f->rig.hub, NULL));
	node_wait(rig_fault(&f->rig) == GADGET_FAULT_ASLEEP);
	g_assert_nonnull(strstr(rig_reason(&f->rig), "allow this device to wake it"));
	node_set(UDC, "power/control", "on");
	node_wait(rig_fault(&f->rig) == GADGET_FAULT_NONE);
	g_free(name);
	g_free(device);
}

static void test_a_question_for_the_report_is_answered(struct fixture *f, gconstpointer unused)
{
	/* HID 1.11, 7.2.1: GET_REPORT of the input report, interface 0 */
	uint8_t bytes[8] = {1, 1, 1, 1, 1, 1, 1, 1};
	static const uint8_t nothing[8];

	driver("unbind"); /* it has the interface to itself */
	g_assert_cmpint(node_control(UDC, 0xa1, 1, 0x0100, 0, bytes, sizeof(bytes), 1000), ==, 8);
	g_assert_cmpmem(bytes, sizeof(bytes), nothing, sizeof(nothing));
}

#define add(name)                                                                        \
	g_test_add("/hub/input/" #name, struct fixture, NULL, fixture_open, test_##name, \
			fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (!node_there()) {
		g_print("1..0 # SKIP no virtual ports here: run by tests/kernel/run\n");
		return 0;
	}
	add(every_key_arrives_as_itself);
	add(seventh_key_rolls_over_and_comes_back);
	add(a_thousand_keys_arrive_once_each);
	add(lights_come_back);
	add(corners_are_exact);
	add(every_notch_arrives);
	add(motion_adds_up);
	add(five_buttons_work_on_both);
	add(nothing_sticks_when_the_driver_leaves);
	add(nothing_sticks_when_the_node_deconfigures);
	add(nothing_sticks_when_the_node_sleeps);
	add(what_a_reset_swallowed_is_said_again);
	add(only_a_wake_wakes);
	add(a_node_that_may_not_be_woken_says_so);
	add(a_question_for_the_report_is_answered);
	return g_test_run();
}
