/* SPDX-License-Identifier: BSD-2-Clause */
/* Profiles as files: written atomically, mapped, checked before use. */
#ifndef PROFILE_STORE_H
#define PROFILE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "profile/parts.h"

/*
 * A file, in host byte order:
 *
 *   header | identity, proof | values | symtab blob | BTF blob
 *
 * each aligned to 8, with place, length and checksum in the header.  Header,
 * identity and proof, about 11 KiB, are one read, which is all that looking
 * through many files takes.
 */

/* Whether the bytes, or those of a file, start like one. */
bool store_is(const void *bytes, size_t len);
bool store_is_file(int fd);

/*
 * Read a file's identity and proof; ERR_CORRUPT when it is damaged or of
 * another qvmi.
 */
int store_identity(int fd, struct identity *id, struct proof *proof,
		   struct err *err);

/*
 * Take a file in memory, which the parts then own (with an error it is freed).
 * Sizes and checksums of all that is used are checked first.  Types resolved
 * for readers that wanted other things (p->readers has those of now, the rest
 * of *p is not looked at) are resolved again from the file's BTF; *stale then
 * tells that the file should be written anew. ERR_CORRUPT, ERR_SYS, ERR_NOMEM.
 */
int store_take(struct mapped *file, struct parts *p, bool *stale,
	       struct err *err);

/*
 * The same of a file that is mapped (mapped.h: only of the user's own); one
 * that lacks symbols, types or the identity is a damaged one here.
 */
int store_load(int fd, struct parts *p, bool *stale, struct err *err);

/*
 * Write them to a file that is empty, whatever they lack: without symbols,
 * types or identity it is one for store_take() only.  ERR_SYS; ERR_CORRUPT
 * where what they were taken from is damaged.
 */
int store_put(const struct parts *p, int fd, struct err *err);

/*
 * Write `name` in the directory dirfd: a temporary file beside it, fsync,
 * rename; mode 0600.  ERR_SYS, ERR_CORRUPT when the parts are incomplete.
 */
int store_write(const struct parts *p, int dirfd, const char *name,
		struct err *err);

#endif
