/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What an X or Wayland desktop makes of a keyboard's reports: Linux' key codes, xkeyboard-config's
 * layouts and the locale's Compose file, by libxkbcommon. It knows nothing of our layouts.
 */
#include <stdbool.h>
#include <stdint.h>

struct xkb_host;

/* layout: "de"; model: "pc105". NULL: this machine has not the data for it. */
struct xkb_host *xkb_host_new(const char *model, const char *layout);

/* One boot report. */
void xkb_host_report(struct xkb_host *host, const uint8_t report[8]);

/* What was typed since the last call, UTF-8; valid until the next one. */
const char *xkb_host_text(struct xkb_host *host);

bool xkb_host_composes(const struct xkb_host *host); /* dead keys are understood */

void xkb_host_free(struct xkb_host *host); /* NULL is fine */
