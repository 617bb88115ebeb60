/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/smaps and smaps_rollup: what each mapping uses, or all of them. */
#include "proc/smaps.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/variables.h"

/* What could not be counted is said of all whose tables may be meant. */
static void smaps_tear(const struct vma_uses *u, struct proc_part *part,
		       const struct vma_use *v, size_t n)
{
	struct vma_use sum = {0};
	size_t i;

	for (i = 0; i < n; i++)
		vma_use_add(&sum, &v[i]);
	if (part->torn)
		return;
	part->torn = true;
	if (u->unreadable)
		buf_printf(&part->why,
			   "%zu page tables cannot be read, the first at "
			   "0x%" PRIx64,
			   u->unreadable, u->table);
	else if (sum.unknown)
		buf_printf(&part->why,
			   "%" PRIu64 " of its pages have no struct page",
			   sum.unknown);
	else if (sum.uncounted)
		buf_puts(&part->why,
			 "more of it is in memory than qvmi counts at once");
	else if (sum.unknown_swap)
		buf_puts(&part->why, "how much of it is in swap, and who "
				     "shares that, is not known in full");
	else
		part->torn = false;
}

static int smaps_count(struct kernel *k, struct proc_values *out,
		       struct smaps *s, struct err *err)
{
	size_t i;
	int rc = vma_uses_read(k, s->maps.mms, s->maps.lists, out->n, &s->uses,
			       err);

	for (i = 0; i < out->n && !rc; i++)
		smaps_tear(&s->uses, &out->parts[i],
			   s->uses.v + s->uses.first[i], s->maps.lists[i].n);
	return rc;
}

/* Files of shared memory, each once; the caller frees them. */
static int smaps_find_shared(struct smaps *s, size_t n, uint64_t **files)
{
	size_t i, v, some = 0;

	*files = calloc(s->maps.files.files.n + 1, sizeof(**files));
	if (!*files)
		return ERR_NOMEM;
	for (i = 0; i < n; i++)
		for (v = 0; v < s->maps.lists[i].n; v++) {
			const struct vma *vma = &s->maps.lists[i].v[v];

			if (!vma->file || !thp_is_shmem(&s->thp, vma) ||
			    map_get(&s->mounts, vma->file, NULL))
				continue;
			if (map_put(&s->mounts, vma->file, 0))
				return ERR_NOMEM;
			(*files)[some++] = vma->file;
		}
	return 0;
}

static int smaps_read_mounts(struct kernel *k, struct smaps *s, size_t n,
			     struct err *err)
{
	_cleanup_free_ uint64_t *files = NULL;
	_cleanup_free_ int *huge = NULL;
	size_t i;
	int rc;

	if (smaps_find_shared(s, n, &files))
		return err_nomem(err);
	n = s->mounts.n;
	huge = calloc(n + 1, sizeof(*huge));
	if (!huge)
		return err_nomem(err);
	rc = thp_mounts_read(k, files, n, huge, err);
	for (i = 0; i < n && !rc; i++)
		if (map_put(&s->mounts, files[i], (uint64_t)(huge[i] + 1)))
			rc = err_nomem(err);
	return rc;
}

/* Where it is not known whether huge pages may be. */
static void smaps_tear_eligible(const struct smaps *s, size_t i,
				struct proc_part *part)
{
	const struct vma_list *l = &s->maps.lists[i];
	size_t v;

	for (v = 0; v < l->n && !part->torn; v++) {
		if (smaps_eligible(s, i, &l->v[v]) != THP_UNKNOWN)
			continue;
		part->torn = true;
		buf_printf(&part->why,
			   "whether huge pages may be in the shared memory at "
			   "0x%" PRIx64 " is not known",
			   l->v[v].start);
	}
}

/* One batch for what readers ask for one by one, and then find in the machine's
 * cache. */
