/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The nodes of a rack as they draw power, on a clock of their own: what their programs demand, the
 * limits that their BMCs enforce late or not at all, and what BMCs tell of it. For the controllers'
 * tests and the simulated rack. Pure, and the same for the same seed.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plant_trace {
	PLANT_STEP,   /* all at 150 W, and at their peak from 100 s to 400 s of each 600 s */
	PLANT_SQUARE, /* all together, 30 s up, 30 s down */
	PLANT_GROUPS, /* two halves, each of them idle or at its peak for 2 to 40 s at a time */
	PLANT_MIXED,  /* each goes its own way, about twice a minute */
};

struct plant_settings {
	size_t nodes;
	enum plant_trace trace;
	uint64_t seed;
	int idle, peak;       /* W of a node */
	int load_ms;          /* time constant of its power (1000) */
	int actuate_least_ms; /* from a limit's acceptance until it is enforced */
	int actuate_most_ms;
};

struct plant;

struct plant *plant_new(const struct plant_settings *settings); /* NULL when memory is short */

/* Lets ms pass, at most 100 at a time for the power to be right. */
void plant_pass(struct plant *plant, int ms);

/* What it truly draws, W; of one node, of all. */
double plant_power(const struct plant *plant, size_t node);
double plant_total(const struct plant *plant);

/* What all would draw without limits, W. */
double plant_demand(const struct plant *plant);

/* As a DCMI reading: the mean of the last second, with 1 % of noise, in whole watts. */
int plant_measure(struct plant *plant, size_t node);

/* The BMC accepts a limit, W, and enforces it some time later. */
void plant_limit(struct plant *plant, size_t node, int watts);

/* The limit that it tells when asked; 0: none. */
int plant_told_limit(const struct plant *plant, size_t node);

void plant_switch(struct plant *plant, size_t node, bool on);

/* From now on it accepts limits and does not enforce them. */
void plant_disobey(struct plant *plant, size_t node, bool disobey);

/* The BMC starts anew: its limit is gone. */
void plant_reset(struct plant *plant, size_t node);

/* A number below `below` of the plant's own dice, for faults that belong to the scenario. */
uint32_t plant_dice(struct plant *plant, uint32_t below);

void plant_free(struct plant *plant); /* NULL is fine */
