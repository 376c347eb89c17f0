/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/xkb_host.h"
#include <glib.h>
#include <string.h>
#include <xkbcommon/xkbcommon-compose.h>
#include <xkbcommon/xkbcommon.h>

#define EVDEV_TO_XKB 8 /* xkeyboard-config's evdev key codes */

struct xkb_host {
	struct xkb_context *context;
	struct xkb_keymap *keymap;
	struct xkb_state *state;
	struct xkb_compose_table *table;
	struct xkb_compose_state *compose; /* NULL: no Compose file */
	uint8_t report[8];
	GString *text, *said;
};

/* Linux' codes (include/uapi/linux/input-event-codes.h) for usages, from 4 on; 0: none here. */
static const uint8_t codes[] = {30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16,
		19, 31, 20, 22, 47, 17, 45, 21, 44, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 28, 1, 14, 15,
		57, 12, 13, 26, 27, 43, 43, 39, 40, 41, 51, 52, 53, 58};

static int xkb_host_code(uint8_t usage)
{
	if (usage >= 4 && usage - 4 < (int)G_N_ELEMENTS(codes))
		return codes[usage - 4];
	return usage == 0x64 ? 86 : usage == 0x87 ? 89 : usage == 0x89 ? 124 : 0;
}

static void xkb_host_symbol(struct xkb_host *host, xkb_keycode_t code, xkb_keysym_t symbol)
{
	char text[64] = "";

	if (host->compose) {
		xkb_compose_state_feed(host->compose, symbol);
		switch (xkb_compose_state_get_status(host->compose)) {
		case XKB_COMPOSE_COMPOSING:
			return;
		case XKB_COMPOSE_COMPOSED:
			xkb_compose_state_get_utf8(host->compose, text, sizeof(text));
			xkb_compose_state_reset(host->compose);
			g_string_append(host->text, text);
			return;
		case XKB_COMPOSE_CANCELLED:
			xkb_compose_state_reset(host->compose);
			g_string_append(host->text, "<cancelled>");
			return;
		case XKB_COMPOSE_NOTHING:
			break;
		}
	}
	xkb_state_key_get_utf8(host->state, code, text, sizeof(text));
	g_string_append(host->text, text);
}

static void xkb_host_key(struct xkb_host *host, int evdev, bool down)
{
	xkb_keycode_t code = (xkb_keycode_t)evdev + EVDEV_TO_XKB;

	g_assert_cmpint(evdev, !=, 0);
	if (down)
		xkb_host_symbol(host, code, xkb_state_key_get_one_sym(host->state, code));
	xkb_state_update_key(host->state, code, down ? XKB_KEY_DOWN : XKB_KEY_UP);
}

void xkb_host_report(struct xkb_host *host, const uint8_t report[8])
{
	static const int modifiers[] = {29, 42, 56, 125, 97, 54, 100, 126};
	uint8_t changed = report[0] ^ host->report[0];

	for (int bit = 0; bit < 8; bit++)
		if (changed >> bit & 1)
			xkb_host_key(host, modifiers[bit], report[0] >> bit & 1);
	for (int i = 2; i < 8; i++)
		if (host->report[i] && !memchr(report + 2, host->report[i], 6))
			xkb_host_key(host, xkb_host_code(host->report[i]), false);
	for (int i = 2; i < 8; i++)
		if (report[i] && !memchr(host->report + 2, report[i], 6))
			xkb_host_key(host, xkb_host_code(report[i]), true);
	memcpy(host->report, report, sizeof(host->report));
}

const char *xkb_host_text(struct xkb_host *host)
{
	g_string_assign(host->said, host->text->str);
	g_string_truncate(host->text, 0);
	return host->said->str;
}

bool xkb_host_composes(const struct xkb_host *host)
{
	return host->compose != NULL;
}

struct xkb_host *xkb_host_new(const char *model, const char *layout)
{
	const struct xkb_rule_names names = {.rules = "evdev", .model = model, .layout = layout};
	struct xkb_host *host = g_new0(struct xkb_host, 1);

	host->text = g_string_new(NULL);
	host->said = g_string_new(NULL);
	host->context = xkb_context_new(XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
	if (host->context)
		host->keymap = xkb_keymap_new_from_names(
				host->context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
	if (!host->keymap) {
		xkb_host_free(host);
		return NULL;
	}
	host->state = xkb_state_new(host->keymap);
	host->table = xkb_compose_table_new_from_locale(
			host->context, "en_US.UTF-8", XKB_COMPOSE_COMPILE_NO_FLAGS);
	if (host->table)
		host->compose = xkb_compose_state_new(host->table, XKB_COMPOSE_STATE_NO_FLAGS);
	return host;
}

void xkb_host_free(struct xkb_host *host)
{
	if (!host)
		return;
	xkb_compose_state_unref(host->compose);
	xkb_compose_table_unref(host->table);
	xkb_state_unref(host->state);
	xkb_keymap_unref(host->keymap);
	xkb_context_unref(host->context);
	g_string_free(host->text, TRUE);
	g_string_free(host->said, TRUE);
	g_free(host);
}
