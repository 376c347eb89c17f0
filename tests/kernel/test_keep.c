/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process with a keyboard and a drive is killed again and again while the node reads, under
 * spicerack-holder, which starts this program again with --serve.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "gadget/drive_bus.h"
#include "gadget/drive_memory.h"
#include "src/survival.h"
#include "tests/kernel/drive_rig.h"
#include "tests/kernel/node.h"

#define KILLS 25
#define SIZE  (48 << 20)
#define NAME  "keep"

/* --- The process that is killed --- */

struct serve {
	struct drive_rig rig;
	struct file_medium medium;
	bool keyboard, drive;
};

static void serve_say(struct serve *serve)
{
	if (!serve->keyboard || !serve->drive)
		return;
	printf("%d\n", (int)getpid());
	fflush(stdout);
}

static void serve_channel(enum hub_function function, int fd, bool used, void *data)
{
	struct serve *serve = data;

	keyboard_attach(serve->rig.keyboard, fd);
	serve->keyboard = fd >= 0;
	if (fd >= 0)
		serve_say(serve);
}

static void serve_drive(size_t drive, struct drive_bus *bus, void *data)
{
	struct serve *serve = data;

	serve->drive = bus != NULL;
	if (!bus) {
		drive_detach(serve->rig.drives[0]);
		return;
	}
	drive_attach(serve->rig.drives[0], bus);
	serve_say(serve);
}

static void serve_nothing(void *data)
{
}

static gboolean serve_stop(gpointer loop)
{
	g_main_loop_quit(loop);
	return G_SOURCE_CONTINUE;
}

static int serve(const char *path)
{
	static const struct hub_drive drives[] = {{.name = NAME}};
	const struct drive_settings settings = {
			.kind = SCSI_CD, .identity = {"Maker", "Drive", "1", "0123456789AB"}};
	const struct drive_events events = {.ejected = serve_nothing};
	struct hub_settings hub = {
			.functions = 1u << HUB_KEYBOARD, .drives = drives, .drive_count = 1};
	struct serve serve = {.medium = {.fd = open(path, O_RDONLY | O_CLOEXEC), .size = SIZE}};
	const struct hub_events hub_events = {
			.channel = serve_channel, .drive = serve_drive, .data = &serve};
	GMainLoop *loop = g_main_loop_new(NULL, FALSE);
	struct keep *keep = keep_new();
	struct drive_memory *memory = survival_drive(keep, NAME);
	struct kept kept;

	if (!memory || serve.medium.fd < 0)
		return 9;
	g_unix_signal_add(SIGTERM, serve_stop, loop);
	survival_kept(&kept, keep);
	hub.kept = &kept;
	serve.rig.drives[0] = drive_new(&settings, &events);
	serve.rig.keyboard = keyboard_new(-1, NULL, NULL);
	drive_remember(serve.rig.drives[0], memory);
	drive_rig_insert(&serve.rig, 0, &serve.medium, false);
	serve.rig.hub = hub_new(&hub, &hub_events);
	keep_ready(keep);
	g_main_loop_run(loop);
	hub_close(serve.rig.hub);
	drive_close(serve.rig.drives[0]);
	keyboard_close(serve.rig.keyboard);
	survival_forget_drive(keep, NAME);
	drive_memory_unmap(memory);
	keep_free(keep);
	g_main_loop_unref(loop);
	return 0;
}

/* --- The test --- */

struct fixture {
	char *path, sum[65];
	GPid holder;
	FILE *lines;
};

static pid_t next_life(struct fixture *f)
{
	char line[40];

	g_assert_nonnull(fgets(line, sizeof(line), f->lines));
	return atoi(line);
}

