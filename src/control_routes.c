/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/audit.h"
#include "src/console.h"
#include "src/control.h"
#include "src/control_api.h"
#include "src/control_routes.h"

#define BAD_REQUEST 400 /* RFC 9110, 15.5.1 */
#define NOT_FOUND   404 /* RFC 9110, 15.5.5 */
#define CONFLICT    409 /* RFC 9110, 15.5.10: not as things are now */

json_t *control_routes_show(const struct control *control)
{
	const struct hold *hold = control_hold(control);
	const unsigned int holder = hold_holder(hold);
	json_t *asking = json_array();
	unsigned int viewer;

	for (size_t i = 0; (viewer = hold_asking(hold, i)); i++)
		json_array_append_new(asking, json_integer(viewer));
	return json_pack("{s:s, s:o, s:o}", "control", hold_control_word(hold_control(hold)),
			"holder", holder ? json_integer(holder) : json_null(), "asking", asking);
}

static bool routes_order(const char *word, enum control_order *order, GError **error)
{
	for (int i = 0; i < CONTROL_ORDERS; i++) {
		*order = (enum control_order)i;
		if (strcmp(word, control_order_word(*order)) == 0)
			return true;
	}
	g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST,
			"what is done about the input is grant, deny or give");
	return false;
}

static bool routes_control(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	struct control *control = console_control(data);
	const json_int_t viewer = json_integer_value(json_object_get(request->values, "viewer"));
	const char *word = json_string_value(json_object_get(request->values, "act"));
	const struct audit_who who = audit_who_asks(request);
	g_autoptr(GError) cause = NULL;
	enum control_order order;

	if (!routes_order(word, &order, error))
		return false;
	if (control_order(control, order, (unsigned int)viewer, &who, &cause)) {
		answer->json = control_routes_show(control);
		return true;
	}
	g_set_error_literal(error, HTTP_ERROR,
			g_error_matches(cause, CONSOLE_ERROR, CONSOLE_ERROR_UNKNOWN) ? NOT_FOUND
										     : CONFLICT,
			cause->message);
	return false;
}

static const http_handler_fn routes_handlers[CONTROL_API_COUNT] = {
		[CONTROL_API_ORDER] = routes_control,
};

void control_routes_add(struct http_server *server, struct console *console)
{
	http_server_add(server, control_api, routes_handlers, CONTROL_API_COUNT, console);
}
