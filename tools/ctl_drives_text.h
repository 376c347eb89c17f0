/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Drives as spicerackctl shows them to people. */
#include <jansson.h>
#include <stdio.h>

void ctl_print_drives(const json_t *answer, FILE *out);
void ctl_print_drive(const json_t *drive, FILE *out);

/* On a terminal: one line that is drawn over again, and its end; an empty screen. */
void ctl_draw_drive(const json_t *drive, FILE *out);
void ctl_draw_end(FILE *out);
void ctl_clear_screen(FILE *out);
