/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon on the kernel's own drivers, with a real SPICE client on one side and the node's
 * kernel on the other. */
#include <linux/input.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/kernel/bmc.h"
#include "tests/kernel/node.h"

#define LIKE 28.0 /* dB: colours at a quarter of the pixels, compressed twice on the way */

static const char automatic[] = "[capture]\nrate = 60\n";
static const char jpeg[] = "[capture]\nformat = jpeg\nquality = 11\nchroma = 444\n";
static const char ajpg[] = "[capture]\nformat = ajpg\nquality = 11\nchroma = 444\n"
			   "[spice]\nimage = lossless\n";
static const char composite[] = "[hub]\nlayout = composite\n";

struct fixture {
	struct bmc bmc;
};

static void fixture_open(struct fixture *f, gconstpointer configuration)
{
	bmc_open(&f->bmc, configuration);
	g_assert_true(feed_mode(f->bmc.feed, 1024, 768, NULL));
	bmc_look(&f->bmc);
}

static void fixture_open_hands(struct fixture *f, gconstpointer configuration)
{
	fixture_open(f, configuration);
	bmc_plug(&f->bmc);
}

static void fixture_close(struct fixture *f, gconstpointer configuration)
{
	bmc_close(&f->bmc);
}

/* --- The picture --- */

struct size {
	int width, height;
};

static const struct size sizes[] = {
		{640, 480}, {800, 600}, {1024, 768}, {1366, 768}, {1920, 1080}, {1920, 1200}};

/* Waits until the client shows what the node shows, which stands still at a number. */
static void see(struct bmc *bmc, enum feed_scene scene, struct size size, unsigned int number)
{
	int64_t end = g_get_monotonic_time() + 15 * G_USEC_PER_SEC;
	unsigned int shown = 0;
	double like = 0;

	while (like < LIKE || shown != number) {
		if (g_get_monotonic_time() > end) {
			bmc_tell(bmc);
			g_error("%dx%d, picture %u: picture %u is %.1f dB like it", size.width,
					size.height, number, shown, like);
		}
		node_pass(50);
		like = bmc_psnr(bmc, scene, size.width, size.height, &shown);
	}
}

static void every_mode_is_shown(struct fixture *f, gconstpointer configuration)
{
	struct bmc *bmc = &f->bmc;

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_assert_true(feed_mode(bmc->feed, sizes[i].width, sizes[i].height, NULL));
		feed_stay(bmc->feed, 5 + (int)i);
		see(bmc, FEED_DESKTOP, sizes[i], 5 + (unsigned int)i);
	}
}

static void modes_change_under_load(struct fixture *f, gconstpointer configuration)
{
	struct bmc *bmc = &f->bmc;

	feed_scene(bmc->feed, FEED_MOTION);
	for (int i = 0; i < 6; i++) {
		const struct size *size = &sizes[i * 5 % 4];

		g_assert_true(feed_mode(bmc->feed, size->width, size->height, NULL));
		bmc_wait(bmc, client_picture(bmc->client).width == size->width, 15000);
	}
	feed_stay(bmc->feed, 7);
	see(bmc, FEED_MOTION, sizes[5 * 5 % 4], 7);
}

static void lost_signal_is_said_and_comes_back(struct fixture *f, gconstpointer configuration)
{
	struct bmc *bmc = &f->bmc;

	feed_stay(bmc->feed, 3);
	see(bmc, FEED_DESKTOP, sizes[2], 3);
	for (int i = 0; i < 2; i++) { /* the same mode again, then another one */
		struct size back = sizes[i ? 1 : 2];

		g_assert_true(feed_mode(bmc->feed, 0, 0, NULL));
		bmc_wait(bmc, bmc_psnr(bmc, FEED_DESKTOP, 1024, 768, NULL) == 0, 10000);
		g_assert_cmpint(client_picture(bmc->client).width, ==, 1024);
		g_assert_true(feed_mode(bmc->feed, back.width, back.height, NULL));
		see(bmc, FEED_DESKTOP, back, 3);
	}
	g_assert_true(bmc_said(bmc, "signal"));
	g_assert_false(client_is_gone(bmc->client, NULL));
}

