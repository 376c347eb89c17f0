/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rack-sim: the rack's controllers in scenarios on a virtual clock, as fast as it goes. The same
 * options and seed give the same figures anywhere.
 */
#include <glib.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include "tools/rack_sim_run.h"

#define NOT_GIVEN (-1)

struct options {
	char *trace, *mode, *lag, *budget, *fault, *plot;
	int nodes, poll, lost, late, seconds, seed, unmanaged, scenarios;
	int fault_at, fault_nodes, away;
	gboolean bare;
};

/* --- What is asked for --- */

static bool options_word(const char *word, const char *const *words, int count, const char *name,
		int *out, GError **error)
{
	for (*out = 0; *out < count; ++*out)
		if (strcmp(word, words[*out]) == 0)
			return true;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--%s: \"%s\" is none of them",
			name, word);
	return false;
}

static bool options_number(const char *text, const char **end, int least, int most,
		const char *name, int *out, GError **error)
{
	char *rest;
	gint64 value = g_ascii_strtoll(text, &rest, 10);

	*end = rest;
	*out = (int)value;
	if (rest != text && value >= least && value <= most)
		return true;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			"--%s: \"%s\" is no number from %d to %d", name, text, least, most);
	return false;
}

/* "2000" or "500-5000". */
static bool options_lag(const char *text, struct plant_settings *plant, GError **error)
{
	const char *end;

	if (!options_number(text, &end, 0, 600000, "lag", &plant->actuate_least_ms, error))
		return false;
	plant->actuate_most_ms = plant->actuate_least_ms;
	if (*end == '-' && !options_number(end + 1, &end, plant->actuate_least_ms, 600000, "lag",
					   &plant->actuate_most_ms, error))
		return false;
	if (*end == '\0')
		return true;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
			"--lag: \"%s\" is neither \"MS\" nor \"MS-MS\"", text);
	return false;
}

/* "12000" W, or "75%" of all nodes' peaks. */
static bool options_budget(const char *text, size_t nodes, int *watts, GError **error)
{
	const char *end;

	if (!options_number(text, &end, 1, 10000000, "budget", watts, error))
		return false;
	if (strcmp(end, "%") == 0)
		*watts = (int)((int64_t)nodes * RACK_SIM_PEAK * *watts / 100);
	else if (*end != '\0') {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
				"--budget: \"%s\" is neither \"WATTS\" nor \"PERCENT%%\"", text);
		return false;
	}
	return true;
}

static bool options_range(const struct options *options, GError **error)
{
	const struct {
		const char *name;
		int value, least, most;
	} all[] = {
			{"nodes", options->nodes, 1, 1000},
			{"poll", options->poll, FEEDER_TICK, 60000},
			{"lost", options->lost, 0, 100},
			{"late", options->late, 0, 100},
			{"seconds", options->seconds, 1, 1000000},
			{"scenarios", options->scenarios, 0, 1000000},
			{"unmanaged", options->unmanaged, 0, 1000000},
			{"fault-at", options->fault_at, 0, 1000000},
			{"fault-nodes", options->fault_nodes, 0, 1000},
			{"away", options->away, 0, 1000000},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		if (all[i].value == NOT_GIVEN ||
				(all[i].value >= all[i].least && all[i].value <= all[i].most))
			continue;
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
				"--%s: %d is not within %d to %d", all[i].name, all[i].value,
				all[i].least, all[i].most);
		return false;
	}
	return true;
}

static int or_else(int given, int otherwise)
{
	return given == NOT_GIVEN ? otherwise : given;
}

