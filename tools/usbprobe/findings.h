/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What a probe found out, one sentence each, in the order of finding. */
#include <glib.h>

enum finding_level {
	FINDING_OK,
	FINDING_NOTE,  /* worth knowing, or could not be looked at */
	FINDING_WRONG, /* a node may not take the device */
};

struct finding {
	enum finding_level level;
	char *subject; /* "interface 0" */
	char *text;    /* what is so, and when it is wrong what follows from it */
};

struct findings {
	GArray *list; /* of struct finding */
	int wrong;
};

void findings_init(struct findings *findings);
void findings_add(struct findings *findings, enum finding_level level, const char *subject,
		const char *format, ...) G_GNUC_PRINTF(4, 5);
const struct finding *findings_get(
		const struct findings *findings, guint index); /* NULL: no more */
void findings_clear(struct findings *findings);

/* "ok", "note", "WRONG" */
const char *findings_level(enum finding_level level);
