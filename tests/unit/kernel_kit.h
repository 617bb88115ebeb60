/* SPDX-License-Identifier: BSD-2-Clause */
/* A small kernel image with all that a profile is made of, in a machine. */
#ifndef TESTS_KERNEL_KIT_H
#define TESTS_KERNEL_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/profile.h"
#include "unit/array_machine.h"
#include "unit/kallsyms_kit.h"

#define KIT_LINK 0xffffffff81000000ULL

/* Text, rodata and data of 2 MiB each, from _text on. */
#define KIT_RODATA 0x200000u
#define KIT_DATA   0x400000u
#define KIT_END	   0x600000u

/* Where the image lies in the machine. */
#define KIT_PHYSICAL 0x800000u

/* What the kernel is to be like; zero is a sound one of 3.16. */
struct kit_kernel_opts {
	enum kit_layout layout;
	uint64_t slide;
	const char *banner;   /* NULL: the usual one */
	const char *without;  /* a member that its types lack */
	unsigned int variant; /* changes addresses, build id, types */
	bool no_kallsyms, no_btf;
	bool no_btf_symbols; /* BTF without __start_BTF */
	bool early;	     /* before mark_rodata_ro() */
};

struct kit_kernel {
	struct array_machine machine;
	struct walk_root root;
	struct space_run *runs;
	struct profile_image img;
	uint8_t image[KIT_END];
	struct kit_symbol *syms;
	size_t n_syms;
	struct kit_places places; /* from rodata on */
	size_t btf_at, btf_len;	  /* from _text on */
	bool percpu_is_absolute;
};

/* Build the kernel and put it into the machine. */
void kit_kernel_init(struct kit_kernel *k, const struct kit_kernel_opts *opts);
void kit_kernel_deinit(struct kit_kernel *k);

/* The address that the kernel itself uses for a symbol; aborts without. */
uint64_t kit_kernel_symbol(const struct kit_kernel *k, const char *name);

/* An ELF file of a kernel that was built with slide 0. */
enum {
	KIT_ELF_SYMTAB = 1,   /* with .symtab */
	KIT_ELF_SECTIONS = 2, /* with section headers at all (.BTF) */
	KIT_ELF_NO_BYTES = 4  /* a debug file: segments without content */
};
void kit_kernel_elf(const struct kit_kernel *k, unsigned int flags,
		    struct buf *out);

/* A System.map of it. */
void kit_kernel_map(const struct kit_kernel *k, struct buf *out);

/* What lz4 -l packs: a magic, then blocks, of u32 length and an LZ4 block; here
 * one of literals. */
void kit_lz4_legacy(const void *bytes, size_t len, struct buf *out);

/* A bzImage around a payload. */
void kit_bzimage(const void *payload, size_t len, struct buf *out);

#endif
