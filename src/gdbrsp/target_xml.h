/* SPDX-License-Identifier: BSD-2-Clause */
/* A stub's description of its target: the architecture, and every register. */
#ifndef GDBRSP_TARGET_XML_H
#define GDBRSP_TARGET_XML_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"

/* One <reg>; where it lies in the reply to `g` follows from those before. */
struct gdbrsp_reg {
	char name[24];
	unsigned int num;    /* regnum, or one more than the one before */
	unsigned int size;   /* bytes */
	unsigned int offset; /* bytes into the `g` block */
};

/* GDB manual, "Target Descriptions".  Zero-initialise. */
struct gdbrsp_target_desc {
	char arch[32];		     /* "i386:x86-64"; empty: not said */
	VEC(struct gdbrsp_reg) regs; /* by number */
};

/* Append the document called `annex` to `out`; 0 or a negative code. */
typedef int gdbrsp_fetch_fn(void *ctx, const char *annex, struct buf *out,
			    struct err *err);

/*
 * Read the description that starts at "target.xml", following <xi:include>
 * where it stands.  ERR_CORRUPT: no XML, nested too deep, or registers that
 * make no sense; ERR_NOMEM; or what `fetch` said.
 */
int gdbrsp_target_desc_load(struct gdbrsp_target_desc *d,
			    gdbrsp_fetch_fn *fetch, void *ctx, struct err *err);
void gdbrsp_target_desc_deinit(struct gdbrsp_target_desc *d);

/*
 * How many bytes a reply to `g` can have: all registers, of which some are not
 * in it (aarch64's system registers); within GDBRSP_REGS_BYTES_MAX.
 */
size_t gdbrsp_target_desc_bytes(const struct gdbrsp_target_desc *d);

/* The register of that name, or NULL. */
const struct gdbrsp_reg *
gdbrsp_target_desc_find(const struct gdbrsp_target_desc *d, const char *name);

#endif