static void frames_that_do_not_fit_lower_the_quality(struct fixture *f, gconstpointer configuration)
{
	struct bmc *bmc = &f->bmc;

	feed_scene(bmc->feed, FEED_NOISE);
	bmc_wait_said(bmc, "quality", 30000);
	feed_scene(bmc->feed, FEED_DESKTOP);
	feed_stay(bmc->feed, 9);
	see(bmc, FEED_DESKTOP, sizes[2], 9);
}

static void driver_that_goes_is_waited_for(struct fixture *f, gconstpointer configuration)
{
	static const char driver[] = "/sys/bus/platform/drivers/aspeed-video";
	struct bmc *bmc = &f->bmc;

	feed_stay(bmc->feed, 4);
	see(bmc, FEED_DESKTOP, sizes[2], 4);
	node_write("/sys/bus/platform/drivers/aspeed-video/unbind", "aspeed-video");
	bmc_wait(bmc, bmc_psnr(bmc, FEED_DESKTOP, 1024, 768, NULL) == 0, 10000);
	node_write("/sys/bus/platform/drivers/aspeed-video/bind", "aspeed-video");
	see(bmc, FEED_DESKTOP, sizes[2], 4);
	g_assert_true(g_file_test(driver, G_FILE_TEST_IS_DIR));
}

/* Stops the engine and waits until all that it sent has arrived; returns how many that are. */
static unsigned int rest(struct bmc *bmc, unsigned int *taken)
{
	unsigned int before;

	feed_pause(bmc->feed, true);
	*taken = bmc_ask(bmc, "frames");
	do {
		before = *taken;
		node_pass(500);
		*taken = bmc_ask(bmc, "frames");
	} while (*taken != before);
	return feed_count(bmc->feed);
}

static void frames_are_all_there(struct fixture *f, gconstpointer configuration)
{
	struct bmc *bmc = &f->bmc;
	unsigned int from, taken, sent = 0, rounds = g_test_slow() ? 20 : 4;

	g_assert_true(feed_mode(bmc->feed, 640, 480, NULL));
	bmc_wait(bmc, client_picture(bmc->client).width == 640, 10000);
	from = rest(bmc, &taken);
	feed_pause(bmc->feed, false);
	for (unsigned int i = 1; i <= rounds; i++) {
		feed_scene(bmc->feed, FEED_DESKTOP);
		feed_stay(bmc->feed, -1);
		bmc_wait(bmc, feed_count(bmc->feed) >= from + 500 * i, 60000);
		feed_stay(bmc->feed, (int)i);
		see(bmc, FEED_DESKTOP, sizes[0], i);
		if (i % 5 == 0)
			g_test_message("%u frames", feed_count(bmc->feed) - from);
	}
	from = rest(bmc, &sent) - from;
	g_test_message("%u frames sent, %u taken", from, sent - taken);
	g_assert_cmpuint(sent - taken, ==, from);
	g_assert_false(bmc_said(bmc, "bad frame"));
}

/* --- Raw pixels --- */

/* vivid's bars: white, yellow, cyan, green, magenta, red, blue, black, at three quarters. */
static bool shows_bars(struct bmc *bmc)
{
	static const uint32_t bars[] = {0xbfbfbf, 0xbfbf00, 0x00bfbf, 0x00bf00, 0xbf00bf, 0xbf0000,
			0x0000bf, 0x000000};
	struct client_picture picture = client_picture(bmc->client);

	for (int i = 0; i < 8; i++) {
		uint32_t seen = bmc_pixel(
				bmc, (2 * i + 1) * picture.width / 16, picture.height * 3 / 4);

		for (int shift = 0; shift < 24; shift += 8)
			if (abs((int)(seen >> shift & 255) - (int)(bars[i] >> shift & 255)) > 8)
				return false;
	}
	return true;
}

