/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The targets without libFuzzer: each runs its corpus, or one the inputs that are named (replay
 * TARGET FILE...). A crash is its target's alone, and the last line tells which input it was.
 */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/fuzz/targets.h"

struct target {
	const char *name;
	int (*run)(const uint8_t *data, size_t size);
};

#define REPLAY_TARGET(name, most) {#name, target_##name},
static const struct target targets[] = {FUZZ_TARGETS(REPLAY_TARGET)};
#define TARGETS (sizeof(targets) / sizeof(*targets))

/* NULL when it cannot be read. */
static uint8_t *replay_read(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL, *exact;
	size_t room = 0, got;

	if (!file)
		return NULL;
	*size = 0;
	do {
		room += 65536;
		data = realloc(data, room);
		if (!data)
			abort();
		got = fread(data + *size, 1, room - *size, file);
		*size += got;
	} while (got > 0);
	fclose(file);
	exact = realloc(data, *size ? *size : 1);
	return exact ? exact : data;
}

/* Whether there is such a file. */
static bool replay_file(const struct target *target, const char *path)
{
	size_t size;
	uint8_t *data;

	printf("# %s\n", path);
	fflush(stdout);
	data = replay_read(path, &size);
	if (!data) {
		printf("# %s\n", strerror(errno));
		return false;
	}
	target->run(data, size);
	free(data);
	return true;
}

/* Whether there is an input. */
static bool replay_corpus(const struct target *target)
{
	const char *top = getenv("top_srcdir");
	struct dirent *entry;
	char path[4096];
	bool any = false;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", top ? top : ".", target->name);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s/%s", top ? top : ".",
				target->name, entry->d_name);
		any |= replay_file(target, path);
	}
	if (folder)
		closedir(folder);
	return any;
}

/* In a process of its own, whose end is also the leak checker's. */
static bool replay_apart(const struct target *target)
{
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		exit(replay_corpus(target) ? EXIT_SUCCESS : EXIT_FAILURE);
	if (child < 0 || waitpid(child, &status, 0) != child)
		perror("# replay");
	return status == 0;
}

static int replay_named(const char *name, char **paths)
{
	bool any = false;

	for (size_t i = 0; i < TARGETS; i++)
		for (char **path = paths; strcmp(name, targets[i].name) == 0 && *path; path++)
			any |= replay_file(&targets[i], *path);
	return any ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	int failed = 0;

	if (argc > 1 && argv[1][0] != '-')
		return replay_named(argv[1], argv + 2);
	printf("1..%zu\n", TARGETS);
	for (size_t i = 0; i < TARGETS; i++) {
		bool good = replay_apart(&targets[i]);

		printf("%s %zu - %s survives its corpus\n", good ? "ok" : "not ok", i + 1,
				targets[i].name);
		failed += !good;
	}
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
