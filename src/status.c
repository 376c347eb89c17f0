/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "spice/display.h"
#include "src/rate.h"
#include "src/status.h"

struct status {
	struct console_status now;
	struct rate rate, damage;
	char *name, *source, *device, *reason, *fault; /* what now points to */
};

/* Keeps a copy and points to it. */
static void status_keep(char **copy, const char **shown, const char *text)
{
	char *old = *copy;

	*copy = g_strdup(text);
	*shown = *copy;
	g_free(old);
}

struct status *status_new(const char *name, const char *source, const char *device)
{
	struct status *status = g_new0(struct status, 1);

	status_keep(&status->name, &status->now.name, name);
	status_keep(&status->source, &status->now.source, source);
	status_keep(&status->device, &status->now.device, device);
	status->now.started = g_get_monotonic_time();
	status_state(status, CAPTURE_STOPPED, "nobody looks");
	status->now.since = status->now.started;
	return status;
}

void status_name(struct status *status, const char *name)
{
	status_keep(&status->name, &status->now.name, name);
}

void status_free(struct status *status)
{
	if (!status)
		return;
	g_free(status->name);
	g_free(status->source);
	g_free(status->device);
	g_free(status->reason);
	g_free(status->fault);
	g_free(status);
}

bool status_state(struct status *status, enum capture_state state, const char *reason)
{
	bool changed = state != status->now.state;
	bool news = changed || g_strcmp0(reason, status->reason) != 0;

	if (changed)
		status->now.since = g_get_monotonic_time();
	status->now.state = state;
	status_keep(&status->reason, &status->now.reason, reason);
	return news;
}

void status_frame(struct status *status, const struct capture_frame *frame)
{
	status->now.has_mode = true;
	status->now.mode = (struct console_mode){
			.width = frame->width,
			.height = frame->height,
			.codec = frame->codec,
			.chroma = frame->chroma,
			.selector = frame->selector,
			.second_selector = frame->second_selector,
			.studio = frame->studio,
	};
	status->now.frames++;
	rate_count(&status->rate, g_get_monotonic_time());
}

/* Most of a map is nothing, as a rule. */
static uint64_t status_pixels(const struct display_damage *damage)
{
	size_t units = (size_t)damage->columns * (size_t)damage->rows, marked = 0, i = 0;
	uint64_t several;

	for (; i + sizeof(several) <= units; i += sizeof(several)) {
		memcpy(&several, damage->map + i, sizeof(several));
		for (size_t k = 0; several && k < sizeof(several); k++)
			marked += damage->map[i + k] != 0;
	}
	for (; i < units; i++)
		marked += damage->map[i] != 0;
	return (uint64_t)marked * (uint64_t)(damage->unit * damage->unit);
}

void status_damage(struct status *status, const struct display_damage *damage)
{
	uint64_t pixels = status_pixels(damage);

	status->now.damage += pixels;
	rate_add(&status->damage, g_get_monotonic_time(), pixels);
}

void status_leds(struct status *status, unsigned int leds)
{
	status->now.input.leds = leds;
}

void status_fault(struct status *status, const char *text)
{
	status_keep(&status->fault, &status->now.fault, text);
	status->now.fault_time = g_get_monotonic_time();
}

void status_read(struct status *status, struct console_status *out)
{
	int64_t now = g_get_monotonic_time();

	status->now.fps = rate_per_second(&status->rate, now);
	status->now.damage_rate = rate_per_second(&status->damage, now);
	*out = status->now;
}

const char *status_state_word(enum capture_state state)
{
	switch (state) {
	case CAPTURE_STOPPED:
		return "stopped";
	case CAPTURE_NO_DEVICE:
		return "no-device";
	case CAPTURE_NO_SIGNAL:
		return "no-signal";
	case CAPTURE_STREAMING:
		return "streaming";
	}
	return "unknown";
}

const char *status_codec_word(enum capture_codec codec)
{
	switch (codec) {
	case CAPTURE_JPEG:
		return "jpeg";
	case CAPTURE_AJPG:
		return "ajpg";
	case CAPTURE_XBGR32:
		return "xbgr32";
	case CAPTURE_BGR24:
		return "bgr24";
	case CAPTURE_UYVY:
		return "uyvy";
	case CAPTURE_YUYV:
		return "yuyv";
	}
	return "unknown";
}

const char *status_right_word(enum viewers_right right)
{
	return right == VIEWERS_VIEW ? "view" : "operate";
}

const char *status_password_word(enum password_state state)
{
	switch (state) {
	case PASSWORD_NONE:
		return "none";
	case PASSWORD_SET:
		return "set";
	case PASSWORD_EXPIRED:
		return "expired";
	}
	return "unknown";
}

const char *status_device_word(enum console_device device)
{
	switch (device) {
	case CONSOLE_DEVICE_ABSENT:
		return "absent";
	case CONSOLE_DEVICE_DEAF:
		return "deaf";
	case CONSOLE_DEVICE_LISTENING:
		return "listening";
	}
	return "unknown";
}
