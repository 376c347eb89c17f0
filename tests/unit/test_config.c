/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include "src/console_config.h"
#include "src/suggest.h"

struct fixture {
	char *folder, *path;
	struct console_config config;
};

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->path = g_build_filename(f->folder, "console.conf", NULL);
	console_config_defaults(&f->config);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	GDir *folder = g_dir_open(f->folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(folder))) {
		g_autofree char *path = g_build_filename(f->folder, name, NULL);

		g_remove(path);
	}
	g_dir_close(folder);
	g_assert_cmpint(g_rmdir(f->folder), ==, 0);
	g_free(f->folder);
	g_free(f->path);
	console_config_clear(&f->config);
}

static bool load(struct fixture *f, const char *text, GError **error)
{
	g_assert_true(g_file_set_contents(f->path, text, -1, NULL));
	return console_config_load(&f->config, f->path, error);
}

static void assert_loads(struct fixture *f, const char *text)
{
	g_autoptr(GError) error = NULL;

	load(f, text, &error);
	g_assert_no_error(error);
}

/* Loading fails with "config: FILE" and this. */
static void assert_complaint(struct fixture *f, const char *text, const char *complaint)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *want = g_strdup_printf("config: %s%s", f->path, complaint);

	g_assert_false(load(f, text, &error));
	g_assert_nonnull(error);
	g_assert_cmpstr(error->message, ==, want);
}

static void assert_defaults(const struct console_config *config)
{
	g_assert_cmpuint(g_strv_length(config->listen), ==, 1);
	g_assert_cmpstr(config->listen[0], ==, "127.0.0.1:5900");
	g_assert_cmpstr(config->name, ==, "spicerack");
	g_assert_null(config->password_file);
	g_assert_null(config->password);
	g_assert_cmpint(config->image, ==, CONSOLE_IMAGE_JPEG);
	g_assert_cmpint(config->display, ==, CONSOLE_DISPLAY_DIRECT);
	g_assert_cmpint(config->viewers, ==, 4);
	g_assert_true(config->adaptive);
	g_assert_cmpint(config->source, ==, CONSOLE_SOURCE_V4L2);
	g_assert_null(config->replay_list);
	g_assert_null(config->video.device);
	g_assert_cmpint(config->video.format, ==, V4L2_CHOICE_AUTO);
	g_assert_cmpint(config->video.quality.hq_selector, ==, -1);
	g_assert_cmpint(config->devices, ==, CONSOLE_DEVICES_AUTO);
	g_assert_null(config->ports);
	g_assert_cmpint(config->layout, ==, HUB_KEYBOARD_APART);
	g_assert_true(config->absolute && config->relative);
	g_assert_cmpint(config->vendor, ==, 0x1d6b);
	g_assert_cmpint(config->product, ==, 0x0104);
	g_assert_cmpint(config->replay_rate, ==, 30);
	g_assert_false(config->replay_loop);
	g_assert_cmpint(config->simulate.codec, ==, CAPTURE_AJPG);
	g_assert_cmpint(config->simulate.chroma, ==, 444);
	g_assert_cmpint(config->simulate.selector, ==, 4);
	g_assert_cmpint(config->simulate.second_selector, ==, -1);
	g_assert_false(config->simulate.vq);
	g_assert_cmpint(config->simulate.rate, ==, 30);
	g_assert_cmpint(config->key_limit, ==, 60);
	g_assert_cmpuint(g_strv_length(config->drives), ==, 2);
	g_assert_cmpint(config->cache, ==, 32);
	g_assert_cmpint(config->retry_limit, ==, 600);
	g_assert_null(config->cache_folder);
	g_assert_null(config->api.socket);
	g_assert_cmpint(config->api.mode, ==, 0660);
}

static void test_empty_file_is_the_defaults(struct fixture *f, gconstpointer unused)
{
	static const char *const texts[] = {
			"", "\n\n", "# a comment\n", "[spice]\n", "[spice]\n[capture]\n[spice]\n"};

	assert_defaults(&f->config);
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		assert_loads(f, texts[i]);
		assert_defaults(&f->config);
	}
}

