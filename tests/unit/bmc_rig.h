/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A struct bmc that talks to a command_bmc on a clock of its own, and what it told. */
#include <glib.h>
#include "rack/bmc.h"
#include "tests/unit/command_bmc.h"

#define RIG_LATENCY 5 /* ms that an answer takes */
#define RIG_SILENCE 2000

struct told {
	struct bmc_event event; /* its sensor and record are those below */
	int64_t at;
	char name[SDR_NAME_MAX];
	uint8_t record[16];
};

struct bmc_rig {
	struct command_bmc fake;
	struct bmc *bmc;
	int64_t now;
	int64_t latency;
	GArray *told;  /* struct told */
	GArray *asked; /* struct asked */
};

struct asked {
	int64_t at;
	uint8_t netfn, command;
};

/* Sensors are polled each second unless settings say otherwise. */
void bmc_rig_start(struct bmc_rig *rig, const struct bmc_settings *settings);
void bmc_rig_up(struct bmc_rig *rig); /* with the fake's GUID */
void bmc_rig_run(struct bmc_rig *rig, int64_t ms);
void bmc_rig_take(struct bmc_rig *rig); /* events */

size_t bmc_rig_count(const struct bmc_rig *rig, enum bmc_event_kind kind);
const struct told *bmc_rig_last(const struct bmc_rig *rig, enum bmc_event_kind kind); /* or NULL */
const struct told *bmc_rig_reading(
		const struct bmc_rig *rig, const char *name); /* the last, or NULL */
size_t bmc_rig_readings(const struct bmc_rig *rig, const char *name);
unsigned int bmc_rig_asked(const struct bmc_rig *rig, uint8_t netfn, uint8_t command);
void bmc_rig_forget(struct bmc_rig *rig); /* what was told and asked */

void bmc_rig_stop(struct bmc_rig *rig);
