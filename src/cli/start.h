/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process of qvmi is made to be before it looks at anything. */
#ifndef CLI_START_H
#define CLI_START_H

#include "base/err.h"

/*
 * The standard descriptors are there; no core dump holds memory of a guest, and
 * no other process of the user reads it out of this one; freed memory is kept.
 * A child that ends is waited for, whatever the caller ignores.
 * ERR_REFUSED where the program has rights that its caller lacks: all that it
 * reads and writes is what the caller names.
 */
int start(struct err *err);

/* For a program of the user's that this process becomes: memory and signals as
 * they were before start().  That there is no core stays. */
void start_undo(void);

#endif
