/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A way to a simulated node's BMC. It keeps the habits of a session over the network: two tries a
 * second apart, down after two requests without an answer, up again by itself. */
#include "src/rack_simulated_part.h"

#define TRIES      2
#define TRY_MS     1000
#define SILENT_MS  5000 /* a set-up without an answer */
#define AGAIN_MS   5000 /* then doubled .. */
#define AGAIN_MOST 60000
#define FAILURES   2 /* in a row */

struct simulated_link {
	struct link link;
	struct rack_simulated *world;
	size_t node;
	link_fn told;
	void *data;
	guint timer; /* of what is under way; 0: up, and nothing is */
	bool up;
	uint8_t guid[RMCP_GUID]; /* whose session it is: another machine knows nothing of it */
	int again;               /* ms, what is waited after the next set-up that fails */
	/* The request under way. */
	bool asked;
	uint8_t netfn, command, bytes[RMCP_DATA_MAX];
	size_t length;
	int tries, failures;
	int64_t try_at, answer_at; /* of the rack's clock; answer_at INT64_MAX: none */
	uint8_t answer[SIM_BMC_ANSWER_MAX];
	size_t size;
};

static int64_t simulated_now(const struct simulated_link *own)
{
	return rack_clock_now(&own->world->world.clock);
}

static void simulated_wait(struct simulated_link *own, int64_t ms, GSourceFunc then)
{
	own->timer = g_timeout_add(rack_clock_real(&own->world->world.clock, ms), then, own);
}

/* --- Up and down --- */

static gboolean simulated_set_up(gpointer data);
static gboolean simulated_wake(gpointer data);

static gboolean simulated_comes_up(gpointer data)
{
	struct simulated_link *own = data;
	const struct link_event event = {.kind = LINK_UP, .guid = own->guid};

	memcpy(own->guid, sim_bmc_guid(sim_rack_bmc(own->world->rack, own->node)), RMCP_GUID);
	own->timer = 0;
	own->up = true;
	own->failures = 0;
	own->again = AGAIN_MS;
	own->told(&own->link, &event, own->data);
	return G_SOURCE_REMOVE;
}

static void simulated_goes_down(struct simulated_link *own, const char *why)
{
	const struct link_event event = {.kind = LINK_DOWN, .why = why};

	own->up = false;
	simulated_wait(own, own->again, simulated_set_up);
	own->again = MIN(2 * own->again, AGAIN_MOST);
	own->told(&own->link, &event, own->data);
}

static gboolean simulated_no_set_up(gpointer data)
{
	simulated_goes_down(data, "it does not answer");
	return G_SOURCE_REMOVE;
}

/* Three packets there and back, and the privilege. */
static gboolean simulated_set_up(gpointer data)
{
	struct simulated_link *own = data;
	struct sim_rack *rack = own->world->rack;
	bool first = sim_rack_loses(rack, own->node), second = sim_rack_loses(rack, own->node);
	int ms = 0;

	for (int i = 0; i < 4; i++)
		ms += sim_rack_delay(rack, own->node);
	if (first && second)
		simulated_wait(own, SILENT_MS, simulated_no_set_up);
	else
		simulated_wait(own, ms, simulated_comes_up);
	return G_SOURCE_REMOVE;
}

/* --- Requests --- */

/* What gets there is done, and its answer may be lost or late all the same. */
static void simulated_try(struct simulated_link *own)
{
	struct sim_rack *rack = own->world->rack;
	struct sim_bmc *bmc = sim_rack_bmc(rack, own->node);
	int64_t now = simulated_now(own), wake;

	rack_simulated_catch_up(own->world);
	own->tries++;
	own->try_at = now;
	if (memcmp(own->guid, sim_bmc_guid(bmc), RMCP_GUID) == 0 &&
			!sim_rack_loses(rack, own->node)) {
		int64_t at = now + sim_rack_delay(rack, own->node);

		own->size = sim_bmc_ask(bmc, own->netfn, own->command, own->bytes, own->length,
				own->answer);
		if (!sim_rack_loses(rack, own->node))
			own->answer_at = MIN(own->answer_at, at);
	}
	wake = MIN(own->answer_at, now + TRY_MS);
	simulated_wait(own, wake - now, simulated_wake);
}

static void simulated_answers(struct simulated_link *own)
{
	uint8_t bytes[SIM_BMC_ANSWER_MAX];
	const struct link_event event = {.kind = LINK_ANSWER,
			.code = own->answer[0],
			.bytes = bytes,
			.size = own->size - 1};

	/* The next request is asked from within. */
	memcpy(bytes, own->answer + 1, own->size - 1);
	own->asked = false;
	own->failures = 0;
	own->told(&own->link, &event, own->data);
}

static void simulated_fails(struct simulated_link *own)
{
	const struct link_event event = {.kind = LINK_FAILED};
	bool lost = ++own->failures >= FAILURES;

	own->asked = false;
	own->up = !lost;
	own->told(&own->link, &event, own->data);
	if (lost)
		simulated_goes_down(own, "it does not answer any more");
}

static gboolean simulated_wake(gpointer data)
{
	struct simulated_link *own = data;
	int64_t now = simulated_now(own);

	own->timer = 0;
	if (own->answer_at <= now)
		simulated_answers(own);
	else if (now < own->try_at + TRY_MS)
		simulated_wait(own, MIN(own->answer_at, own->try_at + TRY_MS) - now,
				simulated_wake);
	else if (own->tries < TRIES)
		simulated_try(own);
	else
		simulated_fails(own);
	return G_SOURCE_REMOVE;
}

static bool simulated_ask(struct link *link, const struct session_request *request)
{
	struct simulated_link *own = (struct simulated_link *)link;

	if (!own->up || own->asked || request->length > sizeof(own->bytes))
		return false;
	own->asked = true;
	own->netfn = request->netfn;
	own->command = request->command;
	own->length = request->length;
	if (request->length)
		memcpy(own->bytes, request->data, request->length);
	own->tries = 0;
	own->answer_at = INT64_MAX;
	simulated_try(own);
	return true;
}

static void simulated_free(struct link *link)
{
	struct simulated_link *own = (struct simulated_link *)link;

	if (own->timer)
		g_source_remove(own->timer);
	g_free(own);
}

static const struct link_kind simulated_link_kind = {simulated_ask, simulated_free};

struct link *simulated_link_new(struct rack_simulated *world, size_t node, link_fn told, void *data)
{
	struct simulated_link *own = g_new0(struct simulated_link, 1);

	own->link.kind = &simulated_link_kind;
	own->world = world;
	own->node = node;
	own->told = told;
	own->data = data;
	own->again = AGAIN_MS;
	simulated_wait(own, 0, simulated_set_up);
	return &own->link;
}
