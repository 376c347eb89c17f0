/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A BMC that is polled and ordered over the network, and what it told; the other end is an ipmi_sim
 * with sensors of all formulas and DCMI. */
#include "rack/bmc.h"
#include "rack/link.h"
#include "tests/unit/ipmi_sim_rig.h"

#define BMC_STAGE_SENSORS 13
extern const struct ipmi_sim_sensor bmc_stage_sensors[BMC_STAGE_SENSORS];

struct stage {
	struct ipmi_sim sim;
	struct link *link;
	struct bmc *bmc;
	guint timer;
	bool skip;
	/* What was told. */
	bool up, refused;
	char *why;
	GHashTable *values; /* double by name */
	unsigned int identities, sensors, entries, downs;
	uint8_t entry[16];
	struct bmc_event chassis, power, limit, ordered;
	unsigned int chassis_told, power_told, limit_told, ordered_told;
};

/* old: what the simulator speaks is IPMI 1.5 alone, as far as it says itself. */
void bmc_stage_set_up(struct stage *stage, bool old);
void bmc_stage_tear_down(struct stage *stage);

/* As "admin", at the simulator's port or another one. */
void bmc_stage_link(struct stage *stage, const struct session_settings *settings, uint16_t port);

/* Asks what is to be asked next. */
void bmc_stage_pump(struct stage *stage);

int64_t bmc_stage_now(void);

/* All values are those of ipmitool's list. */
void bmc_stage_assert_values(const struct stage *stage);

gboolean bmc_stage_passes(gpointer unused);

/* Nothing here takes that long; a condition that is never met shall not hang for ever. */
#define WAIT_MOST 120000 /* ms */

#define WAIT(condition)                                                        \
	do {                                                                   \
		int64_t wait_end = bmc_stage_now() + WAIT_MOST;                \
		guint wait_tick = g_timeout_add(1000, bmc_stage_passes, NULL); \
		while (!(condition)) {                                         \
			g_assert_cmpint(bmc_stage_now(), <, wait_end);         \
			g_main_context_iteration(NULL, TRUE);                  \
		}                                                              \
		g_source_remove(wait_tick);                                    \
	} while (0)
