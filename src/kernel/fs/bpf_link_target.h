/* SPDX-License-Identifier: BSD-2-Clause */
/* What BPF links are attached to; a part of bpf_link.h. */
#ifndef KERNEL_BPF_LINK_TARGET_H
#define KERNEL_BPF_LINK_TARGET_H

#include "kernel/fs/bpf_link.h"
#include "profile/profile.h"

/*
 * Set in n links that are known, of which show[i] is the show_fdinfo() of each,
 * what they are attached to: three batches, and one of names.  A link is not
 * known any more where that is not.
 */
int bpf_link_targets_read(struct kernel *k, const uint64_t *addrs,
			  const uint64_t *show, size_t n,
			  struct bpf_link *links, struct err *err);

/* Set which lines this kernel has. */
void bpf_link_form(const struct profile *p, struct bpf_links *out);

#endif
