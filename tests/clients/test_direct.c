/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a real client shows of a display channel of our own, next to spice-server's other channels.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/clients/client.h"
#include "tests/clients/direct_part.h"
#include "tests/unit/jpeg_coder.h"

/* A client that can be stopped. */
static void view_all(const char *address)
{
	struct client *client = client_open(
			&(struct client_settings){.address = address, .password = DIRECT_PASSWORD});
	char byte = client_wait(client, client_has_picture, NULL, 10000);

	send(DIRECT_CONTROL, &byte, 1, MSG_NOSIGNAL);
	for (;;)
		client_run(client, 10000);
}

struct rig {
	pid_t pid;
	int control;
	struct direct_screen *screen;
	int screen_fd;
	unsigned int updates; /* that the client had when it was last compared */
	gint64 compared;
	char address[64];
	char answer[DIRECT_PACKET];
};

static pid_t rig_start(int screen, const char *role, const char *argument, int *control)
{
	int pair[2];
	pid_t pid;

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
	pid = fork();
	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		int first = fcntl(pair[1], F_DUPFD_CLOEXEC, DIRECT_SCREEN + 1);
		int second = fcntl(screen, F_DUPFD_CLOEXEC, DIRECT_SCREEN + 1);

		dup2(first, DIRECT_CONTROL);
		dup2(second, DIRECT_SCREEN);
		execl("/proc/self/exe", "direct", role, argument, NULL);
		_exit(127);
	}
	close(pair[1]);
	*control = pair[0];
	return pid;
}

static const char *rig_do(struct rig *rig, const char *command)
{
	if (command)
		g_assert_cmpint(send(rig->control, command, strlen(command), MSG_NOSIGNAL), >, 0);
	g_assert_cmpint(recv(rig->control, rig->answer, sizeof(rig->answer), 0), >, 0);
	return rig->answer;
}

static struct rig *rig_open(void)
{
	struct rig *rig = g_new0(struct rig, 1);

	rig->screen_fd = memfd_create("screen", MFD_CLOEXEC);
	g_assert_cmpint(ftruncate(rig->screen_fd, sizeof(*rig->screen)), ==, 0);
	rig->screen = mmap(NULL, sizeof(*rig->screen), PROT_READ, MAP_SHARED, rig->screen_fd, 0);
	rig->pid = rig_start(rig->screen_fd, "--serve", "", &rig->control);
	snprintf(rig->address, sizeof(rig->address), "127.0.0.1:%s", rig_do(rig, NULL));
	return rig;
}

static void rig_close(struct rig *rig)
{
	int status;

	send(rig->control, "quit", 4, MSG_NOSIGNAL);
	g_assert_cmpint(waitpid(rig->pid, &status, 0), ==, rig->pid);
	g_assert_cmpint(status, ==, 0);
	close(rig->control);
	munmap(rig->screen, sizeof(*rig->screen));
	close(rig->screen_fd);
	g_free(rig);
}

static double rig_psnr(struct rig *rig, struct client *client)
{
	struct client_picture shown = client_picture(client);
	const struct display_picture meant = {.width = rig->screen->width,
			.height = rig->screen->height,
			.stride = rig->screen->stride,
			.pixels = rig->screen->pixels};

	if (!shown.pixels || shown.width != meant.width || shown.height != meant.height)
		return 0;
	return jpeg_psnr(&meant, shown.pixels, shown.stride);
}

/* Comparing takes longer than drawing a rectangle: only once they no longer come one by one. */
static bool is_alike(struct client *client, void *data)
{
	struct rig *rig = data;
	gint64 now = g_get_monotonic_time();

	if (client_updates(client) != rig->updates || now - rig->compared < 15000) {
		if (client_updates(client) != rig->updates)
			rig->compared = now;
		rig->updates = client_updates(client);
		return false;
	}
	rig->compared = now;
	return rig_psnr(rig, client) >= 40;
}

static void assert_follows(struct rig *rig, struct client *client)
{
	rig_do(rig, "copy");
	if (!client_wait(client, is_alike, rig, 5000))
		g_error("%dx%d: %.1f dB", rig->screen->width, rig->screen->height,
				rig_psnr(rig, client));
}

static struct client *join(struct rig *rig)
{
	struct client *client = client_open(&(struct client_settings){
			.address = rig->address, .password = DIRECT_PASSWORD});

	g_assert_true(client_wait(client, client_has_picture, NULL, 10000));
	g_assert_true(client_wait(client, client_has_inputs, NULL, 10000));
	return client;
}

static void test_a_picture_and_its_changes_are_followed(void)
{
	struct rig *rig = rig_open();
	struct client *client = join(rig);

	assert_follows(rig, client);
	for (int round = 0; round < 20; round++) {
		rig_do(rig, "damage 3");
		client_run(client, round % 4);
	}
	assert_follows(rig, client);
	rig_do(rig, "run 3");
	client_run(client, 1500);
	rig_do(rig, "run 0");
	assert_follows(rig, client);
	rig_do(rig, "copy");
	client_run(client, 100);
	g_test_message("%.1f dB; pace: %s", rig_psnr(rig, client), rig_do(rig, "pace 0"));
	client_close(client);
	rig_close(rig);
}