/* number: of the scenario, from which comes what no option says; 0: there is but one. */
static bool options_run(
		const struct options *options, int number, struct rack_sim_run *run, GError **error)
{
	static const char *const modes[] = {"guaranteed", "reactive", "off"};
	bool many = options->scenarios > 0;
	struct feeder_settings *feeder = &run->feeder;
	struct plant_settings *plant = &feeder->plant;
	int trace = many ? number % 4 : PLANT_MIXED, mode, fault;
	const char *lag = options->lag ? options->lag : many ? "500-5000" : "2000";
	const char *budget = options->budget ? options->budget : "75%";

	*run = (struct rack_sim_run){.ms = (int64_t)options->seconds * 1000};
	if (options->trace &&
			!options_word(options->trace, rack_sim_traces, 4, "trace", &trace, error))
		return false;
	if (!options_word(options->mode ? options->mode : "guaranteed", modes, 3, "mode", &mode,
			    error) ||
			!options_word(options->fault ? options->fault : "none", rack_sim_faults,
					RACK_SIM_FAULTS, "fault", &fault, error) ||
			!options_lag(lag, plant, error))
		return false;
	run->fault = (enum rack_sim_fault)fault;
	plant->nodes = (size_t)or_else(options->nodes, many ? 36 + number % 13 : 36);
	plant->trace = (enum plant_trace)trace;
	plant->seed = (uint64_t)options->seed + (uint64_t)number;
	plant->idle = RACK_SIM_IDLE;
	plant->peak = RACK_SIM_PEAK;
	plant->load_ms = 1000;
	feeder->capping.mode = (enum capping_mode)mode;
	feeder->capping.unmanaged = options->unmanaged;
	feeder->poll_ms = or_else(options->poll, many && number / 4 % 2 ? 3000 : 1000);
	feeder->poll_ms -= feeder->poll_ms % FEEDER_TICK;
	feeder->lost = or_else(options->lost, many ? number % 5 : 0);
	feeder->late = or_else(options->late, many ? number % 3 : 0);
	feeder->air = run->fault >= RACK_SIM_DEAD_FAN || (!many && !options->bare);
	/* In a row of scenarios at any moment of a trace. */
	run->fault_at = or_else(options->fault_at,
					many ? 120 + number * 37 % 600 : options->seconds / 3) *
			(int64_t)1000;
	run->fault_nodes = MIN((size_t)options->fault_nodes, plant->nodes);
	run->away = (int64_t)options->away * 1000;
	return options_budget(budget, plant->nodes, &feeder->capping.budget, error);
}

/* --- What is printed --- */

static double seconds(int64_t ms)
{
	return (double)ms / 1000;
}

static void print_head(void)
{
	g_print("%-8s %5s %9s %9s %9s %9s %10s %9s\n", "trace", "nodes", "worst", "worst",
			"longest", "total", "delivered", "limits");
	g_print("%-8s %5s %9s %9s %9s %9s %10s %9s\n", "", "", "W above", "% above", "s above",
			"s above", "% of ideal", "a second");
}

static void print_run(const struct rack_sim_run *run)
{
	const struct feeder_result *result = &run->result;
	int budget = run->feeder.capping.budget;

	g_print("%-8s %5zu %+9.0f %+9.2f %9.1f %9.1f %10.1f %9.2f\n",
			rack_sim_traces[run->feeder.plant.trace], run->feeder.plant.nodes,
			result->worst_watts, 100 * result->worst_watts / budget,
			seconds(result->longest_ms), seconds(result->over_ms), run->delivered,
			result->commands / seconds(run->ms));
}

static void print_more(const struct rack_sim_run *run)
{
	const struct feeder_result *result = &run->result;
	int budget = run->feeder.capping.budget;

	if (result->begun_ms < 0)
		g_print("The accounts never were within the budget of %d W.\n", budget);
	else
		g_print("Budget %d W, within it from %.1f s on.\n", budget,
				seconds(result->begun_ms));
	if (result->first_ms)
		g_print("Back below the budget after %.1f s; after that %+.2f %% at most.\n",
				seconds(result->first_ms), 100 * result->after_watts / budget);
	if (run->bound_watts >= 0)
		g_print("Forgotten limits explain %.0f W for %.1f s.\n", run->bound_watts,
				seconds(run->bound_ms));
	if (run->feeder.air)
		g_print("Hottest processor %.1f degrees C, fans at %.0f %% at most, "
			"in failsafe for %.0f s.\n",
				result->hottest, result->most_duty, seconds(result->failsafe_ms));
	if (run->most >= 0)
		g_print("After the fault %.1f degrees above the setpoint at most; a minute later "
			"fans at %.0f %%, which moves by %.1f.\n",
				run->over, run->mean, run->most - run->least);
}

