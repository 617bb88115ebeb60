/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's own memory as a source of symbols and types. */
#ifndef PROFILE_LIVE_H
#define PROFILE_LIVE_H

#include <stdbool.h>

#include "profile/parts.h"

/*
 * One guest's image, and the part of it that was read so far, so that it need
 * not be read twice.  Initialise with the image; borrows it.
 */
struct live {
	const struct profile_image *img;
	struct image_window window; /* where kallsyms was found */
};

void live_deinit(struct live *g);

/*
 * Find and decode kallsyms: in rodata from its end downwards, where the tables
 * lie, so that neither text nor constants are read; else, where nothing is
 * read-only yet (early boot), in all of the image.  ERR_NO_LINUX names the
 * files that would help.
 */
int live_symbols(struct live *g, struct parts *p, struct err *err);

/*
 * Read BTF: by p's symbols where it has them, else by its header.
 * ERR_NO_LINUX as above, or as wanted_resolve().
 */
int live_types(struct live *g, struct parts *p, struct err *err);

/* The guest's banner, wherever it is; "unknown" when it is not found. */
void live_banner(const struct profile_image *img, char *text, size_t size);

#endif
