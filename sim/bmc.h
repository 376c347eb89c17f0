/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A simulated node's BMC, from the request to the answer: Device ID, GUID, chassis, sensor data
 * records, sensor readings, event log, DCMI power. The bytes are those of IPMI 2.0 and DCMI 1.5,
 * written independently of rack/. Pure; what it measures is the plant's. Not thread-safe.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sim/plant.h"

#define SIM_BMC_ANSWER_MAX 64

struct sim_bmc;

/* The plant's node; seed: of GUID and sensors' offsets. NULL: memory is short. */
struct sim_bmc *sim_bmc_new(struct plant *plant, size_t node, uint32_t seed);

/* Answers a request: the completion code first. Returns the answer's length, at least 1. */
size_t sim_bmc_ask(struct sim_bmc *bmc, uint8_t netfn, uint8_t command, const uint8_t *data,
		size_t length, uint8_t answer[SIM_BMC_ANSWER_MAX]);

const uint8_t *sim_bmc_guid(const struct sim_bmc *bmc); /* 16 bytes */

/* Time and air: inlet temperature, degrees Celsius. The processors' follow power and inlet. */
void sim_bmc_pass(struct sim_bmc *bmc, int ms, double inlet);

/* What cools the node, of the most that the fans can move: 0..1, 1 at first. */
void sim_bmc_air(struct sim_bmc *bmc, double flow);

bool sim_bmc_is_on(const struct sim_bmc *bmc);
double sim_bmc_temperature(const struct sim_bmc *bmc); /* of the hotter processor, truly */

enum sim_bmc_fault {
	SIM_BMC_STUCK,    /* its first processor's temperature does not move */
	SIM_BMC_DRIFTS,   /* ... and moves away by 1 degree a minute */
	SIM_BMC_DEAD,     /* ... cannot be read */
	SIM_BMC_NO_POWER, /* DCMI readings are refused */
};
void sim_bmc_fault(struct sim_bmc *bmc, enum sim_bmc_fault fault, bool on);

/* So many of its last sensors are not in its records any more, nor anywhere. */
void sim_bmc_unplug(struct sim_bmc *bmc, unsigned int sensors);

/* Another machine is in its place: another GUID, other offsets, an empty event log. */
void sim_bmc_replace(struct sim_bmc *bmc, uint32_t seed);

void sim_bmc_free(struct sim_bmc *bmc); /* NULL is fine */
