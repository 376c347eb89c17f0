/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spicerack-holder, run for real over this program as the command: it tells each of its lives in a
 * line and ends as it is told to.
 */
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include "src/keep.h"
#include "tools/holder_store.h"

/* --- The command --- */

static void count_life(int memory)
{
	int life = 0;

	if (pread(memory, &life, sizeof(life), 0) < 0)
		exit(9);
	life++;
	if (pwrite(memory, &life, sizeof(life), 0) != sizeof(life))
		exit(9);
	printf("%d %d", (int)getpid(), life);
}

/* Keeps a memory that counts its lives, and a pipe with a word in it. */
static int command_keep(void)
{
	struct keep *keep = keep_new();
	int memory = keep_take(keep, "memory"), reader = keep_take(keep, "pipe");
	char word[6] = "none";
	int ends[2];

	if (memory < 0) {
		memory = memfd_create("memory", MFD_CLOEXEC);
		keep_store(keep, "memory", memory);
		if (pipe(ends) < 0 || write(ends[1], "word", 5) != 5)
			return 9;
		keep_store(keep, "pipe", ends[0]);
	} else if (read(reader, word, 5) != 5) {
		return 9;
	} else {
		if (pipe(ends) < 0 || write(ends[1], word, 5) != 5)
			return 9;
		keep_store(keep, "pipe", ends[0]);
	}
	keep_ready(keep);
	count_life(memory);
	printf(" %s\n", word);
	fflush(stdout);
	pause();
	return 9;
}

/* More than may be held. */
static int command_many(void)
{
	struct keep *keep = keep_new();
	int memory = keep_take(keep, "n0"), held = memory >= 0;

	for (int i = 1; i < 40; i++) {
		g_autofree char *name = g_strdup_printf("n%d", i);

		held += keep_take(keep, name) >= 0;
	}
	for (int i = 0; memory < 0 && i < 40; i++) {
		g_autofree char *name = g_strdup_printf("n%d", i);
		int fd = memfd_create(name, MFD_CLOEXEC);

		keep_store(keep, name, fd);
		close(fd);
	}
	keep_ready(keep);
	/* Until all is said. */
	while (g_main_context_find_source_by_user_data(NULL, keep))
		g_main_context_iteration(NULL, TRUE);
	printf("%d %d -\n", (int)getpid(), held);
	fflush(stdout);
	pause();
	return 9;
}

static int command_signal(void)
{
	sigset_t set;
	int number;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	printf("%d 0 -\n", (int)getpid());
	fflush(stdout);
	for (;;) {
		sigwait(&set, &number);
		printf("0 %d -\n", number);
		fflush(stdout);
		if (number == SIGTERM)
			return 7;
		if (number == SIGINT)
			return 0;
	}
}

static int command(const char *what)
{
	if (!strcmp(what, "keep"))
		return command_keep();
	if (!strcmp(what, "many"))
		return command_many();
	if (!strcmp(what, "signal"))
		return command_signal();
	return atoi(what); /* ends at once */
}

/* --- The test's end --- */

struct fixture {
	GPid holder;
	FILE *lines;
	int life; /* the second number of the last line */
	pid_t command;
	char word[16];
};

static void fixture_open(struct fixture *f, const char *what, const char *most)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *here = g_path_get_dirname(self);
	g_autofree char *holder = g_build_filename(here, "../../tools/spicerack-holder", NULL);
	const char *const argv[] = {holder, "--max", most, self, "--command", what, NULL};
	GError *error = NULL;
	int out;

	*f = (struct fixture){0};
	g_spawn_async_with_pipes(NULL, (char **)argv, NULL,
			G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
			&f->holder, NULL, &out, NULL, &error);
	g_assert_no_error(error);
	f->lines = fdopen(out, "r");
}

static void fixture_line(struct fixture *f)
{
	char line[80];
	int pid = 0;

	g_assert_nonnull(fgets(line, sizeof(line), f->lines));
	g_assert_cmpint(sscanf(line, "%d %d %15s", &pid, &f->life, f->word), ==, 3);
	if (pid)
		f->command = pid;
}

