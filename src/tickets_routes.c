/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/audit.h"
#include "src/console.h"
#include "src/routes_part.h"
#include "src/status.h"
#include "src/ticket.h"
#include "src/tickets_api.h"
#include "src/tickets_routes.h"

#define CONFLICT 409 /* RFC 9110, 15.5.10: not as things are now */

static json_t *tickets_number(int number)
{
	return number > 0 ? json_integer(number) : json_null();
}

static json_t *tickets_show(const struct ticket *ticket)
{
	json_t *json = json_pack("{s:s, s:s}", "ticket", ticket->text, "right",
			status_right_word(ticket->right));

	routes_deadline(json, "expires", "left_ms", ticket->until);
	json_object_set_new(json, "name", routes_text(ticket->name));
	json_object_set_new(json, "host", routes_text(ticket->host));
	json_object_set_new(json, "port", tickets_number(ticket->port));
	json_object_set_new(json, "tls_port", tickets_number(ticket->tls_port));
	json_object_set_new(json, "ca", routes_text(ticket->ca));
	json_object_set_new(json, "subject", routes_text(ticket->subject));
	return json;
}

static bool tickets_make(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const json_t *seconds = json_object_get(request->values, "seconds");
	bool view = json_is_true(json_object_get(request->values, "view"));
	const struct audit_who who = audit_who_asks(request);
	g_autoptr(GError) cause = NULL;
	struct ticket ticket;

	if (!console_ticket(data, view,
			    seconds ? (unsigned int)json_integer_value(seconds) : TICKETS_SECONDS,
			    &ticket, &cause)) {
		if (g_error_matches(cause, VIEWER_ERROR, VIEWER_ERROR_TICKETS))
			g_set_error_literal(error, HTTP_ERROR, CONFLICT, cause->message);
		else
			g_propagate_error(error, g_steal_pointer(&cause));
		return false;
	}
	audit_tell(console_audit(data), AUDIT_TICKET_MADE, &who,
			json_pack("{s:s}", "right", status_right_word(ticket.right)));
	answer->json = tickets_show(&ticket);
	ticket_clear(&ticket);
	return true;
}

static const http_handler_fn tickets_handlers[TICKETS_API_COUNT] = {
		[TICKETS_API_MAKE] = tickets_make,
};

void tickets_routes_add(struct http_server *server, struct console *console)
{
	http_server_add(server, tickets_api, tickets_handlers, TICKETS_API_COUNT, console);
}
