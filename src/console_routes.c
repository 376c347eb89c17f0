/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gadget/keyboard.h"
#include "spice/viewers.h"
#include "src/audit.h"
#include "src/console.h"
#include "src/console_api.h"
#include "src/console_metrics.h"
#include "src/console_routes.h"
#include "src/control_routes.h"
#include "src/event_routes.h"
#include "src/metrics_text.h"
#include "src/routes_part.h"
#include "src/status.h"

#define BAD_REQUEST 400 /* RFC 9110, 15.5.1 */
#define NOT_FOUND   404 /* RFC 9110, 15.5.5 */
#define CONFLICT    409 /* RFC 9110, 15.5.10: not as things are now */

/* --- Parts of a status --- */

static json_t *routes_mode(const struct console_mode *mode)
{
	json_t *json = json_pack("{s:i, s:i, s:s}", "width", mode->width, "height", mode->height,
			"codec", status_codec_word(mode->codec));

	if (mode->codec == CAPTURE_AJPG) {
		json_object_set_new(json, "chroma", json_integer(mode->chroma));
		json_object_set_new(json, "selector", json_integer(mode->selector));
		json_object_set_new(json, "second_selector",
				mode->second_selector < 0 ? json_null()
							  : json_integer(mode->second_selector));
	}
	json_object_set_new(json, "range", json_string(mode->studio ? "studio" : "full"));
	return json;
}

static json_t *routes_viewers(struct console *console)
{
	json_t *viewers = json_array();
	struct viewers_one one;

	for (size_t i = 0; console_viewer(console, i, &one); i++) {
		json_t *viewer = json_pack("{s:I, s:o, s:b, s:b, s:b}", "viewer",
				(json_int_t)one.viewer, "peer", routes_text(one.peer), "encrypted",
				one.encrypted, "websocket", one.websocket, "looking", one.looking);

		json_object_set_new(viewer, "right", json_string(status_right_word(one.right)));
		routes_moment(viewer, "since", "age_ms", one.since);
		json_object_set_new(
				viewer, "display", json_string(one.direct ? "direct" : "library"));
		if (one.direct)
			json_object_update_new(viewer,
					json_pack("{s:I, s:I, s:b, s:I, s:I}", "round_trip_ms",
							(json_int_t)one.pace.round_trip, "rate",
							(json_int_t)one.pace.rate, "behind",
							one.pace.behind, "updates",
							(json_int_t)one.pace.updates, "sent",
							(json_int_t)one.pace.sent));
		json_array_append_new(viewers, viewer);
	}
	return viewers;
}

static json_t *routes_input(const struct console_input *input)
{
	return json_pack("{s:s, s:s, s:s, s:{s:b, s:b, s:b}}", "keyboard",
			status_device_word(input->keyboard), "absolute",
			status_device_word(input->absolute), "relative",
			status_device_word(input->relative), "leds", "num_lock",
			(input->leds & KEYBOARD_NUM_LOCK) != 0, "caps_lock",
			(input->leds & KEYBOARD_CAPS_LOCK) != 0, "scroll_lock",
			(input->leds & KEYBOARD_SCROLL_LOCK) != 0);
}

static json_t *routes_port(const struct hub_port_status *port)
{
	json_t *functions = json_array();

	for (int i = 0; i < HUB_FUNCTIONS; i++)
		if (port->functions & 1u << i)
			json_array_append_new(functions,
					json_string(hub_function_name((enum hub_function)i)));
	return json_pack("{s:o, s:o, s:o, s:o, s:s, s:b, s:b, s:o}", "gadget",
			routes_text(port->gadget), "port", routes_text(port->port), "functions",
			functions, "drive", routes_text(port->drive), "node",
			udc_state_name(port->node), "listening", port->listening, "adopted",
			port->adopted, "reason",
			*port->reason ? routes_text(port->reason) : json_null());
}

/* null: there is no engine that could be told. */
static json_t *routes_quality(const struct console_quality *quality)
{
	if (!quality->known)
		return json_null();
	return json_pack("{s:i, s:i, s:b}", "selector", quality->selector, "best", quality->best,
			"automatic", quality->automatic);
}

static json_t *routes_password(const struct password_status *password)
{
	json_t *json = json_pack("{s:s}", "state", status_password_word(password->state));

	routes_deadline(json, "expires", "left_ms", password->until);
	return json;
}

/* A list of what the node has on its hub. */
static json_t *routes_usb(const struct hub_status *usb)
{
	json_t *ports = json_array();

	for (size_t i = 0; i < usb->count; i++)
		json_array_append_new(ports, routes_port(&usb->ports[i]));
	return ports;
}

static json_t *routes_fault(const struct console_status *status)
{
	json_t *fault;

	if (!status->fault)
		return json_null();
	fault = json_pack("{s:o}", "message", routes_text(status->fault));
	routes_moment(fault, "time", "age_ms", status->fault_time);
	return fault;
}

