/* SPDX-License-Identifier: BSD-2-Clause */
/* Types as text and as rows. */
#ifndef CLI_TYPE_SHOW_H
#define CLI_TYPE_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/out.h"
#include "types/btf.h"

/* Choose the columns; once. */
void type_show_begin(struct out *out);

/*
 * A type: its lines, or its row.  module: whose it is; NULL: the kernel's.
 * signs: as outline_type().  ERR_NOMEM.
 */
int type_show_one(struct out *out, const struct btf *b, uint32_t id,
		  const char *module, bool signs, struct err *err);

#endif
