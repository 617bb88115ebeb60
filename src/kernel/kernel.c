/* SPDX-License-Identifier: BSD-2-Clause */
/* Opens the running kernel: located, profiled, its bases read. */
#include "kernel/kernel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "kernel/locate.h"
#include "kernel/readers.h"
#include "kernel/views.h"
#include "kernel/x86_64.h"
#include "kernel/x86_64_swap.h"
#include "machine/places.h"

/* What is wanted of the types. */
enum {
	FIELD_UTS_NS_NAME = WANTS_OF(READER_KERNEL),
	FIELD_UTSNAME_RELEASE,
	FIELD_CPUINFO_CAPABILITY
};

static const struct want want_table[] = {
	FIELD(UTS_NS_NAME, "uts_namespace", OPTIONAL, "name"),
	FIELD(UTSNAME_RELEASE, "new_utsname", OPTIONAL, "release"),
	FIELD(CPUINFO_CAPABILITY, "cpuinfo_x86", OPTIONAL, "x86_capability"),
};

const struct wants kernel_wants = {
	.reader = "the kernel",
	.v = want_table,
	.n = WANTS_N(want_table),
};

/* Nothing that is counted is smaller, whatever a hostile kernel says. */
#define MIN_OBJECT 128u

bool kernel_pointer(const struct kernel *k, uint64_t va)
{
	return va >> 63 && paging_canonical(k->root.paging, va);
}

uint64_t kernel_image_pa(const struct kernel *k, uint64_t va)
{
	return va - k->text + k->phys_text;
}

size_t kernel_room(const struct kernel *k, uint32_t size)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < k->machine->ram.n; i++)
		bytes += k->machine->ram.v[i].size;
	return (size_t)(bytes / (size > MIN_OBJECT ? size : MIN_OBJECT));
}

int kernel_read(struct kernel *k, uint64_t va, void *dst, size_t len,
		struct err *err)
{
	return space_read_all(k->machine, &k->root, va, dst, len, err);
}

int kernel_read_symbol(struct kernel *k, const char *name, size_t size,
		       uint64_t *value, struct err *err)
{
	uint64_t va;
	uint8_t bytes[8];
	int rc;

	if (!profile_symbol(k->profile, name, &va))
		return err_set(err, ERR_NOT_FOUND,
			       "this kernel has no symbol %s", name);
	rc = kernel_read(k, va, bytes, size, err);
	if (rc)
		return err_wrap(err, rc, "%s", name);
	*value = le_any(bytes, size);
	return 0;
}

static int kernel_translate(struct kernel *k, uint64_t va, uint64_t *pa,
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
 * The kernel's reference page table is complete where a process's need not be;
 * early it is empty (docs/facts/kernel.md, "Where the kernel is").
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
	rc = kernel_translate(k, va, &ref.pgd, err);
	if (rc)
		return err_wrap(err, rc, "init_top_pgt");
	rc = walk_one(k->machine, &ref, k->text, &w, err);
	if (!rc && w.result == WALK_MAPPED && w.pa == k->phys_text)
		k->root.pgd = ref.pgd;
	return rc;
}

/*
 * What is read of an open kernel, all of it in one batch: places of known
 * length, each whole, and two strings.
 */
enum fact {
	PAGE_OFFSET,
	VMALLOC,
	VMEMMAP,
	PTI_WORD,
	RELEASE,
	BANNER,
	FACTS
};

struct facts {
	const char *symbol[FACTS]; /* NULL: this kernel does not have it */
	uint8_t bytes[RELEASE][8];
	struct space_read read[FACTS];
};

static bool kernel_want(struct kernel *k, struct facts *f, enum fact id,
			const char *symbol, uint64_t offset, void *dst,
			size_t len)
{
	uint64_t va;

	if (!profile_symbol(k->profile, symbol, &va))
		return false;
	f->symbol[id] = symbol;
	f->read[id] = (struct space_read){
		.root = &k->root, .va = va + offset, .dst = dst, .len = len};
	return true;
}

