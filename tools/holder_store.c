/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tools/holder_store.h"

static bool holder_is(const char *line, size_t size, const char *what)
{
	return size == strlen(what) && memcmp(line, what, size) == 0;
}

static bool holder_name(char *name, const char *text, size_t size)
{
	if (size == 0 || size > HOLDER_NAME)
		return false;
	for (size_t i = 0; i < size; i++)
		if (text[i] < ' ' || text[i] > '~' || text[i] == ':')
			return false;
	memcpy(name, text, size);
	name[size] = '\0';
	return true;
}

bool holder_words(struct holder_words *words, const char *text, size_t size)
{
	static const char named[] = "FDNAME=";
	const size_t head = sizeof(named) - 1;

	*words = (struct holder_words){.name = "stored"};
	while (size > 0) {
		const char *end = memchr(text, '\n', size);
		size_t length = end ? (size_t)(end - text) : size;

		if (holder_is(text, length, "FDSTORE=1"))
			words->store = true;
		else if (holder_is(text, length, "FDSTOREREMOVE=1"))
			words->remove = true;
		else if (holder_is(text, length, "READY=1"))
			words->ready = true;
		else if (holder_is(text, length, "STOPPING=1"))
			words->stopping = true;
		else if (length >= head && memcmp(text, named, head) == 0 &&
				!holder_name(words->name, text + head, length - head))
			return false;
		size -= length + (end ? 1 : 0);
		text += length + (end ? 1 : 0);
	}
	return !(words->store && words->remove);
}

bool holder_store_add(struct holder_store *store, const char *name, int fd)
{
	struct holder_item *items;
	char *copy;

	if (store->count >= store->limit) {
		close(fd);
		errno = ENOSPC;
		return false;
	}
	items = realloc(store->items, (store->count + 1) * sizeof(*items));
	if (items)
		store->items = items;
	copy = items ? strdup(name) : NULL;
	if (!copy) {
		close(fd);
		errno = ENOMEM;
		return false;
	}
	items[store->count++] = (struct holder_item){.name = copy, .fd = fd};
	return true;
}

size_t holder_store_remove(struct holder_store *store, const char *name)
{
	size_t left = 0, before = store->count;

	for (size_t i = 0; i < before; i++) {
		struct holder_item *item = &store->items[i];

		if (name && strcmp(item->name, name) != 0) {
			store->items[left++] = *item;
			continue;
		}
		free(item->name);
		close(item->fd);
	}
	store->count = left;
	return before - left;
}

void holder_store_clear(struct holder_store *store)
{
	holder_store_remove(store, NULL);
	free(store->items);
	store->items = NULL;
}
