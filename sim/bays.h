/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The simulated node's drives: those plugged in by USB, what they are and what is in them. Runs on
 * the default main context.
 */
#include <stdbool.h>
#include <stddef.h>
#include "sim/scsi_host.h"

#define BAYS_MAX 8

struct bay_status {
	struct scsi_host_status drive;
	char label[100]; /* the volume's name; "": not known */
	unsigned int id; /* of the drive, as long as it is plugged in; from 1 on */
};

struct bays;

/* changed: something of a status did; not from within a call. */
struct bays *bays_new(void (*changed)(void *data), void *data);

/* See sim_node_plug_drive. False: BAYS_MAX are there. Without power at first. */
bool bays_plug(struct bays *bays, int fd, unsigned int time_out);
void bays_unplug(struct bays *bays, int fd);

/* on while on: the node was reset, and begins anew. */
void bays_power(struct bays *bays, bool on);

/* Drives that have answered, in the order of their plugging in. */
unsigned int bays_count(const struct bays *bays);
void bays_status(const struct bays *bays, unsigned int index, struct bay_status *status);

/* The drive of that id; NULL: it is not there any more. The bays'. */
struct scsi_host *bays_host(const struct bays *bays, unsigned int id);

void bays_free(struct bays *bays); /* NULL is fine */
