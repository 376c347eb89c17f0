/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gadget/drive_part.h"

#define DRIVE_CHUNK (64u << 10)
#define DRIVE_DEPTH 4

/* --- What the owner is told, from the main loop --- */

static gboolean drive_tell(gpointer data)
{
	struct drive *drive = data;
	const struct drive_events events = drive->events;
	bool ejected = drive->ejected;

	drive->telling = 0;
	drive->ejected = false;
	if (ejected) /* may close the drive */
		events.ejected(events.data);
	else if (events.changed)
		events.changed(events.data);
	return G_SOURCE_REMOVE;
}

void drive_changed(struct drive *drive)
{
	if (!drive->telling)
		drive->telling = g_idle_add_full(G_PRIORITY_DEFAULT, drive_tell, drive, NULL);
}

/* --- The medium --- */

static void drive_end(struct drive_request *request, enum scsi_fault fault)
{
	struct drive *drive = request->drive;

	request->handle = NULL;
	if (fault == SCSI_FAULT_READ || fault == SCSI_FAULT_WRITE)
		drive->status.errors++;
	switch (request->kind) {
	case DRIVE_FETCH:
		bot_fetched(&drive->bot, request->generation, request->slot, fault);
		break;
	case DRIVE_STORE:
		bot_stored(&drive->bot, request->generation, request->slot, fault);
		break;
	case DRIVE_FLUSH:
		bot_flushed(&drive->bot, request->generation, fault);
		break;
	}
}

static void drive_done(enum scsi_fault fault, void *data)
{
	struct drive_request *request = data;

	drive_end(request, fault);
	drive_run(request->drive);
}

static void drive_cancel_request(struct drive_request *request)
{
	if (request->handle)
		request->drive->medium.cancel(request->drive->medium.owner, request->handle);
	request->handle = NULL;
}

/* The handle, or NULL and how it ended: there is no such medium, or it had the bytes at hand. */
static void *drive_begin(struct drive *drive, struct drive_request *request,
		const struct bot_action *action, enum scsi_fault *fault)
{
	const struct drive_medium *medium = &drive->medium;
	uint8_t *bytes = drive->memory + action->slot * drive->bot.options.chunk;

	*fault = medium->read ? SCSI_NO_FAULT : drive->awaited ? SCSI_FAULT_WAIT : SCSI_FAULT_GONE;
	if (*fault)
		return NULL;
	switch (request->kind) {
	case DRIVE_FETCH:
		drive->status.reads++;
		if (drive_lent(drive, action))
			return NULL;
		return medium->read(medium->owner, action->offset, action->size, bytes, drive_done,
				request);
	case DRIVE_STORE:
		drive->status.writes++;
		drive->status.bytes_written += action->size;
		*fault = drive->given_up ? SCSI_FAULT_WAIT : SCSI_NO_FAULT;
		return *fault ? NULL
			      : medium->write(medium->owner, action->offset, action->size, bytes,
						drive_done, request);
	case DRIVE_FLUSH:
		return medium->flush ? medium->flush(medium->owner, drive_done, request) : NULL;
	}
	return NULL;
}

static void drive_request(
		struct drive *drive, enum drive_request_kind kind, const struct bot_action *action)
{
	unsigned int slot = kind == DRIVE_FLUSH ? BOT_DEPTH_MAX : action->slot;
	struct drive_request *request = &drive->requests[slot];
	enum scsi_fault fault;

	request->kind = kind;
	request->generation = action->generation;
	request->handle = drive_begin(drive, request, action, &fault);
	if (!request->handle) {
		drive_end(request, fault);
	} else if (!drive->waiting) {
		drive->waiting = true;
		deadline_set(drive->patience,
				g_get_monotonic_time() + DRIVE_HOLD_MS * G_TIME_SPAN_MILLISECOND);
	}
}

/* Ends all that is under way; what it would have fetched is of no use, or stays in a cache. */
static void drive_give_up(struct drive *drive, enum scsi_fault fault)
{
	for (unsigned int i = 0; i <= BOT_DEPTH_MAX; i++) {
		if (!drive->requests[i].handle)
			continue;
		drive_cancel_request(&drive->requests[i]);
		drive_end(&drive->requests[i], fault);
	}
}

/* The host waited as long as firmware bears it: it shall ask again. */
static void drive_hold_over(void *data)
{
	struct drive *drive = data;

	drive->status.holds++;
	drive->given_up = true;
	drive_give_up(drive, SCSI_FAULT_WAIT);
	drive_run(drive);
}

