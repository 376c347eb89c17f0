/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Answers of the API as spicerackctl shows them to people: what is wrong comes first. */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/* "12 s", "4 min 12 s", "3 h 12 min", "5 d 3 h". New string. */
char *ctl_duration(int64_t ms);

/* Without control characters, which a terminal would obey. New string. */
char *ctl_plain(const char *text);

/* Members that are missing or of another type are shown as unknown or left out. */
void ctl_print_status(const json_t *answer, FILE *out);
void ctl_print_disconnect(const json_t *answer, FILE *out);
void ctl_print_password(const json_t *answer, FILE *out); /* of the answer that sets one */
void ctl_print_wake(const json_t *answer, FILE *out);
