/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Routes: what may be asked of the server, as plain tables. A table is the only place that knows
 * its routes' words: requests are held against it, the list and the OpenAPI file are made of it,
 * and a client's help is. Handlers are a second array beside it, so that a client can link the
 * words alone. Pure; any thread.
 */
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

/* Codes are HTTP's (RFC 9110, 15), messages are sentences for the one who asks. */
#define HTTP_ERROR http_error_quark()
GQuark http_error_quark(void);

enum http_method {
	HTTP_GET, /* answers HEAD too */
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
};

/* What somebody must be allowed to do. */
enum http_role {
	HTTP_READ,
	HTTP_OPERATE,
	HTTP_PUBLIC, /* nothing: nobody need say who he is */
};

enum http_place {
	HTTP_IN_PATH, /* a {name} of the path */
	HTTP_IN_QUERY,
	HTTP_IN_BODY, /* a member of a JSON object */
};

enum http_type {
	HTTP_TEXT, /* UTF-8, without zero bytes */
	HTTP_INTEGER,
	HTTP_BOOLEAN, /* true, false */
};

struct http_parameter {
	const char *name;
	enum http_place place;
	enum http_type type;
	json_int_t min, max; /* integers */
	bool required;       /* what is in the path always is */
	bool secret; /* a text of the body that is overwritten once it was handled, and never is
			a word of a command line */
	const char *help; /* a few words */
};

struct http_route {
	enum http_method method;
	const char *path; /* "/api/v1/nodes/{name}"; a last "{name...}" takes all that is left */
	const struct http_parameter *parameters; /* up to one without a name; NULL: none */
	enum http_role role;
	bool changes;        /* something is another way afterwards */
	bool free_form;      /* query and body are the handler's to judge; a body is an object */
	const char *type;    /* of what it answers when that is no JSON; NULL: it is */
	const char *answer;  /* what that has, see describe_answer.h; NULL: it is not said */
	const char *command; /* the word of spicerackctl for it; NULL: none */
	const char *help;    /* a sentence */
};

/* What a request asks for: the parts of its path and its query, decoded. */
struct http_target {
	char **parts;  /* "/a/b" is "a", "b" */
	char **names;  /* of the query, in order */
	char **values; /* as many */
};

/*
 * Takes a request target apart (RFC 9112, 3.2: "/path?query", also behind "http://host"). Fails
 * with 400 when an escape is wrong or what comes out is not UTF-8, and leaves nothing to clear.
 */
bool http_target_parse(struct http_target *target, const char *uri, GError **error);
void http_target_clear(struct http_target *target);

/* Whether the path of a route is the target's. */
bool http_route_matches(const struct http_route *route, const struct http_target *target);

/*
 * The parameters of a request that matches, checked against the route: a new object with a member
 * for each that was given, or NULL with a 400. body: what the request carries; NULL: nothing.
 */
json_t *http_route_values(const struct http_route *route, const struct http_target *target,
		json_t *body, GError **error);

const char *http_method_word(enum http_method method);              /* "GET" */
bool http_method_parse(const char *word, enum http_method *method); /* HEAD is GET */
const char *http_role_word(enum http_role role);    /* "read", "operate", "public" */
const char *http_place_word(enum http_place place); /* "path", "query", "body" */
const char *http_type_word(enum http_type type);    /* as JSON Schema: "string", "integer", ... */
