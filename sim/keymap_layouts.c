/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Other keyboards than the US one: what stands on their keys, as on pictures of them (the public
 * layouts of Windows and of xkeyboard-config). The other way round from what types on the node, and
 * written apart from it: tests hold one against the other.
 */
#include <glib.h>
#include "sim/keymap.h"

/* Plain, with Shift, with AltGr; a blank is nothing. Of a lone letter Shift makes the large one. A
 * combining accent is a dead key. */
struct keymap_key {
	uint8_t usage;
	const char *types;
};

/* clang-format off */
static const struct keymap_key british[] = {
	{0x1f, "2\""}, {0x20, "3£"}, {0x21, "4$€"}, {0x32, "#~"}, {0x34, "'@"}, {0x35, "`¬"}, {0x64, "\\|"},
	{0},
};

static const struct keymap_key german[] = {
	{0x08, "eE€"}, {0x10, "mMµ"}, {0x14, "qQ@"}, {0x1c, "z"}, {0x1d, "y"}, {0x1f, "2\"²"}, {0x20, "3§³"},
	{0x23, "6&"}, {0x24, "7/{"}, {0x25, "8(["}, {0x26, "9)]"}, {0x27, "0=}"}, {0x2d, "ß?\\"},
	{0x2e, "\u0301\u0300"}, {0x2f, "ü"}, {0x30, "+*~"}, {0x31, "#'"}, {0x32, "#'"}, {0x33, "ö"}, {0x34, "ä"},
	{0x35, "\u0302°"}, {0x36, ",;"}, {0x37, ".:"}, {0x38, "-_"}, {0x64, "<>|"},
	{0},
};

static const struct keymap_key french[] = {
	{0x04, "q"}, {0x08, "eE€"}, {0x10, ",?"}, {0x14, "a"}, {0x1a, "z"}, {0x1d, "w"}, {0x1e, "&1"}, {0x1f, "é2~"},
	{0x20, "\"3#"}, {0x21, "'4{"}, {0x22, "(5["}, {0x23, "-6|"}, {0x24, "è7`"}, {0x25, "_8\\"}, {0x26, "ç9^"},
	{0x27, "à0@"}, {0x2d, ")°]"}, {0x2e, "=+}"}, {0x2f, "\u0302\u0308"}, {0x30, "$£"}, {0x31, "*µ"}, {0x32, "*µ"},
	{0x33, "m"}, {0x34, "ù%"}, {0x35, "² "}, {0x36, ";."}, {0x37, ":/"}, {0x38, "!§"}, {0x64, "<>"},
	{0},
};

static const struct keymap_key japanese[] = {
	{0x1f, "2\""}, {0x23, "6&"}, {0x24, "7'"}, {0x25, "8("}, {0x26, "9)"}, {0x27, "0 "}, {0x2d, "-="},
	{0x2e, "^~"}, {0x2f, "@`"}, {0x30, "[{"}, {0x31, "]}"}, {0x32, "]}"}, {0x33, ";+"}, {0x34, ":*"}, {0x35, "  "},
	{0x87, "\\_"}, {0x89, "\\|"},
	{0},
};

static const struct keymap_key russian[] = {
	{0x04, "ф"}, {0x05, "и"}, {0x06, "с"}, {0x07, "в"}, {0x08, "у"}, {0x09, "а"}, {0x0a, "п"}, {0x0b, "р"},
	{0x0c, "ш"}, {0x0d, "о"}, {0x0e, "л"}, {0x0f, "д"}, {0x10, "ь"}, {0x11, "т"}, {0x12, "щ"}, {0x13, "з"},
	{0x14, "й"}, {0x15, "к"}, {0x16, "ы"}, {0x17, "е"}, {0x18, "г"}, {0x19, "м"}, {0x1a, "ц"}, {0x1b, "ч"},
	{0x1c, "н"}, {0x1d, "я"}, {0x1f, "2\""}, {0x20, "3№"}, {0x21, "4;"}, {0x23, "6:"}, {0x24, "7?"}, {0x25, "8*"},
	{0x26, "9("}, {0x27, "0)"}, {0x2f, "х"}, {0x30, "ъ"}, {0x31, "\\/"}, {0x32, "\\/"}, {0x33, "ж"}, {0x34, "э"},
	{0x35, "ё"}, {0x36, "б"}, {0x37, "ю"}, {0x38, ".,"},
	{0},
};

