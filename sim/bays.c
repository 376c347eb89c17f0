/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "sim/alarm.h"
#include "sim/bays.h"
#include "sim/disc.h"

struct bay {
	struct bays *bays;
	int fd; /* the caller's */
	unsigned int id;
	struct scsi_host *host;
	unsigned int seen; /* changes of media */
	char label[100];
	struct disc disc;
	struct iso *iso; /* reads the label; NULL: nothing to read it from */
};

struct bays {
	void (*changed)(void *data);
	void *data;
	struct alarm *alarm; /* what changed is looked at from the main loop */
	GPtrArray *bays;     /* of struct bay * */
	unsigned int ids;
	bool powered;
};

static void bay_forget(struct bay *bay)
{
	iso_free(bay->iso);
	bay->iso = NULL;
	*bay->label = 0;
}

static void bay_labelled(const char *reason, void *data)
{
	struct bay *bay = data;

	if (reason)
		return;
	g_strlcpy(bay->label, iso_volume(bay->iso)->words.volume, sizeof(bay->label));
	alarm_set(bay->bays->alarm, 0);
}

static void bay_look(struct bay *bay)
{
	struct scsi_host_status status;
	struct iso_medium medium;

	scsi_host_status(bay->host, &status);
	if (status.changes == bay->seen)
		return;
	bay->seen = status.changes;
	bay_forget(bay);
	if (status.medium != SCSI_HOST_PRESENT)
		return;
	disc_init(&bay->disc, bay->host);
	medium = disc_medium(&bay->disc);
	bay->iso = iso_new(&medium);
	iso_open(bay->iso, bay_labelled, bay);
}

static void bays_look(void *data)
{
	struct bays *bays = data;

	for (guint i = 0; i < bays->bays->len; i++)
		bay_look(g_ptr_array_index(bays->bays, i));
	bays->changed(bays->data);
}

static void bay_changed(void *data)
{
	struct bay *bay = data;

	alarm_set(bay->bays->alarm, 0);
}

static void bay_free(gpointer data)
{
	struct bay *bay = data;

	scsi_host_unplug(bay->host);
	bay_forget(bay);
	scsi_host_free(bay->host);
	g_free(bay);
}

struct bays *bays_new(void (*changed)(void *data), void *data)
{
	struct bays *bays = g_new0(struct bays, 1);

	bays->changed = changed;
	bays->data = data;
	bays->alarm = alarm_new(bays_look, bays);
	bays->bays = g_ptr_array_new_with_free_func(bay_free);
	return bays;
}

bool bays_plug(struct bays *bays, int fd, unsigned int time_out)
{
	struct bay *bay;

	bays_unplug(bays, fd);
	if (bays->bays->len == BAYS_MAX)
		return false;
	bay = g_new0(struct bay, 1);
	bay->bays = bays;
	bay->fd = fd;
	bay->id = ++bays->ids;
	bay->host = scsi_host_new(fd, time_out, bay_changed, bay);
	g_ptr_array_add(bays->bays, bay);
	scsi_host_power(bay->host, bays->powered);
	return true;
}

void bays_unplug(struct bays *bays, int fd)
{
	for (guint i = 0; i < bays->bays->len; i++) {
		struct bay *bay = g_ptr_array_index(bays->bays, i);

		if (bay->fd != fd)
			continue;
		g_ptr_array_remove_index(bays->bays, i);
		alarm_set(bays->alarm, 0);
		return;
	}
}

void bays_power(struct bays *bays, bool on)
{
	bays->powered = on;
	for (guint i = 0; i < bays->bays->len; i++) {
		struct bay *bay = g_ptr_array_index(bays->bays, i);

		scsi_host_power(bay->host, false);
		if (on)
			scsi_host_power(bay->host, true);
	}
}

static struct bay *bays_nth(const struct bays *bays, unsigned int index)
{
	for (guint i = 0; i < bays->bays->len; i++) {
		struct bay *bay = g_ptr_array_index(bays->bays, i);
		struct scsi_host_status status;

		scsi_host_status(bay->host, &status);
		if (status.there && index-- == 0)
			return bay;
	}
	return NULL;
}

unsigned int bays_count(const struct bays *bays)
{
	unsigned int count = 0;

	while (bays_nth(bays, count))
		count++;
	return count;
}

void bays_status(const struct bays *bays, unsigned int index, struct bay_status *status)
{
	const struct bay *bay = bays_nth(bays, index);

	memset(status, 0, sizeof(*status));
	if (!bay)
		return;
	scsi_host_status(bay->host, &status->drive);
	g_strlcpy(status->label, bay->label, sizeof(status->label));
	status->id = bay->id;
}

struct scsi_host *bays_host(const struct bays *bays, unsigned int id)
{
	for (guint i = 0; i < bays->bays->len; i++) {
		struct bay *bay = g_ptr_array_index(bays->bays, i);

		if (bay->id == id)
			return bay->host;
	}
	return NULL;
}

void bays_free(struct bays *bays)
{
	if (!bays)
		return;
	g_ptr_array_unref(bays->bays);
	alarm_free(bays->alarm);
	g_free(bays);
}
