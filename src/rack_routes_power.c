/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The budget, and what each node may have of it. */
#include <string.h>
#include "src/rack_routes_part.h"
#include "src/routes_part.h"

/* --- What a node may have --- */

static const char *const power_reasons[] = {
		[CAPPING_ACCOUNT_OFF] = "it is off",
		[CAPPING_ACCOUNT_LIMIT] = "it keeps to its limit",
		[CAPPING_ACCOUNT_SETTLING] = "a former limit counts until it keeps to the new one",
		[CAPPING_ACCOUNT_STARTING] = "it was switched on, and keeps no limit yet",
		[CAPPING_ACCOUNT_UNLIMITED] = "it has no limit yet, and counts at its ceiling",
		[CAPPING_ACCOUNT_LOST] =
				"it does not answer, and counts at the most that it may draw",
		[CAPPING_ACCOUNT_DISOBEDIENT] = "it draws more than its limit",
};

static const char *power_why(const struct capping_node *node)
{
	if (node->account == CAPPING_ACCOUNT_LIMIT && node->accounted != node->limit)
		return "a former limit counts while the new one is on its way";
	return power_reasons[node->account];
}

static json_t *power_limits(const struct rack_power_node *status)
{
	const struct capping_node *node = &status->node;

	return json_pack("{s:o, s:b, s:o, s:i, s:s, s:s, s:i, s:i, s:i, s:o, s:i, s:b}", "cap",
			rack_part_number(node->limit, node->limit > 0), "accepted", node->accepted,
			"operator", rack_part_number(status->cap, status->cap > 0), "accounted",
			node->accounted, "account", rack_power_account_word(node->account), "why",
			power_why(node), "class", status->settings.class, "floor",
			status->settings.floor, "ceiling", status->settings.ceiling, "watts",
			rack_part_number(node->measured, node->measured >= 0), "want", node->want,
			"waiting", status->waiting);
}

static json_t *power_cap(struct rack *rack, size_t node)
{
	struct rack_node_status status;
	struct rack_power_node power;
	json_t *json;

	rack_nodes_status(rack_nodes(rack), node, &status);
	rack_power_node(rack_power(rack), node, &power);
	json = json_pack("{s:o, s:b}", "node", routes_text(status.name), "capped", power.capped);
	if (power.capped) {
		json_t *limits = power_limits(&power);

		json_object_update(json, limits);
		json_decref(limits);
	} else {
		json_object_set_new(json, "cap", json_null());
		json_object_set_new(json, "why",
				json_string("it has no floor and ceiling in the configuration, and "
					    "is part of the unmanaged load"));
	}
	rack_node_status_clear(&status);
	return json;
}

bool rack_routes_get_cap(const struct http_request *request, struct http_answer *answer, void *rack,
		GError **error)
{
	size_t node;

	if (!rack_part_node(request, rack, &node, error))
		return false;
	answer->json = power_cap(rack, node);
	return true;
}

bool rack_routes_set_cap(const struct http_request *request, struct http_answer *answer, void *rack,
		GError **error)
{
	const char *name = rack_part_text(request, "node");
	struct rack_power_node power;
	int64_t watts;
	size_t node;

	rack_part_given(request, "watts", &watts);
	if (!rack_part_node(request, rack, &node, error))
		return false;
	rack_power_node(rack_power(rack), node, &power);
	if (!power.capped) {
		g_set_error(error, HTTP_ERROR, CONFLICT,
				"%s has no floor and ceiling in the configuration: it is not in "
				"the budget",
				name);
		return false;
	}
	if (!rack_power_cap(rack_power(rack), node, (int)watts)) {
		g_set_error(error, HTTP_ERROR, BAD_REQUEST,
				"%s takes %d to %d W, or 0 for what the budget gives", name,
				power.settings.floor, power.settings.ceiling);
		return false;
	}
	answer->json = power_cap(rack, node);
	return true;
}

bool rack_routes_get_caps(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rack_nodes_count(rack_nodes(rack)); i++)
		json_array_append_new(list, power_cap(rack, i));
	answer->json = json_pack("{s:o}", "nodes", list);
	return true;
}

/* --- The budget --- */

json_t *rack_part_budget(struct rack *rack)
{
	struct rack_power_status status;
	const struct capping_totals *totals = &status.totals;

	rack_power_status(rack_power(rack), &status);
	return json_pack("{s:i, s:s, s:i, s:i, s:i, s:i, s:i, s:b, s:f, s:i, s:I, s:I, s:I}",
			"watts", totals->budget, "mode", rack_power_mode_word(status.settings.mode),
			"unmanaged", totals->unmanaged, "accounted",
			totals->unmanaged + totals->accounted, "nodes_accounted", totals->accounted,
			"measured", totals->measured, "floors", totals->floors, "short",
			totals->short_of, "over_seconds", status.over_seconds, "worst_over",
			status.worst, "commands", (json_int_t)status.commands, "failures",
			(json_int_t)status.failures, "waiting", (json_int_t)status.waiting);
}

bool rack_routes_get_budget(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	answer->json = rack_part_budget(rack);
	return true;
}

static bool power_mode(const char *word, enum capping_mode *mode, GError **error)
{
	for (int i = CAPPING_GUARANTEED; word && i <= CAPPING_OFF; i++) {
		if (strcmp(word, rack_power_mode_word((enum capping_mode)i)) != 0)
			continue;
		*mode = (enum capping_mode)i;
		return true;
	}
	if (word)
		g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST,
				"mode must be guaranteed, reactive or off");
	return !word;
}

bool rack_routes_set_budget(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	const char *word = rack_part_text(request, "mode");
	struct rack_power_status status;
	int64_t watts;
	bool given = rack_part_given(request, "watts", &watts);

	rack_power_status(rack_power(rack), &status);
	if (!given && !word) {
		g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST,
				"watts, mode or both are to be given");
		return false;
	}
	if (!given && status.settings.budget <= 0) {
		g_set_error_literal(error, HTTP_ERROR, CONFLICT,
				"there is no budget yet; give its watts too");
		return false;
	}
	if (!power_mode(word, &status.settings.mode, error))
		return false;
	rack_power_budget(rack_power(rack), given ? (int)watts : status.settings.budget,
			status.settings.mode);
	answer->json = rack_part_budget(rack);
	return true;
}
