/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the files of the rack's handlers share. */
#include "http/server.h"
#include "src/rack.h"
#include "src/rack_api.h"
#include "src/rack_routes.h"

/* HTTP's codes (RFC 9110, 15). */
#define BAD_REQUEST     400
#define NOT_FOUND       404
#define CONFLICT        409
#define BAD_GATEWAY     502
#define GATEWAY_TIMEOUT 504

/* --- Parts of answers: new objects --- */

/* A sensor: value, unit, state, age_ms, crossed. */
json_t *rack_part_reading(const struct readings_record *record);
json_t *rack_part_nodes(struct rack *rack);
json_t *rack_part_fans(struct rack *rack);
json_t *rack_part_budget(struct rack *rack);

/* n, or null when there is none. */
json_t *rack_part_number(int64_t n, bool known);

/* --- Parts of handlers --- */

const char *rack_part_text(const struct http_request *request, const char *name);

/* A whole number that was given; false: it was not. */
bool rack_part_given(const struct http_request *request, const char *name, int64_t *value);

/* The node of a request; false: a 404. */
bool rack_part_node(const struct http_request *request, struct rack *rack, size_t *node,
		GError **error);

/* What a node's power or BMC said, as an error of HTTP. New. */
GError *rack_part_refusal(const GError *cause);

/* --- Handlers; data: the rack --- */

bool rack_routes_get_storage(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_get_nodes(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_get_node(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_get_sensors(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_get_log(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool rack_routes_get_power(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_set_power(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_identify(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_replace(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool rack_routes_get_cap(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool rack_routes_set_cap(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool rack_routes_get_budget(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_set_budget(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_get_caps(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_get_fans(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool rack_routes_set_fan(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
