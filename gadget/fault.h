/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What can be wrong with the hub, as GError of the domain GADGET_FAULT. Each message is one line
 * that says what is wrong with what, and after a semicolon what to do about it.
 */
#include <glib.h>

#define GADGET_FAULT gadget_fault_quark()

enum gadget_fault {
	GADGET_FAULT_NONE,
	GADGET_FAULT_CONFIGFS,   /* not mounted, or the kernel has no gadgets */
	GADGET_FAULT_READ_ONLY,  /* configfs may not be written: mounted so, or no permission */
	GADGET_FAULT_NO_HID,     /* the kernel has no HID function, or no further one */
	GADGET_FAULT_NO_FFS,     /* the kernel has no FunctionFS */
	GADGET_FAULT_NO_PORT,    /* there is no USB device controller at all */
	GADGET_FAULT_WRONG_PORT, /* the port named does not exist (now) */
	GADGET_FAULT_TAKEN,      /* the port, or every port, is another's */
	GADGET_FAULT_TOO_FEW,    /* fewer ports are assigned than gadgets wanted */
	GADGET_FAULT_ENDPOINTS,  /* the hub has not enough endpoints left */
	GADGET_FAULT_OWNED,      /* another process runs that gadget */
	GADGET_FAULT_DEVICE, /* the report channel (/dev/hidgN) is missing or may not be opened */
	GADGET_FAULT_ASLEEP, /* waking: not possible, or without effect */
	GADGET_FAULT_UNFIT,  /* a medium: the kernel's drive would show a part of it only */
	GADGET_FAULT_OTHER,
};

GQuark gadget_fault_quark(void);
