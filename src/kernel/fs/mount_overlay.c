/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of overlays: ovl_show_options(), fs/overlayfs/super.c, since 6.5
 * params.c; 5.10 to 7.2. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/mount_options.h"

/* What is wanted of the types. */
enum {
	FIELD_OVL_LOWER = WANTS_OF(READER_MOUNT_OVERLAY),
	FIELD_OVL_LOWERS,
	FIELD_OVL_LAYERS,
	FIELD_OVL_DATA_LAYERS,
	FIELD_OVL_UPPER,
	FIELD_OVL_WORK,
	FIELD_OVL_PERMISSIONS,
	FIELD_OVL_REDIRECT,
	FIELD_OVL_INDEX,
	FIELD_OVL_UUID,
	FIELD_OVL_NFS,
	FIELD_OVL_XINO,
	FIELD_OVL_XINO_MODE,
	FIELD_OVL_METACOPY,
	FIELD_OVL_VOLATILE,
	FIELD_OVL_FSYNC,
	FIELD_OVL_USERXATTR,
	FIELD_OVL_VERITY,
	CONSTANT_LOWER_ADD
};

static const struct want want_table[] = {
	FIELD(OVL_LOWER, "ovl_fs", OPTIONAL, "config.lowerdir"),
	FIELD(OVL_LOWERS, "ovl_fs", OPTIONAL, "config.lowerdirs"), /* 6.5 */
	FIELD(OVL_LAYERS, "ovl_fs", OPTIONAL, "numlayer"),
	FIELD(OVL_DATA_LAYERS, "ovl_fs", OPTIONAL, "numdatalayer"), /* 6.5 */
	FIELD(OVL_UPPER, "ovl_fs", OPTIONAL, "config.upperdir"),
	FIELD(OVL_WORK, "ovl_fs", OPTIONAL, "config.workdir"),
	FIELD(OVL_PERMISSIONS, "ovl_fs", OPTIONAL,
	      "config.default_permissions"),
	FIELD(OVL_REDIRECT, "ovl_fs", OPTIONAL, "config.redirect_mode"),
	FIELD(OVL_INDEX, "ovl_fs", OPTIONAL, "config.index"),
	FIELD(OVL_UUID, "ovl_fs", OPTIONAL, "config.uuid"), /* 5.13 */
	FIELD(OVL_NFS, "ovl_fs", OPTIONAL, "config.nfs_export"),
	FIELD(OVL_XINO, "ovl_fs", OPTIONAL, "config.xino"),
	FIELD(OVL_XINO_MODE, "ovl_fs", OPTIONAL, "xino_mode"),
	FIELD(OVL_METACOPY, "ovl_fs", OPTIONAL, "config.metacopy"),
	FIELD(OVL_VOLATILE, "ovl_fs", OPTIONAL, "config.ovl_volatile"),
	FIELD(OVL_FSYNC, "ovl_fs", OPTIONAL, "config.fsync_mode"),
	FIELD(OVL_USERXATTR, "ovl_fs", OPTIONAL, "config.userxattr"), /* 5.11 */
	FIELD(OVL_VERITY, "ovl_fs", OPTIONAL, "config.verity_mode"),  /* 6.6 */
	CONSTANT(LOWER_ADD, "", "Opt_lowerdir_add"),		      /* 6.7 */
};

