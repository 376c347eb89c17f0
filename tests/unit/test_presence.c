/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On calls that pretend to be the kernel's, and on its simulated chip where there is one. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "rack/presence_part.h"
#include "tests/unit/until.h"

#define AGAIN_MS 20

/* What the kernel has: the calls have no argument to find it by. */
static struct chip {
	int missing; /* errno of open; 0: it is there */
	int busy;    /* errno of asking for the line */
	int opened, closed, lines;
	bool high;  /* the line, physically */
	int events; /* where to write them; -1: the line is not open */
	struct gpio_v2_line_request asked;
} chip;

static int chip_open(const char *path, int flags)
{
	g_assert_cmpint(flags & O_ACCMODE, ==, O_RDWR);
	g_assert_cmpstr(path, ==, "/dev/gpiochip3");
	chip.opened++;
	if (chip.missing) {
		errno = chip.missing;
		return -1;
	}
	return open("/dev/null", flags);
}

static int chip_close(int fd)
{
	chip.closed++;
	return close(fd);
}

static int chip_ioctl(int fd, unsigned long request, void *argument)
{
	struct gpio_v2_line_request *line = argument;
	struct gpio_v2_line_values *values = argument;
	int ends[2];

	(void)fd;
	if (request == GPIO_V2_LINE_GET_VALUES_IOCTL) {
		bool low = chip.asked.config.flags & GPIO_V2_LINE_FLAG_ACTIVE_LOW;

		g_assert_cmpuint(values->mask, ==, 1);
		values->bits = chip.high != low;
		return 0;
	}
	g_assert_cmpuint(request, ==, GPIO_V2_GET_LINE_IOCTL);
	if (chip.busy) {
		errno = chip.busy;
		return -1;
	}
	chip.asked = *line;
	g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
	line->fd = ends[0];
	chip.events = ends[1];
	chip.lines++;
	return 0;
}

static const struct presence_calls calls = {chip_open, chip_ioctl, chip_close, AGAIN_MS};

static void chip_reset(void)
{
	chip = (struct chip){.events = -1};
}

static void chip_edge(bool high, int events)
{
	const struct gpio_v2_line_event event = {.offset = 12};

	chip.high = high;
	for (int i = 0; i < events; i++)
		g_assert_cmpint(write(chip.events, &event, sizeof(event)), ==, sizeof(event));
}

static void chip_goes(void)
{
	close(chip.events);
	chip.events = -1;
}

struct fixture {
	struct presence *presence;
	int told;
	bool present, frees;
	char *why;
};

static void fixture_told(bool present, const char *why, void *data)
{
	struct fixture *f = data;

	f->told++;
	f->present = present;
	g_free(f->why);
	f->why = g_strdup(why);
	if (!f->frees)
		return;
	presence_free(f->presence);
	f->presence = NULL;
}

static void fixture_open(struct fixture *f, const char *spec)
{
	*f = (struct fixture){0};
	f->presence = presence_new_with(spec, &calls, fixture_told, f, NULL);
	g_assert_nonnull(f->presence);
	g_assert_cmpint(f->told, ==, 0);
}

static void fixture_close(struct fixture *f)
{
	presence_free(f->presence);
	g_free(f->why);
	if (chip.events >= 0)
		chip_goes();
}

