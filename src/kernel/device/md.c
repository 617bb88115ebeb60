/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads arrays of disks: md_seq_show() of drivers/md/md.c, 5.11 to 7.2. */
#include "kernel/device/md.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/device/md_work.h"
#include "kernel/limits.h"

static const struct want want_table[] = {
	FIELD(MDDEV_LINK, "mddev", OPTIONAL, "all_mddevs"),
	FIELD(MDDEV_DISKS, "mddev", OPTIONAL, "disks"),
	FIELD(MDDEV_FLAGS, "mddev", OPTIONAL, "flags"),
	FIELD(MDDEV_RO, "mddev", OPTIONAL, "ro"),
	FIELD(MDDEV_GENDISK, "mddev", OPTIONAL, "gendisk"),
	FIELD(MDDEV_MAJOR, "mddev", OPTIONAL, "major_version"),
	FIELD(MDDEV_MINOR, "mddev", OPTIONAL, "minor_version"),
	FIELD(MDDEV_PERSISTENT, "mddev", OPTIONAL, "persistent"),
	FIELD(MDDEV_EXTERNAL, "mddev", OPTIONAL, "external"),
	FIELD(MDDEV_METADATA, "mddev", OPTIONAL, "metadata_type"),
	FIELD(MDDEV_CHUNK, "mddev", OPTIONAL, "chunk_sectors"),
	FIELD(MDDEV_LEVEL, "mddev", OPTIONAL, "level"),
	FIELD(MDDEV_LAYOUT, "mddev", OPTIONAL, "layout"),
	FIELD(MDDEV_RAID_DISKS, "mddev", OPTIONAL, "raid_disks"),
	FIELD(MDDEV_SECTORS, "mddev", OPTIONAL, "array_sectors"),
	FIELD(MDDEV_DEGRADED, "mddev", OPTIONAL, "degraded"),
	FIELD(MDDEV_RESYNC, "mddev", OPTIONAL, "curr_resync"),
	FIELD(MDDEV_RECOVERY, "mddev", OPTIONAL, "recovery"),
	FIELD(MDDEV_DEV_SECTORS, "mddev", OPTIONAL, "dev_sectors"),
	FIELD(MDDEV_RESYNC_MAX, "mddev", OPTIONAL, "resync_max_sectors"),
	FIELD(MDDEV_MARK, "mddev", OPTIONAL, "resync_mark"),
	FIELD(MDDEV_MARK_COUNT, "mddev", OPTIONAL, "resync_mark_cnt"),
	FIELD(MDDEV_COUNT, "mddev", OPTIONAL, "curr_mark_cnt"),
	FIELD(MDDEV_UNDER_WAY, "mddev", OPTIONAL, "recovery_active.counter"),
	FIELD(MDDEV_OFFSET, "mddev", OPTIONAL,
	      "resync_offset|recovery_cp"), /* 6.17 */
	FIELD(MDDEV_PERS, "mddev", OPTIONAL, "pers"),
	FIELD(MDDEV_PRIVATE, "mddev", OPTIONAL, "private"),
	FIELD(MDDEV_BITMAP, "mddev", OPTIONAL, "bitmap"),
	FIELD(MDDEV_BITMAP_CHUNK, "mddev", OPTIONAL, "bitmap_info.chunksize"),
	FIELD(MDDEV_BITMAP_OPS, "mddev", OPTIONAL, "bitmap_ops"), /* 6.12 */
	FIELD(RDEV_LINK, "md_rdev", OPTIONAL, "same_set"),
	FIELD(RDEV_BDEV, "md_rdev", OPTIONAL, "bdev"),
	FIELD(RDEV_NUMBER, "md_rdev", OPTIONAL, "desc_nr"),
	FIELD(RDEV_FLAGS, "md_rdev", OPTIONAL, "flags"),
	FIELD(RDEV_ROLE, "md_rdev", OPTIONAL, "raid_disk"),
	FIELD(RDEV_SECTORS, "md_rdev", OPTIONAL, "sectors"),
	FIELD(PERS_NAME, "md_personality", OPTIONAL, "head.name|name"),
	FIELD(PERS_STATUS, "md_personality", OPTIONAL, "status"),
	FIELD(PERS_SYNC, "md_personality", OPTIONAL, "sync_request"),
	FIELD(PERS_LINK, "md_personality", OPTIONAL, "list"),
	FIELD(PERS_TYPE, "md_personality", OPTIONAL, "head.type"), /* 6.15 */
	FIELD(BITMAP_SB, "bitmap", OPTIONAL, "storage.sb_page"),
	FIELD(BITMAP_FILE, "bitmap", OPTIONAL, "storage.file"),
	FIELD(BITMAP_PAGES, "bitmap", OPTIONAL, "counts.pages"),
	FIELD(BITMAP_MISSING, "bitmap", OPTIONAL, "counts.missing_pages"),
	FIELD(GENDISK_NAME, "gendisk", OPTIONAL, "disk_name"),
	FIELD(XARRAY_HEAD, "xarray", OPTIONAL, "xa_head"),
	CONSTANT(FAULTY, "flag_bits", "Faulty"),
	CONSTANT(IN_SYNC, "flag_bits", "In_sync"),
	CONSTANT(WRITE_MOSTLY, "flag_bits", "WriteMostly"),
	CONSTANT(JOURNAL, "flag_bits", "Journal"),
	CONSTANT(REPLACEMENT, "flag_bits", "Replacement"),
	CONSTANT(BROKEN, "mddev_flags", "MD_BROKEN"),	/* 5.5 */
	CONSTANT(DELETED, "mddev_flags", "MD_DELETED"), /* 6.0 */
	CONSTANT(DONE, "recovery_flags", "MD_RECOVERY_DONE"),
	CONSTANT(REMOTE, "recovery_flags", "MD_RESYNCING_REMOTE"),
	CONSTANT(SYNC, "recovery_flags", "MD_RECOVERY_SYNC"),
	CONSTANT(CHECK, "recovery_flags", "MD_RECOVERY_CHECK"),
	CONSTANT(RESHAPE, "recovery_flags", "MD_RECOVERY_RESHAPE"),
	CONSTANT(PERSONALITY, "md_submodule_type", "MD_PERSONALITY"),
};