const struct wants mount_overlay_wants = {.reader = "options of overlays",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

static const uint32_t ovl_fields[] = {
	FIELD_OVL_LAYERS,      FIELD_OVL_UPPER,	    FIELD_OVL_WORK,
	FIELD_OVL_REDIRECT,    FIELD_OVL_INDEX,	    FIELD_OVL_NFS,
	FIELD_OVL_XINO,	       FIELD_OVL_XINO_MODE, FIELD_OVL_METACOPY,
	FIELD_OVL_PERMISSIONS, FIELD_OVL_LOWER,	    FIELD_OVL_LOWERS,
	FIELD_OVL_DATA_LAYERS, FIELD_OVL_UUID,	    FIELD_OVL_VOLATILE,
	FIELD_OVL_FSYNC,       FIELD_OVL_USERXATTR, FIELD_OVL_VERITY};
#define OVL_NEEDS 10 /* the first of them */

/* What is usual: module parameters. */
enum {
	DEF_REDIRECT,
	DEF_FOLLOW,
	DEF_INDEX,
	DEF_NFS,
	DEF_XINO,
	DEF_METACOPY,
	DEFS
};

static const char *const ovl_defs[DEFS] = {
	"ovl_redirect_dir_def", "ovl_redirect_always_follow",
	"ovl_index_def",	"ovl_nfs_export_def",
	"ovl_xino_auto_def",	"ovl_metacopy_def"};

#define OVERLAYS_MAX 1024u

/* Directories of one: the lower ones, the upper one, the one for work, and
 * before 6.5 the mode of redirection. */
#define LAYERS_MAX  501u  /* OVL_MAX_STACK, and the list of them in front */
#define STRINGS_MAX 4096u /* of all overlays */
#define STRING_SIZE 4097u /* what a mount is told takes a page at most */

struct ovl_string {
	size_t of; /* which overlay */
	const char *name;
	char *text;
};

struct ovl_work {
	struct super_group *g;
	struct records r;
	uint8_t defs[DEFS];
	uint64_t
		*lowers; /* LAYERS_MAX of each; where there are lists of them */
	VEC(struct ovl_string) strings;
	VEC(uint64_t) at; /* of each string */
	char *bytes;
};

static void ovl_work_deinit(struct ovl_work *w)
{
	records_deinit(&w->r);
	free(w->lowers);
	vec_deinit(&w->strings);
	vec_deinit(&w->at);
	free(w->bytes);
}

static uint64_t ovl_value(const struct ovl_work *w, size_t i, uint32_t field)
{
	return records_u64(&w->r, i, field);
}

/* Of kernels that have lists of them: each list, as far as it may go. */
static int ovl_read_lowers(struct ovl_work *w, struct err *err)
{
	size_t n = w->g->n, i;
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	int rc;

	if (!records_have(&w->r, FIELD_OVL_LOWERS))
		return 0;
	w->lowers = calloc(n * LAYERS_MAX + 1, sizeof(*w->lowers));
	if (!w->lowers || !reads)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		uint64_t layers = ovl_value(w, i, FIELD_OVL_LAYERS);

		layers = layers ? layers : 1;
		reads[i] = (struct space_read){
			.root = &w->g->k->root,
			.va = ovl_value(w, i, FIELD_OVL_LOWERS),
			.dst = &w->lowers[i * LAYERS_MAX],
			.len = 8 * (layers < LAYERS_MAX ? layers : LAYERS_MAX)};
		if (!w->r.ok[i])
			reads[i].len = 0;
	}
	rc = space_read(w->g->k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (reads[i].got < reads[i].len)
			w->g->v[i]->say = MOUNT_TORN;
	return rc;
}

static int ovl_want_string(struct ovl_work *w, size_t i, const char *name,
			   uint64_t at)
{
	if (w->strings.n == STRINGS_MAX) {
		w->g->v[i]->say = MOUNT_LACKS;
		return 0;
	}
	if (vec_push(&w->strings, {.of = i, .name = name}))
		return ERR_NOMEM;
	return vec_push(&w->at, at);
}

/* lowerdirs[0] is all of them, as they were given; where it is not, they were
 * added one by one (6.7). */
static int ovl_want_lowers(struct ovl_work *w, size_t i)
{
	const uint64_t *lowers = w->lowers ? &w->lowers[i * LAYERS_MAX] : NULL;
	uint64_t n = ovl_value(w, i, FIELD_OVL_LAYERS), j;
	uint64_t data = ovl_value(w, i, FIELD_OVL_DATA_LAYERS);
	int rc = 0;

	if (!lowers)
		return ovl_want_string(w, i, "lowerdir",
				       ovl_value(w, i, FIELD_OVL_LOWER));
	if (*lowers)
		return ovl_want_string(w, i, "lowerdir", *lowers);
	if (!option_constant(w->g, CONSTANT_LOWER_ADD) || n > LAYERS_MAX ||
	    data > n) {
		w->g->v[i]->say = MOUNT_LACKS;
		return 0;
	}
	for (j = 1; j < n && !rc; j++)
		rc = ovl_want_string(w, i,
				     j < n - data ? "lowerdir+" : "datadir+",
				     lowers[j]);
	return rc;
}

/* A number since 6.5. */
static bool ovl_redirect_is_text(const struct ovl_work *w)
{
	return records_size(&w->r, FIELD_OVL_REDIRECT) == 8;
}

static int ovl_want_strings(struct ovl_work *w, size_t i)
{
	uint64_t upper = ovl_value(w, i, FIELD_OVL_UPPER);
	int rc = ovl_want_lowers(w, i);

	if (!rc && upper)
		rc = ovl_want_string(w, i, "upperdir", upper);
	if (!rc && upper)
		rc = ovl_want_string(w, i, "workdir",
				     ovl_value(w, i, FIELD_OVL_WORK));
	if (!rc && ovl_redirect_is_text(w))
		rc = ovl_want_string(w, i, NULL,
				     ovl_value(w, i, FIELD_OVL_REDIRECT));
	return rc;
}

static int ovl_read_strings(struct ovl_work *w, struct err *err)
{
	size_t n = w->strings.n, i;
	_cleanup_free_ char **out = calloc(n + 1, sizeof(*out));
	_cleanup_free_ bool *ok = calloc(n + 1, sizeof(*ok));
	int rc;

	w->bytes = calloc(n + 1, STRING_SIZE);
	if (!out || !ok || !w->bytes)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		out[i] = w->strings.v[i].text = w->bytes + i * STRING_SIZE;
	rc = records_strings(w->g->k, w->at.v, n, STRING_SIZE, out, ok, err);
	for (i = 0; i < n && !rc; i++)
		if (!ok[i])
			w->g->v[w->strings.v[i].of]->say = MOUNT_TORN;
	return rc;
}

/* Options that are words by number. */
static const char *const on_off[] = {"off", "on"};
static const char *const redirects[] = {"off", "follow", "nofollow", "on"};
static const char *const uuids[] = {"off", "null", "auto", "on"};
static const char *const xinos[] = {"off", "auto", "on"};
static const char *const fsyncs[] = {"volatile", "auto", "strict"};
static const char *const verities[] = {"off", "on", "require"};

static void ovl_put_word(struct mount_super *s, const char *name,
			 const char *const *words, size_t n, uint64_t value)
{
	if (value < n)
		buf_printf(&s->options, ",%s=%s", name, words[value]);
	else
		s->say = MOUNT_TORN;
}

#define PUT_WORD(s, name, words, value) \
	ovl_put_word(s, name, words, WANTS_N(words), value)

static void ovl_put_redirect(const struct ovl_work *w, size_t i,
			     const char *text)
{
	struct mount_super *s = w->g->v[i];
	uint64_t mode = ovl_value(w, i, FIELD_OVL_REDIRECT);
	uint64_t usual = w->defs[DEF_REDIRECT] ? 3
			 : w->defs[DEF_FOLLOW] ? 1
					       : 2;

	if (!ovl_redirect_is_text(w)) {
		if (mode != usual)
			PUT_WORD(s, "redirect_dir", redirects, mode);
	} else if (text && strcmp(text, on_off[!!w->defs[DEF_REDIRECT]]) != 0)
		buf_printf(&s->options, ",redirect_dir=%s", text);
}

/* Whether there are UUIDs (5.13), or which (6.6). */
static void ovl_put_uuid(const struct ovl_work *w, size_t i)
{
	struct mount_super *s = w->g->v[i];
	uint64_t uuid = ovl_value(w, i, FIELD_OVL_UUID);

	if (!records_have(&w->r, FIELD_OVL_UUID))
		return;
	if (records_size(&w->r, FIELD_OVL_UUID) == 1) {
		if (!uuid)
			buf_puts(&s->options, ",uuid=off");
	} else if (uuid != 2)
		PUT_WORD(s, "uuid", uuids, uuid);
}

static void ovl_put_switch(const struct ovl_work *w, size_t i, const char *name,
			   uint32_t field, unsigned int def)
{
	uint64_t value = ovl_value(w, i, field);

	if (value != w->defs[def])
		PUT_WORD(w->g->v[i], name, on_off, value);
}

static void ovl_put_flag(const struct ovl_work *w, size_t i, const char *name,
			 uint32_t field)
{
	if (ovl_value(w, i, field))
		buf_printf(&w->g->v[i]->options, ",%s", name);
}

static void ovl_put_settings(const struct ovl_work *w, size_t i,
			     const char *redirect)
{
	struct mount_super *s = w->g->v[i];
	uint64_t xino = ovl_value(w, i, FIELD_OVL_XINO);

	ovl_put_flag(w, i, "default_permissions", FIELD_OVL_PERMISSIONS);
	ovl_put_redirect(w, i, redirect);
	ovl_put_switch(w, i, "index", FIELD_OVL_INDEX, DEF_INDEX);
	ovl_put_uuid(w, i);
	ovl_put_switch(w, i, "nfs_export", FIELD_OVL_NFS, DEF_NFS);
	/* 0: all layers are in one file system, which has no use for it */
	if (xino != w->defs[DEF_XINO] && ovl_value(w, i, FIELD_OVL_XINO_MODE))
		PUT_WORD(s, "xino", xinos, xino);
	ovl_put_switch(w, i, "metacopy", FIELD_OVL_METACOPY, DEF_METACOPY);
	ovl_put_flag(w, i, "volatile", FIELD_OVL_VOLATILE);
	if (records_have(&w->r, FIELD_OVL_FSYNC) &&
	    ovl_value(w, i, FIELD_OVL_FSYNC) != 1)
		PUT_WORD(s, "fsync", fsyncs, ovl_value(w, i, FIELD_OVL_FSYNC));
	ovl_put_flag(w, i, "userxattr", FIELD_OVL_USERXATTR);
	if (ovl_value(w, i, FIELD_OVL_VERITY))
		PUT_WORD(s, "verity", verities,
			 ovl_value(w, i, FIELD_OVL_VERITY));
}

/* The strings of all are in their order. */
static void ovl_put_all(const struct ovl_work *w)
{
	size_t i, at = 0;

	for (i = 0; i < w->g->n; i++) {
		struct mount_super *s = w->g->v[i];
		const char *redirect = NULL;

		for (; at < w->strings.n && w->strings.v[at].of == i; at++) {
			const struct ovl_string *string = &w->strings.v[at];

			if (!string->name)
				redirect = string->text;
			else if (!s->say)
				mount_option_put(&s->options, string->name,
						 string->text);
		}
		if (!s->say)
			ovl_put_settings(w, i, redirect);
	}
}

/* Whether any can be told: of the parameters all have to be known. */
static int ovl_check(struct ovl_work *w, struct err *err)
{
	bool known = options_have(&w->r, ovl_fields, OVL_NEEDS) &&
		     (records_have(&w->r, FIELD_OVL_LOWER) ||
		      records_have(&w->r, FIELD_OVL_LOWERS));
	int rc = known ? options_read_bytes(w->g, ovl_defs, DEFS, w->defs, err)
		       : ERR_NOT_FOUND;
	size_t i;

	for (i = 0; i < w->g->n; i++)
		w->g->v[i]->say = rc	       ? MOUNT_LACKS
				  : w->r.ok[i] ? MOUNT_SAYS
					       : MOUNT_TORN;
	return rc;
}

static int options_overlay(struct super_group *g, struct err *err)
{
	const size_t n = g->n < OVERLAYS_MAX ? g->n : OVERLAYS_MAX;
	_cleanup_(ovl_work_deinit) struct ovl_work w = {.g = g};
	const struct records_want want = {g->info, n, ovl_fields,
					  WANTS_N(ovl_fields)};
	size_t i;
	int rc;

	for (i = n; i < g->n; i++)
		g->v[i]->say = MOUNT_LACKS;
	g->n = n;
	rc = records_read_typed(g->k, g->types, &want, 1, &w.r, err);
	if (!rc)
		rc = ovl_check(&w, err);
	if (rc)
		return rc == ERR_NOT_FOUND ? 0 : rc;
	rc = ovl_read_lowers(&w, err);
	for (i = 0; i < g->n && !rc; i++)
		if (!g->v[i]->say && ovl_want_strings(&w, i))
			rc = err_nomem(err);
	if (!rc)
		rc = ovl_read_strings(&w, err);
	if (!rc)
		ovl_put_all(&w);
	return rc;
}

const struct super_module_kind mount_overlay = {
	{"ovl_show_options", options_overlay}, READER_MOUNT_OVERLAY};
