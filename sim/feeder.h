/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The controllers on a simulated rack, on a virtual clock: asks BMCs for power and limits, loses
 * and delays their answers, sends what capping decides and turns the fans as their zone says. What
 * the rack truly draws, ten times a second, is what counts. Not thread-safe.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rack/capping.h"
#include "rack/fan_zone.h"
#include "sim/rack.h"

#define FEEDER_TICK 100 /* ms */
#define FEEDER_COOL 70  /* degrees Celsius that processors are to have */

struct feeder_settings {
	struct plant_settings plant;
	struct capping_settings capping;
	struct capping_node_settings node; /* each one's */
	int poll_ms;                       /* 0: 1000 */
	int lost, late;                    /* percent of the answers; late: by 0.5 to 4.5 s */
	bool air;                          /* with fans, air and a fan zone */
};

/*
 * Since the accounts were within the budget for the first time, or since feeder_forget. Times above
 * the budget are those by more than half a watt: BMCs tell whole ones.
 */
struct feeder_result {
	int64_t begun_ms;    /* when that was; -1: not yet */
	double worst_watts;  /* above the budget; below 0: it was never reached */
	double drawn, ideal; /* W; sums of all ticks, ideal: the demand up to the budget */
	int64_t over_ms, longest_ms;
	int64_t first_ms;   /* how long it was above for the first time */
	double after_watts; /* the worst above the budget after that */
	unsigned int commands;
	int64_t ms;
	/* With air: of the processors and the fans. */
	double hottest, most_duty;
	int64_t failsafe_ms;
};

struct feeder;

struct feeder *feeder_new(const struct feeder_settings *settings); /* NULL: memory is short */

/* Whole ticks. */
void feeder_run(struct feeder *feeder, int64_t ms);

int64_t feeder_now(const struct feeder *feeder); /* ms */
struct plant *feeder_plant(struct feeder *feeder);
struct capping *feeder_capping(struct feeder *feeder);
struct sim_rack *feeder_rack(struct feeder *feeder); /* NULL: without air */
struct fan_zone *feeder_zone(struct feeder *feeder); /* likewise */

double feeder_total(const struct feeder *feeder); /* W, with what is not managed */
double feeder_hottest(struct feeder *feeder);     /* degrees Celsius, truly; 0: without air */

/* Its BMC does not answer at all. */
void feeder_silence(struct feeder *feeder, size_t node, bool silent);

const struct feeder_result *feeder_result(const struct feeder *feeder);
void feeder_forget(struct feeder *feeder);

/* Of what was asked for and is within the budget, percent. */
double feeder_delivered(const struct feeder *feeder);

void feeder_free(struct feeder *feeder); /* NULL is fine */
