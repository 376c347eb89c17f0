/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_password.h"
#include <stdio.h>
#include "tools/ctl_secret.h"
#include "tools/ctl_text.h"

enum ctl_exit ctl_password(const struct ctl_client *client, const struct http_route *route,
		const char *file, int seconds)
{
	char *secret = ctl_secret_read(file ? file : "-");
	json_t *values = json_object();
	struct ctl_answer answer;
	enum ctl_exit code;

	if (!secret) {
		json_decref(values);
		return CTL_USAGE;
	}
	ctl_secret_put(values, "password", secret);
	json_object_set_new(values, "seconds", json_integer(seconds));
	code = ctl_ask(client, route, values, &answer);
	json_decref(values);
	if (code == CTL_FINE && client->json)
		fputs(answer.text, stdout);
	else if (code == CTL_FINE)
		ctl_print_password(answer.json, stdout);
	ctl_answer_clear(&answer);
	return code;
}