static void test_the_other_channels_are_the_librarys(void)
{
	struct rig *rig = rig_open();
	struct client *client = join(rig);

	g_assert_true(client_wait(client, client_has_pointer, NULL, 5000));
	g_assert_cmpint(client_mouse_mode(client), ==, CLIENT_MOUSE_CLIENT);
	client_close(client);
	rig_close(rig);
}

static void test_every_size_is_followed(void)
{
	static const int sizes[][2] = {{640, 480}, {1366, 768}, {721, 401}, {1, 1}, {17, 33},
			{1920, 1080}, {799, 599}};
	struct rig *rig = rig_open();
	struct client *client = join(rig);

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		g_autofree char *show = g_strdup_printf("show %d %d", sizes[i][0], sizes[i][1]);

		rig_do(rig, show);
		rig_do(rig, "damage 2");
		assert_follows(rig, client);
	}
	/* And fast, in the midst of changes. */
	rig_do(rig, "run 2");
	for (int round = 0; round < 60; round++) {
		g_autofree char *show = g_strdup_printf(
				"show %d %d", 320 + round * 13 % 700, 200 + round * 29 % 500);

		rig_do(rig, show);
		if (round % 3 == 0)
			client_run(client, round % 40);
	}
	rig_do(rig, "run 0");
	assert_follows(rig, client);
	client_close(client);
	rig_close(rig);
}

static void test_a_static_screen_costs_no_bytes(void)
{
	struct rig *rig = rig_open();
	struct client *client = join(rig);
	unsigned long bytes;

	assert_follows(rig, client);
	client_run(client, 300);
	bytes = client_read_bytes(client, CLIENT_DISPLAY);
	g_assert_cmpuint(bytes, >, 0);
	client_run(client, 1000);
	g_assert_cmpuint(client_read_bytes(client, CLIENT_DISPLAY), ==, bytes);
	client_close(client);
	rig_close(rig);
}

static void test_a_wrong_password_shows_nothing(void)
{
	struct rig *rig = rig_open();
	struct client *client = client_open(
			&(struct client_settings){.address = rig->address, .password = "guess"});

	g_assert_true(client_wait(client, client_is_gone, NULL, 5000));
	g_assert_null(client_picture(client).pixels);
	client_close(client);
	rig_close(rig);
}

static void test_a_stopped_viewer_holds_nobody(void)
{
	struct rig *rig = rig_open();
	unsigned int before, after, opened, closed, refused;
	struct client *client;
	int control, status;
	char byte = 0;
	pid_t pid;

	rig_do(rig, "show 1280 720");
	pid = rig_start(rig->screen_fd, "--view", rig->address, &control);
	g_assert_cmpint(recv(control, &byte, 1, 0), ==, 1);
	g_assert_cmpint(byte, ==, 1);
	client = join(rig);
	kill(pid, SIGSTOP);
	rig_do(rig, "run 10");
	client_run(client, 500);
	before = client_updates(client);
	client_run(client, 1000);
	after = client_updates(client);
	g_test_message("%u rectangles in a second; the stopped one's pace: %s", after - before,
			rig_do(rig, "pace 0"));
	g_assert_true(g_str_has_suffix(rig->answer, " 1")); /* behind */
	g_assert_cmpuint(after - before, >=, 100);
	kill(pid, SIGCONT);
	client_run(client, 500);
	rig_do(rig, "run 0");
	assert_follows(rig, client);
	g_assert_true(g_str_has_suffix(rig_do(rig, "pace 0"), " 0"));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(control);
	client_run(client, 300);
	g_assert_cmpint(sscanf(rig_do(rig, "counts"), "%u %u %u", &opened, &closed, &refused), ==,
			3);
	g_assert_cmpuint(opened, ==, 2);
	g_assert_cmpuint(closed, ==, 1);
	g_assert_cmpuint(refused, ==, 0);
	client_close(client);
	rig_close(rig);
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--serve") == 0) {
		g_log_set_always_fatal(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
		direct_serve();
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "--view") == 0) {
		view_all(argv[2]);
		return 0;
	}
	g_test_init(&argc, &argv, NULL);
	/* The client's library complains of connections that end, as they do here. */
	g_log_set_always_fatal(G_LOG_FATAL_MASK);
#define TEST(name) g_test_add_func("/clients/direct/" #name, test_##name)
	TEST(a_picture_and_its_changes_are_followed);
	TEST(the_other_channels_are_the_librarys);
	TEST(every_size_is_followed);
	TEST(a_static_screen_costs_no_bytes);
	TEST(a_wrong_password_shows_nothing);
	TEST(a_stopped_viewer_holds_nobody);
	return g_test_run();
}