static void raw_pixels_are_shown(gconstpointer format)
{
	const char *device = g_getenv("LAB_VIVID");
	g_autofree char *configuration = g_strdup_printf(
			"[capture]\ndevice = %s\nformat = %s\ninput = 0\n", device,
			(const char *)format);
	struct bmc bmc;

	if (!device) {
		g_test_skip("the lab has no vivid");
		return;
	}
	bmc_open(&bmc, configuration);
	bmc_look(&bmc);
	bmc_wait(&bmc, client_picture(bmc.client).width == 1280 && shows_bars(&bmc), 15000);
	bmc_close(&bmc);
}

/* --- The hands --- */

struct key {
	unsigned int client; /* scan code set 1 in the client's notation */
	int code;            /* linux/input-event-codes.h */
};

/* Without a prefix the kernel's codes are the scan codes; these have one. */
static const struct key prefixed[] = {{0x152, KEY_INSERT}, {0x147, KEY_HOME}, {0x149, KEY_PAGEUP},
		{0x135, KEY_KPSLASH}, {0x153, KEY_DELETE}, {0x14f, KEY_END}, {0x151, KEY_PAGEDOWN},
		{0x148, KEY_UP}, {0x14b, KEY_LEFT}, {0x150, KEY_DOWN}, {0x14d, KEY_RIGHT},
		{0x11c, KEY_KPENTER}, {0x11d, KEY_RIGHTCTRL}, {0x138, KEY_RIGHTALT},
		{0x15b, KEY_LEFTMETA}, {0x15c, KEY_RIGHTMETA}, {0x15d, KEY_COMPOSE},
		{0x137, KEY_SYSRQ}};

static void expect_key(struct bmc *bmc, int code, int value)
{
	struct input_event event;

	if (!node_event(bmc->keyboard, EV_KEY, &event, 5000))
		g_error("key %d did not go %s", code, value ? "down" : "up");
	g_assert_cmpint(event.code, ==, code);
	g_assert_cmpint(event.value, ==, value);
}

static void type_key(struct bmc *bmc, struct key key)
{
	client_key(bmc->client, key.client, true);
	expect_key(bmc, key.code, 1);
	client_key(bmc->client, key.client, false);
	expect_key(bmc, key.code, 0);
}

/* A client sends two codes each way for it. */
static void type_pause(struct bmc *bmc)
{
	client_key(bmc->client, 0x21d, true);
	client_key(bmc->client, 0x45, true);
	expect_key(bmc, KEY_PAUSE, 1);
	client_key(bmc->client, 0x21d, false);
	client_key(bmc->client, 0x45, false);
	expect_key(bmc, KEY_PAUSE, 0);
}

static void every_key_arrives_as_itself(struct fixture *f, gconstpointer configuration)
{
	unsigned int count = G_N_ELEMENTS(prefixed);

	for (unsigned int code = KEY_ESC; code <= KEY_F12; code++) {
		if (code == 0x54 || code == KEY_ZENKAKUHANKAKU)
			continue; /* no keys */
		type_key(&f->bmc, (struct key){code, (int)code});
		count++;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(prefixed); i++)
		type_key(&f->bmc, prefixed[i]);
	type_pause(&f->bmc);
	g_assert_cmpuint(count + 1, ==, 105);
}

/* Reads beside the client, which has its hands full with sending: an event device keeps only so
 * many events for a slow reader. */
struct listener {
	int fd;
	int heard; /* of the keys' events, atomic */
	int wrong; /* the first that was not as typed, atomic; -1: none */
};

#define TYPED 1000 /* keys */

static gpointer listen_to_keys(gpointer data)
{
	struct listener *listener = data;

	while (listener->heard < 2 * TYPED) {
		struct pollfd wait = {.fd = listener->fd, .events = POLLIN};
		struct input_event event;

		if (poll(&wait, 1, 5000) <= 0)
			break;
		if (read(listener->fd, &event, sizeof(event)) != sizeof(event) ||
				event.type != EV_KEY)
			continue;
		if (listener->wrong < 0 && (event.code != KEY_Q + listener->heard / 2 % 10 ||
							   event.value != !(listener->heard % 2)))
			g_atomic_int_set(&listener->wrong, listener->heard);
		g_atomic_int_inc(&listener->heard);
	}
	return NULL;
}