static void test_every_key_is_taken(struct fixture *f, gconstpointer unused)
{
	g_autofree char *list = g_build_filename(f->folder, "frames.list", NULL);
	g_autofree char *socket = g_build_filename(f->folder, "api.sock", NULL);

	assert_loads(f, "# all of it\n"
			"[spice]\n"
			"listen = 10.0.0.1:5900; [::1]:5901 ;unix:/run/x \n"
			"name=Node 7, upper rack\n"
			"image = lossless\r\n"
			"display = library\n"
			"viewers = 16\n"
			"certificate = c.pem\n"
			"key = k.pem\n"
			"allow-plain = true\n"
			"allow-no-password = true\n"
			"origins = https://a.example; https://b.example:8443\n"
			"[capture]\n"
			"  source = replay\n"
			"replay-list = frames.list\n"
			"replay-rate = 60\n"
			"replay-loop = true\n"
			"[simulate]\n"
			"codec = jpeg\n"
			"chroma = 420\n"
			"selector = 11\n"
			"second-selector = -1\n"
			"vq = false\n"
			"rate = 1\n"
			"[input]\n"
			"key-limit-s = 0\n"
			"[api]\n"
			"socket = api.sock\n"
			"mode = 0600\n");
	g_assert_cmpuint(g_strv_length(f->config.listen), ==, 3);
	g_assert_cmpstr(f->config.listen[0], ==, "10.0.0.1:5900");
	g_assert_cmpstr(f->config.listen[1], ==, "[::1]:5901");
	g_assert_cmpstr(f->config.listen[2], ==, "unix:/run/x");
	g_assert_cmpstr(f->config.name, ==, "Node 7, upper rack");
	g_assert_cmpint(f->config.image, ==, CONSOLE_IMAGE_LOSSLESS);
	g_assert_cmpint(f->config.source, ==, CONSOLE_SOURCE_REPLAY);
	g_assert_cmpstr(f->config.replay_list, ==, list);
	g_assert_cmpint(f->config.replay_rate, ==, 60);
	g_assert_true(f->config.replay_loop);
	g_assert_cmpint(f->config.simulate.codec, ==, CAPTURE_JPEG);
	g_assert_cmpint(f->config.simulate.chroma, ==, 420);
	g_assert_cmpint(f->config.simulate.selector, ==, 11);
	g_assert_cmpint(f->config.simulate.rate, ==, 1);
	g_assert_cmpint(f->config.key_limit, ==, 0);
	g_assert_cmpstr(f->config.api.socket, ==, socket);
	g_assert_cmpint(f->config.api.mode, ==, 0600);
}

