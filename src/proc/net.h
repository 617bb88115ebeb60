/* SPDX-License-Identifier: BSD-2-Clause */
/* Files below net/ in /proc: of whose namespace they are. */
#ifndef PROC_NET_H
#define PROC_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "kernel/kernel.h"
#include "kernel/pointer_text.h"
#include "kernel/net/sock.h"
#include "proc/proc.h"

/*
 * Two files of one name: net/NAME, which is that of PID 1's network namespace,
 * and PID/net/NAME, of a task's own.
 */
#define NET_FILES(name_, read_, text_, deinit_)         \
	const struct proc_file proc_net_##name_ = {     \
		.name = "net/" #name_,                  \
		.scope = PROC_SYSTEM,                   \
		.read = (read_),                        \
		.text = (text_),                        \
		.deinit = (deinit_),                    \
	};                                              \
	const struct proc_file proc_pid_net_##name_ = { \
		.name = "net/" #name_,                  \
		.scope = PROC_TASK,                     \
		.read = (read_),                        \
		.text = (text_),                        \
		.deinit = (deinit_),                    \
	}

/* The namespaces of the parts of such a file, each once. */
struct net_spaces {
	uint64_t *nets; /* struct net */
	size_t n;
	size_t *of; /* of each part: index, or n: it has none, as of a task
		       that has exited */
	struct map by_net; /* their indices */
};

/* What is made of a namespace as a whole. */
struct net_text {
	struct buf text;
	bool lost; /* it cannot be read: there is no text */
	bool torn; /* some counters cannot be read */
};

/* Makes out[i] of nets->v[i]; remarks say what was damaged of them all. */
typedef int net_make(struct kernel *k, const struct sock_nets *nets,
		     struct net_text *out, struct remarks *remarks,
		     struct err *err);

/*
 * For proc_file.read: a text of each namespace, made once for all tasks in it;
 * each part has it as its one record.  What the kernel does not tell of
 * (ERR_NO_LINUX) is said in the parts, so that other files are shown all the
 * same.  It is v->own.
 */
int net_texts_read(struct kernel *k, net_make *make, struct proc_values *v,
		   struct err *err);
void net_texts_text(const struct proc_values *v, size_t i, size_t record,
		    struct buf *out);
void net_texts_deinit(struct proc_values *v);

/* The files `name_` that make_() makes so. */
#define NET_TEXTS(name_, make_)                                           \
	static int name_##_texts(struct kernel *k, struct proc_values *v, \
				 struct err *err)                         \
	{                                                                 \
		return net_texts_read(k, make_, v, err);                  \
	}                                                                 \
                                                                          \
	NET_FILES(name_, name_##_texts, net_texts_text, net_texts_deinit)

/* Which sockets a namespace has, in the order of a file. */
struct net_list {
	VEC(size_t) v; /* index into socks */
};

/* Sockets of those namespaces, for files that have a line of each. */
struct net_socks {
	struct net_spaces spaces;
	struct socks socks;
	struct net_list *lists; /* of each namespace */
	struct pointer_text pointers;
	uint32_t hz;	  /* jiffies in a second, never 0 */
	bool old_packets; /* as sock_has_old_packets() */
};

/*
 * Read sockets in the tables of `which` and, of these, list those of a family
 * (0: any).  Each part then has a record for a heading, and one for each
 * socket.  For proc_file.read; it is v->own.
 */
int net_socks_read(struct kernel *k, unsigned int which, uint16_t family,
		   struct proc_values *v, struct err *err);
void net_socks_deinit(struct proc_values *v);

/* The socket of a record of part i; NULL: it is the heading. */
const struct sock *net_socks_get(const struct proc_values *v, size_t i,
				 size_t record);

/* Append a socket's address as the guest's kernel shows it. */
void net_pointer(const struct net_socks *own, const struct sock *s,
		 struct buf *out);

#endif
