/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the rack knows, in Prometheus' text format (version 0.0.4). Names are those of
 * ipmi_exporter where it has one. Values that are stale or not there are left out.
 */

struct rack;

char *metrics_text(struct rack *rack); /* new string */
