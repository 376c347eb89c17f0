/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "gadget/hub_part.h"

void hub_read(struct hub *hub, struct hub_status *status)
{
	memset(status, 0, sizeof(*status));
	status->count = hub->count;
	for (size_t i = 0; i < hub->count; i++) {
		const struct hub_gadget *gadget = &hub->gadgets[i];
		struct hub_port_status *port = &status->ports[i];

		port->gadget = gadget->device->gadget.name;
		port->port = gadget->port;
		port->drive = gadget->device->drive;
		port->node = gadget->node;
		port->open = port->listening = gadget->port != NULL;
		if (port->drive)
			port->open = port->listening = gadget->bus || gadget->shown;
		port->adopted = gadget->port && !gadget->fresh;
		port->fault = gadget->fault;
		port->reason = gadget->reason ? gadget->reason : "";
		if (!gadget->fault && gadget->sleeps) {
			port->fault = GADGET_FAULT_ASLEEP;
			port->reason = gadget->sleeps;
		}
		for (size_t f = 0; f < gadget->device->gadget.count; f++) {
			enum hub_function kind = gadget->device->kinds[f];

			port->functions |= 1u << kind;
			port->open &= hub->channels[kind].fd >= 0;
			port->listening &= hub->channels[kind].fd >= 0 && !hub->channels[kind].deaf;
		}
	}
}

char *hub_port_words(const struct hub_port_status *port)
{
	GString *words = g_string_new(NULL);

	if (port->drive)
		g_string_append_printf(words, "drive %s", port->drive);
	for (int kind = 0; kind < HUB_FUNCTIONS; kind++)
		if (port->functions & 1u << kind)
			g_string_append_printf(words, "%s%s", words->len ? "+" : "",
					hub_function_name(kind));
	if (port->port)
		g_string_append_printf(words, " on %s: %s", port->port, udc_state_name(port->node));
	if (port->port && port->node == UDC_CONFIGURED && port->open && !port->listening)
		g_string_append(words, ", but the node takes no reports");
	if (port->reason && *port->reason)
		g_string_append_printf(words, ": %s", port->reason);
	else if (!port->port)
		g_string_append(words, ": being bound");
	return g_string_free(words, FALSE);
}

void hub_tell(struct hub *hub)
{
	GString *now = g_string_new(NULL);
	struct hub_status status;

	hub_read(hub, &status);
	for (size_t i = 0; i < status.count; i++) {
		char *words = hub_port_words(&status.ports[i]);

		g_string_append_printf(now, "%s %d%d\n", words, status.ports[i].open,
				status.ports[i].adopted);
		g_free(words);
	}
	if (g_strcmp0(now->str, hub->told) == 0) {
		g_string_free(now, TRUE);
		return;
	}
	g_free(hub->told);
	hub->told = g_string_free(now, FALSE);
	if (hub->events.state)
		hub->events.state(&status, hub->events.data);
}
