/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/drives.h"
#include "src/redfish_part.h"

#define WAIT_OPEN   30 /* s: clients give up after a minute */
#define WAIT_POLITE 10 /* s that a host has to give a medium free before it is taken */

struct redfish_wait {
	struct redfish *redfish;
	struct http_later *later;
	size_t drive;
	enum redfish_wait_for what;
	guint timer;
};

static void wait_free(gpointer data)
{
	struct redfish_wait *wait = data;

	if (wait->timer)
		g_source_remove(wait->timer);
	g_free(wait);
}

/* text NULL: it has come. Frees it. */
static void wait_over(struct redfish_wait *wait, const char *text)
{
	struct http_answer answer = {0};

	if (text)
		redfish_refuse(&answer, 400, "GeneralError", NULL, text);
	else
		redfish_done(&answer);
	http_later_answer(wait->later, &answer);
	g_ptr_array_remove_fast(wait->redfish->waits, wait);
}

static void wait_look_insert(struct redfish_wait *wait, const struct drives_status *status)
{
	switch (status->state) {
	case DRIVES_READY:
	case DRIVES_WAITING:
		wait_over(wait, NULL);
		break;
	case DRIVES_FAILED:
		wait_over(wait, *status->reason ? status->reason : "the image cannot be opened");
		break;
	case DRIVES_EMPTY:
		wait_over(wait, "it was ejected before it was in");
		break;
	case DRIVES_OPENING:
	case DRIVES_EJECTING:
		break;
	}
}

static void wait_look(struct redfish_wait *wait)
{
	struct drives_status status;

	drives_status(wait->redfish->settings.drives, wait->drive, &status);
	if (wait->what == REDFISH_INSERTED)
		wait_look_insert(wait, &status);
	else if (status.state == DRIVES_EMPTY)
		wait_over(wait, NULL);
	else if (status.state == DRIVES_OPENING)
		wait_over(wait, "somebody has inserted another image");
}

static void wait_changed(size_t drive, void *data)
{
	struct redfish *redfish = data;

	for (guint i = redfish->waits->len; i-- > 0;) {
		struct redfish_wait *wait = g_ptr_array_index(redfish->waits, i);

		if (wait->drive == drive)
			wait_look(wait);
	}
}

static gboolean wait_is_late(gpointer data)
{
	struct redfish_wait *wait = data;
	struct drives *drives = wait->redfish->settings.drives;
	struct drives_status status;
	g_autofree char *text = NULL;

	wait->timer = 0;
	drives_status(drives, wait->drive, &status);
	if (wait->what == REDFISH_INSERTED)
		text = g_strdup_printf("the image was not open after %d s%s%s", WAIT_OPEN,
				*status.reason ? ": " : "", status.reason);
	drives_eject(drives, wait->drive, true, NULL);
	if (text)
		wait_over(wait, text);
	else
		wait_look(wait);
	return G_SOURCE_REMOVE;
}

void redfish_wait(struct redfish *redfish, const struct http_request *request, size_t drive,
		enum redfish_wait_for what)
{
	struct redfish_wait *wait = g_new0(struct redfish_wait, 1);

	wait->redfish = redfish;
	wait->later = http_answer_later(request);
	wait->drive = drive;
	wait->what = what;
	wait->timer = g_timeout_add_seconds(
			what == REDFISH_INSERTED ? WAIT_OPEN : WAIT_POLITE, wait_is_late, wait);
	g_ptr_array_add(redfish->waits, wait);
	wait_look(wait); /* what has come already will not change */
}

void redfish_wait_begin(struct redfish *redfish)
{
	redfish->waits = g_ptr_array_new_with_free_func(wait_free);
	if (redfish->settings.drives)
		redfish->listens = drives_listen(redfish->settings.drives, wait_changed, redfish);
}

void redfish_wait_end(struct redfish *redfish)
{
	if (redfish->listens)
		drives_unlisten(redfish->settings.drives, redfish->listens);
	while (redfish->waits->len)
		wait_over(g_ptr_array_index(redfish->waits, 0), "the program ends");
	g_ptr_array_unref(redfish->waits);
}
