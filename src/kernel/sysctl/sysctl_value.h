/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of sysctls: what lies where their handlers read. */
#ifndef KERNEL_SYSCTL_VALUE_H
#define KERNEL_SYSCTL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/code/symbols.h"
#include "kernel/sysctl/sysctl.h"

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
	SYSCTL_PORTS, /* a range: of two numbers, or of the halves of one */
	/* What functions make (kernel/sysctl/sysctl_made.c). */
	SYSCTL_UUID,	  /* 16 bytes */
	SYSCTL_IP6,	  /* an address */
	SYSCTL_COLONS,	  /* bytes, with colons between */
	SYSCTL_BITMAP,	  /* numbers of bits, as ranges */
	SYSCTL_MASK,	  /* of CPUs, in hexadecimal digits */
	SYSCTL_ACTIONS,	  /* of seccomp: names of bits of an int */
	SYSCTL_SYS_INFO,  /* names of bits of a long (lib/sys_info.c) */
	SYSCTL_FASTOPEN,  /* two keys of 16 bytes, and an int: how many count */
	SYSCTL_UNSET,	  /* the guest cannot read it either: it was not set */
	SYSCTL_UNREADABLE /* it cannot be read */
};

struct sysctl_value {
	enum sysctl_kind kind;
	bool made;	     /* by a function */
	size_t at, len;	     /* in sysctl_values.bytes, or .made */
	const char *handler; /* its name; NULL: not known */
};

struct sysctl_values {
	struct symbols symbols;
	struct sysctl_value *v; /* one for each */
	uint8_t *bytes;
	struct buf made; /* what functions made */
	uint32_t hz;	 /* jiffies in a second; 0: not known */
	uint32_t cpus;	 /* nr_cpu_ids; 0: not known */
};

/*
 * Those of all sysctls, one batch (and what symbols take; docs/facts/kernel.md,
 * "Sysctls"), and those of sysctl_made_read() for what functions make.  Those
 * beyond SYSCTL_BYTES_MAX_ALL are SYSCTL_UNREADABLE.  The caller frees with
 * sysctl_values_deinit(), also after an error.
 */
int sysctl_values_read(struct kernel *k, const struct sysctls *s,
		       const struct task_ns *ns, struct sysctl_values *out,
		       struct err *err);
void sysctl_values_deinit(struct sysctl_values *v);

#endif
