/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A rack without hardware: nodes with their BMCs, six fans, and the air between them. On its own it
 * is pure and runs on a virtual clock; src/rack_simulated.h puts it under the daemon. Not
 * thread-safe.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sim/bmc.h"
#include "sim/plant.h"

#define SIM_RACK_FANS 6

struct sim_rack;

struct sim_rack *sim_rack_new(const struct plant_settings *plant); /* NULL: memory is short */
size_t sim_rack_nodes(const struct sim_rack *rack);

void sim_rack_pass(struct sim_rack *rack, int ms); /* any time, in steps of its own */

/* Both are the rack's. */
struct plant *sim_rack_plant(struct sim_rack *rack);
struct sim_bmc *sim_rack_bmc(struct sim_rack *rack, size_t node);

/* Air: degrees Celsius. */
void sim_rack_room(struct sim_rack *rack, double temperature); /* 24 at first */
double sim_rack_room_now(const struct sim_rack *rack);
double sim_rack_inlet(const struct sim_rack *rack);
double sim_rack_outlet(const struct sim_rack *rack);
double sim_rack_airflow(const struct sim_rack *rack); /* of the most that there can be, 0..1 */

/* Fans: percent told, 100 at first, and the speed that follows it. */
void sim_rack_duty(struct sim_rack *rack, size_t fan, double percent);
int sim_rack_rpm(const struct sim_rack *rack, size_t fan);
void sim_rack_fan_dies(struct sim_rack *rack, size_t fan, bool dead);

/* A BMC's network: how late answers are, ms, and how many of 1000 packets are lost. */
void sim_rack_network(struct sim_rack *rack, size_t node, int least_ms, int most_ms, int lost);
void sim_rack_hang(struct sim_rack *rack, size_t node, bool hung);

/* For a packet to or from the node's BMC: whether it gets lost (a hung one's do), and how many ms
 * an answer takes. */
bool sim_rack_loses(struct sim_rack *rack, size_t node);
int sim_rack_delay(struct sim_rack *rack, size_t node);

void sim_rack_free(struct sim_rack *rack); /* NULL is fine */
