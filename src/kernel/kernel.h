/* SPDX-License-Identifier: BSD-2-Clause */
/* The running Linux kernel of a stopped machine: found, identified, open. */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/x86_64_swap.h"
#include "machine/machine.h"
#include "profile/profile.h"
#include "walk/space.h"
#include "walk/walk.h"

struct kernel_view;	/* kernel/views.h */
struct location_choice; /* kernel/locate.h */

/*
 * An open kernel.  Plain values, filled by kernel_open(), constant until
 * kernel_close(); machine and profile are borrowed.
 */
struct kernel {
	struct machine *machine;
	struct profile *profile;

	struct walk_root root;	 /* the kernel's own page tables */
	struct x86_64_swap swap; /* how it writes absent entries */
	bool pti;		 /* user and kernel PGDs are a pair */

	uint64_t text;	    /* runtime address of _text */
	uint64_t phys_text; /* where it lies in physical memory */
	uint64_t slide;	    /* KASLR: text minus its link address */
	uint64_t phys_base; /* PA = VA - 0xffffffff80000000 + phys_base */
	uint64_t page_offset, vmalloc_base, vmemmap_base;

	char release[65]; /* init_uts_ns.name.release */
	char banner[512]; /* linux_banner without its newline */

	struct kernel_view *views; /* one per vCPU of the machine, in order */
	bool remembered; /* none of them shows it: it was open in this boot */
};

/* Whether Linux on such CPUs is understood. */
bool kernel_understands(const struct arch *arch);

/*
 * Find the kernel from what the vCPUs have in CR3, whatever they are doing,
 * and open the profile, which was just created, for it.  ERR_NO_LINUX:
 * firmware, boot loader, 32-bit code, no Linux, or a profile ingredient is
 * missing (the words say which), or several kernels, of which none can be said
 * to be the one that runs; else as profile_open().  choice may be NULL.  The
 * caller closes *out before machine and profile go.
 */
int kernel_open(struct machine *m, struct profile *profile,
		struct location_choice *choice, struct kernel **out,
		struct err *err);
void kernel_close(struct kernel *k);

/* Read kernel virtual memory whole, or ERR_UNREADABLE naming the address. */
int kernel_read(struct kernel *k, uint64_t va, void *dst, size_t len,
		struct err *err);

/*
 * Read the variable of `size` bytes, 1 to 8, at a symbol; ERR_NOT_FOUND when
 * there is no such symbol.
 */
int kernel_read_symbol(struct kernel *k, const char *name, size_t size,
		       uint64_t *value, struct err *err);

/* Where an address of the image lies, which is one piece in both. */
uint64_t kernel_image_pa(const struct kernel *k, uint64_t va);

/* True for a pointer into the kernel half of this paging mode. */
bool kernel_pointer(const struct kernel *k, uint64_t va);

/*
 * How many objects of that size the guest's memory has room for: more of them
 * than that are not there, whatever lists and trees say.
 */
size_t kernel_room(const struct kernel *k, uint32_t size);

/* What a vCPU was doing when the guest was stopped. */
struct kernel_vcpu {
	unsigned int index; /* QEMU's */
	int cpu;	    /* Linux's number, -1 unknown */
	bool own;      /* it is this kernel's, not another one's, nor none's */
	bool user;     /* CPL 3 */
	uint64_t task; /* address of its current task_struct, 0 unknown */
	uint32_t pid;  /* of that task */
	char comm[16]; /* of that task; "" unknown */
};

/* One value per vCPU of the machine, into out[0 .. machine->vcpus.n - 1]. */
int kernel_vcpus(struct kernel *k, struct kernel_vcpu *out, struct err *err);

#endif
