/* SPDX-License-Identifier: BSD-2-Clause */
/* BPF links: what programs are attached to. */
#ifndef KERNEL_BPF_LINK_H
#define KERNEL_BPF_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/fs/bpf_prog.h"
#include "kernel/kernel.h"

/* What a link says of what it is attached to, by its show_fdinfo(). */
enum bpf_link_kind {
	BPF_LINK_PLAIN,	    /* nothing */
	BPF_LINK_RAW_POINT, /* text: the tracepoint's name */
	BPF_LINK_TRACING,   /* number: trampoline's key */
	BPF_LINK_CGROUP,    /* number: id of the group */
	BPF_LINK_NETNS,	    /* number: inode of the namespace */
	BPF_LINK_ITER,	    /* text: of what; number is 0 */
	BPF_LINK_XDP,	    /* number: ifindex */
	BPF_LINK_TCX,	    /* number: ifindex */
	BPF_LINK_SOCKMAP,   /* number: id of the map */
	BPF_LINK_STRUCT_OPS,
	BPF_LINK_NETFILTER, /* hook */
	BPF_LINK_KINDS
};

#define BPF_LINK_TEXT 64

/* One struct bpf_link (kernel/bpf/syscall.c, bpf_link_show_fdinfo(), 5.10 to
 * 7.2). */
struct bpf_link {
	bool known; /* false: it cannot be read, or says more than is known */
	enum bpf_link_kind kind;
	uint32_t type, id;
	char name[BPF_LINK_TEXT]; /* of the type; "": the kernel has none */
	bool has_prog;
	struct bpf_prog prog;
	bool has_target; /* it is attached still; else number is 0 */
	uint64_t number;
	char text[BPF_LINK_TEXT];
	uint32_t attach_type; /* where it has one: enum bpf_attach_type */
	uint64_t cookie;
	struct {
		uint32_t family, number;
		int32_t priority;
	} hook;
};

struct bpf_links {
	struct bpf_link *v;
	bool targets;	     /* tracing links tell what they trace (6.12) */
	bool tracing_cookie; /* (7.2) */
	bool raw_cookie;     /* (7.2) */
};

/*
 * Read n of them: their types' names, two batches, three more along what they
 * are attached to, its name, and their programs.  What cannot be read, or is of
 * another kind, is not known.  The caller frees with bpf_links_deinit(), also
 * after an error.
 */
int bpf_links_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct bpf_links *out, struct err *err);
void bpf_links_deinit(struct bpf_links *l);

#endif
