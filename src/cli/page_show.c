/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows what is known of pages: a row for each run of those that are alike. */
#include "cli/page_show.h"

#include "cli/out_symbol.h"
#include "kernel/dev.h"
#include "kernel/page/page_block.h"
#include "kernel/page/page_zone.h"

enum {
	ADDRESS,
	PHYSICAL,
	PAGES,
	KIND,
	MAPCOUNT,
	REFCOUNT,
	EXTRA_REFS,
	FLAGS,
	COMPOUND,
	HUGETLB,
	SWAP_CACHE,
	MAPPING,
	INDEX,
	FILE_PATH,
	FILE_SYSTEM,
	MAJOR,
	MINOR,
	INODE,
	NODE,
	ZONE,
	SECTION,
	ORDER,
	MIGRATE,
	CGROUP,
	CGROUP_INODE,
	SLAB,
	SYMBOL,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
	[PHYSICAL] = ROW_COLUMN("physical", "PHYSICAL", ROW_HEX),
	[PAGES] = ROW_COLUMN("pages", "PAGES", ROW_COUNT),
	[KIND] = ROW_COLUMN("kind", "KIND", ROW_WORDS),
	[MAPCOUNT] = ROW_COLUMN("mapcount", "MAPS", ROW_COUNT),
	[REFCOUNT] = ROW_COLUMN("refcount", "REFS", ROW_COUNT),
	[EXTRA_REFS] = ROW_COLUMN("extra_refs", NULL, ROW_COUNT),
	[FLAGS] = ROW_COLUMN("flags", "FLAGS", ROW_WORDS),
	[COMPOUND] = ROW_COLUMN("compound", "COMPOUND", ROW_COUNT),
	[HUGETLB] = ROW_COLUMN("hugetlb", NULL, ROW_FLAG),
	[SWAP_CACHE] = ROW_COLUMN("swap_cache", NULL, ROW_FLAG),
	[MAPPING] = ROW_COLUMN("mapping", NULL, ROW_HEX),
	[INDEX] = ROW_COLUMN("index", NULL, ROW_COUNT),
	[FILE_PATH] = ROW_COLUMN("file", "FILE", ROW_GUEST),
	[FILE_SYSTEM] = ROW_COLUMN("fs", "FS", ROW_GUEST),
	[MAJOR] = ROW_COLUMN("major", NULL, ROW_COUNT),
	[MINOR] = ROW_COLUMN("minor", NULL, ROW_COUNT),
	[INODE] = ROW_COLUMN("inode", NULL, ROW_COUNT),
	[NODE] = ROW_COLUMN("node", "NODE", ROW_COUNT),
	[ZONE] = ROW_COLUMN("zone", "ZONE", ROW_WORDS),
	[SECTION] = ROW_COLUMN("section", NULL, ROW_COUNT),
	[ORDER] = {.key = "order",
		   .title = "ORDER",
		   .type = ROW_COUNT,
		   .sparse = true},
	[MIGRATE] = {.key = "migratetype",
		     .title = "MIGRATETYPE",
		     .type = ROW_WORDS,
		     .sparse = true},
	[CGROUP] = {.key = "cgroup",
		    .title = "CGROUP",
		    .type = ROW_GUEST,
		    .sparse = true},
	[CGROUP_INODE] = ROW_COLUMN("cgroup_inode", NULL, ROW_COUNT),
	[SLAB] = {.key = "slab",
		  .title = "SLAB",
		  .type = ROW_GUEST,
		  .sparse = true},
	[SYMBOL] = {.key = "symbol",
		    .title = "SYMBOL",
		    .type = ROW_GUEST,
		    .sparse = true},
};

static void show_file(struct row_table *t, const struct page_file *f)
{
	if (f->path)
		row_string(t, FILE_PATH, f->path);
	if (*f->fs)
		row_string(t, FILE_SYSTEM, f->fs);
	if (!f->known)
		return;
	row_number(t, MAJOR, dev_major(f->dev));
	row_number(t, MINOR, dev_minor(f->dev));
	row_number(t, INODE, f->ino);
}

/* Where it is among all pages, and on which list of free blocks. */
static void show_place(struct row_table *t, const struct kernel *k,
		       const struct page_info *p)
{
	const char *zone = page_zone_name(k, p->flags);
	const char *migrate = page_migrate_name(k, p->migrate);

	if (page_node(k, p->flags) >= 0)
		row_number(t, NODE, (unsigned int)page_node(k, p->flags));
	if (zone)
		row_string(t, ZONE, zone);
	row_number(t, SECTION, p->pfn / PAGE_SECTION_FRAMES);
	if (p->nr > 1 || p->in_buddy)
		row_number(t, ORDER, (uint8_t)p->order);
	if (migrate)
		row_string(t, MIGRATE, migrate);
}

static void show_owners(struct row_table *t, const struct page_runs *a,
			const struct page_info *p)
{
	const struct page_group *group = page_group_of(&a->groups, p);
	const char *slab = page_slab_of(&a->slabs, p);

	if (group && group->path)
		row_string(t, CGROUP, group->path);
	if (group)
		row_number(t, CGROUP_INODE, group->inode);
	if (slab)
		row_string(t, SLAB, slab);
}

/* What is known of a page that has a struct page. */
static void show_known(struct row_table *t, const struct kernel *k,
		       const struct page_run *r, const struct page_info *p)
{
	char flags[256];

	page_flag_names(k, p->flags, flags, sizeof(flags));
	if (p->maps_counted)
		row_number(t, MAPCOUNT, p->mapcount);
	if (p->refs_counted)
		row_number(t, REFCOUNT, (uint32_t)p->refcount);
	row_string(t, FLAGS, *flags ? flags : "-");
	if (p->nr > 1)
		row_number(t, COMPOUND, p->nr);
	row_number(t, HUGETLB, p->hugetlb);
	row_number(t, SWAP_CACHE, p->swap_cache);
	if (page_is_anon(p->kind) && p->extra_refs >= 0)
		row_number(t, EXTRA_REFS, (uint32_t)p->extra_refs);
	if (p->mapping)
		row_number(t, MAPPING, p->mapping);
	if (p->mapping && r->pages == 1)
		row_number(t, INDEX, p->index);
}

void page_show_begin(struct out *out)
{
	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
}

void page_show_run(struct out *out, const struct kernel *k,
		   const struct page_runs *a, size_t i)
{
	struct row_table *t = &out->rows.top;
	const struct page_run *r = &a->runs.v[i];
	const struct page_info *p = &a->infos.v[i];
	const struct page_file *f = page_file_of(&a->files, p);

	row_add(t);
	row_number(t, ADDRESS, r->at);
	out_symbol(t, SYMBOL, &a->symbols[i]);
	row_number(t, PAGES, r->pages);
	if (!walk_has_frame(r->result)) {
		row_string(t, KIND, walk_result_name(r->result));
		return;
	}
	row_number(t, PHYSICAL, p->pfn * PAGE_SIZE_4K);
	row_string(t, KIND, page_kind_name(p->kind));
	if (p->kind != PAGE_UNKNOWN && p->kind != PAGE_NOT_RAM) {
		show_known(t, k, r, p);
		show_place(t, k, p);
		show_owners(t, a, p);
	}
	if (f)
		show_file(t, f);
}
