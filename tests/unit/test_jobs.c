/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Work that hangs, as on a server that is away: a read of a pipe. */
#include <unistd.h>
#include "media/jobs.h"
#include "tests/unit/moves.h"

struct pipe_image {
	int ends[2];
	GMutex lock;
	GCond cond;
	int running; /* -1: nobody will come any more */
};

static bool pipe_run(enum job_kind kind, uint64_t offset, size_t size, void *bytes, void *data,
		GError **error)
{
	struct pipe_image *image = data;
	bool good;

	g_mutex_lock(&image->lock);
	image->running++;
	g_cond_broadcast(&image->cond);
	g_mutex_unlock(&image->lock);
	if (kind == JOB_READ && offset == 0)
		good = read(image->ends[0], bytes, size) == (ssize_t)size;
	else
		good = memset(bytes, 'x', size) != NULL;
	return good;
}

static void pipe_free(void *data)
{
	struct pipe_image *image = data;

	g_mutex_lock(&image->lock);
	image->running = -1;
	g_cond_broadcast(&image->cond);
	g_mutex_unlock(&image->lock);
}

static const struct jobs_ops pipe_ops = {.run = pipe_run, .free_data = pipe_free};

static void pipe_wait(struct pipe_image *image, int running)
{
	g_mutex_lock(&image->lock);
	while (image->running != running)
		g_cond_wait(&image->cond, &image->lock);
	g_mutex_unlock(&image->lock);
}

static void pipe_open(struct pipe_image *image)
{
	*image = (struct pipe_image){0};
	g_assert_cmpint(pipe(image->ends), ==, 0);
	g_mutex_init(&image->lock);
	g_cond_init(&image->cond);
}

static void pipe_close(struct pipe_image *image)
{
	close(image->ends[0]);
	close(image->ends[1]);
	g_mutex_clear(&image->lock);
	g_cond_clear(&image->cond);
}

static void test_hung_read_is_cancelled_and_others_go_on(void)
{
	struct pipe_image image;
	struct jobs *jobs;
	struct move hung = {0}, other = {0};
	char *bytes = g_malloc(4), otherwise[4] = "";

	pipe_open(&image);
	jobs = jobs_new(&pipe_ops, 2, &image);
	hung.request = jobs_add(jobs, JOB_READ, 0, 4, bytes, move_done, &hung);
	pipe_wait(&image, 1);
	jobs_cancel(jobs, hung.request);
	g_free(bytes);
	other.request = jobs_add(jobs, JOB_READ, 8, 4, otherwise, move_done, &other);
	move_wait(&other);
	g_assert_cmpint(other.code, ==, -1);
	g_assert_cmpint(otherwise[3], ==, 'x');
	g_assert_cmpint(write(image.ends[1], "late", 4), ==, 4);
	jobs_close(jobs);
	pipe_wait(&image, -1);
	g_assert_false(hung.ended);
	pipe_close(&image);
}

static void test_closing_does_not_wait_for_a_hung_read(void)
{
	struct pipe_image image;
	struct jobs *jobs;
	struct move hung = {0}, queued[8] = {{0}};
	char *bytes = g_malloc(4);

	pipe_open(&image);
	jobs = jobs_new(&pipe_ops, 1, &image);
	hung.request = jobs_add(jobs, JOB_READ, 0, 4, bytes, move_done, &hung);
	pipe_wait(&image, 1);
	for (int i = 0; i < 8; i++)
		jobs_add(jobs, JOB_READ, 8, 4, bytes, move_done, &queued[i]);
	jobs_close(jobs);
	g_free(bytes);
	/* Here it returned, while the read still hangs. */
	g_assert_cmpint(image.running, ==, 1);
	g_assert_cmpint(write(image.ends[1], "late", 4), ==, 4);
	pipe_wait(&image, -1);
	move_settle();
	g_assert_false(hung.ended);
	for (int i = 0; i < 8; i++)
		g_assert_false(queued[i].ended);
	pipe_close(&image);
}

static void test_write_waits_for_a_hung_read_of_the_same_bytes(void)
{
	struct pipe_image image;
	struct jobs *jobs;
	struct move hung = {0}, write_same = {0}, write_other = {0};
	char bytes[4], text[4] = "text";

	pipe_open(&image);
	jobs = jobs_new(&pipe_ops, 4, &image);
	hung.request = jobs_add(jobs, JOB_READ, 0, 4, bytes, move_done, &hung);
	pipe_wait(&image, 1);
	jobs_cancel(jobs, hung.request);
	write_same.request = jobs_add(jobs, JOB_WRITE, 2, 4, text, move_done, &write_same);
	write_other.request = jobs_add(jobs, JOB_WRITE, 8, 4, text, move_done, &write_other);
	move_wait(&write_other);
	g_assert_false(write_same.ended);
	g_assert_cmpint(write(image.ends[1], "late", 4), ==, 4);
	move_wait(&write_same);
	jobs_close(jobs);
	pipe_wait(&image, -1);
	pipe_close(&image);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/jobs/hung_read_is_cancelled_and_others_go_on",
			test_hung_read_is_cancelled_and_others_go_on);
	g_test_add_func("/jobs/closing_does_not_wait_for_a_hung_read",
			test_closing_does_not_wait_for_a_hung_read);
	g_test_add_func("/jobs/write_waits_for_a_hung_read_of_the_same_bytes",
			test_write_waits_for_a_hung_read_of_the_same_bytes);
	return g_test_run();
}
