/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads System V segments of shared memory, and what their files have. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/ipc/ipc_work.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_PERM = WANTS_OF(READER_IPC_SEGMENTS),
	FIELD_FILE,
	FIELD_SIZE,
	FIELD_ATTACHED,
	FIELD_ATIME,
	FIELD_DTIME,
	FIELD_CTIME,
	FIELD_CREATOR,
	FIELD_LAST,
	FIELD_FILE_INODE,
	FIELD_INODE_MAPPING,
	FIELD_INODE_SB,
	FIELD_MAPPING_PAGES,
	FIELD_SB_MAGIC,
	FIELD_SB_BLOCK,
	FIELD_SHMEM_INODE,
	FIELD_SHMEM_SWAPPED
};

static const struct want want_table[] = {
	FIELD(PERM, "shmid_kernel", REQUIRED, "shm_perm"),
	FIELD(FILE, "shmid_kernel", REQUIRED, "shm_file"),
	FIELD(SIZE, "shmid_kernel", REQUIRED, "shm_segsz"),
	FIELD(ATTACHED, "shmid_kernel", REQUIRED, "shm_nattch"),
	FIELD(ATIME, "shmid_kernel", REQUIRED, "shm_atim"),
	FIELD(DTIME, "shmid_kernel", REQUIRED, "shm_dtim"),
	FIELD(CTIME, "shmid_kernel", REQUIRED, "shm_ctim"),
	FIELD(CREATOR, "shmid_kernel", REQUIRED, "shm_cprid"),
	FIELD(LAST, "shmid_kernel", REQUIRED, "shm_lprid"),
	FIELD(FILE_INODE, "file", REQUIRED, "f_inode"),
	FIELD(INODE_MAPPING, "inode", REQUIRED, "i_mapping"),
	FIELD(INODE_SB, "inode", REQUIRED, "i_sb"),
	FIELD(MAPPING_PAGES, "address_space", REQUIRED, "nrpages"),
	FIELD(SB_MAGIC, "super_block", REQUIRED, "s_magic"),
	FIELD(SB_BLOCK, "super_block", REQUIRED, "s_blocksize"),
	FIELD(SHMEM_INODE, "shmem_inode_info", REQUIRED, "vfs_inode"),
	FIELD(SHMEM_SWAPPED, "shmem_inode_info", REQUIRED, "swapped"),
};

