/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated BMC: any requests in any order are answered within bounds, and errors say nothing
 * else. An input is a row of them: net function, command, length and data; 0xff lets time pass. */
#include <stdlib.h>
#include <string.h>
#include "sim/bmc.h"
#include "tests/fuzz/targets.h"

#define PASSES 0xff
#define LONG   32

static void fuzz_demand(int holds)
{
	if (!holds)
		abort();
}

/* Returns how many bytes of the input it was. */
static size_t fuzz_ask(struct sim_bmc *bmc, const uint8_t *data, size_t size)
{
	uint8_t answer[SIM_BMC_ANSWER_MAX];
	size_t length = data[2] % LONG, answered;
	uint8_t *request;

	if (length > size - 3)
		length = size - 3;
	request = malloc(length + 1); /* not a byte more is read */
	if (!request)
		abort();
	memcpy(request + 1, data + 3, length);
	answered = sim_bmc_ask(bmc, data[0], data[1], request + 1, length, answer);
	fuzz_demand(answered >= 1 && answered <= sizeof(answer));
	/* From C0h on codes are generic errors. */
	fuzz_demand(answer[0] < 0xc0 || answered == 1);
	free(request);
	return 3 + length;
}

static void fuzz_pass(struct plant *plant, struct sim_bmc *bmc, int inlet)
{
	for (int i = 0; i < 20; i++) {
		plant_pass(plant, 100);
		sim_bmc_pass(bmc, 100, inlet);
	}
}

int target_sim_bmc(const uint8_t *data, size_t size)
{
	const struct plant_settings settings = {.nodes = 1,
			.trace = PLANT_SQUARE,
			.seed = 1,
			.idle = 110,
			.peak = 420,
			.load_ms = 1000,
			.actuate_least_ms = 500,
			.actuate_most_ms = 2000};
	struct plant *plant = plant_new(&settings);
	struct sim_bmc *bmc = plant ? sim_bmc_new(plant, 0, 1) : NULL;

	if (!bmc)
		abort();
	while (size >= 3) {
		size_t took = 3;

		if (data[0] == PASSES)
			fuzz_pass(plant, bmc, (int8_t)data[1]);
		else
			took = fuzz_ask(bmc, data, size);
		data += took;
		size -= took;
	}
	sim_bmc_free(bmc);
	plant_free(plant);
	return 0;
}
