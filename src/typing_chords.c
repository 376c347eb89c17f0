/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Chords by the names of their keys. */
#include <string.h>
#include "src/layout.h"
#include "src/suggest.h"
#include "src/typing_part.h"

#define CHORD_KEYS 8 /* at once: a boot report has room for six, and modifiers of their own */

/* Names as users know them, for usages of the keyboard page (HID Usage Tables 1.4, section 10). */
static const struct {
	const char *name;
	uint8_t usage;
} names[] = {
		{"ctrl", 0xe0},
		{"control", 0xe0},
		{"lctrl", 0xe0},
		{"rctrl", 0xe4},
		{"shift", 0xe1},
		{"lshift", 0xe1},
		{"rshift", 0xe5},
		{"alt", 0xe2},
		{"lalt", 0xe2},
		{"option", 0xe2},
		{"altgr", 0xe6},
		{"ralt", 0xe6},
		{"win", 0xe3},
		{"windows", 0xe3},
		{"super", 0xe3},
		{"meta", 0xe3},
		{"gui", 0xe3},
		{"cmd", 0xe3},
		{"lwin", 0xe3},
		{"rwin", 0xe7},
		{"enter", 0x28},
		{"return", 0x28},
		{"esc", 0x29},
		{"escape", 0x29},
		{"backspace", 0x2a},
		{"bksp", 0x2a},
		{"tab", 0x2b},
		{"space", 0x2c},
		{"capslock", 0x39},
		{"caps", 0x39},
		{"printscreen", 0x46},
		{"print", 0x46},
		{"prtsc", 0x46},
		{"prtscr", 0x46},
		{"sysrq", 0x46},
		{"scrolllock", 0x47},
		{"pause", 0x48},
		{"break", 0x48},
		{"insert", 0x49},
		{"ins", 0x49},
		{"home", 0x4a},
		{"pageup", 0x4b},
		{"pgup", 0x4b},
		{"delete", 0x4c},
		{"del", 0x4c},
		{"end", 0x4d},
		{"pagedown", 0x4e},
		{"pgdown", 0x4e},
		{"pgdn", 0x4e},
		{"right", 0x4f},
		{"left", 0x50},
		{"down", 0x51},
		{"up", 0x52},
		{"numlock", 0x53},
		{"kpdivide", 0x54},
		{"kpmultiply", 0x55},
		{"kpminus", 0x56},
		{"kpplus", 0x57},
		{"kpenter", 0x58},
		{"kp1", 0x59},
		{"kp2", 0x5a},
		{"kp3", 0x5b},
		{"kp4", 0x5c},
		{"kp5", 0x5d},
		{"kp6", 0x5e},
		{"kp7", 0x5f},
		{"kp8", 0x60},
		{"kp9", 0x61},
		{"kp0", 0x62},
		{"kpdot", 0x63},
		{"102nd", 0x64},
		{"menu", 0x65},
		{"app", 0x65},
		{"compose", 0x65},
		{"power", 0x66},
		{"kpequal", 0x67},
		{"f1", 0x3a},
		{"f2", 0x3b},
		{"f3", 0x3c},
		{"f4", 0x3d},
		{"f5", 0x3e},
		{"f6", 0x3f},
		{"f7", 0x40},
		{"f8", 0x41},
		{"f9", 0x42},
		{"f10", 0x43},
		{"f11", 0x44},
		{"f12", 0x45},
		{"f13", 0x68},
		{"f14", 0x69},
		{"f15", 0x6a},
		{"f16", 0x6b},
		{"f17", 0x6c},
		{"f18", 0x6d},
		{"f19", 0x6e},
		{"f20", 0x6f},
		{"f21", 0x70},
		{"f22", 0x71},
		{"f23", 0x72},
		{"f24", 0x73},
		{"help", 0x75},
		{"undo", 0x7a},
		{"cut", 0x7b},
		{"copy", 0x7c},
		{"paste", 0x7d},
		{"mute", 0x7f},
		{"volumeup", 0x80},
		{"volumedown", 0x81},
		{"ro", 0x87},
		{"kana", 0x88},
		{"yen", 0x89},
		{"henkan", 0x8a},
		{"muhenkan", 0x8b},
		{"zenkaku", 0x35},
		{"hangul", 0x90},
		{"hanja", 0x91},
};

/* What cannot stand in a chord by itself, or has no name but its own. */
static const struct {
	const char *name;
	gunichar character;
} words[] = {
		{"plus", '+'},
		{"minus", '-'},
		{"colon", ':'},
		{"comma", ','},
		{"dot", '.'},
		{"period", '.'},
		{"slash", '/'},
		{"backslash", '\\'},
		{"semicolon", ';'},
		{"grave", '`'},
		{"equal", '='},
};

struct chord {
	uint8_t keys[CHORD_KEYS]; /* in order of press */
	size_t count;
	uint8_t modifiers; /* that are among them, bits as in a report's first byte */
};

const char *typing_key_name(size_t n, uint8_t *usage)
{
	if (n >= G_N_ELEMENTS(names))
		return NULL;
	*usage = names[n].usage;
	return names[n].name;
}

