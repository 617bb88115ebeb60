/* SPDX-License-Identifier: BSD-2-Clause */
/* How the tables are walked that a user names by their root. */
#ifndef GUEST_PAGING_H
#define GUEST_PAGING_H

#include <stdint.h>

#include "base/err.h"
#include "machine/machine.h"
#include "walk/walk.h"

/*
 * The paging mode of the root `cr3`: that of the vCPU `only`, where a user
 * chose one (else NULL), of the vCPUs that have this root, or of all vCPUs
 * that use paging, whichever comes first and is one.  ERR_REFUSED, saying
 * why, where it is not known.
 */
int paging_of_cr3(const struct machine *m, const struct vcpu *only,
		  uint64_t cr3, const struct walk_mode **mode, struct err *err);

#endif