/* Whether the kernel isolates its page tables: its own word, a CPU feature. */
static void want_pti(struct kernel *k, struct facts *f)
{
	const struct profile_field *capability =
		profile_field(k->profile, FIELD_CPUINFO_CAPABILITY);
	uint32_t at = X86_FEATURE_PTI / 32 * 4;

	if (capability->present && capability->size >= at + 4)
		kernel_want(k, f, PTI_WORD, "boot_cpu_data",
			    capability->offset + at, f->bytes[PTI_WORD], 4);
}

static int want_identity(struct kernel *k, struct facts *f, struct err *err)
{
	const struct profile_field *name =
		profile_field(k->profile, FIELD_UTS_NS_NAME);
	const struct profile_field *release =
		profile_field(k->profile, FIELD_UTSNAME_RELEASE);

	if (name->present && release->present)
		kernel_want(k, f, RELEASE, "init_uts_ns",
			    name->offset + release->offset, k->release,
			    sizeof(k->release) - 1);
	if (kernel_want(k, f, BANNER, "linux_banner", 0, k->banner,
			sizeof(k->banner) - 1))
		return 0;
	return err_set(err, ERR_NO_LINUX, "the profile lacks linux_banner");
}

static int check_facts(struct kernel *k, const struct facts *f, struct err *err)
{
	uint8_t byte;
	int id, rc;

	for (id = 0; id < RELEASE; id++) {
		if (f->read[id].got == f->read[id].len)
			continue;
		/* it says why */
		rc = kernel_read(k, f->read[id].va + f->read[id].got, &byte, 1,
				 err);
		return err_wrap(err, rc ? rc : ERR_UNREADABLE, "%s",
				f->symbol[id]);
	}
	return 0;
}

/* A base that the kernel keeps in a variable, or its constant. */
static uint64_t base(const struct facts *f, enum fact id, uint64_t constant)
{
	return f->symbol[id] ? le64(f->bytes[id]) : constant;
}

/* A string is all of it or nothing. */
static void end_string(char *s, const struct space_read *read)
{
	s[read->got] = '\0';
	if (read->got < read->len && strlen(s) == read->got)
		*s = '\0';
}

/* "Linux version RELEASE (...": init/version.c, all versions. */
static void release_of_banner(struct kernel *k)
{
	static const char start[] = "Linux version ";
	const char *from = k->banner + sizeof(start) - 1;

	if (!strncmp(k->banner, start, sizeof(start) - 1))
		snprintf(k->release, sizeof(k->release), "%.*s",
			 (int)strcspn(from, " \n"), from);
}

static int read_facts(struct kernel *k, struct err *err)
{
	const struct x86_64_bases *bases;
	struct facts f = {0};
	int rc;

	kernel_want(k, &f, PAGE_OFFSET, "page_offset_base", 0,
		    f.bytes[PAGE_OFFSET], 8);
	kernel_want(k, &f, VMALLOC, "vmalloc_base", 0, f.bytes[VMALLOC], 8);
	kernel_want(k, &f, VMEMMAP, "vmemmap_base", 0, f.bytes[VMEMMAP], 8);
	want_pti(k, &f);
	rc = want_identity(k, &f, err);
	if (!rc)
		rc = space_read(k->machine, f.read, FACTS, err);
	if (!rc)
		rc = check_facts(k, &f, err);
	if (rc)
		return rc;
	bases = x86_64_bases(k->root.paging);
	k->page_offset = base(&f, PAGE_OFFSET, bases->page_offset);
	k->vmalloc_base = base(&f, VMALLOC, bases->vmalloc);
	k->vmemmap_base = base(&f, VMEMMAP, bases->vmemmap);
	k->pti = le32(f.bytes[PTI_WORD]) >> X86_FEATURE_PTI % 32 & 1;
	end_string(k->release, &f.read[RELEASE]);
	end_string(k->banner, &f.read[BANNER]);
	if (!f.symbol[RELEASE])
		release_of_banner(k);
	k->banner[strcspn(k->banner, "\n")] = '\0';
	if (!f.symbol[PAGE_OFFSET])
		rc = x86_64_direct_map(k->machine, &k->root, k->phys_text,
				       &k->page_offset, err);
	return rc;
}

