/* SPDX-License-Identifier: BSD-2-Clause */
/* How functions of the kernel's make values of sysctls: what is to be read, and
 * what becomes of it; for sysctl_made.c. */
#ifndef KERNEL_SYSCTL_RECIPES_H
#define KERNEL_SYSCTL_RECIPES_H

#include <stdint.h>

#include "kernel/kernel.h"
#include "kernel/sysctl/sysctl_value.h"

/* Where to begin. */
enum sysctl_base {
	BASE_DATA,    /* what the table tells of */
	BASE_SYMBOL,  /* a variable */
	BASE_CAPS,    /* one of two, by its number in the table */
	BASE_HSTATE,  /* the hstate of pages of the default size */
	BASE_NET,     /* the reader's namespaces */
	BASE_LOGGERS, /* in that of the network, by the sysctl's name */
	BASE_PID_NS,
	BASE_NOTHING /* it shows zeros */
};

/* What becomes of the bytes. */
enum sysctl_fix {
	FIX_NONE,
	FIX_ADD,   /* `arg` to an int */
	FIX_BITS,  /* an int, whether any bit of `arg` is set */
	FIX_TRUE,  /* an int, 1 where sysrq_always_enabled is set */
	FIX_QLEN,  /* an int, in packets instead of bytes */
	FIX_OWN,   /* as it is in the initial namespace; others are not told */
	FIX_MADE,  /* only a NULL is understood */
	FIX_UUID,  /* absent as long as none was made */
	FIX_SECRET /* unset, or what follows */
};

/* What a pointer on the way that is NULL means. */
enum sysctl_null {
	NULL_LOST,  /* damage */
	NULL_ZEROS, /* as many zeros */
	NULL_EMPTY, /* nothing is shown */
	NULL_NONE   /* "NONE" */
};

#define HERE	       UINT32_MAX /* a member at 0 of what leads there */
#define SYSCTL_HOPS    2
#define BYTES_OF_TABLE 0u	  /* as many bits as its maxlen says */
#define BYTES_OF_CPUS  UINT32_MAX /* a bit for each CPU */
/* NETDEV_RSS_KEY_LEN (include/linux/netdevice.h): 52, in 7.x 256; as many as
 * there is room for before the next variable. */
#define BYTES_OF_KEY (UINT32_MAX - 1)

struct sysctl_recipe {
	const char *handler;
	enum sysctl_base base;
	const char *symbol;
	uint32_t hops[SYSCTL_HOPS]; /* members that are pointers; 0: none */
	uint32_t last, bytes;	    /* the member behind them */
	enum sysctl_kind kind;
	enum sysctl_fix fix;
	int32_t arg;
	enum sysctl_null null;
};

/* The first of a handler that this kernel has all members and symbols for, or
 * NULL. */
const struct sysctl_recipe *sysctl_recipe_find(const struct profile *p,
					       const char *handler);

/* The offset of one of a recipe's members. */
uint32_t sysctl_recipe_offset(const struct profile *p, uint32_t member);

/* How many loggers a network namespace has. */
uint32_t sysctl_recipe_loggers(const struct profile *p);

/* Size of a struct hstate, or 0; and what a packet of the smallest kind takes
 * (SKB_TRUESIZE(ETH_FRAME_LEN), include/linux/skbuff.h), or 0. */
uint32_t sysctl_recipe_hstate(const struct profile *p);
uint32_t sysctl_recipe_packet(const struct profile *p);

#endif