/* --- Runs --- */

static bool run_one(const struct options *options, bool *broken, GError **error)
{
	g_autoptr(GArray) points = g_array_new(FALSE, FALSE, sizeof(struct rack_sim_point));
	struct rack_sim_run run;
	g_autofree char *title = NULL;

	if (!options_run(options, 0, &run, error))
		return false;
	if (!rack_sim_run(&run, options->plot ? points : NULL)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "memory is short");
		return false;
	}
	print_head();
	print_run(&run);
	print_more(&run);
	*broken = rack_sim_broken(&run);
	if (!options->plot)
		return true;
	title = g_strdup_printf("%zu nodes, trace %s, %s mode%s%s", run.feeder.plant.nodes,
			rack_sim_traces[run.feeder.plant.trace],
			options->mode ? options->mode : "guaranteed", run.fault ? ", fault " : "",
			run.fault ? rack_sim_faults[run.fault] : "");
	return rack_sim_plot(&(struct rack_sim_plot){.title = title,
					     .budget = run.feeder.capping.budget,
					     .points = (struct rack_sim_point *)points->data,
					     .count = points->len},
			options->plot, error);
}

/* The worst of each trace's scenarios, in a row of the table. */
struct row {
	struct rack_sim_run worst;
	int count, broken;
	double delivered; /* sum */
};

static void row_add(struct row *row, const struct rack_sim_run *run)
{
	struct feeder_result *worst = &row->worst.result;
	const struct feeder_result *own = &run->result;

	if (!row->count++)
		row->worst = *run;
	row->broken += rack_sim_broken(run);
	row->delivered += run->delivered;
	row->worst.feeder.plant.nodes = MAX(row->worst.feeder.plant.nodes, run->feeder.plant.nodes);
	if (own->worst_watts / run->feeder.capping.budget >
			worst->worst_watts / row->worst.feeder.capping.budget) {
		worst->worst_watts = own->worst_watts;
		row->worst.feeder.capping.budget = run->feeder.capping.budget;
	}
	worst->longest_ms = MAX(worst->longest_ms, own->longest_ms);
	worst->over_ms += row->count > 1 ? own->over_ms : 0;
	worst->commands = MAX(worst->commands, own->commands);
	row->worst.delivered = MIN(row->worst.delivered, run->delivered);
}

static bool run_many(const struct options *options, bool *broken, GError **error)
{
	struct row rows[4] = {{.count = 0}};
	int count = 0;

	for (int i = 0; i < options->scenarios; i++) {
		struct rack_sim_run run;

		if (!options_run(options, i, &run, error))
			return false;
		if (!rack_sim_run(&run, NULL)) {
			g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "memory is short");
			return false;
		}
		if (rack_sim_broken(&run))
			g_print("Scenario %d (seed %d) was above the budget by %.0f W, for %.1f s at "
				"a time.\n",
					i, options->seed + i, run.result.worst_watts,
					seconds(run.result.longest_ms));
		row_add(&rows[run.feeder.plant.trace], &run);
	}
	print_head();
	for (int i = 0; i < 4; i++) {
		if (!rows[i].count)
			continue;
		print_run(&rows[i].worst);
		count += rows[i].broken;
	}
	g_print("The worst of each trace; total is that of all.\n");
	for (int i = 0; i < 4; i++)
		if (rows[i].count)
			g_print("%s: %d scenarios of %d s, %.1f %% delivered on average.\n",
					rack_sim_traces[i], rows[i].count, options->seconds,
					rows[i].delivered / rows[i].count);
	*broken = count > 0;
	if (*broken)
		g_print("%d scenarios broke what is guaranteed.\n", count);
	return true;
}

