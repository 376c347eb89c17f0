/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/pages.h"
#include "src/pages_bytes.h"

#define PAGES_POLICY                                                                    \
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " \
	"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

#define PAGE(path, help)                                                    \
	{                                                                   \
		HTTP_GET, path, NULL, HTTP_PUBLIC, false, false, NULL, help \
	}

const struct http_route pages_routes[PAGES_COUNT] = {
		[PAGES_ROOT] = PAGE("/", "The rack in a browser."),
		[PAGES_RACK] = PAGE("/rack.html", "The rack in a browser."),
		[PAGES_STYLE] = PAGE("/rack.css", "The page's looks."),
		[PAGES_SCRIPT] = PAGE("/rack.js", "The page's program."),
		[PAGES_EVENTS] = PAGE("/rack_events.js", "What of it listens to events."),
		[PAGES_WORDS] = PAGE("/rack_words.js", "Its words."),
};

static const struct {
	const unsigned char *bytes;
	const char *type;
} pages_files[PAGES_COUNT] = {
		[PAGES_ROOT] = {pages_rack_html, "text/html; charset=utf-8"},
		[PAGES_RACK] = {pages_rack_html, "text/html; charset=utf-8"},
		[PAGES_STYLE] = {pages_rack_css, "text/css; charset=utf-8"},
		[PAGES_SCRIPT] = {pages_rack_js, "text/javascript; charset=utf-8"},
		[PAGES_EVENTS] = {pages_rack_events_js, "text/javascript; charset=utf-8"},
		[PAGES_WORDS] = {pages_rack_words_js, "text/javascript; charset=utf-8"},
};

/* Whether the browser has it already: its tag is among those of the header (RFC 9110, 13.1.2). */
static bool pages_known(const char *header, const char *tag)
{
	return header && (strcmp(header, "*") == 0 || strstr(header, tag));
}

static bool pages_show(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	size_t which = request->route - pages_routes;
	const char *bytes = (const char *)pages_files[which].bytes;
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, bytes, -1);
	g_autofree char *tag = g_strdup_printf("\"%.16s\"", sum);
	bool known = pages_known(request->if_none_match, tag);

	answer->status = known ? 304 : 200;
	answer->text = g_strdup(known ? "" : bytes);
	answer->type = pages_files[which].type;
	http_answer_header(answer, "ETag", tag);
	http_answer_header(answer, "Cache-Control", "no-cache");
	http_answer_header(answer, "Content-Security-Policy", PAGES_POLICY);
	http_answer_header(answer, "X-Content-Type-Options", "nosniff");
	http_answer_header(answer, "Referrer-Policy", "no-referrer");
	return true;
}

void pages_add(struct http_server *server)
{
	static const http_handler_fn handlers[PAGES_COUNT] = {
			pages_show, pages_show, pages_show, pages_show, pages_show, pages_show};

	http_server_add(server, pages_routes, handlers, PAGES_COUNT, NULL);
}