static void test_mistakes_are_named_with_file_and_line(struct fixture *f, gconstpointer unused)
{
	static const struct {
		const char *text, *complaint;
	} mistakes[] = {
			{"[spice]\nlisen = x",
					":2: unknown key \"lisen\" in [spice]; did you mean \"listen\"?"},
			{"[spice]\n\n#\npasword-file = x",
					":4: unknown key \"pasword-file\" in [spice]; did you mean \"password-file\"?"},
			{"[spice]\nrate = 3",
					":2: unknown key \"rate\" in [spice]; it belongs in [simulate]"},
			{"[spice]\ncolour = red", ":2: unknown key \"colour\" in [spice]"},
			{"[spice]\nlisten[de] = x", ":2: unknown key \"listen[de]\" in [spice]"},
			{"[spcie]\n", ":1: unknown group [spcie]; did you mean [spice]?"},
			{"\n[spices]\n", ":2: unknown group [spices]; did you mean [spice]?"},
			{"[video]\n", ":1: unknown group [video]"},
			{"[spice\n", ":1: a group is not closed with ]"},
			{"[spice]\nlisten\n", ":2: no group, no comment and no \"key = value\""},
			{"listen = x\n", ":1: a key before the first [group]"},
			{"[spice]\nname = a\n[capture]\n[spice]\nname = b",
					":5: \"name\" stands in line 2 already"},
			{"[spice]\nname = \xff\n", ":2: not UTF-8"},
			{"[spice]\n\nkey = k.pem", ":3: certificate and key belong together"},
			{"[spice]\nlisten = ; ;",
					":2: listen = \"; ;\" in [spice]; allowed: one or more, with ; between"},
			{"[spice]\nname =", ":2: name = \"\" in [spice]; allowed: a text"},
			{"[spice]\nimage = jpg",
					":2: image = \"jpg\" in [spice]; allowed: jpeg, lossless"},
			{"[capture]\nsource = v4l",
					":2: source = \"v4l\" in [capture]; allowed: simulate, replay, v4l2"},
			{"[capture]\nhq-quality = 4",
					":2: a second pass (hq-quality) goes with chroma = 444 only"},
			{"[input]\ndevices = simulate",
					":2: devices = simulate goes with source = simulate in [capture] only"},
			{"[hub]\nvendor-id = 1d6b",
					":2: vendor-id = \"1d6b\" in [hub]; allowed: 0x0000..0xffff"},
			{"[hub]\nvendor-id = 0x10000",
					":2: vendor-id = \"0x10000\" in [hub]; allowed: 0x0000..0xffff"},
			{"[capture]\nreplay-rate = 0",
					":2: replay-rate = \"0\" in [capture]; allowed: 1..60"},
			{"[capture]\nreplay-rate = 61",
					":2: replay-rate = \"61\" in [capture]; allowed: 1..60"},
			{"[capture]\nreplay-rate = 30 # fps",
					":2: replay-rate = \"30 # fps\" in [capture]; allowed: 1..60"},
			{"[capture]\nreplay-loop = yes",
					":2: replay-loop = \"yes\" in [capture]; allowed: true, false"},
			{"[capture]\nreplay-list = ",
					":2: replay-list = \"\" in [capture]; allowed: a path"},
			{"[capture]\nsource = replay",
					":2: source = replay needs a replay-list in [capture]"},
			{"[simulate]\nchroma = 422",
					":2: chroma = \"422\" in [simulate]; allowed: 444, 420"},
			{"[simulate]\nsecond-selector = -2",
					":2: second-selector = \"-2\" in [simulate]; allowed: -1..11"},
			{"[simulate]\nvq = true\nchroma = 420",
					":2: vq = true goes with codec = ajpg and chroma = 444 only"},
			{"[simulate]\ncodec = jpeg\nsecond-selector = 7",
					":3: a second-selector goes with codec = ajpg and chroma = 444 only"},
			{"[api]\nlisten = :8443",
					":2: listen in [api] needs an access-file, which says who "
					"may come in"},
			{"[api]\ncertificate = c.pem", ":2: certificate and key belong together"},
			{"[api]\nkey = k.pem", ":2: certificate and key belong together"},
			{"[power]\noff-command = ipmitool 'power off",
					":2: off-command: Text ended before matching quote was "
					"found for '. (The text was \u201cipmitool 'power off\u201d)"},
			{"[power]\ntimeout-s = 26",
					":2: timeout-s = \"26\" in [power]; allowed: 1..25"},
			{"[input]\nkey-limit-s = 1e3",
					":2: key-limit-s = \"1e3\" in [input]; allowed: 0..3600"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
		assert_complaint(f, mistakes[i].text, mistakes[i].complaint);
		assert_defaults(&f->config);
	}
}

static void test_no_password_is_for_this_machine_alone(struct fixture *f, gconstpointer unused)
{
	static const struct {
		const char *text;
		bool safe;
	} rows[] = {
			{"[spice]\nlisten = 127.0.0.1:1;[::1]:2;unix:/x;localhost:3\n", true},
			{"[spice]\nlisten = :5900\n", false},
			{"[spice]\nlisten = 127.0.0.1:1;0.0.0.0:5900\n", false},
			{"[spice]\nlisten = [::]:5900\n", false},
			{"[spice]\nlisten = localhost.example.org:5900\n", false},
			{"[spice]\nlisten = :5900\nallow-no-password = true\n", true},
			{"[spice]\nview-listen = 127.0.0.1:1;unix:/x\n", true},
			{"[spice]\nview-listen = :5901\n", false},
			{"[spice]\nview-listen = :5901\nallow-no-password = true\n", true},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autoptr(GError) error = NULL;

		assert_loads(f, rows[i].text);
		g_assert_cmpint(console_config_is_safe(&f->config, &error), ==, rows[i].safe);
		g_assert_cmpint(error == NULL, ==, rows[i].safe);
	}
}

static void test_named_file_must_be_there(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *want = g_strdup_printf("config: %s: No such file or directory", f->path);

	g_assert_false(console_config_load(&f->config, f->path, &error));
	g_assert_error(error, CONFIG_ERROR, CONFIG_ERROR_READ);
	g_assert_cmpstr(error->message, ==, want);
	g_clear_error(&error);
	g_assert_false(console_config_load(&f->config, f->folder, &error));
	g_assert_error(error, CONFIG_ERROR, CONFIG_ERROR_READ);
}

static void test_wrong_file_leaves_what_was_there(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	assert_loads(f, "[spice]\nname = first\n[input]\nkey-limit-s = 5\n");
	g_assert_false(load(f, "[spice]\nname = second\n[input]\nkey-limit-s = -5\n", &error));
	g_assert_cmpstr(f->config.name, ==, "first");
	g_assert_cmpint(f->config.key_limit, ==, 5);
	assert_loads(f, "[spice]\nname = third\n");
	g_assert_cmpstr(f->config.name, ==, "third");
	g_assert_cmpint(f->config.key_limit, ==, 60);
}

/* Each of the two is asked for where it lets in. */
static void test_each_password_is_for_its_addresses(struct fixture *f, gconstpointer unused)
{
	g_autofree char *operate = g_build_filename(f->folder, "operate", NULL);
	g_autofree char *view = g_build_filename(f->folder, "view", NULL);
	static const struct {
		const char *listen, *view_listen;
		bool operate, view, safe;
	} rows[] = {
			{":1", "127.0.0.1:2", true, false, true},
			{":1", ":2", true, false, false},
			{":1", ":2", true, true, true},
			{":1", ":2", false, true, false},
			{"127.0.0.1:1", ":2", false, true, true},
	};

	g_assert_true(g_file_set_contents(operate, "op\n", -1, NULL));
	g_assert_true(g_file_set_contents(view, "eye\n", -1, NULL));
	g_chmod(operate, 0600);
	g_chmod(view, 0600);
	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *text = g_strdup_printf(
				"[spice]\nlisten = %s\nview-listen = %s\n%s%s", rows[i].listen,
				rows[i].view_listen,
				rows[i].operate ? "password-file = operate\n" : "",
				rows[i].view ? "view-password-file = view\n" : "");

		assert_loads(f, text);
		g_assert_cmpstr(f->config.password, ==, rows[i].operate ? "op" : NULL);
		g_assert_cmpstr(f->config.view_password, ==, rows[i].view ? "eye" : NULL);
		g_assert_cmpint(console_config_is_safe(&f->config, NULL), ==, rows[i].safe);
	}
	g_unlink(operate);
	g_unlink(view);
}

