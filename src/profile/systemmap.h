/* SPDX-License-Identifier: BSD-2-Clause */
/* A System.map as a source of symbols. */
#ifndef PROFILE_SYSTEMMAP_H
#define PROFILE_SYSTEMMAP_H

#include <stdbool.h>

#include "profile/parts.h"

/* Whether the bytes start like one: "ffffffff81000000 T _text". */
bool systemmap_is(const void *bytes, size_t len);

/*
 * Fill the symbols and the link address; ERR_CORRUPT when there is no _text
 * (the dummy file that some distributions install), ERR_NOMEM.
 */
int systemmap_parts(const void *bytes, size_t len, struct parts *p,
		    struct err *err);

/*
 * Does the guest have at its symbols what a kernel has there?  A System.map
 * holds no bytes to compare, so all that is known of its symbols must agree:
 * banner, init_task and the like (three of them at least), and the functions
 * that sys_call_table and file_operations point to.  ERR_REFUSED names the
 * first that does not, or says that too little can be checked.
 */
int systemmap_check(const struct parts *p, const struct profile_image *img,
		    struct err *err);

#endif
