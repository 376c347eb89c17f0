/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is measured, and what the server is told for it. */
#include <string.h>
#include "src/console_config.h"
#include "tools/bench/viewer_parts.h"

/* clang-format off */
const struct setting settings[] = {
	/* name, server, codec, chroma, selector, viewers, TLS, Mbit/s, ms one way, more, stopped */
	{"direct", SETTING_DIRECT, CAPTURE_AJPG, 420, 7, 1, false, 0, 0, false, false},
	{"direct, 2 viewers", SETTING_DIRECT, CAPTURE_AJPG, 420, 7, 2, false, 0, 0, true, false},
	{"direct, 4 viewers", SETTING_DIRECT, CAPTURE_AJPG, 420, 7, 4, false, 0, 0, false, false},
	{"direct, one of 2 stopped", SETTING_DIRECT, CAPTURE_AJPG, 420, 7, 2, false, 0, 0, false, true},
	{"direct, TLS", SETTING_DIRECT, CAPTURE_AJPG, 420, 7, 1, true, 0, 0, false, false},
	{"direct, selector 4", SETTING_DIRECT, CAPTURE_AJPG, 420, 4, 1, false, 0, 0, true, false},
	{"direct, selector 2", SETTING_DIRECT, CAPTURE_AJPG, 420, 2, 1, false, 0, 0, true, false},
	{"direct, 4:4:4", SETTING_DIRECT, CAPTURE_AJPG, 444, 7, 1, false, 0, 0, false, false},
	{"direct, JPEG", SETTING_DIRECT, CAPTURE_JPEG, 420, 7, 1, false, 0, 0, false, false},
	{"direct, JPEG 4:4:4", SETTING_DIRECT, CAPTURE_JPEG, 444, 7, 1, false, 0, 0, true, false},
	{"library", SETTING_LIBRARY, CAPTURE_AJPG, 420, 7, 1, false, 0, 0, false, false},
	{"library, 2 viewers", SETTING_LIBRARY, CAPTURE_AJPG, 420, 7, 2, false, 0, 0, true, false},
	{"library, 4 viewers", SETTING_LIBRARY, CAPTURE_AJPG, 420, 7, 4, false, 0, 0, true, false},
	{"library, TLS", SETTING_LIBRARY, CAPTURE_AJPG, 420, 7, 1, true, 0, 0, true, false},
	{"library, JPEG", SETTING_LIBRARY, CAPTURE_JPEG, 420, 7, 1, false, 0, 0, false, false},
	{"direct, 100 Mbit/s", SETTING_DIRECT, CAPTURE_AJPG, 420, 0, 1, false, 100, 10, true, false},
	{"direct, 20 Mbit/s", SETTING_DIRECT, CAPTURE_AJPG, 420, 0, 1, false, 20, 10, false, false},
	{"direct, 8 Mbit/s", SETTING_DIRECT, CAPTURE_AJPG, 420, 0, 1, false, 8, 10, false, false},
	{"same, selector 7", SETTING_DIRECT, CAPTURE_AJPG, 420, 7, 1, false, 8, 10, false, false},
	{"same, selector 4", SETTING_DIRECT, CAPTURE_AJPG, 420, 4, 1, false, 8, 10, true, false},
	{"same, selector 2", SETTING_DIRECT, CAPTURE_AJPG, 420, 2, 1, false, 8, 10, false, false},
	{"direct, 100 Mbit/s, 50 ms", SETTING_DIRECT, CAPTURE_AJPG, 420, 0, 1, false, 100, 50, true, false},
	{"direct, 20 Mbit/s, 50 ms", SETTING_DIRECT, CAPTURE_AJPG, 420, 0, 1, false, 20, 50, true, false},
	{"direct, 8 Mbit/s, 50 ms", SETTING_DIRECT, CAPTURE_AJPG, 420, 0, 1, false, 8, 50, false, false},
	{"library, 100 Mbit/s", SETTING_LIBRARY, CAPTURE_AJPG, 420, 7, 1, false, 100, 10, true, false},
	{"library, 20 Mbit/s", SETTING_LIBRARY, CAPTURE_AJPG, 420, 7, 1, false, 20, 10, true, false},
	{"library, 8 Mbit/s", SETTING_LIBRARY, CAPTURE_AJPG, 420, 7, 1, false, 8, 10, false, false},
	{"library, 8 Mbit/s, 50 ms", SETTING_LIBRARY, CAPTURE_AJPG, 420, 7, 1, false, 8, 50, true, false},
	{"ustreamer", SETTING_USTREAMER, CAPTURE_JPEG, 420, 7, 1, false, 0, 0, false, false},
	{"Xspice", SETTING_XSPICE, CAPTURE_AJPG, 420, 7, 1, false, 0, 0, false, false},
	{"x11vnc", SETTING_X11VNC, CAPTURE_AJPG, 420, 7, 1, false, 0, 0, false, false},
	{"wayvnc", SETTING_WAYVNC, CAPTURE_AJPG, 420, 7, 1, false, 0, 0, false, false},
};
/* clang-format on */
const int settings_count = G_N_ELEMENTS(settings);

/* A certificate of its own authority for the loopback interface. */
static bool bench_certify(const struct bench *bench)
{
	g_autofree char *command = g_strdup_printf(
			"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 "
			"-addext subjectAltName=IP:127.0.0.1 -keyout %s/key.pem -out %s/cert.pem",
			bench->folder, bench->folder);
	char *said = NULL, *wrong = NULL;
	int status = 1;
	bool made = g_spawn_command_line_sync(command, &said, &wrong, &status, NULL) && status == 0;

	g_free(said);
	g_free(wrong);
	return made;
}

/* What this tree's console does not know yet cannot be asked for. */
static void bench_choose(GString *text, const char *name, const char *value)
{
	for (const struct config_key *key = console_config_table; key->group; key++)
		if (strcmp(key->group, "spice") == 0 && strcmp(key->key, name) == 0)
			g_string_append_printf(text, "%s = %s\n", name, value);
}

char *bench_configure(const struct bench *bench, const struct setting *setting)
{
	char *path = g_build_filename(bench->folder, "console.conf", NULL);
	GString *text = g_string_new("[spice]\nlisten = 127.0.0.1:0\n");

	/* The display of the library is what there is where nothing else can be chosen. */
	if (setting->server == SETTING_DIRECT)
		g_string_append(text, "display = direct\n");
	else
		bench_choose(text, "display", "library");
	if (setting->tls && bench_certify(bench))
		g_string_append_printf(text, "certificate = %s/cert.pem\nkey = %s/key.pem\n",
				bench->folder, bench->folder);
	g_assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));
	g_string_free(text, TRUE);
	return path;
}
