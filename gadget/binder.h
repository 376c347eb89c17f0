/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Brings configfs to what is wanted: one pass makes, adopts or rebinds each gadget that needs it
 * and leaves alone what is right. Passes run one after the other on a thread of the binder's own,
 * because the kernel takes its time over modules, drivers and reads in flight.
 *
 * A gadget that a killed process left behind is adopted when it is the one wanted in every
 * attribute and on a port that suits: the node then keeps its keyboard, without the hot-plug that
 * some firmware answers with ignoring it. Anything else under a name of ours is removed, and so is
 * a drive whose descriptors died with that process: the kernel has unbound it then. When they were
 * kept (kept.h), a drive is adopted as well.
 *
 * All functions: main thread.
 */
#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>
#include "gadget/fault.h"
#include "gadget/ffs.h"
#include "gadget/gadget.h"

#define BINDER_GADGETS 8

struct kept;

/* What is wanted. Everything is the caller's and stays as it is until binder_close. */
struct binder_plan {
	const char *configfs, *sysfs;
	char *const *ports; /* for each gadget its port; NULL: the first free ones */
	size_t count;
	/* In order of precedence: while one without a drive has no port, drives leave it one. */
	const struct gadget *gadgets[BINDER_GADGETS];
	const char *drives;      /* other gadgets whose names begin so are not to be left over */
	const struct kept *kept; /* of the drives' descriptors; NULL: nobody keeps them */
	const char *const *unwanted; /* names of ours not to be left over; ends with NULL */
};

/* How it stands with one gadget after a pass. */
struct binder_state {
	char *port; /* bound there; NULL: not bound */
	bool fresh; /* bound in this pass; else it was before */
	int watch;  /* fresh: the port's state (udc_state_open), opened before it was bound */
	dev_t devices[HID_GADGET_FUNCTIONS];
	struct ffs ffs; /* of a drive; the binder's, until it hands out others or is closed */
	enum gadget_fault fault;
	char *reason; /* NULL: nothing is wrong */
};

/*
 * After a pass, on the default main context. states: one for each gadget, valid during the call;
 * who keeps a watch puts -1 in its place.
 */
typedef void (*binder_done_fn)(struct binder_state *states, void *data);

struct binder;

struct binder *binder_new(const struct binder_plan *plan, binder_done_fn done, void *data);

/* Asks for a pass; one that is asked for during a pass follows it. */
void binder_pass(struct binder *binder);

/*
 * Has the node see a gadget go and come back, without touching another's port: pulls the plug for
 * BINDER_REPLUG_MS.
 */
void binder_replug(struct binder *binder, size_t gadget);

#define BINDER_REPLUG_MS 1000 /* a host that resets what fails must not find it back meanwhile */

/*
 * Removes the gadgets and waits for that, though no longer than BINDER_CLOSE_MS: a driver that
 * hangs does not keep the process. Returns whether it was done; if not, the plan is in use for
 * ever. done is not called any more. NULL is fine.
 */
bool binder_close(struct binder *binder);

#define BINDER_CLOSE_MS 3000
