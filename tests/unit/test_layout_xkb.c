/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is typed in a layout, by a desktop that is set to it: text to reports and back, with nothing
 * of ours on the way back.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "gadget/keyboard.h"
#include "src/layout.h"
#include "src/typing.h"
#include "tests/unit/xkb_host.h"

#ifdef WITH_XKB

#define CHARACTERS 0x3000 /* what layouts may have is below */

struct fixture {
	const struct layout *layout;
	int ends[2];
	struct keyboard *keyboard;
	struct xkb_host *host;
};

static bool fixture_open(struct fixture *f, const char *name)
{
	int room = 1 << 20;

	f->layout = layout_find(name);
	g_assert_nonnull(f->layout);
	f->host = xkb_host_new(strcmp(name, "jp") == 0 ? "jp106" : "pc105", name);
	if (!f->host) {
		g_test_skip("no data of xkeyboard-config");
		return false;
	}
	g_assert_no_errno(socketpair(
			AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, f->ends));
	setsockopt(f->ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	f->keyboard = keyboard_new(f->ends[0], NULL, NULL);
	return true;
}

static void fixture_close(struct fixture *f)
{
	keyboard_close(f->keyboard);
	close(f->ends[0]);
	close(f->ends[1]);
	xkb_host_free(f->host);
}

/* What the desktop reads when this is typed. */
static const char *types(struct fixture *f, const char *text)
{
	g_autoptr(GError) error = NULL;
	GArray *lacks = NULL;
	struct typing *typing = typing_text(f->layout, text, &lacks, &error);
	uint8_t report[8];

	g_assert_no_error(error);
	g_assert_null(lacks);
	for (size_t i = 0; i < typing->count; i++) {
		keyboard_key(f->keyboard, typing->steps[i].usage, typing->steps[i].down);
		while (recv(f->ends[1], report, sizeof(report), 0) == sizeof(report))
			xkb_host_report(f->host, report);
	}
	typing_free(typing);
	return xkb_host_text(f->host);
}

static bool typed_by_a_dead_key(const struct layout *layout, gunichar character)
{
	struct layout_stroke strokes[LAYOUT_STROKES];

	return layout_strokes(layout, character, strokes) > 1;
}

static void every_character_arrives(gconstpointer name)
{
	struct layout_stroke strokes[LAYOUT_STROKES];
	g_autoptr(GString) all = g_string_new(NULL);
	unsigned int count = 0, composed = 0;
	struct fixture f;

	if (!fixture_open(&f, name))
		return;
	for (gunichar character = ' '; character < CHARACTERS; character++) {
		char text[8] = "";

		if (layout_strokes(f.layout, character, strokes) == 0)
			continue;
		if (typed_by_a_dead_key(f.layout, character)) {
			if (!xkb_host_composes(f.host))
				continue;
			composed++;
		}
		g_unichar_to_utf8(character, text);
		g_assert_cmpstr(types(&f, text), ==, text);
		g_string_append(all, text);
		count++;
	}
	g_assert_cmpuint(count, >=, 95);
	/* One after the other, and backwards: nothing stays from the one before. */
	g_assert_cmpstr(types(&f, all->str), ==, all->str);
	{
		g_autofree char *back = g_utf8_strreverse(all->str, -1);

		g_assert_cmpstr(types(&f, back), ==, back);
	}
	g_test_message("%u characters, %u of them by dead keys", count, composed);
	fixture_close(&f);
}

static void lines_and_tabs_arrive(void)
{
	struct fixture f;

	if (!fixture_open(&f, "us"))
		return;
	g_assert_cmpstr(types(&f, "a\tB\r\nc\nd\r"), ==, "a\tB\rc\rd\r");
	fixture_close(&f);
}

static void samples_arrive(void)
{
	static const struct {
		const char *layout, *text;
	} samples[] = {
			{"us", "C:\\> ls -l ~/x | grep '$HOME' && echo \"{[<@#%^*>]}\""},
			{"gb", "£5 is €6 at 10% ~#@\"|\\ ¬"},
			{"de", "Größe: 5 €, {[@]} \\ | ~ é è à ô ^ ` µ"},
			{"fr", "ça coûte 5 € où ça ? ~#{[|`\\^@]} naïf Noël"},
			{"es", "¿Cuánto vale el pingüino? ¡5 €! ñÑçÇ |@#~{[]}\\ `^"},
			{"ru", "Съешь ещё этих мягких французских булок №1; да? (%):"},
			{"jp", "echo \"$HOME\" | tr '_' '\\\\' @ ` ^ ~ [{]}"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
		const char *text = samples[i].text;
		struct fixture f;

		if (!fixture_open(&f, samples[i].layout))
			return;
		if (!xkb_host_composes(f.host)) {
			g_test_skip("no Compose file");
			fixture_close(&f);
			return;
		}
		g_assert_cmpstr(types(&f, text), ==, text);
		fixture_close(&f);
	}
}

int main(int argc, char **argv)
{
	/* Those of Windows are not X's. */
	static const char *const names[] = {
			"ch", "de", "es", "fr", "gb", "it", "jp", "ru", "se", "us"};

	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_strdup_printf(
				"/layout-xkb/%s/every-character-arrives", names[i]);

		g_test_add_data_func(path, names[i], every_character_arrives);
	}
	g_test_add_func("/layout-xkb/lines-and-tabs-arrive", lines_and_tabs_arrive);
	g_test_add_func("/layout-xkb/samples-arrive", samples_arrive);
	return g_test_run();
}

#else

int main(void)
{
	puts("1..0 # SKIP built without libxkbcommon");
	return 0;
}

#endif
