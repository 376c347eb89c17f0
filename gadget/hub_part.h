/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the files of hub.h share.
 */
#include "gadget/binder.h"
#include "gadget/devices.h"
#include "gadget/ffs.h"
#include "gadget/hub.h"
#include "gadget/kept.h"

struct ffs_bus;

struct hub_gadget {
	struct hub *hub;
	const struct device *device;
	char *port; /* bound there; NULL: not */
	bool fresh; /* bound by us; else it was before */
	dev_t devices[HUB_FUNCTIONS];
	struct ffs ffs;      /* of a drive; the binder's */
	struct ffs_bus *bus; /* on them; NULL: not open */
	bool shown;          /* a drive of the kernel's: its event was told */
	enum udc_state node;
	bool stale;   /* the port's state is still from before it was bound */
	int state_fd; /* the port's state, for poll; -1: none */
	guint state_watch;
	enum gadget_fault fault; /* of the last pass, or of opening */
	char *reason;
	int64_t woken; /* when it was asked to wake, us; 0: not */
	char *sleeps;  /* that it sleeps on; NULL: no */
};

struct hub {
	struct hub_events events;
	char *configfs, *sysfs, *dev;
	char **ports;
	struct devices devices;
	struct binder_plan plan;
	struct kept kept; /* the plan's, if it has one */
	struct binder *binder;
	struct hub_gadget gadgets[HUB_PORTS];
	size_t count;
	struct {
		int fd; /* -1: not open */
		bool deaf;
	} channels[HUB_FUNCTIONS];
	guint timer;
	guint delay;    /* between looks, ms */
	guint retry;    /* between passes, ms */
	int64_t passed; /* end of the last pass, us */
	bool passing;
	bool looking; /* what is told meanwhile would be half the truth */
	char *seen;   /* what the last pass found: hub_signature */
	char *told;   /* the status as it was told last */
};

void hub_read(struct hub *hub, struct hub_status *status);

/* Tells the state if it differs from what was told. */
void hub_tell(struct hub *hub);

/* What is wrong with a gadget; NULL: nothing. */
void hub_blame(struct hub_gadget *gadget, enum gadget_fault fault, const char *reason);

/* Opens the drive's bus, if it is not. */
void hub_drive_open(struct hub_gadget *gadget);
void hub_drive_lose(struct hub_gadget *gadget);
