/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Descriptors that outlive this process. A service manager, systemd or spicerack-holder(8), holds
 * copies of them by name and gives them to the next process when this one dies: sd_notify(3) with
 * FDSTORE=1 one way, sd_listen_fds_with_names(3) the other way. The same socket hears when the
 * service is ready, stops, or has a state to tell. Without a manager nothing is kept and nothing
 * fails. Any thread; what the manager has no room for at once is sent by the default main context.
 */
#include <stdbool.h>

struct keep;

/*
 * Takes over what the manager passed, and lets no child of this process do that again: the
 * variables are gone from the environment. To be called before anything is opened, once.
 */
struct keep *keep_new(void);

/* Whether there is a manager that could hold something. */
bool keep_available(const struct keep *keep);

/*
 * The descriptor that a process before this one stored by that name, the caller's from now on; the
 * manager's copy stays. -1: there is none, or it was taken already.
 */
int keep_take(struct keep *keep, const char *name);

/*
 * One of the stream sockets that listen among what was passed, whatever its name, the caller's from
 * now on: a manager that activates services by their sockets hands them over this way
 * (systemd.socket(5)). -1: there is none any more.
 */
int keep_take_socket(struct keep *keep);

/*
 * Has the manager hold a copy of a descriptor, in place of any of the same name. The name
 * has 1..255 printable ASCII characters, no colon. False: there is no manager, or it cannot be sent
 * (errno); whether the manager has room for it is not known.
 */
bool keep_store(struct keep *keep, const char *name, int fd);

/* Has the manager drop its copy. */
void keep_remove(struct keep *keep, const char *name);

/* Closes and removes what nobody has taken, when all have had their chance. */
void keep_settle(struct keep *keep);

void keep_ready(struct keep *keep);
void keep_stopping(struct keep *keep);

/*
 * What the process is there for works: to be said from there, as often as it likes. A manager that
 * watches (WATCHDOG_USEC) hears it four times in the span that it allows, and starts the process
 * anew when it does not.
 */
void keep_alive(struct keep *keep);

/* Says so from the default main context, as often as the manager wants to hear it: a loop that
 * stands still is silent. */
void keep_alive_by_loop(struct keep *keep);

/* One line for who asks the manager how the service is. */
void keep_status(struct keep *keep, const char *text);

/* Closes what nobody has taken; the manager's copies stay. NULL is fine. */
void keep_free(struct keep *keep);