const struct wants ipc_segments_wants = {.reader = "segments of shared memory",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

/* include/uapi/linux/magic.h */
#define TMPFS_MAGIC	0x01021994
#define HUGETLBFS_MAGIC 0x958458f6

static const uint32_t segment_fields[] = {
	FIELD_FILE,  FIELD_SIZE,  FIELD_ATTACHED, FIELD_ATIME,
	FIELD_DTIME, FIELD_CTIME, FIELD_CREATOR,  FIELD_LAST};

/* What their files lead to, step by step. */
struct ipc_files {
	struct records file, inode, shmem, mapping, sb;
	uint64_t *at;	/* two of each */
	bool huge_once; /* a page of hugetlbfs counts once in its mapping */
};

static void ipc_files_deinit(struct ipc_files *f)
{
	records_deinit(&f->file);
	records_deinit(&f->inode);
	records_deinit(&f->shmem);
	records_deinit(&f->mapping);
	records_deinit(&f->sb);
	free(f->at);
}

/* Inodes, and what tmpfs has around them. */
static int ipc_inodes_read(struct kernel *k, struct ipc_files *f, size_t n,
			   struct err *err)
{
	static const uint32_t inode[] = {FIELD_INODE_MAPPING, FIELD_INODE_SB};
	static const uint32_t swapped = FIELD_SHMEM_SWAPPED;
	uint32_t around = profile_field(k->profile, FIELD_SHMEM_INODE)->offset;
	const struct records_want wants[] = {{f->at, n, inode, 2},
					     {f->at + n, n, &swapped, 1}};
	struct records r[2] = {{0}};
	size_t i;
	int rc;

	for (i = 0; i < n; i++) {
		f->at[i] = records_u64(&f->file, i, FIELD_FILE_INODE);
		f->at[n + i] = f->at[i] ? f->at[i] - around : 0;
	}
	rc = records_read_all(k, wants, 2, r, err);
	f->inode = r[0];
	f->shmem = r[1];
	return rc;
}

static int ipc_mappings_read(struct kernel *k, struct ipc_files *f, size_t n,
			     struct err *err)
{
	static const uint32_t sb[] = {FIELD_SB_MAGIC, FIELD_SB_BLOCK};
	static const uint32_t pages = FIELD_MAPPING_PAGES;
	const struct records_want wants[] = {{f->at, n, &pages, 1},
					     {f->at + n, n, sb, 2}};
	struct records r[2] = {{0}};
	size_t i;
	int rc;

	for (i = 0; i < n; i++) {
		f->at[i] = records_u64(&f->inode, i, FIELD_INODE_MAPPING);
		f->at[n + i] = records_u64(&f->inode, i, FIELD_INODE_SB);
	}
	rc = records_read_all(k, wants, 2, r, err);
	f->mapping = r[0];
	f->sb = r[1];
	return rc;
}

/* These functions were needed for as long as it did (mm/hugetlb.c, up to 6.6;
 * the second up to 5.12). */
static bool ipc_huge_once(const struct profile *p)
{
	uint64_t at;

	return profile_symbol(p, "hugetlb_basepage_index", &at) ||
	       profile_symbol(p, "__basepage_index", &at);
}

static int ipc_files_read(struct kernel *k, const struct records *segments,
			  struct ipc_files *f, struct err *err)
{
	static const uint32_t file = FIELD_FILE_INODE;
	size_t i, n = segments->n;
	int rc;

	f->huge_once = ipc_huge_once(k->profile);
	f->at = calloc(2 * n + 1, sizeof(*f->at));
	if (!f->at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		f->at[i] = records_u64(segments, i, FIELD_FILE);
	rc = records_read(k, f->at, n, &file, 1, &f->file, err);
	if (!rc)
		rc = ipc_inodes_read(k, f, n, err);
	return rc ? rc : ipc_mappings_read(k, f, n, err);
}

/*
 * shm_add_rss_swap(): blocks of hugetlbfs are its pages.  Kernels that count
 * 4 KiB multiply all the same until they are mended (7.2; not 6.12.118), which
 * cannot be told: here it is what there is.  False: not known.
 */
static bool ipc_segment_use(const struct ipc_files *f, size_t i,
			    struct ipc_segment *s)
{
	uint64_t pages = records_u64(&f->mapping, i, FIELD_MAPPING_PAGES);
	uint64_t magic = records_u64(&f->sb, i, FIELD_SB_MAGIC);

	if (!f->file.ok[i] || !f->inode.ok[i] || !f->mapping.ok[i] ||
	    !f->sb.ok[i])
		return false;
	if (magic == HUGETLBFS_MAGIC) {
		s->resident =
			pages *
			(f->huge_once ? records_u64(&f->sb, i, FIELD_SB_BLOCK)
				      : PAGE_SIZE_4K);
		return true;
	}
	s->resident = pages * PAGE_SIZE_4K;
	s->swapped =
		records_u64(&f->shmem, i, FIELD_SHMEM_SWAPPED) * PAGE_SIZE_4K;
	return magic == TMPFS_MAGIC && f->shmem.ok[i];
}

/* One that is being taken away has no file, and no reader sees it: these wait
 * (ipc_ids.rwsem). */
static bool ipc_segment_goes(const struct records *r, size_t i)
{
	return r->ok[i] && !records_u64(r, i, FIELD_FILE);
}

static int ipc_segments_take(const struct ipc_perms *perms,
			     const struct records *r,
			     const struct ipc_files *files,
			     const struct ipc_pids *pids,
			     struct ipc_segments *out, struct remarks *remarks)
{
	size_t i;

	for (i = 0; i < perms->v.n; i++) {
		struct ipc_segment s = {
			.perm = perms->v.v[i],
			.size = records_u64(r, i, FIELD_SIZE),
			.attached = records_u64(r, i, FIELD_ATTACHED),
			.atime = records_u64(r, i, FIELD_ATIME),
			.dtime = records_u64(r, i, FIELD_DTIME),
			.ctime = records_u64(r, i, FIELD_CTIME),
			.creator = ipc_pid(pids, i, 0),
			.last = ipc_pid(pids, i, 1)};

		if (ipc_segment_goes(r, i))
			continue;
		if (!r->ok[i] || ipc_pids_lost(pids, i) ||
		    !ipc_segment_use(files, i, &s))
			ipc_lost(&s.perm, remarks);
		else if (vec_push(&out->v, s))
			return ERR_NOMEM;
	}
	return 0;
}

int ipc_segments_read(struct kernel *k, struct ipc_segments *out,
		      struct remarks *remarks, struct err *err)
{
	_cleanup_(ipc_perms_deinit) struct ipc_perms perms = {0};
	_cleanup_(ipc_pids_deinit) struct ipc_pids pids = {0};
	_cleanup_(ipc_files_deinit) struct ipc_files files = {0};
	_cleanup_(records_deinit) struct records r = {0};
	int rc = ipc_perms_read(k, IPC_SEGMENTS, &perms, remarks, err);

	if (!rc)
		rc = ipc_own_read(k, &perms, FIELD_PERM, segment_fields,
				  WANTS_N(segment_fields), &r, err);
	if (!rc)
		rc = ipc_files_read(k, &r, &files, err);
	if (!rc)
		rc = ipc_pids_read(k, &r, FIELD_CREATOR, FIELD_LAST, &pids,
				   err);
	if (!rc && ipc_segments_take(&perms, &r, &files, &pids, out, remarks))
		rc = err_nomem(err);
	return rc;
}

void ipc_segments_deinit(struct ipc_segments *s)
{
	vec_deinit(&s->v);
}
