/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Those who look, and the quality of what they see, as spicerackctl shows it to people. */
#include <jansson.h>
#include <stdio.h>

/* Members that are missing or of another type are shown as "-". */
void ctl_print_viewers(const json_t *answer, FILE *out);
void ctl_print_quality(const json_t *answer, FILE *out);

/* "7, by the slowest viewer" or "" when there is none. New string. */
char *ctl_quality(const json_t *quality);
