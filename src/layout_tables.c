/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The layouts, as their keyboards are printed: see layout.h for where they come from. Four rows a
 * level, from the digits down. An accent in the middle of a row that is written as \u03.. is a dead
 * key.
 */
#include "src/layout_part.h"

/* Rows stand below each other as keys do. */
/* clang-format off */
#define GRAVE      "\u0300"
#define ACUTE      "\u0301"
#define CIRCUMFLEX "\u0302"
#define TILDE      "\u0303"
#define DIAERESIS  "\u0308"

/* What dead keys make on Windows; X makes more. */
#define WITH_GRAVE      {LAYOUT_GRAVE,      "àèìòùÀÈÌÒÙ"}
#define WITH_ACUTE      {LAYOUT_ACUTE,      "áéíóúýÁÉÍÓÚÝ"}
#define WITH_CIRCUMFLEX {LAYOUT_CIRCUMFLEX, "âêîôûÂÊÎÔÛ"}
#define WITH_TILDE      {LAYOUT_TILDE,      "ãñõÃÑÕ"}
#define WITH_DIAERESIS  {LAYOUT_DIAERESIS,  "äëïöüÿÄËÏÖÜ"}

#define FRENCH_PLAIN  {"²&é\"'(-è_çà)=", "azertyuiop" CIRCUMFLEX "$", "qsdfghjklmù*", "<wxcvbn,;:!"}
#define FRENCH_SHIFT  {" 1234567890°+",  "AZERTYUIOP" DIAERESIS "£",  "QSDFGHJKLM%µ", ">WXCVBN?./§"}
#define SPANISH_PLAIN {"º1234567890'¡",  "qwertyuiop" GRAVE "+",      "asdfghjklñ" ACUTE "ç",     "<zxcvbnm,.-"}
#define SPANISH_SHIFT {"ª!\"·$%&/()=?¿", "QWERTYUIOP" CIRCUMFLEX "*", "ASDFGHJKLÑ" DIAERESIS "Ç", ">ZXCVBNM;:_"}

static const struct layout layouts[] = {
	{
		.name = "ch",
		.title = "Swiss German",
		.levels = {
			{"§1234567890'" CIRCUMFLEX, "qwertzuiopü" DIAERESIS, "asdfghjklöä$", "<yxcvbnm,.-"},
			{"°+\"*ç%&/()=?" GRAVE, "QWERTZUIOPè!", "ASDFGHJKLéà£", ">YXCVBNM;:_"},
			{"  @#  ¬|¢  " ACUTE TILDE, "  €       []", "          {}", "\\"},
		},
		.dead = {WITH_GRAVE, WITH_ACUTE, WITH_CIRCUMFLEX, WITH_TILDE, WITH_DIAERESIS},
	},
	{
		.name = "de",
		.title = "German",
		.levels = {
			{CIRCUMFLEX "1234567890ß" ACUTE, "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"},
			{"°!\"§$%&/()=?" GRAVE, "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"},
			{"  ²³   {[]}\\", "@ €        ~", NULL, "|      µ"},
		},
		.dead = {WITH_GRAVE, WITH_ACUTE, WITH_CIRCUMFLEX},
	},
	{
		.name = "es",
		.title = "Spanish",
		.levels = {
			SPANISH_PLAIN, SPANISH_SHIFT,
			{"\\|@#~ ¬", "  €       []", "          {}", NULL},
		},
		.dead = {WITH_GRAVE, WITH_ACUTE, WITH_CIRCUMFLEX, WITH_DIAERESIS},
	},
	{
		.name = "es-win",
		.title = "Spanish, Windows",
		.levels = {
			SPANISH_PLAIN, SPANISH_SHIFT,
			{"\\|@#" TILDE " ¬", "  €       []", "          {}", NULL},
		},
		.dead = {WITH_GRAVE, WITH_ACUTE, WITH_CIRCUMFLEX, WITH_TILDE, WITH_DIAERESIS},
	},
	{
		.name = "fr",
		.title = "French",
		.levels = {
			FRENCH_PLAIN, FRENCH_SHIFT,
			{"  ~#{[|`\\^@]}", "  €", NULL, NULL},
		},
		.dead = {WITH_CIRCUMFLEX, WITH_DIAERESIS},
	},
	{
		.name = "fr-win",
		.title = "French, Windows",
		.levels = {
			FRENCH_PLAIN, FRENCH_SHIFT,
			{"  " TILDE "#{[|" GRAVE "\\^@]}", "  €", NULL, NULL},
		},
		.dead = {WITH_GRAVE, WITH_CIRCUMFLEX, WITH_TILDE, WITH_DIAERESIS},
	},
	{
		.name = "gb",
		.title = "British",
		.levels = {
			{"`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", "\\zxcvbnm,./"},
			{"¬!\"£$%^&*()_+", "QWERTYUIOP{}", "ASDFGHJKL:@~", "|ZXCVBNM<>?"},
			{"    €", NULL, NULL, NULL},
		},
	},
	{
		.name = "it",
		.title = "Italian",
		.levels = {
			{"\\1234567890'ì", "qwertyuiopè+", "asdfghjklòàù", "<zxcvbnm,.-"},
			{"|!\"£$%&/()=?^", "QWERTYUIOPé*", "ASDFGHJKLç°§", ">ZXCVBNM;:_"},
			/* The accents of this row are on X only. */
			{"           `~", "  €       []", "         @#", NULL},
			{NULL, "          {}", NULL, NULL},
		},
	},
	{
		/* JIS X 6002, as on keyboards with 106 keys and more; both keys of the backslash type it. */
		.name = "jp",
		.title = "Japanese",
		.levels = {
			{" 1234567890-^", "qwertyuiop@[", "asdfghjkl;:]", " zxcvbnm,./\\"},
			{" !\"#$%&'() =~|", "QWERTYUIOP`{", "ASDFGHJKL+*}", " ZXCVBNM<>?_"},
		},
		.caps_with_shift = true,
	},
	{
		.name = "ru",
		.title = "Russian",
		.levels = {
			{"ё1234567890-=", "йцукенгшщзхъ\\", "фывапролджэ", " ячсмитьбю."},
			{"Ё!\"№;%:?*()_+", "ЙЦУКЕНГШЩЗХЪ/", "ФЫВАПРОЛДЖЭ", " ЯЧСМИТЬБЮ,"},
		},
	},
	{
		.name = "se",
		.title = "Swedish",
		.levels = {
			{"§1234567890+" ACUTE, "qwertyuiopå" DIAERESIS, "asdfghjklöä'", "<zxcvbnm,.-"},
			{"½!\"#¤%&/()=?" GRAVE, "QWERTYUIOPÅ" CIRCUMFLEX, "ASDFGHJKLÖÄ*", ">ZXCVBNM;:_"},
			{"  @£$€ {[]}\\", "  €        " TILDE, NULL, "|"},
		},
		.dead = {WITH_GRAVE, WITH_ACUTE, WITH_CIRCUMFLEX, WITH_TILDE, WITH_DIAERESIS},
	},
	{
		.name = "us",
		.title = "US English",
		.levels = {
			{"`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", " zxcvbnm,./"},
			{"~!@#$%^&*()_+", "QWERTYUIOP{}|", "ASDFGHJKL:\"", " ZXCVBNM<>?"},
		},
	},
};
/* clang-format on */

const struct layout *layout_at(size_t n)
{
	return n < G_N_ELEMENTS(layouts) ? &layouts[n] : NULL;
}
