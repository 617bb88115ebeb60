/* SPDX-License-Identifier: BSD-2-Clause */
/* BPF maps that are files. */
#ifndef KERNEL_BPF_MAP_H
#define KERNEL_BPF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* One struct bpf_map (kernel/bpf/syscall.c, bpf_map_show_fdinfo(), 5.10 to
 * 7.2). */
struct bpf_map {
	bool known; /* false: it cannot be read, and nothing else is set */
	uint32_t type, id;
	uint32_t key_size, value_size; /* bytes */
	uint32_t entries, flags;
	uint64_t extra;
	uint64_t memory; /* bytes, as this kernel counts them */
	bool frozen;
	uint32_t owner_type; /* of programs that may be in it; 0: not set yet */
	bool owner_jited;
};

struct bpf_maps {
	struct bpf_map *v;
	bool extra; /* there is a line of it (5.16) */
};

/*
 * Read n of them: three batches at most, and those of bpf_map_memory_read().
 * What cannot be read is not known.  The caller frees with bpf_maps_deinit(),
 * also after an error.
 */
int bpf_maps_read(struct kernel *k, const uint64_t *addrs, size_t n,
		  struct bpf_maps *out, struct err *err);
void bpf_maps_deinit(struct bpf_maps *m);

#endif
