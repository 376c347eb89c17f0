/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/kernel/bmc.h"
#include "tests/kernel/node.h"

#define BMC_START_MS 20000 /* an emulated machine is slow when its host is busy */
#define BMC_ENGINE   "/dev/aspeed-engine"

static char *bmc_text(const struct bmc *bmc)
{
	char *text = NULL;

	g_file_get_contents(bmc->log, &text, NULL, NULL);
	return text ? text : g_strdup("");
}

void bmc_tell(const struct bmc *bmc)
{
	g_autofree char *text = bmc_text(bmc);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	for (int i = 0; lines[i] && *lines[i]; i++)
		g_printerr("# %s\n", lines[i]);
}

bool bmc_said(const struct bmc *bmc, const char *text)
{
	g_autofree char *log = bmc_text(bmc);

	return strstr(log, text) != NULL;
}

void bmc_wait_said(struct bmc *bmc, const char *text, int ms)
{
	bmc_wait(bmc, bmc_said(bmc, text), ms);
}

void bmc_open(struct bmc *bmc, const char *configuration)
{
	g_autofree char *text = NULL;
	GError *error = NULL;

	*bmc = (struct bmc){.keyboard = -1, .absolute = -1, .relative = -1};
	bmc->folder = g_dir_make_tmp("bmc-XXXXXX", &error);
	g_assert_no_error(error);
	bmc->config = g_build_filename(bmc->folder, "console.conf", NULL);
	bmc->log = g_build_filename(bmc->folder, "log", NULL);
	bmc->address = g_strdup_printf("unix:%s/spice", bmc->folder);
	text = g_strdup_printf("[spice]\nlisten = %s\n[api]\nsocket = %s/api\n%s", bmc->address,
			bmc->folder, configuration);
	g_file_set_contents(bmc->config, text, -1, &error);
	g_assert_no_error(error);
	if (access(BMC_ENGINE, F_OK) == 0) {
		bmc->feed = feed_open(NULL, NULL, &error);
		g_assert_no_error(error);
	}
	bmc_start(bmc);
}

/* One of ours, by its place in the build folder. */
static char *bmc_program(const char *name)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *here = g_path_get_dirname(self);

	return g_build_filename(here, "../..", name, NULL);
}

void bmc_start(struct bmc *bmc)
{
	g_autofree char *program = bmc_program("spicerack-console");
	const char *const argv[] = {program, "--config", bmc->config, NULL};
	int log = open(bmc->log, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
	GError *error = NULL;

	g_assert_cmpint(log, >=, 0);
	g_spawn_async_with_fds(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
			&bmc->daemon, -1, log, log, &error);
	g_assert_no_error(error);
	close(log);
}

static int bmc_end(struct bmc *bmc, int number)
{
	int status = 0;

	kill(bmc->daemon, number);
	g_assert_cmpint(waitpid(bmc->daemon, &status, 0), ==, bmc->daemon);
	g_spawn_close_pid(bmc->daemon);
	bmc->daemon = 0;
	return status;
}

void bmc_kill(struct bmc *bmc)
{
	bmc_end(bmc, SIGKILL);
}

void bmc_stop(struct bmc *bmc)
{
	int status = bmc_end(bmc, SIGTERM);

	if (status)
		bmc_tell(bmc);
	g_assert_cmpint(status, ==, 0);
}

static void bmc_unplug(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void bmc_close(struct bmc *bmc)
{
	bmc_look_away(bmc);
	if (bmc->daemon)
		bmc_stop(bmc);
	if (bmc->feed)
		feed_close(bmc->feed);
	bmc_unplug(&bmc->keyboard);
	bmc_unplug(&bmc->absolute);
	bmc_unplug(&bmc->relative);
	g_unlink(bmc->config);
	g_unlink(bmc->log);
	g_rmdir(bmc->folder);
	g_free(bmc->folder);
	g_free(bmc->config);
	g_free(bmc->log);
	g_free(bmc->address);
}

void bmc_look(struct bmc *bmc)
{
	bmc_wait(bmc, g_file_test(bmc->address + strlen("unix:"), G_FILE_TEST_EXISTS),
			BMC_START_MS);
	bmc->client = client_open(&(struct client_settings){.address = bmc->address});
	bmc_wait(bmc, client_has_picture(bmc->client, NULL), BMC_START_MS);
	bmc_wait(bmc, client_has_pointer(bmc->client, NULL), BMC_START_MS);
}

void bmc_look_away(struct bmc *bmc)
{
	client_close(bmc->client);
	bmc->client = NULL;
}

uint32_t bmc_pixel(const struct bmc *bmc, int x, int y)
{
	struct client_picture picture = client_picture(bmc->client);

	return picture.pixels[(size_t)y * picture.stride + x] & 0xffffff;
}

/* Whichever port it is on. */
static int bmc_input(enum node_kind kind)
{
	static const char *const ports[] = {"dummy_udc.0", "dummy_udc.1", "dummy_udc.2"};
	int fd = -1;

	for (size_t i = 0; i < G_N_ELEMENTS(ports) && fd < 0; i++)
		fd = node_input(ports[i], kind);
	return fd;
}

void bmc_plug(struct bmc *bmc)
{
	bmc_wait(bmc, (bmc->keyboard = bmc_input(NODE_KEYBOARD)) >= 0, BMC_START_MS);
	bmc_wait(bmc, (bmc->absolute = bmc_input(NODE_ABSOLUTE)) >= 0, BMC_START_MS);
	bmc_wait(bmc, (bmc->relative = bmc_input(NODE_RELATIVE)) >= 0, BMC_START_MS);
}

static double bmc_square(uint32_t one, uint32_t other, int shift)
{
	int difference = (int)(one >> shift & 255) - (int)(other >> shift & 255);

	return difference * difference;
}

double bmc_psnr(struct bmc *bmc, enum feed_scene scene, int width, int height, unsigned int *number)
{
	struct client_picture shown = client_picture(bmc->client);
	unsigned int found;
	g_autofree uint32_t *drawn = NULL;
	double sum = 0;

	if (shown.width != width || shown.height != height ||
			!feed_picture_number(shown.pixels, shown.stride, &found))
		return 0;
	if (number)
		*number = found;
	drawn = g_new(uint32_t, (size_t)width * height);
	feed_picture(drawn, width, height, width, scene, found, -1);
	for (int y = 0; y < height; y++) {
		for (int x = 0; x < width; x++) {
			uint32_t one = shown.pixels[(size_t)y * shown.stride + x];
			uint32_t other = drawn[(size_t)y * width + x];

			if ((one ^ other) & 0xffffff)
				sum += bmc_square(one, other, 0) + bmc_square(one, other, 8) +
				       bmc_square(one, other, 16);
		}
	}
	return sum > 0 ? 10 * log10(255.0 * 255 * 3 * width * height / sum) : 99;
}

unsigned int bmc_ask(const struct bmc *bmc, const char *member)
{
	g_autofree char *program = bmc_program("tools/spicerackctl");
	g_autofree char *socket = g_build_filename(bmc->folder, "api", NULL);
	g_autofree char *name = g_strdup_printf("\"%s\":", member);
	g_autofree char *answer = NULL;
	const char *const argv[] = {program, "--socket", socket, "--json", "status", NULL};
	const char *at;
	GError *error = NULL;

	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &answer, NULL, NULL,
			&error);
	g_assert_no_error(error);
	at = strstr(answer, name);
	g_assert_nonnull(at);
	return strtoul(at + strlen(name), NULL, 10);
}
