/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A short way to write what an answer has, and the schema (OpenAPI 3.0) that is made of it. It is
 * JSON, with single quotes for double ones, in which types stand where values will: {'viewers':
 * [{'viewer': 'integer', 'peer': 'string?'}]}. A ? behind a type: or null; behind a name: not
 * always there; a member that is named
 * '?': the object may be null. Any thread.
 */
#include <jansson.h>

/* A new object; {} (anything) for NULL, and for what is no JSON. */
json_t *http_describe_answer(const char *answer);
