/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spice/secrets.h"

static void secrets_drop(struct secrets_ticket *ticket)
{
	password_forget(ticket->text);
	*ticket = (struct secrets_ticket){0};
}

/* Tickets whose time is over are forgotten when somebody asks; nobody gets in by them meanwhile. */
static void secrets_lapse(struct secrets *secrets, int64_t now)
{
	for (size_t i = 0; i < SECRETS_TICKETS; i++)
		if (secrets->tickets[i].text && secrets->tickets[i].until <= now)
			secrets_drop(&secrets->tickets[i]);
}

/* Each is looked at, also after one that fits. NULL: there is none. */
static struct secrets_ticket *secrets_find(struct secrets *secrets, const struct link_secret *said)
{
	struct secrets_ticket *found = NULL;

	for (size_t i = 0; i < SECRETS_TICKETS; i++) {
		struct secrets_ticket *ticket = &secrets->tickets[i];

		if (ticket->text && link_secret_is(said, ticket->text))
			found = ticket;
	}
	return found;
}

enum secrets_verdict secrets_judge(struct secrets *secrets, const struct link_secret *said,
		bool view, int64_t now, struct secrets_pass *pass)
{
	const char *asked = secrets->operate.text, *looking = secrets->view, *text = NULL;
	enum secrets_verdict verdict = SECRETS_WRONG;
	bool operates = asked && link_secret_is(said, asked);
	bool looks = looking && link_secret_is(said, looking);
	struct secrets_ticket *ticket;

	secrets_lapse(secrets, now);
	ticket = secrets_find(secrets, said);
	if (operates) {
		verdict = SECRETS_OPERATE;
		text = asked;
	} else if (ticket) {
		verdict = ticket->view ? SECRETS_VIEW : SECRETS_OPERATE;
		text = ticket->text;
	} else if (looks) {
		verdict = SECRETS_VIEW;
		text = looking;
	} else if (view && !looking) {
		verdict = SECRETS_VIEW;
	} else if (!view && !asked) {
		verdict = SECRETS_OPERATE;
	}
	pass->text = g_strdup(text);
	pass->ticket = ticket && text == ticket->text;
	if (pass->ticket)
		secrets_drop(ticket);
	return verdict == SECRETS_OPERATE && view ? SECRETS_VIEW : verdict;
}

void secrets_set_view(struct secrets *secrets, const char *text)
{
	char *copy = g_strdup(text); /* may be the one that goes */

	password_forget(secrets->view);
	secrets->view = copy;
}

size_t secrets_tickets(const struct secrets *secrets, int64_t now)
{
	size_t count = 0;

	for (size_t i = 0; i < SECRETS_TICKETS; i++)
		count += secrets->tickets[i].text && secrets->tickets[i].until > now;
	return count;
}

const char *secrets_ticket(struct secrets *secrets, bool view, int64_t now, int64_t until)
{
	secrets_lapse(secrets, now);
	for (size_t i = 0; i < SECRETS_TICKETS; i++) {
		struct secrets_ticket *ticket = &secrets->tickets[i];

		if (ticket->text)
			continue;
		ticket->text = password_random();
		ticket->view = view;
		ticket->until = until;
		return ticket->text;
	}
	return NULL;
}

void secrets_clear(struct secrets *secrets)
{
	for (size_t i = 0; i < SECRETS_TICKETS; i++)
		secrets_drop(&secrets->tickets[i]);
	secrets_set_view(secrets, NULL);
	password_clear(&secrets->operate);
}