/* --- What the transport wants done --- */

static void drive_cancel(struct drive *drive)
{
	drive->bus->ops->cancel(drive->bus);
	drive_give_back(drive);
	for (unsigned int i = 0; i <= BOT_DEPTH_MAX; i++)
		drive_cancel_request(&drive->requests[i]);
}

static void drive_act(struct drive *drive, const struct bot_action *action)
{
	struct drive_bus *bus = drive->bus;
	uint8_t *bytes = drive->memory + action->slot * drive->bot.options.chunk;

	switch (action->kind) {
	case BOT_CANCEL:
		drive_cancel(drive);
		break;
	case BOT_RECEIVE:
		drive->into = action->slot;
		bus->ops->receive(bus, bytes, action->size);
		break;
	case BOT_SEND:
		drive_note(drive); /* the host may have it before this returns */
		bus->ops->send(bus, action->bytes, action->size);
		break;
	case BOT_SEND_SLOT:
		drive->status.bytes_read += action->size;
		bus->ops->send(bus, drive->loans[action->slot] ? drive->loans[action->slot] : bytes,
				action->size);
		break;
	case BOT_FETCH:
		drive_request(drive, DRIVE_FETCH, action);
		break;
	case BOT_STORE:
		drive_request(drive, DRIVE_STORE, action);
		break;
	case BOT_FLUSH:
		drive_request(drive, DRIVE_FLUSH, action);
		break;
	case BOT_STALL_IN:
		bus->ops->stall_in(bus);
		break;
	case BOT_STALL_OUT:
		bus->ops->stall_out(bus);
		break;
	}
}

static void drive_hear(struct drive *drive)
{
	unsigned int news = scsi_take_news(&drive->scsi);

	if (news & SCSI_HOST_EJECTED && (drive->medium.read || drive->awaited)) {
		drive->awaited = false;
		drive_give_back_all(drive);
		drive->medium = (struct drive_medium){0};
		drive->ejected = true;
	}
	if (news)
		drive_changed(drive);
}

void drive_run(struct drive *drive)
{
	struct bot_action action;

	/* Before the host sees anything of it. */
	drive_note(drive);
	while (drive->bus && bot_next(&drive->bot, &action))
		drive_act(drive, &action);
	if (drive->bus && drive->bus->ops->commit)
		drive->bus->ops->commit(drive->bus);
	if (drive->waiting && (drive->bot.state == BOT_COMMAND || drive->bot.state == BOT_OFF)) {
		drive->waiting = drive->given_up = false;
		deadline_set(drive->patience, -1);
	}
	drive_hear(drive);
	drive_note(drive);
}

/* --- The bus --- */

void drive_attach(struct drive *drive, struct drive_bus *bus)
{
	drive_detach(drive);
	drive->bus = bus;
	bus->drive = drive;
	bus->arrival = drive->store ? drive_memory_arrival(drive->store) : NULL;
}

void drive_detach(struct drive *drive)
{
	if (!drive->bus)
		return;
	bot_disable(&drive->bot);
	drive_run(drive);
	drive->bus->drive = NULL;
	drive->bus->arrival = NULL;
	drive->bus = NULL;
	drive_changed(drive);
}

void drive_bus_enabled(struct drive_bus *bus, size_t packet)
{
	bus->drive->resumes = false;
	bot_enable(&bus->drive->bot, packet);
	drive_run(bus->drive);
	drive_changed(bus->drive);
}

void drive_bus_disabled(struct drive_bus *bus)
{
	bus->drive->resumes = false;
	bot_disable(&bus->drive->bot);
	drive_run(bus->drive);
	drive_changed(bus->drive);
}

void drive_bus_reset(struct drive_bus *bus)
{
	bot_reset(&bus->drive->bot);
	drive_run(bus->drive);
}

void drive_bus_broken(struct drive_bus *bus)
{
	bot_broken(&bus->drive->bot, bus->drive->bot.generation);
	drive_run(bus->drive);
}

void drive_bus_received(struct drive_bus *bus, size_t size)
{
	struct drive *drive = bus->drive;
	bool command = drive->bot.state == BOT_COMMAND || drive->bot.state == BOT_WONDERING;
	uint32_t last = drive->bot.tag;

	bot_received(&drive->bot, drive->bot.generation,
			drive->memory + drive->into * drive->bot.options.chunk, size);
	if (command) {
		drive->step = drive->heard ? drive->bot.tag - last : 1;
		drive->heard = g_get_monotonic_time();
	}
	drive_note(drive);
	if (drive->store)
		drive_memory_empty(drive->store);
	drive_run(drive);
}

