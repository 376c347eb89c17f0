/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Whose pages may open a websocket here. A browser says in Origin (RFC 6454, 7) which page asks,
 * and lets any page ask: without a look at it any page that an operator visits could reach the
 * console through his browser. Pure, for untrusted input.
 */
#include <stdbool.h>

/*
 * allowed: origins as browsers write them ("https://console.example.org:8443"), "*" for all; NULL:
 * pages of the host that was asked, whatever their port. origin: NULL, of no browser, may always.
 * host: the request's Host, NULL: it said none.
 */
bool origin_allowed(const char *const *allowed, const char *origin, const char *host);
