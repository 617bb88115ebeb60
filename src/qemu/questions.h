/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands of the monitor that are run together, and what they said. */
#ifndef QEMU_QUESTIONS_H
#define QEMU_QUESTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* commands[i] is text[i]; answers[i] is for what qemu_monitor_run() got. */
struct questions {
	size_t n;
	char (*text)[40];
	const char **commands;
	struct buf *answers;
};

/* n questions without words; the caller deinits, also after ERR_NOMEM. */
int questions_init(struct questions *q, size_t n, struct err *err);
void questions_deinit(struct questions *q);

/* That number i ask where QEMU has guest physical memory: monitor_parse_hva().
 */
void questions_ask_hva(struct questions *q, size_t i, uint64_t pa);

#endif