static int smaps_fetch(struct kernel *k, struct err *err)
{
	uint8_t gate[128];
	struct variable v[] = {
		{.name = "gate_vma", .size = sizeof(gate), .to = gate},
		{.name = "vsyscall_mode", .size = 4},
		{.name = "nr_swapfiles", .size = 4},
		{.name = "transparent_hugepage_flags", .size = 8},
		{.name = "shmem_huge", .size = 4},
	};

	return variables_read(k, v, sizeof(v) / sizeof(v[0]), err);
}

static int smaps_read(struct kernel *k, struct proc_values *out,
		      struct err *err)
{
	struct smaps *s = calloc(1, sizeof(*s));
	size_t i;
	int rc;

	out->own = s;
	if (!s)
		return err_nomem(err);
	vma_flags_init(k, &s->form);
	rc = smaps_fetch(k, err);
	if (!rc)
		rc = proc_maps_read(k, out, &s->maps, err);
	if (!rc)
		rc = smaps_count(k, out, s, err);
	if (!rc)
		rc = thp_read(k, &s->thp, err);
	if (!rc)
		rc = smaps_read_mounts(k, s, out->n, err);
	for (i = 0; i < out->n && !rc; i++)
		smaps_tear_eligible(s, i, &out->parts[i]);
	return rc;
}

static void smaps_deinit(struct proc_values *v)
{
	struct smaps *s = v->own;

	proc_maps_deinit(&s->maps, v->n);
	vma_uses_deinit(&s->uses);
	map_deinit(&s->mounts);
	free(s);
}

static void smaps_notes(const struct proc_values *v, const struct profile *p,
			struct buf *out)
{
	const struct smaps *s = v->own;

	proc_maps_notes(v, &s->maps, p, out);
}

/* SEQ_PUT_DEC(): the name with its colon takes 16 columns, the value 8. */
static void put_kb(struct buf *out, const char *name, uint64_t bytes)
{
	buf_padded(out, name, 16);
	buf_decimal(out, bytes >> 10, 8);
	buf_puts(out, " kB\n");
}

static void put_pss(struct buf *out, const char *name, uint64_t pss)
{
	put_kb(out, name, pss >> VMA_PSS_SHIFT);
}

/* __show_smap() */
static void put_use(const struct vma_flags *form, const struct vma_use *u,
		    bool rollup, struct buf *out)
{
	put_kb(out, "Rss:", u->rss);
	put_pss(out, "Pss:", u->pss);
	if (form->pss_dirty)
		put_pss(out, "Pss_Dirty:", u->pss_dirty);
	if (rollup) {
		put_pss(out, "Pss_Anon:", u->pss_anon);
		put_pss(out, "Pss_File:", u->pss_file);
		put_pss(out, "Pss_Shmem:", u->pss_shmem);
	}
	put_kb(out, "Shared_Clean:", u->shared_clean);
	put_kb(out, "Shared_Dirty:", u->shared_dirty);
	put_kb(out, "Private_Clean:", u->private_clean);
	put_kb(out, "Private_Dirty:", u->private_dirty);
	put_kb(out, "Referenced:", u->referenced);
	put_kb(out, "Anonymous:", u->anonymous);
	if (form->ksm)
		put_kb(out, "KSM:", u->ksm);
	put_kb(out, "LazyFree:", u->lazy_free);
	put_kb(out, "AnonHugePages:", u->anon_thp);
	put_kb(out, "ShmemPmdMapped:", u->shmem_thp);
	put_kb(out, "FilePmdMapped:", u->file_thp);
	put_kb(out, "Shared_Hugetlb:", u->shared_hugetlb);
	buf_printf(out, "Private_Hugetlb: %7" PRIu64 " kB\n",
		   u->private_hugetlb >> 10);
	put_kb(out, "Swap:", u->swap);
	put_pss(out, "SwapPss:", u->swap_pss);
	put_pss(out, "Locked:", u->pss_locked);
}

void smaps_put_flags(const struct smaps *s, uint64_t flags, struct buf *out)
{
	size_t i;

	for (i = 0; i < VMA_FLAGS_BITS; i++)
		if ((flags >> i & 1) && *s->form.name[i])
			buf_printf(out, "%s ", s->form.name[i]);
}

