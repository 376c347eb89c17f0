/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A rack's answers as spicerackctl shows them to people: what is wrong comes first. */
#include <jansson.h>
#include <stdio.h>

/* Members that are missing or of another type are shown as "-". */
void ctl_print_rack(const json_t *answer, FILE *out);
void ctl_print_sensors(const json_t *sensors, const char *prefix, FILE *out); /* by their keys */
void ctl_print_budget(const json_t *budget, FILE *out);
void ctl_print_caps(const json_t *caps, FILE *out); /* an array */
void ctl_print_zones(const json_t *zones, FILE *out);

/* "2026-01-01T00:00:00.000Z node.lost node r1n02, why no answer" */
void ctl_print_event(const char *type, const json_t *data, FILE *out);