const struct wants md_wants = {
	.reader = "arrays of disks", .v = want_table, .n = WANTS_N(want_table)};

/* What has to be known. */
static const uint32_t needed[] = {
	FIELD_MDDEV_LINK,     FIELD_MDDEV_DISKS,      FIELD_MDDEV_FLAGS,
	FIELD_MDDEV_RO,	      FIELD_MDDEV_GENDISK,    FIELD_MDDEV_MAJOR,
	FIELD_MDDEV_MINOR,    FIELD_MDDEV_PERSISTENT, FIELD_MDDEV_EXTERNAL,
	FIELD_MDDEV_METADATA, FIELD_MDDEV_CHUNK,      FIELD_MDDEV_LEVEL,
	FIELD_MDDEV_LAYOUT,   FIELD_MDDEV_RAID_DISKS, FIELD_MDDEV_SECTORS,
	FIELD_MDDEV_DEGRADED, FIELD_MDDEV_RESYNC,     FIELD_MDDEV_RECOVERY,
	FIELD_MDDEV_OFFSET,   FIELD_MDDEV_PERS,	      FIELD_MDDEV_PRIVATE,
	FIELD_MDDEV_BITMAP,   FIELD_RDEV_LINK,	      FIELD_RDEV_BDEV,
	FIELD_RDEV_NUMBER,    FIELD_RDEV_FLAGS,	      FIELD_RDEV_ROLE,
	FIELD_RDEV_SECTORS,   FIELD_PERS_NAME,	      FIELD_PERS_STATUS,
	FIELD_PERS_SYNC,      FIELD_GENDISK_NAME,     CONSTANT_FAULTY,
	CONSTANT_IN_SYNC,     CONSTANT_WRITE_MOSTLY,  CONSTANT_JOURNAL,
	CONSTANT_REPLACEMENT, CONSTANT_DONE,	      CONSTANT_REMOTE};

static bool md_constant(const struct md_work *w, uint32_t id, uint64_t *value)
{
	int64_t is = 0;

	if (w->own)
		is = w->own[WANTS_INDEX(id)].constant;
	else
		profile_constant(w->k->profile, id, &is);
	*value = (uint64_t)is;
	return records_field(w->k, w->own, id)->present;
}

bool md_bit(const struct md_work *w, uint64_t flags, uint32_t id)
{
	uint64_t bit;

	return md_constant(w, id, &bit) && bit < 64 && flags >> bit & 1;
}

bool md_is(const struct md_work *w, uint64_t value, uint32_t id)
{
	uint64_t is;

	return md_constant(w, id, &is) && is == value;
}

static void md_work_deinit(struct md_work *w)
{
	list_deinit(&w->all);
	list_deinit(&w->pending);
	list_deinit(&w->pers);
	module_types_deinit(w->types, w->n_types);
	symbols_deinit(&w->symbols);
	free(w->at);
	free(w->arrays);
	free(w->priv);
}

int md_variable(struct md_work *w, const char *name, uint64_t *at,
		struct err *err)
{
	_cleanup_free_ struct symbols_named *found = calloc(1, sizeof(*found));
	int rc = found ? symbols_named(&w->symbols, name, w->module, found, err)
		       : err_nomem(err);

	*at = !rc && found->n == 1 && found->v[0].module == w->module
		      ? found->v[0].va
		      : 0;
	return rc;
}

