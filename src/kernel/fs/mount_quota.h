/* SPDX-License-Identifier: BSD-2-Clause */
/* Files for quotas that mounts of ext4 name. */
#ifndef KERNEL_MOUNT_QUOTA_H
#define KERNEL_MOUNT_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "kernel/kernel.h"

/* Of users and of groups; a name has 255 letters at most. */
#define QUOTA_TYPES 2u
#define QUOTA_NAME  257u

struct quota_names {
	uint64_t *at; /* QUOTA_TYPES of each mount; 0: none */
	char *text;   /* QUOTA_NAME bytes for each of these; raw */
	bool *known;
};

/* Room for n mounts, nothing read; 0 or ERR_NOMEM.  The caller frees with
 * quota_names_deinit(), also after an error. */
int quota_names_init(struct quota_names *q, size_t n);
void quota_names_deinit(struct quota_names *q);

/* Read those at `at`: one batch, or none where there are none. */
int quota_names_read(struct kernel *k, struct quota_names *q, size_t n,
		     struct err *err);

/* Whether all that mount i has could be read, and are names. */
bool quota_names_known(const struct quota_names *q, size_t i);

/* Append ",jqfmt=vfsv1,usrjquota=aquota.user", as ext4_show_quota_options() of
 * fs/ext4/super.c does (5.10 to 7.2); format 0 is none. */
void quota_names_put(const struct quota_names *q, size_t i, uint64_t format,
		     struct buf *out);

#endif