static void a_thousand_keys_arrive_once_each(struct fixture *f, gconstpointer configuration)
{
	struct bmc *bmc = &f->bmc;
	struct listener listener = {.fd = bmc->keyboard, .wrong = -1};
	GThread *thread = g_thread_new("keys", listen_to_keys, &listener);

	for (int i = 0; i < TYPED; i++) {
		client_key(bmc->client, KEY_Q + i % 10, true);
		client_key(bmc->client, KEY_Q + i % 10, false);
	}
	bmc_wait(bmc, g_atomic_int_get(&listener.heard) == 2 * TYPED, 30000);
	g_thread_join(thread);
	g_assert_cmpint(listener.wrong, ==, -1);
	node_pass(200);
	node_drain(bmc->keyboard);
	g_assert_false(node_key_down(bmc->keyboard, KEY_P));
}

/* Types a text at the most that there is, and returns how many ms that took. */
static double type_text(struct bmc *bmc, const char *text)
{
	static const char member[] = "\"took_ms\":";
	const char *builddir = g_getenv("top_builddir");
	g_autofree char *program = g_build_filename(
			builddir ? builddir : ".", "tools", "spicerackctl", NULL);
	g_autofree char *socket = g_build_filename(bmc->folder, "api", NULL);
	const char *const argv[] = {
			program, "--socket", socket, "--json", "--rate", "200", "type", text, NULL};
	char *answer = NULL;
	GError *error = NULL;
	const char *at;
	double took;

	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &answer, NULL, NULL,
			&error);
	g_assert_no_error(error);
	g_assert_nonnull(strstr(answer, "\"state\":\"done\""));
	at = strstr(answer, member);
	g_assert_nonnull(at);
	took = strtod(at + strlen(member), NULL);
	g_free(answer);
	return took;
}

static void typed_text_arrives_once(struct fixture *f, gconstpointer configuration)
{
	struct bmc *bmc = &f->bmc;
	struct listener listener = {.fd = bmc->keyboard, .wrong = -1};
	GThread *thread = g_thread_new("keys", listen_to_keys, &listener);
	g_autofree char *text = g_strnfill(TYPED, ' ');
	double took;

	for (int i = 0; i < TYPED; i++)
		text[i] = "qwertyuiop"[i % 10];
	took = type_text(bmc, text);
	bmc_wait(bmc, g_atomic_int_get(&listener.heard) == 2 * TYPED, 30000);
	g_thread_join(thread);
	g_assert_cmpint(listener.wrong, ==, -1);
	g_test_message("%.0f characters a second", 1000.0 * TYPED / took);
}

static void lights_come_back(struct fixture *f, gconstpointer configuration)
{
	struct bmc *bmc = &f->bmc;

	node_light(bmc->keyboard, LED_CAPSL, true);
	bmc_wait(bmc, client_locks(bmc->client) == 4 /* SPICE: caps lock */, 5000);
	node_light(bmc->keyboard, LED_CAPSL, false);
	bmc_wait(bmc, client_locks(bmc->client) == 0, 5000);
}

static void corners_and_wheel_are_exact(struct fixture *f, gconstpointer configuration)
{
	static const struct {
		int x, y, node_x, node_y;
	} corners[] = {{1023, 767, 32767, 32767}, {0, 767, 0, 32767}, {1023, 0, 32767, 0},
			{0, 0, 0, 0}};
	struct bmc *bmc = &f->bmc;
	struct input_event event;

	bmc_wait(bmc, client_picture(bmc->client).width == 1024, 10000);
	for (size_t i = 0; i < G_N_ELEMENTS(corners); i++) {
		client_point(bmc->client, corners[i].x, corners[i].y, 0);
		bmc_wait(bmc,
				node_axis(bmc->absolute, ABS_X) == corners[i].node_x &&
						node_axis(bmc->absolute, ABS_Y) ==
								corners[i].node_y,
				5000);
	}
	node_drain(bmc->absolute);
	client_button(bmc->client, 4 /* SPICE: wheel up */, true, 0);
	client_button(bmc->client, 4, false, 0);
	g_assert_true(node_event(bmc->absolute, EV_REL, &event, 5000));
	g_assert_cmpint(event.value, ==, 1);
}

