/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What goes wrong with the simulated rack, at its time. */
#include <glib.h>
#include <string.h>
#include "src/log.h"
#include "src/rack_simulated_part.h"

#define WARMER   10 /* degrees */
#define HOTTER   20
#define LATE     100         /* ms, an answer of a lossy network: from, */
#define LATER    800         /* to, */
#define LOST     333         /* of 1000 packets */
#define STRANGER 0x80000000u /* seeds that sim_rack_new does not give */
#define QUICK    5           /* as sim_rack_new has it */
#define SLOWER   30

struct simulated_fault {
	struct simulated_faults *faults;
	struct rack_fault fault;
	bool struck;
	guint timer;
};

struct simulated_faults {
	struct rack_simulated *world;
	struct events *events;
	double room; /* degrees, without faults */
	uint32_t replaced;
	size_t count;
	struct simulated_fault items[];
};

/* --- What they do --- */

static void simulated_sensor_fault(
		struct sim_rack *rack, size_t node, enum rack_fault_kind kind, bool on)
{
	static const enum sim_bmc_fault faults[RACK_FAULTS] = {
			[RACK_FAULT_STUCK_SENSOR] = SIM_BMC_STUCK,
			[RACK_FAULT_DRIFTING_SENSOR] = SIM_BMC_DRIFTS,
			[RACK_FAULT_DEAD_SENSOR] = SIM_BMC_DEAD,
			[RACK_FAULT_NO_POWER] = SIM_BMC_NO_POWER,
	};

	sim_bmc_fault(sim_rack_bmc(rack, node), faults[kind], on);
}

static void simulated_node_fault(
		struct simulated_faults *faults, size_t node, enum rack_fault_kind kind, bool on)
{
	struct sim_rack *rack = faults->world->rack;

	switch (kind) {
	case RACK_FAULT_RESET:
		if (on)
			plant_reset(sim_rack_plant(rack), node);
		sim_rack_hang(rack, node, on);
		break;
	case RACK_FAULT_HUNG:
		sim_rack_hang(rack, node, on);
		break;
	case RACK_FAULT_REPLACED:
		sim_bmc_replace(sim_rack_bmc(rack, node), STRANGER + ++faults->replaced);
		break;
	case RACK_FAULT_DISOBEYS:
		plant_disobey(sim_rack_plant(rack), node, on);
		break;
	case RACK_FAULT_LOSSY:
		sim_rack_network(rack, node, on ? LATE : QUICK, on ? LATER : SLOWER, on ? LOST : 0);
		break;
	default:
		simulated_sensor_fault(rack, node, kind, on);
		break;
	}
}

/* False: there is nothing that it could be done to. */
static bool simulated_fault_do(
		struct simulated_faults *faults, const struct rack_fault *fault, bool on)
{
	int warmer = fault->kind == RACK_FAULT_HOT ? HOTTER : WARMER;
	size_t node;

	rack_simulated_catch_up(faults->world);
	switch (fault->of) {
	case RACK_FAULT_OF_FAN:
		sim_rack_fan_dies(faults->world->rack, fault->fan, on);
		return true;
	case RACK_FAULT_OF_ROOM:
		sim_rack_room(faults->world->rack, faults->room + (on ? warmer : 0));
		return true;
	case RACK_FAULT_OF_NODE:
		break;
	}
	if (!rack_simulated_node(faults->world, fault->what, &node))
		return false;
	simulated_node_fault(faults, node, fault->kind, on);
	return true;
}

/* --- When --- */

static void simulated_fault_tell(const struct simulated_fault *item)
{
	const struct rack_fault *fault = &item->fault;
	const char *word = rack_fault_word(fault->kind);

	if (!item->struck) {
		events_publish(item->faults->events, "fault.ended",
				json_pack("{s:s, s:s}", "what", fault->what, "fault", word));
		log_line(LOG_LINE_NOTICE, "simulated rack: %s: no longer %s", fault->what, word);
		return;
	}
	events_publish(item->faults->events, "fault.struck",
			json_pack("{s:s, s:s}", "what", fault->what, "fault", word));
	log_line(LOG_LINE_NOTICE, "simulated rack: %s: %s", fault->what, word);
}

static gboolean simulated_fault_due(gpointer data)
{
	struct simulated_fault *item = data;
	const struct rack_fault *fault = &item->fault;

	item->timer = 0;
	if (!simulated_fault_do(item->faults, fault, !item->struck)) {
		log_line(LOG_LINE_WARNING,
				"simulated rack: there is no node %s that could be %s; this one is "
				"left out",
				fault->what, rack_fault_word(fault->kind));
		return G_SOURCE_REMOVE;
	}
	item->struck = !item->struck;
	simulated_fault_tell(item);
	if (item->struck && rack_fault_ends(fault))
		item->timer = g_timeout_add(rack_clock_real(&item->faults->world->world.clock,
							    (int64_t)(fault->keeps * 1000)),
				simulated_fault_due, item);
	return G_SOURCE_REMOVE;
}

void rack_simulated_faults(struct rack_simulated *world, const struct rack_fault *faults,
		size_t count, struct events *events)
{
	struct simulated_faults *own = g_malloc0(sizeof(*own) + count * sizeof(own->items[0]));

	simulated_faults_free(world->faults);
	world->faults = own;
	own->world = world;
	own->events = events;
	own->room = sim_rack_room_now(world->rack);
	own->count = count;
	for (size_t i = 0; i < count; i++) {
		struct simulated_fault *item = &own->items[i];

		item->faults = own;
		item->fault = faults[i];
		item->fault.what = g_strdup(faults[i].what);
		item->timer = g_timeout_add(rack_clock_real(&world->world.clock,
							    (int64_t)(faults[i].at * 1000)),
				simulated_fault_due, item);
	}
}

void simulated_faults_free(struct simulated_faults *faults)
{
	for (size_t i = 0; faults && i < faults->count; i++) {
		if (faults->items[i].timer)
			g_source_remove(faults->items[i].timer);
		rack_fault_clear(&faults->items[i].fault);
	}
	g_free(faults);
}
