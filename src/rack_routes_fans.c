/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/rack_routes_part.h"
#include "src/routes_part.h"

static json_t *fans_fan(const struct rack_fan_status *fan)
{
	return json_pack("{s:o, s:o, s:o, s:b, s:o}", "name", routes_text(fan->name), "duty",
			fan->duty >= 0 ? json_real(fan->duty) : json_null(), "rpm",
			rack_part_number(fan->rpm, fan->rpm >= 0), "failed", fan->failed, "fault",
			routes_text(fan->fault));
}

static json_t *fans_of_zone(const struct rack_fans *fans, size_t zone)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rack_fans_count(fans); i++) {
		struct rack_fan_status fan;

		rack_fans_fan(fans, i, &fan);
		if (fan.zone == zone)
			json_array_append_new(list, fans_fan(&fan));
	}
	return list;
}

static json_t *fans_zone(const struct rack_fans *fans, size_t zone)
{
	struct rack_zone_status status;

	rack_fans_zone(fans, zone, &status);
	return json_pack("{s:o, s:f, s:s, s:o, s:b, s:o, s:o}", "name", routes_text(status.name),
			"duty", status.state.duty, "reason",
			rack_fan_reason_word(status.state.reason), "about",
			routes_text(status.about), "failsafe", status.state.failsafe, "manual",
			status.manual ? json_real(status.manual_duty) : json_null(), "fans",
			fans_of_zone(fans, zone));
}

json_t *rack_part_fans(struct rack *rack)
{
	const struct rack_fans *fans = rack_fans(rack);
	json_t *list = json_array();

	for (size_t i = 0; i < rack_fans_zones(fans); i++)
		json_array_append_new(list, fans_zone(fans, i));
	return list;
}

bool rack_routes_get_fans(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	answer->json = json_pack("{s:o}", "zones", rack_part_fans(rack));
	return true;
}

bool rack_routes_set_fan(const struct http_request *request, struct http_answer *answer, void *rack,
		GError **error)
{
	const char *name = rack_part_text(request, "zone");
	bool automatic = json_is_true(json_object_get(request->values, "auto"));
	int64_t duty;
	bool manual = rack_part_given(request, "duty", &duty);
	size_t zone;

	if (!rack_fans_find_zone(rack_fans(rack), name, &zone)) {
		g_set_error(error, HTTP_ERROR, NOT_FOUND,
				"there is no zone \"%s\"; GET /api/v1/fans lists them", name);
		return false;
	}
	if (manual == automatic) {
		g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST,
				"either a duty is to be given, or auto as true");
		return false;
	}
	rack_fans_manual(rack_fans(rack), zone, manual ? (double)duty : -1);
	answer->json = fans_zone(rack_fans(rack), zone);
	return true;
}
