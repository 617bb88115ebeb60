/* SPDX-License-Identifier: BSD-2-Clause */
/* What a large read through the stub will take, said before it begins. */
#ifndef CLI_BUDGET_H
#define CLI_BUDGET_H

#include <stdint.h>

#include "base/err.h"
#include "cli/session.h"

/*
 * So many bytes of RAM are to be read now.  Where that goes through the stub
 * and is much, a sample is read to learn how fast this one is; what it will
 * take is said on the terminal.  ERR_REFUSED: it is longer than the guest may
 * stand still; or what the machine says.
 */
int budget_check(struct session *s, uint64_t bytes, struct err *err);

/* Bytes of [at, at + len) that are RAM. */
uint64_t budget_ram(const struct machine *m, uint64_t at, uint64_t len);

#endif