static json_t *routes_status(const struct console_status *status, json_t *viewers)
{
	json_t *json = json_pack("{s:o, s:s, s:s}", "name", routes_text(status->name), "program",
			PACKAGE_NAME "-console", "version", PACKAGE_VERSION);

	routes_moment(json, "started", "uptime_ms", status->started);
	json_object_set_new(json, "source", routes_text(status->source));
	json_object_set_new(json, "device", routes_text(status->device));
	json_object_set_new(json, "state", json_string(status_state_word(status->state)));
	json_object_set_new(json, "reason", routes_text(status->reason));
	routes_moment(json, "since", "age_ms", status->since);
	json_object_set_new(
			json, "mode", status->has_mode ? routes_mode(&status->mode) : json_null());
	json_object_set_new(json, "frames", json_integer(status->frames));
	json_object_set_new(json, "fps", json_real(status->fps));
	json_object_set_new(json, "damage_rate", json_real(status->damage_rate));
	json_object_set_new(json, "quality", routes_quality(&status->quality));
	json_object_set_new(json, "viewers", viewers);
	json_object_set_new(json, "password", routes_password(&status->password));
	json_object_set_new(json, "input", routes_input(&status->input));
	json_object_set_new(json, "usb", routes_usb(&status->usb));
	json_object_set_new(json, "fault", routes_fault(status));
	return json;
}

/* --- Handlers --- */

static bool routes_get(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	struct console_status status;

	console_status(data, &status);
	answer->json = routes_status(&status, routes_viewers(data));
	json_object_update_new(json_object_get(answer->json, "input"),
			control_routes_show(console_control(data)));
	return true;
}

static bool routes_wake(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const struct audit_who who = audit_who_asks(request);
	g_autoptr(GError) cause = NULL;

	if (console_wake(data, &cause)) {
		audit_tell(console_audit(data), AUDIT_NODE_WOKEN, &who, NULL);
		return true;
	}
	if (g_error_matches(cause, CONSOLE_ERROR, CONSOLE_ERROR_STATE) ||
			cause->domain == GADGET_FAULT)
		g_set_error_literal(error, HTTP_ERROR, CONFLICT, cause->message);
	else
		g_propagate_error(error, g_steal_pointer(&cause));
	return false;
}

static bool routes_disconnect(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	g_autoptr(GError) cause = NULL;
	json_int_t viewer = json_integer_value(json_object_get(request->values, "viewer"));
	const struct audit_who who = audit_who_asks(request);

	if (console_disconnect(data, (unsigned int)viewer, &cause)) {
		audit_tell(console_audit(data), AUDIT_VIEWER_DISMISSED, &who,
				json_pack("{s:I, s:s}", "dismissed", viewer, "why", "ordered"));
		return true;
	}
	g_set_error_literal(error, HTTP_ERROR, NOT_FOUND, cause->message);
	return false;
}

static bool routes_set_password(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	const json_t *values = request->values;
	json_int_t seconds = json_integer_value(json_object_get(values, "seconds"));
	g_autoptr(GError) cause = NULL;
	const struct audit_who who = audit_who_asks(request);
	struct console_status status;

	if (!console_set_password(data, json_string_value(json_object_get(values, "password")),
			    (unsigned int)seconds, &cause)) {
		if (g_error_matches(cause, VIEWER_ERROR, VIEWER_ERROR_PASSWORD))
			g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST, cause->message);
		else
			g_propagate_error(error, g_steal_pointer(&cause));
		return false;
	}
	audit_tell(console_audit(data), AUDIT_PASSWORD_CHANGED, &who,
			json_pack("{s:I}", "seconds", seconds));
	console_status(data, &status);
	answer->json = routes_password(&status.password);
	return true;
}

static bool routes_get_viewers(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	answer->json = json_pack("{s:o}", "viewers", routes_viewers(data));
	return true;
}

/* An object also where there is nothing to tell. */
static bool routes_get_quality(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	struct console_status status;

	console_status(data, &status);
	answer->json = status.quality.known ? routes_quality(&status.quality)
					    : json_pack("{s:n, s:n, s:b}", "selector", "best",
							      "automatic", 0);
	return true;
}

static bool routes_set_quality(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	const json_t *selector = json_object_get(request->values, "selector");
	const json_t *automatic = json_object_get(request->values, "automatic");
	g_autoptr(GError) cause = NULL;
	struct console_status status;
	bool done;

	if (!selector == !json_is_true(automatic) && !json_is_false(automatic)) {
		g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST,
				"give either a selector or automatic = true, or automatic = false");
		return false;
	}
	console_status(data, &status);
	if (json_is_true(automatic))
		done = console_follow_links(data, &cause);
	else
		done = console_set_quality(data,
				selector ? (int)json_integer_value(selector)
					 : status.quality.selector,
				&cause);
	if (done)
		return routes_get_quality(request, answer, data, error);
	g_set_error_literal(error, HTTP_ERROR, CONFLICT, cause->message);
	return false;
}

static bool routes_get_events(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	return event_routes_get(request, console_events(data));
}

static bool routes_get_metrics(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	answer->text = console_metrics_text(data);
	answer->type = METRICS_TYPE;
	return true;
}

static const http_handler_fn routes_handlers[CONSOLE_API_COUNT] = {
		[CONSOLE_API_STATUS] = routes_get,
		[CONSOLE_API_WAKE] = routes_wake,
		[CONSOLE_API_DISCONNECT] = routes_disconnect,
		[CONSOLE_API_PASSWORD] = routes_set_password,
		[CONSOLE_API_VIEWERS] = routes_get_viewers,
		[CONSOLE_API_QUALITY] = routes_get_quality,
		[CONSOLE_API_SET_QUALITY] = routes_set_quality,
		[CONSOLE_API_EVENTS] = routes_get_events,
		[CONSOLE_API_METRICS] = routes_get_metrics,
};

void console_routes_add(struct http_server *server, struct console *console)
{
	http_server_add(server, console_api, routes_handlers, CONSOLE_API_COUNT, console);
}
