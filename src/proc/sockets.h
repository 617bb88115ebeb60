/* SPDX-License-Identifier: BSD-2-Clause */
/* All sockets, and which processes have them open. */
#ifndef PROC_SOCKETS_H
#define PROC_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/net/sock.h"
#include "kernel/task/task.h"
#include "rows/rows.h"

/* Who has a socket open: a descriptor of a process. */
struct socket_user {
	size_t sock, task; /* indices */
	uint32_t fd;
};

struct sockets {
	struct task_list tasks; /* all processes */
	struct socks socks;	/* of all their network namespaces */
	uint32_t *netns;	/* of each socket: its namespace's number */
	VEC(struct socket_user) users; /* by socket, then by process */
	struct remarks remarks;
};

/* Those that are read where nobody says which: all but netlink and packet. */
#define SOCKETS_USUAL ((1u << SOCK_TABLE_PACKET) - 1)

/*
 * Read those in the tables of `which`, a bit each (enum sock_table); as many
 * batches for many processes as for one but for those of paths.  The caller
 * frees with sockets_deinit(), also after an error.
 */
int sockets_read(struct kernel *k, unsigned int which, struct sockets *out,
		 struct err *err);
void sockets_deinit(struct sockets *s);

extern const struct row_column sockets_columns[];
extern const size_t sockets_n_columns;

/* A row for each, or for each that listens or, where its protocol knows of no
 * listening, has no peer: as ss(8) with -l. */
void sockets_rows(const struct sockets *s, bool listening,
		  struct row_table *out);

#endif
