/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Between a test and the copies of itself that it starts, see share.h. Packets are text. */
#include "tests/clients/share.h"

#define SHARE_CONTROL 3 /* descriptor of a started copy */

/* Returns when the test says so or has ended. */
void share_serve(unsigned int viewers);
