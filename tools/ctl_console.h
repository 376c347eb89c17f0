/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The commands about a console. */
#include "tools/ctl_command.h"

extern const struct ctl_commands ctl_console_commands;
