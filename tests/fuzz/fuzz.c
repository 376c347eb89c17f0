/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The targets for libFuzzer, which has main(): FUZZ_TARGET in the environment names the one to run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tests/fuzz/targets.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int (*fuzz_target)(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *name = getenv("FUZZ_TARGET");

#define FUZZ_CHOOSE(target, most)               \
	if (name && strcmp(name, #target) == 0) \
		fuzz_target = target_##target;
	FUZZ_TARGETS(FUZZ_CHOOSE)
	if (!fuzz_target) {
		fprintf(stderr, "FUZZ_TARGET names no target: %s\n", name ? name : "it is not set");
		exit(2);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_target(data, size);
}
