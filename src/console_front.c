/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/console_front.h"
#include "sim/node.h"
#include "src/api.h"
#include "src/audit.h"
#include "src/console.h"
#include "src/console_config.h"
#include "src/console_reload.h"
#include "src/console_routes.h"
#include "src/control_routes.h"
#include "src/drives_routes.h"
#include "src/evidence.h"
#include "src/evidence_routes.h"
#include "src/keys_routes.h"
#include "src/node.h"
#include "src/power.h"
#include "src/redfish.h"
#include "src/tickets_routes.h"

struct console_front {
	const struct console_config *config; /* not ours, nor is the console */
	struct console *console;
	struct drives_routes drives;
	struct power *power;     /* NULL: nothing switches the node */
	struct redfish *redfish; /* once there is an API */
	struct api *api;
};

/* --- The node's power --- */

static void front_switch_simulated(bool on, void *data)
{
	sim_node_power(data, on);
}

static struct power *front_power(const struct console_config *config, struct node *node)
{
	const struct power_owner owner = {
			.direct = node->sim ? front_switch_simulated : NULL,
			.data = node->sim,
	};

	return power_new(&config->power, &owner);
}

/* What the node showed before is worth to be kept. */
static void front_keep_evidence(enum power_action action, void *data)
{
	static const char *const words[POWER_ACTIONS] = {
			[POWER_OFF] = "the node is switched off",
			[POWER_CYCLE] = "the node is switched off and on",
			[POWER_RESET] = "the node is reset",
	};

	if (words[action])
		evidence_incident(console_evidence(data), words[action]);
}

/* --- The API --- */

static void front_add_routes(struct http_server *server, struct http_auth *auth, void *data)
{
	struct console_front *front = data;
	struct drives *drives = console_drives(front->console);
	const struct redfish_settings settings = {
			.name = front->config->name,
			.drives = drives,
			.power = front->power,
			.auth = auth,
			.audit = console_audit(front->console),
	};

	console_routes_add(server, front->console);
	control_routes_add(server, front->console);
	front->drives = (struct drives_routes){drives, settings.audit};
	drives_routes_add(server, &front->drives);
	evidence_routes_add(server, console_evidence(front->console));
	keys_routes_add(server, front->console);
	tickets_routes_add(server, front->console);
	front->redfish = redfish_new(&settings);
	redfish_add(front->redfish, server);
}

static void front_refused(const char *peer, bool encrypted, void *data)
{
	const struct console_front *front = data;
	const struct audit_who who = {.from = peer, .encrypted = encrypted};

	audit_tell(console_audit(front->console), AUDIT_PASSWORD_REFUSED, &who,
			json_pack("{s:s}", "by", "api"));
}

struct console_front *console_front_open(
		const struct console_config *config, struct console *console, struct node *node)
{
	struct console_front *front = g_new0(struct console_front, 1);
	const struct api_settings settings = {
			.config = &config->api,
			.program = PACKAGE_NAME "-console",
			.add_routes = front_add_routes,
			.refused = front_refused,
			.data = front,
	};

	front->config = config;
	front->console = console;
	front->power = front_power(config, node);
	power_watch(front->power, front_keep_evidence, console);
	front->api = api_open(&settings);
	return front;
}

bool console_front_is_stale(const struct console_front *front, const struct console_config *next)
{
	return console_reload_touches(front->config, next, "api", NULL) ||
	       console_reload_touches(front->config, next, "power", NULL) ||
	       console_reload_touches(front->config, next, "spice", "name") ||
	       api_is_stale(front->api);
}

void console_front_close(struct console_front *front)
{
	if (!front)
		return;
	api_close(front->api);
	redfish_free(front->redfish);
	power_free(front->power);
	g_free(front);
}