/* The holder's exit status. */
static int fixture_end(struct fixture *f)
{
	int status;

	g_assert_cmpint(waitpid(f->holder, &status, 0), ==, f->holder);
	fclose(f->lines);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void killed_command_finds_what_it_stored(void)
{
	struct fixture f;

	fixture_open(&f, "keep", "8");
	for (int life = 1; life <= 4; life++) {
		fixture_line(&f);
		g_assert_cmpint(f.life, ==, life);
		g_assert_cmpstr(f.word, ==, life == 1 ? "none" : "word");
		kill(f.command, SIGKILL);
	}
	fixture_line(&f);
	kill(f.holder, SIGTERM);
	g_assert_cmpint(fixture_end(&f), ==, 128 + SIGTERM);
	g_assert_cmpint(kill(f.command, 0), ==, -1);
}

static void more_than_the_limit_is_not_held(void)
{
	struct fixture f;

	fixture_open(&f, "many", "16");
	fixture_line(&f);
	g_assert_cmpint(f.life, ==, 0);
	kill(f.command, SIGKILL);
	fixture_line(&f);
	g_assert_cmpint(f.life, ==, 16);
	kill(f.holder, SIGTERM);
	fixture_end(&f);
}

static void signals_go_through(void)
{
	static const int ends[] = {SIGTERM, SIGINT};

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		struct fixture f;

		fixture_open(&f, "signal", "8");
		fixture_line(&f);
		kill(f.holder, SIGHUP);
		fixture_line(&f);
		g_assert_cmpint(f.life, ==, SIGHUP);
		kill(f.holder, ends[i]);
		fixture_line(&f);
		g_assert_cmpint(f.life, ==, ends[i]);
		g_assert_cmpint(fixture_end(&f), ==, ends[i] == SIGTERM ? 7 : 0);
	}
}

static void command_that_ends_well_ends_it(void)
{
	struct fixture f;

	fixture_open(&f, "0", "8");
	g_assert_cmpint(fixture_end(&f), ==, 0);
}

static void command_that_never_worked_is_not_tried_again(void)
{
	struct fixture f;

	fixture_open(&f, "3", "8");
	g_assert_cmpint(fixture_end(&f), ==, 3);
}

static void words_are_read(void)
{
	static const char all[] = "FDSTORE=1\nFDNAME=a b\nX\n\nREADY=1\nSTATUS=FDSTORE=1\n=\n";
	static const char *const wrong[] = {"FDNAME=", "FDNAME=a:b", "FDNAME=a\tb",
			"FDSTORE=1\nFDSTOREREMOVE=1", "FDSTORE=1\nFDNAME=\xff"};
	struct holder_words words;

	g_assert_true(holder_words(&words, all, sizeof(all) - 1));
	g_assert_true(words.store && words.ready && !words.remove && !words.stopping);
	g_assert_cmpstr(words.name, ==, "a b");
	g_assert_true(holder_words(&words, "FDSTOREREMOVE=1", 15));
	g_assert_true(words.remove && !words.store);
	g_assert_cmpstr(words.name, ==, "stored");
	g_assert_true(holder_words(&words, "FDSTORE=12\nFDSTORE=\nfdstore=1\nREADY=10", 38));
	g_assert_false(words.store || words.ready);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
		g_assert_false(holder_words(&words, wrong[i], strlen(wrong[i])));
	g_assert_true(holder_words(&words, "", 0));
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--command"))
		return command(argv[2]);
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/holder/killed_command_finds_what_it_stored",
			killed_command_finds_what_it_stored);
	g_test_add_func("/holder/more_than_the_limit_is_not_held", more_than_the_limit_is_not_held);
	g_test_add_func("/holder/signals_go_through", signals_go_through);
	g_test_add_func("/holder/command_that_ends_well_ends_it", command_that_ends_well_ends_it);
	g_test_add_func("/holder/command_that_never_worked_is_not_tried_again",
			command_that_never_worked_is_not_tried_again);
	g_test_add_func("/holder/words_are_read", words_are_read);
	return g_test_run();
}