static bool options_parse(struct options *options, int *argc, char ***argv, GError **error)
{
	const GOptionEntry entries[] = {
			{"trace", 't', 0, G_OPTION_ARG_STRING, &options->trace,
					"What nodes demand: step, square, groups, mixed", "TRACE"},
			{"mode", 'm', 0, G_OPTION_ARG_STRING, &options->mode,
					"guaranteed, reactive, off", "MODE"},
			{"nodes", 'n', 0, G_OPTION_ARG_INT, &options->nodes, "How many (36)", "N"},
			{"budget", 'b', 0, G_OPTION_ARG_STRING, &options->budget,
					"Watts, or percent of all nodes' peaks (75%)", "W"},
			{"unmanaged", 0, 0, G_OPTION_ARG_INT, &options->unmanaged,
					"What switches and fans draw (0)", "W"},
			{"poll", 'p', 0, G_OPTION_ARG_INT, &options->poll,
					"Between power readings of a node (1000)", "MS"},
			{"lag", 'l', 0, G_OPTION_ARG_STRING, &options->lag,
					"From a limit's acceptance until it is enforced (2000)",
					"MS[-MS]"},
			{"lost", 0, 0, G_OPTION_ARG_INT, &options->lost,
					"Answers that are lost (0)", "PERCENT"},
			{"late", 0, 0, G_OPTION_ARG_INT, &options->late,
					"Answers that take up to 4.5 s (0)", "PERCENT"},
			{"fault", 'f', 0, G_OPTION_ARG_STRING, &options->fault,
					"forgets, restarts, keeps, disobeys, silent, dead-fan, "
					"stuck-sensor, drifting-sensor, dead-sensor, warm-room, "
					"hot-room",
					"FAULT"},
			{"fault-at", 0, 0, G_OPTION_ARG_INT, &options->fault_at,
					"When it comes (after a third)", "S"},
			{"fault-nodes", 0, 0, G_OPTION_ARG_INT, &options->fault_nodes,
					"How many nodes have it (1)", "N"},
			{"away", 0, 0, G_OPTION_ARG_INT, &options->away,
					"How long a BMC that restarts does not answer (20)", "S"},
			{"seconds", 's', 0, G_OPTION_ARG_INT, &options->seconds,
					"How long, on the virtual clock (3600)", "S"},
			{"seed", 0, 0, G_OPTION_ARG_INT, &options->seed, "Of all dice (1)", "N"},
			{"scenarios", 0, 0, G_OPTION_ARG_INT, &options->scenarios,
					"Run so many; what no option says is another in each", "N"},
			{"no-air", 0, 0, G_OPTION_ARG_NONE, &options->bare,
					"Without fans and temperatures: faster", NULL},
			{"plot", 0, 0, G_OPTION_ARG_FILENAME, &options->plot,
					"Draw power against the budget, as SVG", "FILE"},
			G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- the rack's controllers on a "
								 "simulated rack");

	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_set_description(context,
			"Exit status: 0; 1 when the guaranteed mode did not keep its promise; 2 for "
			"what cannot be run.");
	if (!g_option_context_parse(context, argc, argv, error) || !options_range(options, error))
		return false;
	if (*argc == 1 && !(options->plot && options->scenarios))
		return true;
	g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "%s",
			*argc > 1 ? "there are options only" : "a plot shows one scenario");
	return false;
}

int main(int argc, char **argv)
{
	struct options options = {.nodes = NOT_GIVEN,
			.poll = NOT_GIVEN,
			.lost = NOT_GIVEN,
			.late = NOT_GIVEN,
			.fault_at = NOT_GIVEN,
			.fault_nodes = 1,
			.away = 20,
			.seconds = 3600,
			.seed = 1};
	g_autoptr(GError) error = NULL;
	bool broken = false;
	int status = 2;

	setlocale(LC_ALL, "");
	if (options_parse(&options, &argc, &argv, &error) &&
			(options.scenarios ? run_many(&options, &broken, &error)
					   : run_one(&options, &broken, &error)))
		status = broken ? 1 : 0;
	else
		g_printerr("rack-sim: %s\n", error->message);
	g_free(options.trace);
	g_free(options.mode);
	g_free(options.lag);
	g_free(options.budget);
	g_free(options.fault);
	g_free(options.plot);
	return status;
}
