/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts of sysctls whose values functions of the kernel's make. */
#ifndef PROC_SYS_MADE_H
#define PROC_SYS_MADE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "kernel/sysctl/sysctl_value.h"

/* Append the text of such a value, whose bytes are at `at`; false: it is of
 * another kind. */
bool sys_made_text(const struct sysctl_values *values,
		   const struct sysctl_value *v, const uint8_t *at,
		   struct buf *out);

/* Whether its bits all have a name, where they should. */
bool sys_made_is_known(const struct sysctl_value *v, const uint8_t *at);

#endif
