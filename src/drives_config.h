/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The drives that a configuration asks for. */
#include "src/drives.h"

struct console_config;

/* With none where the node has no devices at all: a console to look at. keep: see drives.h. */
struct drives *drives_from_config(const struct console_config *config, struct keep *keep);
