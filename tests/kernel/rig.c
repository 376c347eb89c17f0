/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/kernel/rig.h"

static void rig_lights(unsigned int lights, void *data)
{
	struct rig *rig = data;

	rig->lights = lights;
}

static void rig_listening(bool listening, void *data)
{
	struct rig *rig = data;

	hub_listening(rig->hub, HUB_KEYBOARD, listening);
}

static void rig_channel(enum hub_function function, int fd, bool used, void *data)
{
	struct rig *rig = data;

	rig->open += fd >= 0 ? 1 : -1;
	switch (function) {
	case HUB_KEYBOARD:
		keyboard_attach(rig->keyboard, fd);
		rig->used = used;
		if (used)
			keyboard_renew(rig->keyboard);
		if (fd >= 0 && !rig->bound)
			rig->bound = g_get_monotonic_time() - rig->began;
		break;
	case HUB_ABSOLUTE:
		pointer_attach_absolute(rig->pointer, fd);
		if (used)
			pointer_renew_absolute(rig->pointer);
		break;
	default:
		pointer_attach_relative(rig->pointer, fd);
		if (used)
			pointer_renew_relative(rig->pointer);
		break;
	}
}

static void rig_anew(enum hub_function function, void *data)
{
	struct rig *rig = data;

	switch (function) {
	case HUB_KEYBOARD:
		keyboard_renew(rig->keyboard);
		break;
	case HUB_ABSOLUTE:
		pointer_repeat_absolute(rig->pointer);
		break;
	default:
		pointer_renew_relative(rig->pointer);
		break;
	}
}

static void rig_state(const struct hub_status *status, void *data)
{
	struct rig *rig = data;

	rig->told++;
	for (size_t i = 0; i < status->count; i++) {
		char *words = hub_port_words(&status->ports[i]);

		g_test_message("%s", words);
		g_free(words);
	}
}

void rig_open(struct rig *rig, const struct hub_settings *settings)
{
	static const struct hub_settings ours = {.layout = HUB_COMPOSITE};
	const struct hub_events events = {
			.channel = rig_channel, .anew = rig_anew, .state = rig_state, .data = rig};

	memset(rig, 0, sizeof(*rig));
	rig->keyboard = keyboard_new(-1, rig_lights, rig);
	rig->pointer = pointer_new(-1, -1);
	rig->began = g_get_monotonic_time();
	rig->hub = hub_new(settings ? settings : &ours, &events);
	keyboard_on_listening(rig->keyboard, rig_listening, rig);
}

void rig_close(struct rig *rig)
{
	keyboard_on_listening(rig->keyboard, NULL, NULL);
	hub_close(rig->hub);
	g_assert_cmpint(rig->open, ==, 0);
	keyboard_close(rig->keyboard);
	pointer_close(rig->pointer);
}

enum udc_state rig_node(struct rig *rig)
{
	struct hub_status status;

	hub_status(rig->hub, &status);
	return status.ports[0].node;
}

enum gadget_fault rig_fault(struct rig *rig)
{
	struct hub_status status;

	hub_status(rig->hub, &status);
	return status.ports[0].fault;
}

const char *rig_reason(struct rig *rig)
{
	struct hub_status status;

	hub_status(rig->hub, &status);
	return status.ports[0].reason;
}