/* Take it for the kernel's; l is borrowed. */
static struct profile_image settle_at(struct kernel *k,
				      const struct location *l)
{
	k->root = l->root;
	k->text = l->text;
	return (struct profile_image){.machine = k->machine,
				      .root = &k->root,
				      .text = l->text,
				      .runs = l->runs,
				      .n_runs = l->n_runs};
}

static int open_located(struct kernel *k, const struct location *l,
			struct err *err)
{
	struct profile_image img = settle_at(k, l);
	int rc;

	rc = kernel_translate(k, k->text, &k->phys_text, err);
	if (!rc)
		rc = profile_open(k->profile, &img, err);
	if (rc)
		return rc;
	k->slide = profile_slide(k->profile);
	k->phys_base = k->phys_text - (k->text - KERNEL_MAP);
	rc = adopt_reference_root(k, err);
	if (!rc)
		profile_remember_root(k->profile, &k->root);
	if (!rc)
		rc = read_facts(k, err);
	k->root.poison = k->pti ? x86_64_pti_poison() : 0;
	k->swap = x86_64_swap(k);
	k->root.os = &k->swap.os;
	return rc;
}

/* The first of the kernels that were open in this boot, where one is there. */
static int kernel_find_remembered(struct kernel *k, struct location_views *l,
				  struct err *err)
{
	struct profile_root roots[PROFILE_ROOTS];
	size_t n = profile_roots(k->profile, k->machine, roots), i;
	struct profile_image img;
	int rc;

	for (i = 0; i < n; i++) {
		rc = location_by_root(k->machine, &roots[i].root, l, err);
		if (rc == ERR_NO_LINUX)
			continue;
		if (rc)
			return rc;
		img = settle_at(k, &l->v[l->chosen].at);
		rc = img.text == roots[i].text
			     ? profile_knows(k->profile, &img, err)
			     : 0;
		if (rc > 0)
			return 0;
		location_deinit(l);
		if (rc < 0)
			return rc;
	}
	return err_set(err, ERR_NOT_FOUND, "none is remembered");
}

/* One that a vCPU shows; or, where that is asked for, one that was open. */
static int kernel_find(struct kernel *k, struct location_choice *choice,
		       struct location_views *l, struct err *err)
{
	struct err why = {0};
	int rc = location_find(k->machine, choice, l, err);

	if (rc != ERR_NO_LINUX || !choice->later || !choice->remembered)
		return rc;
	rc = kernel_find_remembered(k, l, &why);
	if (rc == ERR_NOT_FOUND)
		return ERR_NO_LINUX;
	k->remembered = !rc;
	return rc ? err_pass(err, &why) : 0;
}

bool kernel_understands(const struct arch *arch)
{
	return arch == &arch_x86_64;
}

int kernel_open(struct machine *m, struct profile *profile,
		struct location_choice *choice, struct kernel **out,
		struct err *err)
{
	struct kernel *k;
	struct location_views l = {0};
	struct location_choice any = {0};
	int rc;

	if (!kernel_understands(m->arch))
		return err_set(err, ERR_NO_LINUX,
			       "Linux on %s is not understood yet",
			       m->arch->name);
	k = calloc(1, sizeof(*k));
	if (!k)
		return err_nomem(err);
	if (!choice)
		choice = &any;
	k->machine = m;
	k->profile = profile;
	rc = kernel_find(k, choice, &l, err);
	if (!rc)
		rc = open_located(k, &l.v[l.chosen].at, err);
	if (!rc)
		rc = kernel_take_views(k, &l, err);
	location_deinit(&l);
	if (rc) {
		kernel_close(k);
		return rc;
	}
	places_are_way(m);
	*out = k;
	return 0;
}

void kernel_close(struct kernel *k)
{
	if (k)
		free(k->views);
	free(k);
}