static bool chord_refuse(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

static bool chord_refuse(GError **error, const char *format, ...)
{
	va_list arguments;
	g_autofree char *text = NULL;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_set_error_literal(error, TYPING_ERROR, TYPING_ERROR_REQUEST, text);
	return false;
}

static bool chord_unknown(const char *name, GError **error)
{
	const char *near = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		near = suggest_nearer(name, near, names[i].name);
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		near = suggest_nearer(name, near, words[i].name);
	if (near)
		return chord_refuse(
				error, "there is no key \"%s\"; did you mean \"%s\"?", name, near);
	return chord_refuse(error,
			"there is no key \"%s\"; the manual, spicerackctl(1), lists them", name);
}

static bool chord_add(struct chord *chord, uint8_t usage, GError **error)
{
	if (memchr(chord->keys, usage, chord->count))
		return chord_refuse(error, "a key is in one chord twice");
	if (chord->count == CHORD_KEYS)
		return chord_refuse(error, "a chord has %d keys at most", CHORD_KEYS);
	chord->keys[chord->count++] = usage;
	if (usage >= TYPING_FIRST)
		chord->modifiers |= 1 << (usage - TYPING_FIRST);
	return true;
}

/* The key that types it, with the modifiers that it needs. */
static bool chord_add_character(struct chord *chord, const struct layout *layout,
		gunichar character, GError **error)
{
	struct layout_stroke strokes[LAYOUT_STROKES];
	gunichar small = g_unichar_tolower(character);

	/* ctrl+c is where a US keyboard has it on those that have no such letter. */
	if (layout_strokes(layout, small, strokes) != 1 &&
			(small > 0x7f || layout_strokes(layout_find("us"), small, strokes) != 1)) {
		g_autofree char *shown = g_ucs4_to_utf8(&character, 1, NULL, NULL, NULL);

		return chord_refuse(error, "layout \"%s\" has no key for \"%s\"",
				layout_name(layout), shown ? shown : "?");
	}
	for (uint8_t bit = 0; bit < 8; bit++)
		if ((strokes[0].modifiers & ~chord->modifiers) >> bit & 1 &&
				!chord_add(chord, TYPING_FIRST + bit, error))
			return false;
	return chord_add(chord, strokes[0].usage, error);
}

static bool chord_add_name(
		struct chord *chord, const struct layout *layout, const char *name, GError **error)
{
	if (!*name)
		return chord_refuse(error, "a '+' stands between two keys; its own name is plus");
	if (g_utf8_strlen(name, -1) == 1)
		return chord_add_character(chord, layout, g_utf8_get_char(name), error);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_ascii_strcasecmp(name, names[i].name) == 0)
			return chord_add(chord, names[i].usage, error);
	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (g_ascii_strcasecmp(name, words[i].name) == 0)
			return chord_add_character(chord, layout, words[i].character, error);
	return chord_unknown(name, error);
}

static bool chord_time(const char *text, uint16_t *time, GError **error)
{
	guint64 value;

	if (!g_ascii_string_to_unsigned(text, 10, 1, TYPING_HOLD_MAX, &value, NULL))
		return chord_refuse(error, "how long a chord is held is 1 to %d milliseconds",
				TYPING_HOLD_MAX);
	*time = (uint16_t)value;
	return true;
}

/* Down in order, up in the opposite one. */
static void chord_write(const struct chord *chord, uint16_t hold, struct typing_steps *steps)
{
	for (size_t i = 0; i < chord->count; i++)
		typing_add(steps, chord->keys[i], true, i + 1 < chord->count ? 0 : hold);
	for (size_t i = chord->count; i-- > 0;)
		typing_add(steps, chord->keys[i], false, i > 0 ? 0 : TYPING_HOLD_MS);
}

/* word: is taken apart. */
static bool chord_parse(
		char *word, const struct layout *layout, struct typing_steps *steps, GError **error)
{
	char *colon = word[0] ? strchr(word + 1, ':') : NULL;
	uint16_t hold = TYPING_HOLD_MS;
	struct chord chord = {0};
	g_auto(GStrv) keys = NULL;

	if (colon) {
		*colon = '\0';
		if (!chord_time(colon + 1, &hold, error))
			return false;
	}
	if (colon && g_ascii_strcasecmp(word, "wait") == 0) {
		typing_add(steps, 0, false, hold);
	} else {
		keys = g_strsplit(word, "+", CHORD_KEYS + 2);
		for (char **key = keys; *key; key++)
			if (!chord_add_name(&chord, layout, *key, error))
				return false;
		chord_write(&chord, hold, steps);
	}
	typing_end(steps);
	return true;
}

struct typing *typing_chords(const struct layout *layout, const char *text, GError **error)
{
	g_auto(GStrv) chords = NULL;
	struct typing_steps steps = {0};
	unsigned int count = 0;
	bool good = g_utf8_validate(text, -1, NULL);

	if (!good)
		chord_refuse(error, "the chords are not UTF-8");
	chords = g_strsplit_set(good ? text : "", " \t\r\n", -1);
	for (char **chord = chords; good && *chord; chord++) {
		if (!**chord)
			continue;
		if (count++ == TYPING_CHORDS_MAX)
			good = chord_refuse(
					error, "there are more than %d chords", TYPING_CHORDS_MAX);
		else
			good = chord_parse(*chord, layout, &steps, error);
	}
	if (good && count == 0)
		good = chord_refuse(error, "there is no chord; it looks like ctrl+alt+del");
	for (char **chord = chords; *chord; chord++)
		explicit_bzero(*chord, strlen(*chord));
	if (good)
		return typing_new(&steps);
	typing_free(typing_new(&steps));
	return NULL;
}
