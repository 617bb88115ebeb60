/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/uid_map, gid_map, projid_map and setgroups (kernel/
 * user_namespace.c), as who is in the initial user namespace reads them. */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/task/user_ns.h"
#include "proc/proc.h"

typedef void user_ns_print(const struct user_ns *ns, struct buf *out);

static int user_ns_texts(enum user_ns_map which, user_ns_print *print,
			 struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	struct user_ns *ns = calloc(out->n + 1, sizeof(*ns));
	size_t i;
	int rc = ns ? user_ns_read(k, out->tasks, out->n, which, ns, err)
		    : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		if (ns[i].known)
			print(&ns[i], &out->parts[i].text);
		else
			proc_part_unknown(&out->parts[i], ns[i].torn);
	user_ns_deinit(ns, out->n);
	free(ns);
	return rc;
}

static void print_map(const struct user_ns *ns, struct buf *out)
{
	size_t i;

	for (i = 0; i < ns->n; i++)
		buf_printf(out, "%10" PRIu32 " %10" PRIu32 " %10" PRIu32 "\n",
			   ns->extents[i].first, ns->extents[i].outer,
			   ns->extents[i].count);
}

static void print_setgroups(const struct user_ns *ns, struct buf *out)
{
	buf_puts(out, ns->setgroups ? "allow\n" : "deny\n");
}

/* The file `name_`, made by print_() of namespaces with maps of that kind. */
#define USER_NS_FILE(name_, scope_, which_, print_)                      \
	static int name_##_read(struct kernel *k, struct proc_values *v, \
				struct err *err)                         \
	{                                                                \
		return user_ns_texts(which_, print_, k, v, err);         \
	}                                                                \
                                                                         \
	const struct proc_file proc_pid_##name_ = {                      \
		.name = #name_,                                          \
		.scope = (scope_),                                       \
		.read = name_##_read,                                    \
	}

USER_NS_FILE(uid_map, PROC_TASK, USER_NS_UIDS, print_map);
USER_NS_FILE(gid_map, PROC_TASK, USER_NS_GIDS, print_map);
USER_NS_FILE(projid_map, PROC_TASK, USER_NS_PROJECTS, print_map);
USER_NS_FILE(setgroups, PROC_TASK, USER_NS_UIDS, print_setgroups);