static void test_lines_are_named_by_chip_and_number(void)
{
	static const char *const wrong[] = {"", "!", "gpiochip0", "gpiochip0:", ":12", "!:1",
			"gpiochip0:-1", "gpiochip0:1x", "gpiochip0:65536", "../mem:1",
			"gpiochip0:1:2", "gpiochip0: 1", "!!gpiochip0:1", "GPIO 1:2",
			"a-chip-whose-name-is-longer-than-any:1"};
	struct presence_line line;
	GError *error = NULL;

	g_assert_true(presence_parse("gpiochip0:12", &line, NULL));
	g_assert_cmpstr(line.chip, ==, "gpiochip0");
	g_assert_cmpuint(line.offset, ==, 12);
	g_assert_false(line.low);
	g_assert_true(presence_parse("!gpiochip11:0", &line, NULL));
	g_assert_cmpstr(line.chip, ==, "gpiochip11");
	g_assert_true(line.low);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_assert_false(presence_parse(wrong[i], &line, &error));
		g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
		g_clear_error(&error);
	}
	g_assert_null(presence_new("nothing", NULL, NULL, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
	g_error_free(error);
}

static void test_it_is_told_first_and_at_each_edge(void)
{
	struct fixture f;

	chip_reset();
	fixture_open(&f, "gpiochip3:12");
	UNTIL(f.told == 1);
	g_assert_false(f.present);
	g_assert_null(f.why);
	g_assert_cmpuint(chip.asked.num_lines, ==, 1);
	g_assert_cmpuint(chip.asked.offsets[0], ==, 12);
	g_assert_cmpuint(chip.asked.config.flags, ==,
			GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING |
					GPIO_V2_LINE_FLAG_EDGE_FALLING);
	g_assert_cmpuint(chip.asked.config.num_attrs, ==, 1);
	g_assert_cmpuint(chip.asked.config.attrs[0].attr.id, ==, GPIO_V2_LINE_ATTR_ID_DEBOUNCE);
	g_assert_cmpuint(chip.asked.config.attrs[0].attr.debounce_period_us, ==, 50000);
	chip_edge(true, 1);
	UNTIL(f.told == 2);
	g_assert_true(f.present);
	chip_edge(false, 1);
	UNTIL(f.told == 3);
	g_assert_false(f.present);
	fixture_close(&f);
}

static void test_a_low_line_may_mean_present(void)
{
	struct fixture f;

	chip_reset();
	fixture_open(&f, "!gpiochip3:12");
	UNTIL(f.told == 1);
	g_assert_true(f.present);
	chip_edge(true, 1);
	UNTIL(f.told == 2);
	g_assert_false(f.present);
	fixture_close(&f);
}

/* What the line is at the end counts. */
static void test_a_storm_of_edges_is_no_storm_of_news(void)
{
	struct fixture f;

	chip_reset();
	fixture_open(&f, "gpiochip3:12");
	UNTIL(f.told == 1);
	chip_edge(true, 500);
	UNTIL(f.told == 2);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpint(f.told, ==, 2);
	g_assert_true(f.present);
	fixture_close(&f);
}

static void test_a_line_that_is_not_to_be_had_counts_as_present(void)
{
	struct fixture f;

	chip_reset();
	chip.missing = ENOENT;
	fixture_open(&f, "gpiochip3:12");
	UNTIL(chip.opened > 3);
	g_assert_cmpint(f.told, ==, 1);
	g_assert_true(f.present);
	g_assert_cmpstr(f.why, ==, "GPIO line gpiochip3:12: No such file or directory");
	chip.missing = 0;
	chip.busy = EBUSY;
	UNTIL(chip.opened > 6);
	g_assert_cmpint(f.told, ==, 1);
	chip.busy = 0;
	UNTIL(f.told == 2);
	g_assert_false(f.present);
	g_assert_null(f.why);
	/* Its chip goes, and comes back with the node there. */
	chip.missing = ENODEV;
	chip_goes();
	UNTIL(f.told == 3);
	g_assert_true(f.present);
	g_assert_nonnull(f.why);
	chip.missing = 0;
	chip.high = true;
	UNTIL(f.told == 4);
	g_assert_true(f.present);
	g_assert_null(f.why);
	fixture_close(&f);
}

static void test_it_may_be_freed_when_it_tells(void)
{
	struct fixture f;

	chip_reset();
	fixture_open(&f, "gpiochip3:12");
	f.frees = true;
	UNTIL(f.told == 1);
	fixture_close(&f);
	chip_reset();
	chip.missing = ENOENT;
	fixture_open(&f, "gpiochip3:12");
	f.frees = true;
	UNTIL(f.told == 1);
	fixture_close(&f);
	chip_reset();
	fixture_open(&f, "gpiochip3:12");
	UNTIL(f.told == 1);
	f.frees = true;
	chip_edge(true, 1);
	UNTIL(f.told == 2);
	fixture_close(&f);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

/* --- The kernel's simulated chip (Documentation/admin-guide/gpio/gpio-sim) --- */

#define SIM      "/sys/kernel/config/gpio-sim/spicerack-test"
#define SIM_BANK SIM "/bank"

static bool sim_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

static char *sim_read(const char *path)
{
	char *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return g_strstrip(text);
}

static void sim_remove(void)
{
	sim_write(SIM "/live", "0");
	g_rmdir(SIM_BANK);
	g_rmdir(SIM);
}

static bool sim_make(void)
{
	if (g_mkdir(SIM, 0700) == 0 && g_mkdir(SIM_BANK, 0700) == 0 &&
			sim_write(SIM_BANK "/num_lines", "4") && sim_write(SIM "/live", "1"))
		return true;
	sim_remove();
	return false;
}

static void test_on_the_kernels_simulated_chip(void)
{
	struct fixture f = {0};
	char *device, *name, *spec, *pull;

	chip_reset();
	if (!sim_make()) {
		g_test_skip("the kernel has no gpio-sim that may be set up here");
		return;
	}
	device = sim_read(SIM "/dev_name");
	name = sim_read(SIM_BANK "/chip_name");
	pull = g_strdup_printf("/sys/devices/platform/%s/%s/sim_gpio2/pull", device, name);
	spec = g_strdup_printf("!%s:2", name);
	g_assert_true(sim_write(pull, "pull-up"));
	f.presence = presence_new(spec, fixture_told, &f, NULL);
	UNTIL(f.told == 1);
	g_assert_cmpstr(f.why, ==, NULL);
	g_assert_false(f.present);
	g_assert_true(sim_write(pull, "pull-down"));
	UNTIL(f.told == 2);
	g_assert_true(f.present);
	g_assert_true(sim_write(pull, "pull-up"));
	UNTIL(f.told == 3);
	g_assert_false(f.present);
	fixture_close(&f);
	sim_remove();
	g_free(device);
	g_free(name);
	g_free(spec);
	g_free(pull);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/presence/lines-are-named-by-chip-and-number",
			test_lines_are_named_by_chip_and_number);
	g_test_add_func("/presence/it-is-told-first-and-at-each-edge",
			test_it_is_told_first_and_at_each_edge);
	g_test_add_func("/presence/a-low-line-may-mean-present", test_a_low_line_may_mean_present);
	g_test_add_func("/presence/a-storm-of-edges-is-no-storm-of-news",
			test_a_storm_of_edges_is_no_storm_of_news);
	g_test_add_func("/presence/a-line-that-is-not-to-be-had-counts-as-present",
			test_a_line_that_is_not_to_be_had_counts_as_present);
	g_test_add_func("/presence/it-may-be-freed-when-it-tells",
			test_it_may_be_freed_when_it_tells);
	g_test_add_func("/presence/on-the-kernels-simulated-chip",
			test_on_the_kernels_simulated_chip);
	return g_test_run();
}
