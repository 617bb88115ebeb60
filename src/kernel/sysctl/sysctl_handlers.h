/* SPDX-License-Identifier: BSD-2-Clause */
/* Which handlers show what lies in a variable, and how. */
#ifndef KERNEL_SYSCTL_HANDLERS_H
#define KERNEL_SYSCTL_HANDLERS_H

#include <stdint.h>

#include "kernel/kernel.h"
#include "kernel/sysctl/sysctl_value.h"

/* Whose variables a handler reads: those that it is told, or of a namespace
 * where it is told those of the initial one. */
enum sysctl_of {
	OF_TABLE,
	OF_UTS,
	OF_IPC,
	OF_NET, /* 6.8: a member of the struct net that it is told */
	OF_NAME /* the table's, in the unit that the file's name tells */
};

/* One that shows what its table tells of. */
struct sysctl_handler {
	const char *name;
	enum sysctl_kind kind;
	enum sysctl_of of;
};

/* One that shows a variable which no table tells of, of so many bytes. */
struct sysctl_variable {
	const char *handler, *symbol;
	enum sysctl_kind kind;
	uint32_t bytes;
};

/* The one of that name, or NULL. */
const struct sysctl_handler *sysctl_handler_find(const char *name);

/* Of several variables of a handler the first that this kernel has, and its
 * address; or NULL. */
const struct sysctl_variable *
sysctl_variable_find(struct kernel *k, const char *handler, uint64_t *va);

#endif