static void fixture_open(struct fixture *f)
{
	struct file_medium medium;
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *here = g_path_get_dirname(self);
	g_autofree char *holder = g_build_filename(here, "../../tools/spicerack-holder", NULL);
	const char *argv[] = {holder, self, "--serve", NULL, NULL};
	GError *error = NULL;
	int out;

	file_medium_random(&medium, SIZE, 7);
	file_medium_sum(&medium, f->sum);
	f->path = g_strdup_printf("/proc/%d/fd/%d", (int)getpid(), medium.fd);
	argv[3] = f->path;
	g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
			&f->holder, NULL, &out, NULL, &error);
	g_assert_no_error(error);
	f->lines = fdopen(out, "r");
}

static void fixture_close(struct fixture *f)
{
	int status;

	kill(f->holder, SIGTERM);
	g_assert_cmpint(waitpid(f->holder, &status, 0), ==, f->holder);
	g_assert_cmpint(status, ==, 0);
	fclose(f->lines);
	g_free(f->path);
}

struct reading {
	const char *device, *sum;
	gint stop;
	int failed, images;
};

static gpointer read_on(gpointer data)
{
	struct reading *reading = data;

	while (!reading->failed && !g_atomic_int_get(&reading->stop)) {
		struct host_read read = {.device = reading->device, .direct = true};

		reading->failed = host_read(&read);
		if (!reading->failed && (strcmp(read.sum, reading->sum) != 0 || read.got != SIZE))
			reading->failed = -EILSEQ;
		reading->images += !reading->failed;
	}
	return NULL;
}

static char *device_of(const char *port)
{
	g_autofree char *device = node_device(port);
	g_autofree char *blocks = NULL;
	const char *name = NULL;
	g_autoptr(GDir) folder = NULL;

	/* The only optical drive here. */
	folder = device ? g_dir_open("/sys/block", 0, NULL) : NULL;
	while (folder && (name = g_dir_read_name(folder)) && !g_str_has_prefix(name, "sr"))
		;
	return name ? g_strconcat("/dev/", name, NULL) : NULL;
}

static void node_sees_none_of_many_deaths(void)
{
	static const char *const ports[] = {"dummy_udc.0", "dummy_udc.1"};
	struct reading reading = {0};
	struct fixture f = {0};
	char *device = NULL, *addresses[2];
	int64_t end = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;
	GThread *thread;
	pid_t life;

	fixture_open(&f);
	life = next_life(&f);
	while (!(device = device_of(ports[1])) || access(device, R_OK) < 0) {
		g_free(device);
		g_assert_cmpint(g_get_monotonic_time(), <, end);
		node_pass(100);
	}
	node_pass(500);
	for (int i = 0; i < 2; i++)
		addresses[i] = node_attribute(ports[i], "devnum");
	reading.device = device;
	reading.sum = f.sum;
	thread = g_thread_new("reading", read_on, &reading);
	for (int i = 0; i < KILLS; i++) {
		/* The holder is slow with one that dies of its own accord, again and again. */
		node_pass(i % 5 == 4 ? 1100 : g_test_rand_int_range(50, 700));
		g_assert_cmpint(kill(life, SIGKILL), ==, 0);
		life = next_life(&f);
	}
	node_pass(1000);
	g_atomic_int_set(&reading.stop, TRUE);
	g_thread_join(thread);
	g_test_message("%d deaths, %d whole images read", KILLS, reading.images);
	g_assert_cmpint(reading.failed, ==, 0);
	g_assert_cmpint(reading.images, >=, 1);
	for (int i = 0; i < 2; i++) {
		g_assert_true(node_attribute_is(ports[i], "devnum", addresses[i]));
		g_free(addresses[i]);
	}
	g_free(device);
	fixture_close(&f);
	for (int i = 0; i < 2; i++)
		node_wait(node_empty(ports[i]));
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--serve"))
		return serve(argv[2]);
	g_test_init(&argc, &argv, NULL);
	if (!node_there()) {
		g_print("1..0 # SKIP no virtual ports here: run by tests/kernel/run\n");
		return 0;
	}
	g_test_add_func("/keep/node_sees_none_of_many_deaths", node_sees_none_of_many_deaths);
	return g_test_run();
}