static const struct keymap_key spanish[] = {
	{0x08, "eE€"}, {0x1e, "1!|"}, {0x1f, "2\"@"}, {0x20, "3·#"}, {0x21, "4$~"}, {0x23, "6&¬"}, {0x24, "7/"},
	{0x25, "8("}, {0x26, "9)"}, {0x27, "0="}, {0x2d, "'?"}, {0x2e, "¡¿"}, {0x2f, "\u0300\u0302["}, {0x30, "+*]"},
	{0x31, "çÇ}"}, {0x32, "çÇ}"}, {0x33, "ñ"}, {0x34, "\u0301\u0308{"}, {0x35, "ºª\\"}, {0x36, ",;"}, {0x37, ".:"},
	{0x38, "-_"}, {0x64, "<>"},
	{0},
};

/* What an accent makes of letters: pairs. The space bar makes the accent itself. */
static const struct {
	uint32_t dead;
	const char *pairs;
} accents[] = {
	{0x300, "aàeèiìoòuùAÀEÈIÌOÒUÙ `"},
	{0x301, "aáeéiíoóuúyýAÁEÉIÍOÓUÚYÝ ´"},
	{0x302, "aâeêiîoôuûAÂEÊIÎOÔUÛ ^"},
	{0x308, "aäeëiïoöuüyÿAÄEËIÏOÖUÜ ¨"},
};
/* clang-format on */

static const struct keymap_key *const layouts[] = {
		[KEYMAP_US] = NULL,
		[KEYMAP_GB] = british,
		[KEYMAP_DE] = german,
		[KEYMAP_ES] = spanish,
		[KEYMAP_FR] = french,
		[KEYMAP_JP] = japanese,
		[KEYMAP_RU] = russian,
};

/* What stands on a key that is another than the US one's; false: it is the same. */
static bool keymap_differs(
		enum keymap_layout layout, uint8_t usage, int level, bool *letter, uint32_t *code)
{
	const struct keymap_key *key = layouts[layout];
	long length;

	while (key && key->usage && key->usage != usage)
		key++;
	if (!key || !key->usage)
		return false;
	length = g_utf8_strlen(key->types, -1);
	*letter = g_unichar_isalpha(g_utf8_get_char(key->types));
	if (level == 1 && length == 1)
		*code = g_unichar_toupper(g_utf8_get_char(key->types));
	else
		*code = level < length ? g_utf8_get_char(g_utf8_offset_to_pointer(
							 key->types, level))
				       : ' ';
	if (*code == ' ')
		*code = 0;
	return true;
}

static uint32_t keymap_accent(uint32_t dead, uint32_t code)
{
	for (size_t i = 0; i < G_N_ELEMENTS(accents); i++) {
		const char *at = accents[i].pairs;

		for (; accents[i].dead == dead && *at; at = g_utf8_next_char(g_utf8_next_char(at)))
			if (g_utf8_get_char(at) == code)
				return g_utf8_get_char(g_utf8_next_char(at));
	}
	return KEYMAP_NONSENSE;
}

uint32_t keymap_type(struct keymap *keymap, uint8_t usage, bool shift, bool alt_gr, bool caps_lock,
		bool num_lock)
{
	uint32_t code = 0, dead = keymap->dead;
	bool letter = false;

	if (!keymap_differs(keymap->layout, usage, alt_gr ? 2 : shift, &letter, &code))
		code = alt_gr ? 0 : keymap_code(usage, shift, caps_lock, num_lock);
	else if (letter && caps_lock && !alt_gr)
		code = shift ? g_unichar_tolower(code) : g_unichar_toupper(code);
	if (code >= 0x300 && code < 0x370) {
		keymap->dead = code;
		return 0;
	}
	if (!dead || !code)
		return code;
	keymap->dead = 0;
	return keymap_accent(dead, code);
}

bool keymap_has_alt_gr(const struct keymap *keymap)
{
	const struct keymap_key *key = layouts[keymap->layout];

	for (; key && key->usage; key++)
		if (g_utf8_strlen(key->types, -1) > 2)
			return true;
	return false;
}
