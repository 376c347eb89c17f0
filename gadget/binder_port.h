/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Which port a gadget of a plan (binder.h) is to be bound to. Any one thread.
 */
#include "gadget/binder.h"

/*
 * The port for gadget number i: the assigned one, or a free one, of which so many are left to
 * others. NULL: error says why. g_free.
 */
char *binder_port(const struct binder_plan *plan, size_t i, size_t left, GError **error);

/*
 * A hub that runs out of endpoints says no more than "no such device", so they are counted first.
 */
bool binder_fits(const struct binder_plan *plan, const struct gadget *gadget, const char *port,
		GError **error);
