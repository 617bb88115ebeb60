/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens the running kernel: located, profiled, its bases read. */
#include "kernel/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "kernel/locate.h"
#include "kernel/records.h"
#include "kernel/swap_format.h"

#define X86_FEATURE_PTI (7 * 32 + 11) /* asm/cpufeatures.h, >= 4.15 */

bool kernel_pointer(const struct kernel *k, uint64_t va)
{
	return va >> 63 && walk_canonical(k->root.mode, va);
}

int kernel_read(struct kernel *k, uint64_t va, void *dst, size_t len,
		struct err *err)
{
	return space_read_all(k->machine, &k->root, va, dst, len, err);
}

int kernel_read_symbol(struct kernel *k, const char *name, uint64_t *value,
		       struct err *err)
{
	uint64_t va;
	uint8_t bytes[8];
	int rc;

	if (!profile_symbol(k->profile, name, &va))
		return err_set(err, ERR_NOT_FOUND,
			       "this kernel has no symbol %s", name);
	rc = kernel_read(k, va, bytes, sizeof(bytes), err);
	if (rc)
		return err_wrap(err, rc, "%s", name);
	*value = le64(bytes);
	return 0;
}

static int translate(struct kernel *k, uint64_t va, uint64_t *pa,
		     struct err *err)
{
	char why[96];
	struct walk w;
	int rc = walk_one(k->machine, &k->root, va, &w, err);

	if (rc)
		return rc;
	if (w.result != WALK_MAPPED) {
		walk_describe(&w, why, sizeof(why));
		return err_set(err, ERR_UNREADABLE, "0x%llx: %s",
			       (unsigned long long)va, why);
	}
	*pa = w.pa;
	return 0;
}

/*
 * The kernel's reference page table is complete where a process's need not be
 * (vmalloc is synchronised lazily); before x86_64_start_kernel() it is empty.
 */
static int adopt_reference_root(struct kernel *k, struct err *err)
{
	struct walk_root ref = k->root;
	struct walk w;
	uint64_t va;
	int rc;

	if (!profile_symbol(k->profile, "init_top_pgt", &va) &&
	    !profile_symbol(k->profile, "init_level4_pgt", &va))
		return 0;
	rc = translate(k, va, &ref.pgd, err);
	if (rc)
		return err_wrap(err, rc, "init_top_pgt");
	rc = walk_one(k->machine, &ref, k->text, &w, err);
	if (!rc && w.result == WALK_MAPPED && w.pa == k->phys_text)
		k->root.pgd = ref.pgd;
	return rc;
}

/* A base that the kernel keeps in a variable, or its constant (facts 1.6). */
static int read_base(struct kernel *k, const char *symbol, uint64_t constant,
		     uint64_t *base, struct err *err)
{
	int rc = kernel_read_symbol(k, symbol, base, err);

	if (rc != ERR_NOT_FOUND)
		return rc;
	*base = constant;
	return 0;
}

static int read_bases(struct kernel *k, struct err *err)
{
	bool la57 = k->root.mode == &walk_mode_5level;
	int rc;

	rc = read_base(k, "page_offset_base",
		       la57 ? 0xff11000000000000 : 0xffff888000000000,
		       &k->page_offset, err);
	if (!rc)
		rc = read_base(k, "vmalloc_base",
			       la57 ? 0xffa0000000000000 : 0xffffc90000000000,
			       &k->vmalloc_base, err);
	if (!rc)
		rc = read_base(k, "vmemmap_base",
			       la57 ? 0xffd4000000000000 : 0xffffea0000000000,
			       &k->vmemmap_base, err);
	return rc;
}

/* Whether the kernel isolates its page tables: its own word, a CPU feature. */
static int read_pti(struct kernel *k, struct err *err)
{
	const struct profile_field *f =
		profile_field(k->profile, FIELD_CPUINFO_CAPABILITY);
	uint32_t at = X86_FEATURE_PTI / 32 * 4;
	uint8_t word[4];
	uint64_t va;
	int rc;

	if (!f->present || f->size < at + 4 ||
	    !profile_symbol(k->profile, "boot_cpu_data", &va))
		return 0;
	rc = kernel_read(k, va + f->offset + at, word, sizeof(word), err);
	if (rc)
		return err_wrap(err, rc, "boot_cpu_data");
	k->pti = le32(word) >> X86_FEATURE_PTI % 32 & 1;
	return 0;
}

static int read_identity(struct kernel *k, struct err *err)
{
	const struct profile_field *name =
		profile_field(k->profile, FIELD_UTS_NS_NAME);
	const struct profile_field *release =
		profile_field(k->profile, FIELD_UTSNAME_RELEASE);
	uint64_t uts, banner;
	char *text;
	int rc;

	if (!profile_symbol(k->profile, "init_uts_ns", &uts) ||
	    !profile_symbol(k->profile, "linux_banner", &banner))
		return err_set(err, ERR_NO_LINUX,
			       "the profile lacks init_uts_ns or linux_banner");
	uts += name->offset + release->offset;
	text = k->release;
	rc = records_strings(k, &uts, 1, sizeof(k->release), &text, NULL, err);
	text = k->banner;
	if (!rc)
		rc = records_strings(k, &banner, 1, sizeof(k->banner), &text,
				     NULL, err);
	k->banner[strcspn(k->banner, "\n")] = '\0';
	return rc;
}

static int open_located(struct kernel *k, const struct location *l,
			struct err *err)
{
	struct profile_image img = {.machine = k->machine,
				    .root = &k->root,
				    .text = l->text,
				    .runs = l->runs,
				    .n_runs = l->n_runs};
	int rc;

	k->root = l->root;
	k->text = l->text;
	rc = translate(k, k->text, &k->phys_text, err);
	if (!rc)
		rc = profile_open(k->profile, &img, err);
	if (rc)
		return rc;
	k->slide = profile_slide(k->profile);
	k->phys_base = k->phys_text - (k->text - KERNEL_MAP);
	rc = adopt_reference_root(k, err);
	if (!rc)
		rc = read_bases(k, err);
	if (!rc)
		rc = read_pti(k, err);
	if (!rc)
		rc = read_identity(k, err);
	k->root.pti_kernel = k->pti;
	k->swap = swap_format(k);
	k->root.swap = &k->swap;
	return rc;
}

int kernel_open(struct machine *m, struct profile *profile, struct kernel **out,
		struct err *err)
{
	struct kernel *k = calloc(1, sizeof(*k));
	struct location l = {0};
	int rc;

	if (!k)
		return err_nomem(err);
	k->machine = m;
	k->profile = profile;
	rc = location_find(m, &l, err);
	if (!rc)
		rc = open_located(k, &l, err);
	location_deinit(&l);
	if (rc) {
		kernel_close(k);
		return rc;
	}
	*out = k;
	return 0;
}

void kernel_close(struct kernel *k)
{
	free(k);
}
