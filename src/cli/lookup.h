/* SPDX-License-Identifier: BSD-2-Clause */
/* A symbol that a user named: its address, or why there is none. */
#ifndef CLI_LOOKUP_H
#define CLI_LOOKUP_H

#include <stdint.h>

#include "base/err.h"
#include "kernel/symbols.h"

/*
 * As addr_lookup; ctx is a struct symbols.  ERR_NOT_FOUND says where was
 * looked and what could not be; ERR_REFUSED where several have that name, with
 * their addresses.
 */
int lookup_symbol(void *ctx, const char *name, const char *module, uint64_t *va,
		  struct err *err);

#endif
