/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_password.h"
#include <stdio.h>
#include "src/console_api.h"
#include "tools/ctl_options.h"
#include "tools/ctl_secret.h"
#include "tools/ctl_text.h"

/* What was given is not said again. */
bool ctl_password_misused(char *const *arguments, const struct ctl_options *options)
{
	if (*arguments)
		fputs("spicerackctl: everybody here can see a command line; the password comes "
		      "from standard input or --password-file\n",
				stderr);
	return *arguments != NULL;
}

enum ctl_exit ctl_password(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	const char *file = options->drives.password_file;
	char *secret = ctl_secret_read(file ? file : "-");
	json_t *values;

	if (!secret)
		return CTL_USAGE;
	values = json_object();
	ctl_secret_put(values, "password", secret);
	json_object_set_new(values, "seconds", json_integer(options->seconds));
	return ctl_ask_and_show(
			client, &console_api[CONSOLE_API_PASSWORD], values, ctl_print_password);
}
