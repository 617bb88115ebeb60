/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the kernel's page tables behind whatever the vCPUs were doing. */
#include "kernel/locate.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"

/* Table pages that the mapping of 1 GiB can need, with the levels above. */
#define TEXT_TABLES (512 + 4)

/*
 * What a vCPU's control registers say, ordered by how much better it is (SDM
 * vol. 3A 9.8, 4.1.1).
 */
enum cpu_mode {
	REAL,
	UNPAGED,
	PAGED_32,
	PAGED_64
};

static enum cpu_mode cpu_mode(const struct vcpu *v)
{
	if (!(v->cr0 & CR0_PE))
		return REAL;
	if (!(v->cr0 & CR0_PG))
		return UNPAGED;
	return v->efer & EFER_LMA ? PAGED_64 : PAGED_32;
}

static const char *const mode_words[] = {
	[REAL] = "no kernel yet: the vCPU is in real mode (firmware or boot "
		 "loader); try again when Linux runs",
	[UNPAGED] = "no kernel yet: the vCPU runs without paging (firmware or "
		    "boot loader); try again when Linux runs",
	[PAGED_32] = "32-bit paging: a 32-bit guest or boot code; qvmi "
		     "understands x86-64 kernels only",
	[PAGED_64] = "no Linux kernel in the vCPU's page tables: a boot "
		     "loader, or another system",
};

void location_deinit(struct location *l)
{
	free(l->runs);
	l->runs = NULL;
}

static uint64_t mapped_bytes(const struct location *l)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < l->n_runs; i++)
		sum += l->runs[i].len;
	return sum;
}

/* Take the candidate if it maps more of the image than the best so far. */
static int consider(struct machine *m, const struct vcpu *v, uint64_t pgd,
		    struct space_tables *tables, struct location *best,
		    struct err *err)
{
	struct location l = {
		.root = {.pgd = pgd, .mode = walk_mode_of_cr4(v->cr4)}};
	int rc;

	tables->left = TEXT_TABLES;
	rc = space_runs(m, &l.root, KERNEL_MAP, KERNEL_MAP + KERNEL_MAP_SIZE,
			tables, &l.runs, &l.n_runs, err);
	/* More tables than can be: these are no page tables of Linux. */
	if (rc == ERR_CORRUPT)
		return 0;
	if (rc)
		return rc;
	if (mapped_bytes(&l) > mapped_bytes(best)) {
		location_deinit(best);
		*best = l;
		best->text = l.runs[0].va;
	} else {
		location_deinit(&l);
	}
	return 0;
}

/*
 * Whether two PGDs are a PTI pair: the user halves agree but for the NX bit,
 * which poisons the entries of the kernel's (arch/x86/mm/pti.c, >= 4.15).
 */
static int is_pti_pair(struct machine *m, uint64_t kernel, uint64_t user,
		       bool *pair, struct err *err)
{
	uint8_t half[2][PAGE_SIZE_4K / 2];
	struct mem_read reads[2] = {
		{.pa = kernel, .dst = half[0], .len = sizeof(half[0])},
		{.pa = user, .dst = half[1], .len = sizeof(half[1])},
	};
	size_t i;
	int rc = machine_read(m, reads, 2, err);

	if (rc)
		return rc;
	*pair = reads[0].status == MEM_OK && reads[1].status == MEM_OK;
	for (i = 0; i < sizeof(half[0]) && *pair; i += 8)
		*pair = ((le64(half[0] + i) ^ le64(half[1] + i)) & ~PTE_NX &
			 ~PTE_A) == 0;
	return 0;
}

/* Nothing is there, or nothing of it was seen. */
static int say_none(const char *words, const struct space_tables *tables,
		    struct err *err)
{
	if (!tables->unreadable)
		return err_set(err, ERR_NO_LINUX, "%s", words);
	return err_set(err, ERR_NO_LINUX,
		       "%s; or it was not seen: %zu page tables cannot be "
		       "read, the first at 0x%" PRIx64,
		       words, tables->unreadable, tables->pa);
}

int location_find(struct machine *m, struct location *out, struct err *err)
{
	struct space_tables tables = {0};
	struct location best = {0};
	enum cpu_mode highest = REAL;
	bool pair = false;
	size_t i;
	int rc = 0;

	for (i = 0; i < m->vcpus.n && !rc; i++) {
		const struct vcpu *v = &m->vcpus.v[i];
		uint64_t pgd = v->cr3 & CR3_ADDR;

		if (cpu_mode(v) > highest)
			highest = cpu_mode(v);
		if (cpu_mode(v) != PAGED_64)
			continue;
		rc = consider(m, v, pgd, &tables, &best, err);
		if (rc || !(pgd & PTI_USER_PGD))
			continue;
		rc = is_pti_pair(m, pgd & ~PTI_USER_PGD, pgd, &pair, err);
		if (!rc && pair)
			rc = consider(m, v, pgd & ~PTI_USER_PGD, &tables, &best,
				      err);
	}
	if (!rc && !best.n_runs)
		rc = say_none(mode_words[highest], &tables, err);
	if (rc) {
		location_deinit(&best);
		return rc;
	}
	*out = best;
	return 0;
}
