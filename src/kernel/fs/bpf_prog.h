/* SPDX-License-Identifier: BSD-2-Clause */
/* BPF programs and types that are files. */
#ifndef KERNEL_BPF_PROG_H
#define KERNEL_BPF_PROG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define BPF_TAG_BYTES 8

/* One struct bpf_prog (kernel/bpf/syscall.c, bpf_prog_show_fdinfo(), 5.10 to
 * 7.2). */
struct bpf_prog {
	bool known; /* false: it cannot be read, and nothing else is set */
	uint32_t type, id;
	bool jited;
	uint8_t tag[BPF_TAG_BYTES];
	uint64_t memory; /* bytes */
	uint64_t ns, runs, misses;
	uint32_t verified; /* instructions */
};

struct bpf_progs {
	struct bpf_prog *v;
	bool misses;   /* this kernel counts them (5.12) */
	bool verified; /* and these (5.16) */
};

/*
 * Read n of them: two batches, those of cpus_read(), and one of what CPUs have
 * counted.  What cannot be read is not known.  The caller frees with
 * bpf_progs_deinit(), also after an error.
 */
int bpf_progs_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct bpf_progs *out, struct err *err);
void bpf_progs_deinit(struct bpf_progs *p);

/* One struct btf (kernel/bpf/btf.c, bpf_btf_show_fdinfo()). */
struct bpf_types {
	bool known;
	uint32_t id;
};

/* Read n of them: one batch. */
int bpf_types_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct bpf_types *out, struct err *err);

#endif