const struct vma *smaps_vma(const struct smaps *s, size_t i, size_t record)
{
	const struct vma_list *l = &s->maps.lists[i];

	return record < l->n ? &l->v[record] : &s->maps.names.gate;
}

const struct vma_use *smaps_use(const struct smaps *s, size_t i, size_t record)
{
	static const struct vma_use nothing;

	return record < s->maps.lists[i].n
		       ? &s->uses.v[s->uses.first[i] + record]
		       : &nothing;
}

struct vma_use smaps_sum(const struct smaps *s, size_t i)
{
	struct vma_use sum = {0};
	size_t n;

	for (n = 0; n < s->maps.lists[i].n; n++)
		vma_use_add(&sum, smaps_use(s, i, n));
	return sum;
}

enum thp_answer smaps_eligible(const struct smaps *s, size_t i,
			       const struct vma *v)
{
	uint64_t huge = 0;

	if (!v->mm)
		return THP_NO;
	map_get(&s->mounts, v->file, &huge);
	return thp_eligible(&s->thp, &s->maps.mms[i], v, (int)huge - 1);
}

static void smaps_text(const struct proc_values *v, size_t i, size_t record,
		       struct buf *out)
{
	const struct smaps *s = v->own;
	const struct vma *vma = smaps_vma(s, i, record);

	proc_maps_line(&s->maps.v[i][record], out);
	put_kb(out, "Size:", vma->end - vma->start);
	put_kb(out, "KernelPageSize:", proc_maps_page_size(&s->maps, vma));
	put_kb(out, "MMUPageSize:", proc_maps_page_size(&s->maps, vma));
	put_use(&s->form, smaps_use(s, i, record), false, out);
	buf_printf(out, "THPeligible:    %*u\n", s->form.wide ? 8 : 0,
		   smaps_eligible(s, i, vma) == THP_YES ? 1u : 0u);
	if (s->form.pkeys)
		buf_printf(out, "ProtectionKey:  %8u\n",
			   vma_flags_pkey(vma->flags));
	buf_puts(out, "VmFlags: ");
	smaps_put_flags(s, vma->flags, out);
	buf_puts(out, "\n");
}

const struct proc_file proc_pid_smaps = {
	.name = "smaps",
	.scope = PROC_TASK,
	.read = smaps_read,
	.text = smaps_text,
	.columns = smaps_columns,
	.n_columns = SMAPS_COLUMNS,
	.rows = smaps_rows,
	.notes = smaps_notes,
	.deinit = smaps_deinit,
};

/* One record, unless the process has no memory. */
static int rollup_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	struct smaps *s = calloc(1, sizeof(*s));
	size_t i;
	int rc;

	out->own = s;
	if (!s)
		return err_nomem(err);
	vma_flags_init(k, &s->form);
	rc = proc_maps_vmas(k, out, &s->maps, err);
	for (i = 0; i < out->n && !rc; i++)
		out->parts[i].records = s->maps.mms[i].readable;
	return rc ? rc : smaps_count(k, out, s, err);
}

/* show_smaps_rollup(): from the first VMA to the last, without the gate. */
static void rollup_text(const struct proc_values *v, size_t i, size_t record,
			struct buf *out)
{
	const struct smaps *s = v->own;
	const struct vma_list *l = &s->maps.lists[i];
	struct map_entry e = {.perms = {'-', '-', '-', 'p'},
			      .name = "[rollup]"};
	struct vma_use sum = smaps_sum(s, i);

	(void)record;
	if (l->n) {
		e.start = l->v[0].start;
		e.end = l->v[l->n - 1].end;
	}
	proc_maps_line(&e, out);
	put_use(&s->form, &sum, true, out);
}

const struct proc_file proc_pid_smaps_rollup = {
	.name = "smaps_rollup",
	.scope = PROC_TASK,
	.read = rollup_read,
	.text = rollup_text,
	.columns = smaps_rollup_columns,
	.n_columns = SMAPS_ROLLUP_COLUMNS,
	.rows = smaps_rollup_rows,
	.deinit = smaps_deinit,
};
