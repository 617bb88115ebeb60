/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of sysctls: what lies where their handlers read. */
#ifndef KERNEL_SYSCTL_VALUE_H
#define KERNEL_SYSCTL_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/symbols.h"
#include "kernel/sysctl.h"

/* How a handler shows what lies there. */
enum sysctl_kind {
	SYSCTL_MADE,	   /* it makes the value by code */
	SYSCTL_WRITE_ONLY, /* there is nothing to be read */
	SYSCTL_EMPTY,	   /* it prints nothing */
	SYSCTL_INT,	   /* numbers, with tabs between */
	SYSCTL_UINT,
	SYSCTL_ULONG,
	SYSCTL_U8,
	SYSCTL_BOOL,
	SYSCTL_STRING,
	SYSCTL_JIFFIES,		 /* as seconds */
	SYSCTL_JIFFIES_MS,	 /* as milliseconds */
	SYSCTL_JIFFIES_USER,	 /* as ticks of 1/100 s */
	SYSCTL_ULONG_JIFFIES_MS, /* unsigned longs, as milliseconds */
	SYSCTL_KEY,		 /* whether a static key is enabled */
	SYSCTL_PORTS,	  /* a range: of two numbers, or of the halves of one */
	SYSCTL_UNREADABLE /* it cannot be read */
};

struct sysctl_value {
	enum sysctl_kind kind;
	size_t at, len;	     /* in sysctl_values.bytes */
	const char *handler; /* its name; NULL: not known */
};

struct sysctl_values {
	struct symbols symbols;
	struct sysctl_value *v; /* one for each */
	uint8_t *bytes;
	uint32_t hz; /* jiffies in a second; 0: not known */
};

/*
 * Those of all sysctls, one batch (and what symbols take; docs/facts/kernel.md,
 * "Sysctls").  Those beyond SYSCTL_BYTES_MAX_ALL are SYSCTL_UNREADABLE.  The
 * caller frees with sysctl_values_deinit(), also after an error.
 */
int sysctl_values_read(struct kernel *k, const struct sysctls *s,
		       const struct task_ns *ns, struct sysctl_values *out,
		       struct err *err);
void sysctl_values_deinit(struct sysctl_values *v);

#endif
