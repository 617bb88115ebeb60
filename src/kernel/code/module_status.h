/* SPDX-License-Identifier: BSD-2-Clause */
/* What modules say of themselves beside their memory: state, uses, users. */
#ifndef KERNEL_MODULE_STATUS_H
#define KERNEL_MODULE_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/code/modules.h"
#include "kernel/remarks.h"

/* Room for letters of taints. */
#define MODULE_TAINTS 32

struct module_user {
	char name[64];
};

/* As /proc/modules has it (docs/facts/kernel.md, "Modules"). */
struct module_status {
	bool ok;	    /* else it cannot be read, and all is 0 */
	bool going, coming; /* neither: live */
	bool counted;	    /* modules can be unloaded: uses and users */
	int32_t uses;
	bool permanent;		    /* it has an init, and no exit */
	char taints[MODULE_TAINTS]; /* letters, without (), + and - */
	bool tainted;
	VEC(struct module_user) users; /* modules, in the order of its list */
};

/* Zero-initialise. */
struct module_statuses {
	struct modules modules;	 /* all that there are */
	struct module_status *v; /* one for each module */
	size_t n;
};

/*
 * Read all modules, and of these their members and the lists of their users in
 * step.  What is damaged is left out, with a remark.  ERR_NO_LINUX as
 * modules_list_read().  The caller frees with module_statuses_deinit(), also
 * after an error.
 */
int module_statuses_read(struct kernel *k, struct module_statuses *out,
			 struct remarks *remarks, struct err *err);
void module_statuses_deinit(struct module_statuses *s);

#endif
