/* SPDX-License-Identifier: BSD-2-Clause */
/* Consoles: where the kernel's log goes. */
#ifndef KERNEL_CONSOLES_H
#define KERNEL_CONSOLES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

#define CONSOLE_NAME 32

/* A struct console (include/linux/console.h). */
struct console {
	char name[CONSOLE_NAME]; /* raw bytes */
	int16_t index;
	uint16_t flags; /* CON_* */
	bool reads, writes, unblanks;
	uint64_t tells, data; /* the function that knows its device, its own */
	enum console_device {
		CONSOLE_HAS_NONE,
		CONSOLE_HAS_DEV,
		CONSOLE_HAS_SOME /* which one only its driver could say */
	} device;
	uint32_t major, minor;
};

struct consoles {
	VEC(struct console) v; /* in the order of the kernel's list */
	bool nbcon;	       /* this kernel knows CON_NBCON */
};

#define CON_PRINTBUFFER (1u << 0)
#define CON_CONSDEV	(1u << 1)
#define CON_ENABLED	(1u << 2)
#define CON_BOOT	(1u << 3)
#define CON_ANYTIME	(1u << 4)
#define CON_BRL		(1u << 5)
#define CON_NBCON	(1u << 8)

/*
 * Read all (docs/facts/kernel.md, "Registers of the kernel"): a batch for each,
 * and three more.  ERR_NO_LINUX: kept in no way that is known; damage is in the
 * remarks.  The caller frees with consoles_deinit(), also after an error.
 */
int consoles_read(struct kernel *k, struct consoles *out,
		  struct remarks *remarks, struct err *err);
void consoles_deinit(struct consoles *c);

#endif
