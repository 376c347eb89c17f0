/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/audit.h"
#include "src/power.h"
#include "src/redfish_part.h"

#define RESET_ACTION REDFISH_SYSTEM "/Actions/ComputerSystem.Reset"

/* Words of ResetType, and what does it: the first that the node's power can. */
static const struct {
	const char *word;
	enum power_action best, else_;
} system_resets[] = {
		{"On", POWER_ON, POWER_ON},
		{"ForceOn", POWER_ON, POWER_ON},
		{"ForceOff", POWER_OFF, POWER_OFF},
		{"GracefulShutdown", POWER_SOFT, POWER_SOFT},
		{"ForceRestart", POWER_RESET, POWER_CYCLE},
		{"PowerCycle", POWER_CYCLE, POWER_CYCLE},
};

/* What a word comes to; false: the node's power cannot. */
static bool system_reset(const struct power *power, size_t index, enum power_action *action)
{
	*action = power_can(power, system_resets[index].best) ? system_resets[index].best
							      : system_resets[index].else_;
	return power_can(power, *action);
}

static json_t *system_actions(const struct power *power)
{
	json_t *allowed = json_array();
	enum power_action action;

	for (size_t i = 0; i < G_N_ELEMENTS(system_resets); i++)
		if (system_reset(power, i, &action))
			json_array_append_new(allowed, json_string(system_resets[i].word));
	if (json_array_size(allowed) == 0) {
		json_decref(allowed);
		return json_object();
	}
	return json_pack("{s:{s:s, s:o}}", "#ComputerSystem.Reset", "target", RESET_ACTION,
			"ResetType@Redfish.AllowableValues", allowed);
}

static json_t *system_boot(const struct power *power)
{
	enum power_boot_for how_long = POWER_BOOT_NEVER;
	enum power_boot boot = power ? power_boot(power, &how_long) : POWER_BOOT_NONE;
	json_t *allowed = json_array();

	for (int i = POWER_BOOT_NONE; i <= (power ? POWER_BOOT_PXE : POWER_BOOT_NONE); i++)
		json_array_append_new(allowed, json_string(redfish_boot_word(i)));
	return json_pack("{s:s, s:s, s:o}", "BootSourceOverrideEnabled",
			redfish_boot_for_word(how_long), "BootSourceOverrideTarget",
			redfish_boot_word(boot), "BootSourceOverrideTarget@Redfish.AllowableValues",
			allowed);
}

static json_t *system_power(const struct power *power)
{
	switch (power_state(power)) {
	case POWER_IS_ON:
		return json_string("On");
	case POWER_IS_OFF:
		return json_string("Off");
	case POWER_UNKNOWN:
		break;
	}
	return json_null();
}

static json_t *system_resource(const struct redfish *redfish)
{
	const struct power *power = redfish->settings.power;

	return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:{s:s, s:s}, s:o, s:o, s:o, s:o, "
			 "s:{s:[o], s:[]}}",
			"@odata.id", REDFISH_SYSTEM, "@odata.type",
			"#ComputerSystem.v1_13_0.ComputerSystem", "Id", "node", "Name",
			json_string(redfish->settings.name), "SystemType", "Physical", "UUID",
			redfish->uuid, "Status", "State", "Enabled", "Health", "OK", "PowerState",
			system_power(power), "Boot", system_boot(power), "Actions",
			system_actions(power), "VirtualMedia",
			redfish_link(REDFISH_SYSTEM "/VirtualMedia"), "Links", "ManagedBy",
			redfish_link(REDFISH_MANAGER), "Chassis");
}

bool redfish_systems(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	return redfish_show(answer,
			json_pack("{s:s, s:s, s:s, s:i, s:[o]}", "@odata.id",
					REDFISH_ROOT "/Systems", "@odata.type",
					"#ComputerSystemCollection.ComputerSystemCollection",
					"Name", "Systems", "Members@odata.count", 1, "Members",
					redfish_link(REDFISH_SYSTEM)));
}

bool redfish_system(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	return redfish_show(answer, system_resource(data));
}

bool redfish_system_patch(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	struct redfish *redfish = data;
	struct power *power = redfish->settings.power;
	json_t *now = system_resource(redfish);
	bool current = redfish_is_current(request, now, answer);
	struct redfish_fault fault;
	struct redfish_boot wish;
	enum power_boot_for how_long;
	enum power_boot boot;

	json_decref(now);
	if (!current)
		return true;
	if (!redfish_body_boot(request->body, &wish, &fault))
		return redfish_refuse_fault(answer, &fault);
	if (!power)
		return redfish_refuse(answer, 400, "PropertyNotWritable", "Boot",
				"nothing is configured in [power] that could be told");
	boot = power_boot(power, &how_long);
	if (wish.target >= 0)
		boot = wish.target;
	if (wish.how_long >= 0)
		how_long = wish.how_long;
	else if (how_long == POWER_BOOT_NEVER)
		how_long = POWER_BOOT_ONCE;
	power_set_boot(power, boot, how_long);
	return redfish_show(answer, system_resource(redfish));
}

static void system_was_reset(const GError *error, void *later)
{
	struct http_answer answer = {0};

	if (!error)
		redfish_done(&answer);
	else
		redfish_refuse(&answer, 500, "InternalError", NULL, error->message);
	http_later_answer(later, &answer);
}

bool redfish_system_reset(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	const struct redfish *redfish = data;
	struct power *power = redfish->settings.power;
	const struct audit_who who = audit_who_asks(request);
	struct redfish_fault fault;
	const char *type = redfish_body_reset(request->body, &fault);
	g_autoptr(GError) cause = NULL;
	struct http_later *later;
	enum power_action action;
	size_t i = 0;

	if (!type)
		return redfish_refuse_fault(answer, &fault);
	while (i < G_N_ELEMENTS(system_resets) && strcmp(system_resets[i].word, type) != 0)
		i++;
	if (i == G_N_ELEMENTS(system_resets) || !system_reset(power, i, &action))
		return redfish_refuse(answer, 400, "ActionParameterValueNotInList", "ResetType",
				"this ResetType is none that the system offers");
	later = http_answer_later(request);
	if (!power_act(power, action, system_was_reset, later, &cause)) {
		struct http_answer busy = {0};

		redfish_refuse(&busy, 409, "ResourceInUse", NULL, cause->message);
		http_later_answer(later, &busy);
		return true;
	}
	audit_tell(redfish->settings.audit, AUDIT_POWER_ORDERED, &who,
			json_pack("{s:s}", "action", type));
	return true;
}
