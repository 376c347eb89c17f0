/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Who of a console's viewers holds the input, in words. */
#include <jansson.h>
#include <stdio.h>

/* input: that of a status. What to say behind a viewer, perhaps nothing. */
const char *ctl_control_mark(const json_t *input, json_int_t viewer);

/* Of the answer to an order about the input. */
void ctl_print_control(const json_t *answer, FILE *out);