static int md_find(struct md_work *w, struct err *err)
{
	_cleanup_free_ struct symbols_named *found = calloc(1, sizeof(*found));
	int rc = found ? symbols_named(&w->symbols, "all_mddevs", NULL, found,
				       err)
		       : err_nomem(err);

	if (rc)
		return rc;
	if (!found->n)
		return err_set(err, ERR_NOT_FOUND,
			       "no module makes arrays of disks");
	if (found->n > 1)
		return err_set(err, ERR_UNREADABLE,
			       "there is more than one list of arrays of "
			       "disks");
	w->all.head = found->v[0].va;
	w->module = found->v[0].module;
	return 0;
}

/* The types of a module are to be read for that reader; SIZE_MAX: it is not
 * loaded. */
static size_t md_types_add(struct md_work *w, const char *module,
			   enum reader reader)
{
	const struct modules *m = &w->symbols.modules;
	size_t i;

	for (i = 0; i < m->list.n && module; i++)
		if (!strcmp(m->list.v[i].name, module))
			break;
	if (!module || i == m->list.n)
		return SIZE_MAX;
	w->types[w->n_types] =
		(struct module_types){.module = i, .reader = reader};
	return w->n_types++;
}

static int md_read_types(struct md_work *w, struct err *err)
{
	size_t own = md_types_add(w, w->module, READER_MD), at[MD_CONFS], i;
	int rc;

	for (i = 0; i < MD_CONFS; i++)
		at[i] = md_types_add(w, md_conf_modules[i], READER_MD_CONF);
	rc = module_types_read(w->k, &w->symbols.modules, w->types, w->n_types,
			       err);
	if (rc)
		return rc;
	if (own != SIZE_MAX)
		w->own = w->types[own].values.v;
	for (i = 0; i < MD_CONFS; i++)
		if (at[i] != SIZE_MAX)
			w->conf[i] = w->types[at[i]].values.v;
	if (w->module && !w->own)
		return err_set(err, ERR_UNREADABLE,
			       "arrays of disks are in a module, whose types "
			       "this kernel does not have");
	for (i = 0; i < WANTS_N(needed); i++)
		if (!records_field(w->k, w->own, needed[i])->present)
			return profile_unknown(w->k->profile,
					       "arrays of disks are kept in no "
					       "way that is known",
					       err);
	return 0;
}

static void md_remark_list(struct md_work *w, const struct list *l,
			   const char *what)
{
	if (l->torn || l->cut)
		remarks_add(w->remarks,
			    "the list of %s is damaged, or longer "
			    "than qvmi follows it",
			    what);
}

static int md_read_lists(struct md_work *w, struct err *err)
{
	struct list lists[2] = {{.head = w->all.head, .most = MD_ARRAYS_MAX},
				{.most = MD_DEVICES_MAX}};
	int rc = md_variable(w, "pending_raid_disks", &lists[1].head, err);

	if (!rc)
		rc = lists_read(w->k, lists, 2, err);
	w->all = lists[0];
	w->pending = lists[1];
	if (rc)
		return rc;
	md_remark_list(w, &w->all, "arrays");
	md_remark_list(w, &w->pending, "devices that no array has");
	w->at = lists_objects(
		&w->all, 1,
		records_field(w->k, w->own, FIELD_MDDEV_LINK)->offset, &w->n);
	w->arrays = calloc(w->n + 1, sizeof(*w->arrays));
	w->priv = calloc(w->n + 1, sizeof(*w->priv));
	return w->at && w->arrays && w->priv ? 0 : err_nomem(err);
}

/* Those that are shown, in the order of the list; what is known of an array
 * that is going away is that it will not be. */
static int md_settle(struct md_work *w, struct err *err)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		const struct md_array *a = &w->arrays[i];
		bool shown =
			a->lacks || a->kind != MD_NONE || a->raid_disks || a->n;

		if (!a->deleted && shown && vec_push(&w->out->v, *a))
			return err_nomem(err);
	}
	w->out->open =
		w->n && w->arrays[w->n - 1].deleted &&
		records_field(w->k, w->own, FIELD_MDDEV_BITMAP_OPS)->present;
	return 0;
}

int md_arrays_read(struct kernel *k, struct md_arrays *out,
		   struct remarks *remarks, struct err *err)
{
	_cleanup_(md_work_deinit) struct md_work w = {
		.k = k, .out = out, .remarks = remarks};
	int rc;

	*out = (struct md_arrays){0};
	symbols_init(&w.symbols, k);
	rc = md_find(&w, err);
	if (!rc)
		rc = md_read_types(&w, err);
	if (!rc)
		rc = md_read_lists(&w, err);
	if (!rc)
		rc = md_array_values_read(&w, err);
	if (!rc)
		rc = md_devices_read(&w, err);
	if (!rc)
		rc = md_confs_read(&w, err);
	return rc ? rc : md_settle(&w, err);
}

void md_arrays_deinit(struct md_arrays *a)
{
	vec_deinit(&a->v);
	vec_deinit(&a->devices);
	vec_deinit(&a->slots);
	vec_deinit(&a->pending);
	vec_deinit(&a->pers);
}
