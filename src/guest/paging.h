/* SPDX-License-Identifier: BSD-2-Clause */
/* How the tables are walked that a user names by their root. */
#ifndef GUEST_PAGING_H
#define GUEST_PAGING_H

#include "base/err.h"
#include "guest/addr.h"
#include "machine/machine.h"
#include "walk/walk.h"

/*
 * The form of the tables that a user names by their root: that of the vCPU
 * `only`, where one was chosen (else NULL), of the vCPUs that have this root,
 * or of all vCPUs that use paging, whichever comes first and is one; *by is
 * that vCPU.  ERR_REFUSED, saying why, where it is not known.
 */
int paging_of_root(const struct machine *m, const struct vcpu *only,
		   const struct addr_root *root, const struct vcpu **by,
		   struct err *err);

#endif