/* Loads a configuration with this password file; returns what is complained about it, or NULL. */
static char *password_complaint(struct fixture *f, const char *content, int mode)
{
	g_autofree char *path = g_build_filename(f->folder, "password", NULL);
	g_autofree char *begin = g_strdup_printf("config: %s:3: password-file %s: ", f->path, path);
	g_autoptr(GError) error = NULL;

	if (content) {
		g_assert_true(g_file_set_contents(path, content, -1, NULL));
		g_assert_cmpint(g_chmod(path, mode), ==, 0);
	}
	if (load(f, "[spice]\n\npassword-file = password\n", &error)) {
		g_assert_cmpstr(f->config.password_file, ==, path);
		return NULL;
	}
	g_assert_true(g_str_has_prefix(error->message, begin));
	return g_strdup(error->message + strlen(begin));
}

static void test_password_is_the_first_line(struct fixture *f, gconstpointer unused)
{
	static const struct {
		const char *content, *password;
	} files[] = {
			{"secret", "secret"},
			{"secret\n", "secret"},
			{"with blank \nand more\n", "with blank "},
			{"windows\r\n", "windows"},
			{"123456789012345678901234567890123456789012345678901234567890\n",
					"123456789012345678901234567890123456789012345678901234567890"},
			{"123456789012345678901234567890123456789012345678901234567890\r\n",
					"123456789012345678901234567890123456789012345678901234567890"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *complaint = password_complaint(f, files[i].content, 0600);

		g_assert_cmpstr(complaint, ==, NULL);
		g_assert_cmpstr(f->config.password, ==, files[i].password);
	}
}

static void test_bad_password_file_is_refused(struct fixture *f, gconstpointer unused)
{
	static const struct {
		const char *content;
		int mode;
		const char *complaint;
	} files[] = {
			{NULL, 0, "No such file or directory"},
			{"secret", 0640,
					"group or others have access to it; chmod 600 takes that away"},
			{"secret", 0604,
					"group or others have access to it; chmod 600 takes that away"},
			{"", 0600, "the first line is empty"},
			{"\nsecret\n", 0600, "the first line is empty"},
			{"1234567890123456789012345678901234567890123456789012345678901", 0600,
					"the first line has more than 60 bytes"},
			{"12345678901234567890123456789012345678901234567890123456789012345", 0600,
					"the first line has more than 60 bytes"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
		g_autofree char *complaint = password_complaint(f, files[i].content, files[i].mode);

		g_assert_cmpstr(complaint, ==, files[i].complaint);
		g_assert_null(f->config.password);
	}
}

static void test_drives_have_names_that_say_what_they_are(struct fixture *f, gconstpointer unused)
{
	const char *rule = "; drives are up to 4 of cd, cd2, ..., disk, disk2, ...";
	static const char *const wrong[] = {"dvd", "cdrom", "disk123", "CD"};

	assert_loads(f, "[media]\ndrives = cd;disk;cd2;disk10\n");
	g_assert_cmpstr(f->config.drives[3], ==, "disk10");
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_autofree char *text = g_strdup_printf("[media]\ndrives = disk;%s\n", wrong[i]);
		g_autofree char *complaint = g_strdup_printf(
				":2: drives has \"%s\"%s", wrong[i], rule);

		assert_complaint(f, text, complaint);
	}
	assert_complaint(f, "[media]\ndrives = cd;cd\n",
			":2: drives has twice \"cd\"; drives are up to 4 of cd, cd2, ..., disk, "
			"disk2, ...");
	assert_complaint(f, "[media]\ndrives = cd1;cd2;cd3;cd4;cd5;cd6;cd7;cd8;cd9\n",
			":2: drives has \"cd5\"; drives are up to 4 of cd, cd2, ..., disk, disk2, "
			"...");
}

/* The lines "#key = value" of an example, without the #. */
static char *uncommented(const char *text)
{
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	GString *result = g_string_new(NULL);

	for (int i = 0; lines[i]; i++) {
		if (lines[i][0] == '#' && g_ascii_isalpha(lines[i][1]))
			g_string_append(result, lines[i] + 1);
		else
			g_string_append(result, lines[i]);
		g_string_append_c(result, '\n');
	}
	return g_string_free(result, FALSE);
}

static char *source_text(const char *path)
{
	g_autofree char *full = g_test_build_filename(G_TEST_DIST, path, NULL);
	char *text = NULL;

	g_assert_true(g_file_get_contents(full, &text, NULL, NULL));
	return text;
}

static void test_example_shows_every_key_with_its_default(struct fixture *f, gconstpointer unused)
{
	g_autofree char *example = source_text("packaging/console.conf.example");
	g_autofree char *text = uncommented(example);
	g_autoptr(GKeyFile) file = g_key_file_new();

	assert_loads(f, example);
	assert_defaults(&f->config);
	g_assert_true(g_key_file_load_from_data(file, text, -1, G_KEY_FILE_NONE, NULL));
	for (const struct config_key *key = console_config_table; key->group; key++) {
		g_autofree char *value = g_key_file_get_value(file, key->group, key->key, NULL);

		g_assert_nonnull(value);
		if (key->fallback)
			g_assert_cmpstr(value, ==, key->fallback);
		g_key_file_remove_key(file, key->group, key->key, NULL);
	}
	for (const struct config_key *key = console_config_table; key->group; key++) {
		g_auto(GStrv) left = g_key_file_get_keys(file, key->group, NULL, NULL);

		g_assert_null(left[0]); /* the example knows no more keys than we do */
	}
}

static void test_shipped_configurations_load(struct fixture *f, gconstpointer unused)
{
	g_autofree char *board = source_text("packaging/aspeed-evb.conf");
	g_autofree char *development = source_text("packaging/development.conf");

	assert_loads(f, board);
	g_assert_cmpint(f->config.source, ==, CONSOLE_SOURCE_V4L2);
	assert_loads(f, development);
	g_assert_cmpint(f->config.devices, ==, CONSOLE_DEVICES_HUB);
}

static void test_manual_names_every_key(void)
{
	g_autofree char *page = source_text("man/spicerack-console.8");
	g_auto(GStrv) parts = g_strsplit(page, "\\-", -1);
	g_autofree char *text = g_strjoinv("-", parts);

	for (const struct config_key *key = console_config_table; key->group; key++) {
		g_autofree char *alone = g_strdup_printf("\n.B %s\n", key->key);
		g_autofree char *with = g_strdup_printf(
				"\n.BR %s \" = %s\"\n", key->key, key->fallback);
		g_autofree char *group = g_strdup_printf("\n.SS [%s]\n", key->group);

		g_assert_nonnull(strstr(text, group));
		g_assert_nonnull(strstr(text, key->fallback ? with : alone));
	}
}

static void test_printed_help_can_be_read_back(struct fixture *f, gconstpointer unused)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	config_print(console_config_table, stream);
	fclose(stream);
	for (const struct config_key *key = console_config_table; key->group; key++)
		g_assert_nonnull(strstr(text, key->help));
	assert_loads(f, text);
	assert_defaults(&f->config);
	free(text);
}

