/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the parts of the fan wall share: zones (rack_fans.c) and the board (rack_fans_board.c). */
#include "src/rack_fans.h"
#include "src/rack_fans_inputs.h"

#define RACK_FANS_TACH_MS 500 /* a fan that stops is known after three of these */
#define RACK_FANS_STRIKES 3   /* as fan_zone has it */

/* An input of the board: a sensor, or a fan's tachometer. */
struct rack_fans_probe {
	const char *name, *attribute;
	int every; /* ms */
	int error; /* the last one; 0: it could be read */
};

struct rack_fans_fan {
	const struct rack_config_fan *config;
	size_t number; /* in its zone */
	struct rack_fans_probe probe;
	double duty; /* percent; below 0: it was not told any yet */
	int rpm, strikes;
	int64_t heard_at;  /* of its tachometer */
	double written;    /* percent; below 0: nothing yet */
	int64_t behind_at; /* when what was written was no more what it was told; -1: it is */
	int write_error;
	int64_t missed_at; /* since when it cannot be written; -1: it can */
	bool astray;       /* for too long by now */
	bool failed;       /* as it was said */
	char *fault;
	bool stays; /* in who comes after: it is his, and not written on the way out */
};

struct rack_fans_zone {
	const struct rack_config_zone *config;
	struct fan_zone *zone;
	struct rack_fans_input *inputs;
	size_t input_count;
	const char **about; /* names of the zone's inputs; guards have their pattern's */
	size_t *fans;       /* by number in the zone */
	size_t fan_count;
	double manual; /* percent; below 0: none */
	bool failsafe; /* as it was said */
};

struct rack_fans {
	const struct rack_config *config;
	const struct rack_world *world;
	struct rack_fans_nodes nodes;
	struct readings *readings;
	struct events *events;
	uint32_t generation; /* of SELF */
	struct board *board;
	bool succeeded; /* others have resumed: nobody waits for the board */
	struct rack_fans_probe *sensors;
	struct rack_fans_fan *fans;
	struct rack_fans_zone *zones;
	size_t *tachometers; /* fans of the board's inputs behind the sensors */
	guint timer;
	unsigned int steps;
	void (*petted)(void *data);
	void *data;
};

int64_t rack_fans_now(const struct rack_fans *fans);

/* Whether it runs as it is told. */
void rack_fans_tell_zone(struct rack_fans *fans, const struct rack_fans_fan *fan, bool runs);

/* Its events begin in the main loop. */
bool rack_fans_open_board(struct rack_fans *fans, GError **error);

/* Once each step: a device that hangs says nothing at all. */
void rack_fans_listen(struct rack_fans *fans, int64_t now);

/* Into the readings. */
void rack_fans_tell_duty(struct rack_fans *fans, const struct rack_fans_fan *fan);
