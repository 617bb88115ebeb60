/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks through the image for what mangle() escapes. */
#include "kernel/fs/mount_hash.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define RODATA_MAX (64u << 20)
#define CHUNK	   (256u << 10)

/* With the NUL behind it. */
static const char escaped[] = " \t\n\\#";

int mount_hash_read(struct kernel *k, enum mount_hash *out, struct err *err)
{
	_cleanup_free_ uint8_t *bytes = malloc(CHUNK);
	struct space_read read = {.root = &k->root, .dst = bytes};
	uint64_t at, end;
	int rc = 0;

	*out = MOUNT_HASH_UNKNOWN;
	if (!bytes)
		return err_nomem(err);
	if (!profile_symbol(k->profile, "__start_rodata", &at) ||
	    !profile_symbol(k->profile, "__end_rodata", &end) || end < at ||
	    end - at > RODATA_MAX)
		return 0;
	while (end - at >= sizeof(escaped)) {
		read.va = at;
		read.len = end - at < CHUNK ? end - at : CHUNK;
		rc = space_read(k->machine, &read, 1, err);
		if (rc || read.got < read.len)
			return rc;
		if (memmem(bytes, read.len, escaped, sizeof(escaped))) {
			*out = MOUNT_HASH_ESCAPED;
			return 0;
		}
		at += read.len - (sizeof(escaped) - 1);
	}
	*out = MOUNT_HASH_PLAIN;
	return 0;
}