void drive_bus_sent(struct drive_bus *bus)
{
	bot_sent(&bus->drive->bot, bus->drive->bot.generation);
	drive_give_back(bus->drive);
	drive_run(bus->drive);
}

bool drive_bus_halted(const struct drive_bus *bus)
{
	return bot_halted(&bus->drive->bot);
}

/* --- Media come and go --- */

static void drive_forget(struct drive *drive)
{
	bot_medium_gone(&drive->bot);
	drive_give_up(drive, SCSI_FAULT_GONE);
	drive_give_back_all(drive);
	drive->medium = (struct drive_medium){0};
	drive->ejected = drive->awaited = false;
	drive_run(drive);
	drive_changed(drive);
}

bool drive_insert(struct drive *drive, const struct drive_medium *medium)
{
	if (medium->writable && drive->scsi.kind == SCSI_CD)
		return false;
	if (drive->medium.read || (drive->awaited && !drive_awaits(drive, medium)))
		drive_eject(drive, true);
	if (drive->awaited)
		scsi_set_fault(&drive->scsi, SCSI_NO_FAULT);
	else if (!scsi_insert(&drive->scsi, medium->size, medium->writable))
		return false;
	drive->medium = *medium;
	drive->ejected = drive->awaited = false;
	drive_note(drive);
	drive_changed(drive);
	return true;
}

bool drive_eject(struct drive *drive, bool force)
{
	if (force)
		scsi_eject_forced(&drive->scsi);
	else if (!scsi_eject(&drive->scsi))
		return false;
	drive_forget(drive);
	return true;
}

void drive_set_bad(struct drive *drive, bool bad)
{
	scsi_set_fault(&drive->scsi, bad ? SCSI_FAULT_READ : SCSI_NO_FAULT);
}

void drive_status(const struct drive *drive, struct drive_status *status)
{
	*status = drive->status;
	status->kind = drive->scsi.kind;
	status->configured = drive->bot.state != BOT_OFF;
	status->present = drive->scsi.present;
	status->awaited = drive->awaited;
	status->open = drive->scsi.open;
	status->locked = drive->scsi.prevented;
	status->writable = drive->scsi.writable;
	status->size = drive->medium.size;
}

/* --- Coming and going --- */

static void drive_make(struct drive *drive, enum scsi_kind kind)
{
	const struct scsi_identity identity = {
			.vendor = drive->vendor,
			.product = drive->product,
			.revision = drive->revision,
			.serial = drive->serial,
	};

	scsi_init(&drive->scsi, kind, &identity);
}

void drive_set_kind(struct drive *drive, enum scsi_kind kind)
{
	if (drive->scsi.kind == kind)
		return;
	drive_eject(drive, true);
	drive->resumes = false;
	bot_disable(&drive->bot);
	drive_run(drive);
	drive_make(drive, kind);
	drive_note(drive);
	if (drive->bus)
		drive->bus->ops->replug(drive->bus);
	drive_changed(drive);
}

struct drive *drive_new(const struct drive_settings *settings, const struct drive_events *events)
{
	const struct bot_options options = {
			.stall = settings->stall,
			.chunk = settings->chunk ? settings->chunk : DRIVE_CHUNK,
			.depth = settings->depth ? settings->depth : DRIVE_DEPTH,
	};
	struct drive *drive = g_new0(struct drive, 1);

	drive->events = *events;
	drive->vendor = g_strdup(settings->identity.vendor);
	drive->product = g_strdup(settings->identity.product);
	drive->revision = g_strdup(settings->identity.revision);
	drive->serial = g_strdup(settings->identity.serial);
	drive_make(drive, settings->kind);
	bot_init(&drive->bot, &drive->scsi, &options);
	drive->memory = g_malloc(options.chunk * options.depth);
	for (unsigned int i = 0; i <= BOT_DEPTH_MAX; i++) {
		drive->requests[i].drive = drive;
		drive->requests[i].slot = i;
	}
	drive->patience = deadline_new(drive_hold_over, drive);
	return drive;
}

void drive_close(struct drive *drive)
{
	if (!drive)
		return;
	drive_detach(drive);
	if (drive->telling)
		g_source_remove(drive->telling);
	if (drive->wonder)
		g_source_remove(drive->wonder);
	deadline_free(drive->patience);
	g_free(drive->memory);
	g_free(drive->vendor);
	g_free(drive->product);
	g_free(drive->revision);
	g_free(drive->serial);
	g_free(drive);
}