static void held_key_goes_up_with_its_viewer(struct fixture *f, gconstpointer configuration)
{
	struct bmc *bmc = &f->bmc;

	client_key(bmc->client, KEY_LEFTSHIFT, true);
	expect_key(bmc, KEY_LEFTSHIFT, 1);
	bmc_look_away(bmc);
	expect_key(bmc, KEY_LEFTSHIFT, 0);
}

static void killed_daemon_leaves_the_node_its_keyboard(
		struct fixture *f, gconstpointer configuration)
{
	struct bmc *bmc = &f->bmc;

	client_key(bmc->client, KEY_A, true);
	expect_key(bmc, KEY_A, 1);
	bmc_kill(bmc);
	bmc_look_away(bmc);
	bmc_start(bmc);
	expect_key(bmc, KEY_A, 0); /* on the same device: it never left */
	bmc_look(bmc);
	type_key(bmc, (struct key){KEY_B, KEY_B});
}

static void nothing_is_left_behind(struct fixture *f, gconstpointer configuration)
{
	g_autoptr(GDir) folder = NULL;

	bmc_look_away(&f->bmc);
	bmc_stop(&f->bmc);
	folder = g_dir_open("/sys/kernel/config/usb_gadget", 0, NULL);
	g_assert_nonnull(folder);
	g_assert_null(g_dir_read_name(folder));
}

#define ADD(configuration, test)                                                                  \
	g_test_add("/lab/" #configuration "/" #test, struct fixture, configuration, fixture_open, \
			test, fixture_close)
#define ADD_HANDS(configuration, test)                                              \
	g_test_add("/lab/" #configuration "/" #test, struct fixture, configuration, \
			fixture_open_hands, test, fixture_close)

int main(int argc, char **argv)
{
	static const char *const raw[] = {"xbgr32", "bgr24", "uyvy", "yuyv"};

	g_test_init(&argc, &argv, NULL);
	if (!node_there() || access(FEED_DEVICE, F_OK) < 0) {
		g_print("1..0 # SKIP no virtual ports or no video engine here: run by "
			"tests/kernel/run\n");
		return 0;
	}
	ADD(automatic, every_mode_is_shown);
	ADD(jpeg, every_mode_is_shown);
	ADD(ajpg, every_mode_is_shown);
	ADD(automatic, modes_change_under_load);
	ADD(jpeg, modes_change_under_load);
	ADD(automatic, lost_signal_is_said_and_comes_back);
	ADD(jpeg, lost_signal_is_said_and_comes_back);
	ADD(ajpg, frames_that_do_not_fit_lower_the_quality);
	ADD(ajpg, driver_that_goes_is_waited_for);
	for (size_t i = 0; i < G_N_ELEMENTS(raw); i++) {
		g_autofree char *path = g_strdup_printf("/lab/%s/raw_pixels_are_shown", raw[i]);

		g_test_add_data_func(path, raw[i], raw_pixels_are_shown);
	}
	ADD_HANDS(automatic, every_key_arrives_as_itself);
	ADD_HANDS(composite, every_key_arrives_as_itself);
	ADD_HANDS(automatic, a_thousand_keys_arrive_once_each);
	ADD_HANDS(automatic, typed_text_arrives_once);
	ADD_HANDS(automatic, lights_come_back);
	ADD_HANDS(automatic, corners_and_wheel_are_exact);
	ADD_HANDS(automatic, held_key_goes_up_with_its_viewer);
	ADD_HANDS(automatic, killed_daemon_leaves_the_node_its_keyboard);
	ADD_HANDS(automatic, nothing_is_left_behind);
	g_test_add("/lab/frames/frames_are_all_there", struct fixture, automatic, fixture_open,
			frames_are_all_there, fixture_close);
	return g_test_run();
}
