/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A rack's events, a line for each. */
#include "tools/ctl_ask.h"

/* Those that are kept; follow: and those that come, also when the rack ends and begins anew. */
enum ctl_exit ctl_rack_events(const struct ctl_client *client, bool follow);
