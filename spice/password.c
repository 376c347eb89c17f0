/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spice/password.h"
#include <string.h>
#include <sys/random.h>

#define RANDOM_BYTES 24 /* twice as many digits are less than LINK_PASSWORD_MAX */

char *password_random(void)
{
	uint8_t bytes[RANDOM_BYTES];
	char *text;

	if (getentropy(bytes, sizeof(bytes)) < 0)
		return NULL;
	text = g_malloc(2 * sizeof(bytes) + 1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		g_snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	explicit_bzero(bytes, sizeof(bytes));
	return text;
}

bool password_set(struct password *password, const char *text, unsigned int seconds, int64_t now)
{
	bool limited = text && seconds > 0;
	char *after = limited ? password_random() : NULL;
	char *copy;

	if (limited && !after)
		return false;
	copy = g_strdup(text); /* may be the one that goes */
	password_clear(password);
	password->text = copy;
	password->after = after;
	password->status.state = text ? PASSWORD_SET : PASSWORD_NONE;
	password->status.until = limited ? now + (int64_t)seconds * G_USEC_PER_SEC : 0;
	return true;
}

bool password_expire(struct password *password, int64_t now)
{
	if (!password->after || now < password->status.until)
		return false;
	password_forget(password->text);
	password->text = g_steal_pointer(&password->after);
	password->status.state = PASSWORD_EXPIRED;
	return true;
}

void password_clear(struct password *password)
{
	password_forget(password->text);
	password_forget(password->after);
	*password = (struct password){0};
}

void password_forget(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	g_free(text);
}
