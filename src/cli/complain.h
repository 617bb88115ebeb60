/* SPDX-License-Identifier: BSD-2-Clause */
/* One line on stderr for what went wrong, and a text with its place. */
#ifndef CLI_COMPLAIN_H
#define CLI_COMPLAIN_H

#include <stddef.h>

#include "base/err.h"
#include "qemu/qemu.h"

/* Once, at first: so that want of memory can be told, too.  ERR_NOMEM. */
int complain_make_room(struct err *err);

/*
 * "qvmi: ", the prefix, and the first line of the words, whatever bytes they
 * have.
 */
void complain(const char *prefix, const char *words);

/* Nothing where there is no error. */
void complain_err(const struct err *err);

/* Below it: a text that is malformed, and ^ under the byte that is meant. */
void complain_place(const char *text, size_t at);

/*
 * qemu_opts.rescued: by the watchdog, in place of the qvmi that it belonged
 * to.  What was being written then is half done, and the journal has it.
 */
void complain_rescue(enum qemu_rescue end, bool runs, const struct err *err);

#endif
