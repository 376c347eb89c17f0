/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A fuzz target without libFuzzer: runs the inputs that are named, or else its corpus, found by the
 * program's name (replay_TARGET). A crash tells by the last line which input it was.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static int replay_file(const char *path)
{
	size_t size;
	uint8_t *data;

	printf("# %s\n", path);
	fflush(stdout);
	data = replay_read(path, &size);
	if (!data) {
		printf("# %s\n", strerror(errno));
		return 0;
	}
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

/* Returns how many inputs there were. */
static int replay_folder(const char *target)
{
	const char *top = getenv("top_srcdir");
	struct dirent *entry;
	char path[4096];
	int count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s", top ? top : ".", target);
	folder = opendir(path);
	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/%s/%s", top ? top : ".", target,
				entry->d_name);
		count += replay_file(path);
	}
	if (folder)
		closedir(folder);
	return count;
}

int main(int argc, char **argv)
{
	const char *target = strstr(argv[0], "replay_");
	int count = 0;

	target = target ? target + strlen("replay_") : "";
	printf("1..1\n");
	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			count += replay_file(argv[i]);
	if (count == 0)
		count = replay_folder(target);
	printf("%s 1 - %s survives %d inputs\n", count ? "ok" : "not ok", target, count);
	return count == 0;
}
