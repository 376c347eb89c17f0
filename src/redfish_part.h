/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the parts of redfish.h share. */
#include "src/redfish.h"
#include "src/redfish_body.h"

#define REDFISH_ROOT     "/redfish/v1"
#define REDFISH_SYSTEM   REDFISH_ROOT "/Systems/node"
#define REDFISH_MANAGER  REDFISH_ROOT "/Managers/console"
#define REDFISH_SESSIONS REDFISH_ROOT "/SessionService/Sessions"

struct redfish {
	struct redfish_settings settings;
	char *uuid;
	bool *verify;         /* of each drive: whether an image's server must show who it is */
	unsigned int listens; /* at the drives; 0: not */
	GPtrArray *waits;     /* of struct redfish_wait: requests whose drive is at work */
};

/* --- Answers (redfish_answer.c) --- */

extern const struct http_style redfish_style;

/* Shows a resource, which is given away, with its ETag. Returns true, as handlers do. */
bool redfish_show(struct http_answer *answer, json_t *resource);

/* Done, and nothing to say. */
bool redfish_done(struct http_answer *answer);

/* An error with a message of the Base registry (DSP8011); property may be NULL. Returns true. */
bool redfish_refuse(struct http_answer *answer, unsigned int status, const char *id,
		const char *property, const char *text);
bool redfish_refuse_fault(struct http_answer *answer, const struct redfish_fault *fault);

/* Whether the request is for the resource as it is; else the answer is 412. */
bool redfish_is_current(const struct http_request *request, const json_t *resource,
		struct http_answer *answer);

json_t *redfish_link(const char *path); /* {"@odata.id": path}, new */

/* --- Handlers --- */

bool redfish_versions(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_root(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_odata(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_metadata(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_systems(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_system(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_system_patch(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool redfish_system_reset(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool redfish_managers(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_manager(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_media(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_medium(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_medium_patch(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool redfish_medium_insert(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool redfish_medium_eject(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool redfish_session_service(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool redfish_sessions(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_session(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error);
bool redfish_session_open(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);
bool redfish_session_close(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error);

/* --- Drives at work (redfish_wait.c) --- */

enum redfish_wait_for {
	REDFISH_INSERTED,
	REDFISH_EJECTED,
};

/* Answers the request when the drive has come there, has failed to, or half a minute is over. */
void redfish_wait(struct redfish *redfish, const struct http_request *request, size_t drive,
		enum redfish_wait_for what);

/* Begins to listen to the drives; ends that, with all that wait. */
void redfish_wait_begin(struct redfish *redfish);
void redfish_wait_end(struct redfish *redfish);
