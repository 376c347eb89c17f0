/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/drives.h"
#include "src/redfish_part.h"

bool redfish_versions(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	answer->json = json_pack("{s:s}", "v1", REDFISH_ROOT "/");
	return true;
}

bool redfish_root(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const struct redfish *redfish = data;
	json_t *root = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:b, s:b, s:b}}",
			"@odata.id", REDFISH_ROOT "/", "@odata.type",
			"#ServiceRoot.v1_5_0.ServiceRoot", "Id", "RootService", "Name", "spicerack",
			"Product", PACKAGE_STRING, "RedfishVersion", "1.6.0", "UUID", redfish->uuid,
			"ProtocolFeaturesSupported", "FilterQuery", 0, "SelectQuery", 0,
			"OnlyMemberQuery", 0);

	json_object_set_new(root, "Systems", redfish_link(REDFISH_ROOT "/Systems"));
	json_object_set_new(root, "Managers", redfish_link(REDFISH_ROOT "/Managers"));
	if (redfish->settings.auth)
		json_object_set_new(root, "SessionService",
				redfish_link(REDFISH_ROOT "/SessionService"));
	json_object_set_new(root, "Links",
			redfish->settings.auth ? json_pack("{s:o}", "Sessions",
								 redfish_link(REDFISH_SESSIONS))
					       : json_object());
	return redfish_show(answer, root);
}

bool redfish_odata(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	answer->json = json_pack("{s:s, s:[{s:s, s:s, s:s}, {s:s, s:s, s:s}, {s:s, s:s, s:s}]}",
			"@odata.context", REDFISH_ROOT "/$metadata", "value", "name", "Service",
			"kind", "Singleton", "url", REDFISH_ROOT "/", "name", "Systems", "kind",
			"Singleton", "url", REDFISH_ROOT "/Systems", "name", "Managers", "kind",
			"Singleton", "url", REDFISH_ROOT "/Managers");
	return true;
}

/* The schemas that occur, where DMTF keeps them. */
bool redfish_metadata(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	static const char *const schemas[] = {"ComputerSystem", "ComputerSystemCollection",
			"Manager", "ManagerCollection", "ServiceRoot", "Session",
			"SessionCollection", "SessionService", "VirtualMedia",
			"VirtualMediaCollection"};
	GString *text = g_string_new(
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<edmx:Edmx "
			"xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\" Version=\"4.0\">\n");

	for (size_t i = 0; i < G_N_ELEMENTS(schemas); i++)
		g_string_append_printf(text,
				"<edmx:Reference "
				"Uri=\"http://redfish.dmtf.org/schemas/v1/%s_v1.xml\">"
				"<edmx:Include Namespace=\"%s\"/></edmx:Reference>\n",
				schemas[i], schemas[i]);
	g_string_append(text,
			"<edmx:DataServices><Schema "
			"xmlns=\"http://docs.oasis-open.org/odata/ns/edm\" Namespace=\"Service\">"
			"<EntityContainer Name=\"Service\" "
			"Extends=\"ServiceRoot.v1_5_0.ServiceContainer\"/></Schema>"
			"</edmx:DataServices>\n</edmx:Edmx>\n");
	answer->text = g_string_free(text, FALSE);
	answer->type = "application/xml";
	return true;
}

bool redfish_managers(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	return redfish_show(answer, json_pack("{s:s, s:s, s:s, s:i, s:[o]}", "@odata.id",
						    REDFISH_ROOT "/Managers", "@odata.type",
						    "#ManagerCollection.ManagerCollection", "Name",
						    "Managers", "Members@odata.count", 1, "Members",
						    redfish_link(REDFISH_MANAGER)));
}

bool redfish_manager(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const struct redfish *redfish = data;

	return redfish_show(answer,
			json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s, s:{s:s, s:s}, s:{}, s:o, "
				  "s:{s:[o], s:[]}}",
					"@odata.id", REDFISH_MANAGER, "@odata.type",
					"#Manager.v1_5_0.Manager", "Id", "console", "Name",
					json_string(redfish->settings.name), "ManagerType", "BMC",
					"UUID", redfish->uuid, "FirmwareVersion", PACKAGE_VERSION,
					"Status", "State", "Enabled", "Health", "OK", "Actions",
					"VirtualMedia",
					redfish_link(REDFISH_MANAGER "/VirtualMedia"), "Links",
					"ManagerForServers", redfish_link(REDFISH_SYSTEM),
					"ManagerForChassis"));
}