static void test_nearest_word_is_suggested(void)
{
	g_assert_cmpuint(suggest_distance("", ""), ==, 0);
	g_assert_cmpuint(suggest_distance("", "abc"), ==, 3);
	g_assert_cmpuint(suggest_distance("abc", ""), ==, 3);
	g_assert_cmpuint(suggest_distance("kitten", "sitting"), ==, 3);
	g_assert_cmpuint(suggest_distance("listen", "listen"), ==, 0);
	g_assert_cmpuint(suggest_distance("spcie", "spice"), ==, 1);
	g_assert_cmpuint(suggest_distance("ab", "ba"), ==, 1);
	g_assert_cmpstr(suggest_nearer("lisen", NULL, "listen"), ==, "listen");
	g_assert_cmpstr(suggest_nearer("lisen", "lisens", "listen"), ==, "lisens");
	g_assert_cmpstr(suggest_nearer("rat", "rates", "rate"), ==, "rate");
	g_assert_cmpstr(suggest_nearer("colour", NULL, "listen"), ==, NULL);
}

int main(int argc, char **argv)
{
#define TEST(name) \
	g_test_add("/config/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)
	g_test_init(&argc, &argv, NULL);
	TEST(empty_file_is_the_defaults);
	TEST(every_key_is_taken);
	TEST(mistakes_are_named_with_file_and_line);
	TEST(named_file_must_be_there);
	TEST(wrong_file_leaves_what_was_there);
	TEST(no_password_is_for_this_machine_alone);
	TEST(each_password_is_for_its_addresses);
	TEST(password_is_the_first_line);
	TEST(bad_password_file_is_refused);
	TEST(drives_have_names_that_say_what_they_are);
	TEST(example_shows_every_key_with_its_default);
	TEST(shipped_configurations_load);
	TEST(printed_help_can_be_read_back);
	g_test_add_func("/config/manual_names_every_key", test_manual_names_every_key);
	g_test_add_func("/config/nearest_word_is_suggested", test_nearest_word_is_suggested);
	return g_test_run();
}
