/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads states of modules, and who uses them. */
#include "kernel/code/module_status.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MODULE_STATE = WANTS_OF(READER_MODULE_STATUS),
	FIELD_MODULE_NAME,
	FIELD_MODULE_REFCNT,
	FIELD_MODULE_TAINTS,
	FIELD_MODULE_INIT,
	FIELD_MODULE_EXIT,
	FIELD_MODULE_SOURCES,
	FIELD_USE_LINK,
	FIELD_USE_SOURCE,
	CONSTANT_MODULE_COMING,
	CONSTANT_MODULE_GOING
};

static const struct want want_table[] = {
	FIELD(MODULE_STATE, "module", REQUIRED, "state"),
	FIELD(MODULE_NAME, "module", REQUIRED, "name"),
	/* these four with CONFIG_MODULE_UNLOAD alone */
	FIELD(MODULE_REFCNT, "module", OPTIONAL, "refcnt"),
	FIELD(MODULE_TAINTS, "module", OPTIONAL, "taints"),
	FIELD(MODULE_INIT, "module", OPTIONAL, "init"),
	FIELD(MODULE_EXIT, "module", OPTIONAL, "exit"),
	FIELD(MODULE_SOURCES, "module", OPTIONAL, "source_list"),
	FIELD(USE_LINK, "module_use", OPTIONAL, "source_list"),
	FIELD(USE_SOURCE, "module_use", OPTIONAL, "source"),
	CONSTANT(MODULE_COMING, "module_state", "MODULE_STATE_COMING"),
	CONSTANT(MODULE_GOING, "module_state", "MODULE_STATE_GOING"),
};

const struct wants module_status_wants = {.reader = "states of modules",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

static const uint32_t status_fields[] = {
	FIELD_MODULE_STATE, FIELD_MODULE_REFCNT, FIELD_MODULE_TAINTS,
	FIELD_MODULE_INIT,  FIELD_MODULE_EXIT,
};

static const uint32_t use_fields[] = {FIELD_USE_SOURCE};
static const uint32_t name_fields[] = {FIELD_MODULE_NAME};

/* The flags that modules have, by number (docs/facts/kernel.md, "Modules"). */
static const char taint_letters[] = "PF        C OE KXTNJ";

/* What a count begins at: MODULE_REF_BASE. */
#define REF_BASE 1

/* The statuses being read, and the lists of their users. */
struct status_reader {
	struct kernel *k;
	const struct modules *modules;
	struct module_statuses *out;
	struct remarks *remarks;
	uint64_t *addrs;
	struct list *lists;
	size_t n;
};

static void status_reader_deinit(struct status_reader *r)
{
	size_t i;

	for (i = 0; r->lists && i < r->n; i++)
		list_deinit(&r->lists[i]);
	free(r->lists);
	free(r->addrs);
}

static bool status_is(const struct status_reader *r, uint32_t constant,
		      int64_t usual, uint64_t state)
{
	int64_t value = usual;

	profile_constant(r->k->profile, constant, &value);
	return (int64_t)state == value;
}

static void status_set_taints(struct module_status *s, uint64_t taints)
{
	size_t i, n = 0;

	s->tainted = taints;
	for (i = 0; i < sizeof(taint_letters) - 1; i++)
		if (taints >> i & 1 && taint_letters[i] != ' ')
			s->taints[n++] = taint_letters[i];
}

static void status_set(const struct status_reader *r, const struct records *rec,
		       size_t i)
{
	struct module_status *s = &r->out->v[i];
	uint64_t state = records_u64(rec, i, FIELD_MODULE_STATE);

	s->ok = rec->ok[i];
	if (!s->ok) {
		remarks_add(r->remarks, "module %s cannot be read",
			    r->modules->list.v[i].name);
		return;
	}
	s->coming = status_is(r, CONSTANT_MODULE_COMING, 1, state);
	s->going = status_is(r, CONSTANT_MODULE_GOING, 2, state);
	s->counted = records_have(rec, FIELD_MODULE_REFCNT);
	if (s->counted)
		s->uses = (int32_t)records_u64(rec, i, FIELD_MODULE_REFCNT) -
			  REF_BASE;
	s->permanent = records_have(rec, FIELD_MODULE_EXIT) &&
		       records_u64(rec, i, FIELD_MODULE_INIT) &&
		       !records_u64(rec, i, FIELD_MODULE_EXIT);
	status_set_taints(s, records_u64(rec, i, FIELD_MODULE_TAINTS));
}

/* The members of each, and the lists of who uses them. */
static int status_read_members(struct status_reader *r, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	const struct profile_field *head =
		profile_field(r->k->profile, FIELD_MODULE_SOURCES);
	size_t i;
	int rc;

	for (i = 0; i < r->n; i++) {
		r->addrs[i] = r->modules->list.v[i].addr;
		r->lists[i].most = MODULE_USERS_MAX;
		if (head->present)
			r->lists[i].head = r->addrs[i] + head->offset;
	}
	rc = records_read(r->k, r->addrs, r->n, status_fields,
			  WANTS_N(status_fields), &rec, err);
	for (i = 0; i < r->n && !rc; i++)
		status_set(r, &rec, i);
	return rc ? rc : lists_read(r->k, r->lists, r->n, err);
}

static void status_remark_list(const struct status_reader *r, size_t i)
{
	const char *name = r->modules->list.v[i].name;
	const struct list *l = &r->lists[i];

	if (l->torn)
		remarks_add(r->remarks,
			    "the list of users of module %s is damaged at "
			    "0x%" PRIx64,
			    name, l->torn_at);
	if (l->cut)
		remarks_add(r->remarks,
			    "module %s has more than %zu users: the others "
			    "were not looked at",
			    name, l->most);
}

static int status_add_user(const struct status_reader *r, size_t i,
			   const struct records *names, size_t at)
{
	uint32_t len = records_size(names, FIELD_MODULE_NAME);
	struct module_user user = {0};

	if (!names->ok[at]) {
		remarks_add(r->remarks, "a user of module %s cannot be read",
			    r->modules->list.v[i].name);
		return 0;
	}
	if (len > sizeof(user.name) - 1)
		len = sizeof(user.name) - 1;
	memcpy(user.name, records_bytes(names, at, FIELD_MODULE_NAME), len);
	return vec_push(&r->out->v[i].users, user);
}

/* From the links in all lists to the modules that use, and to their names. */
static int status_read_users(struct status_reader *r, struct err *err)
{
	_cleanup_(records_deinit) struct records uses = {0}, names = {0};
	uint32_t link = profile_field(r->k->profile, FIELD_USE_LINK)->offset;
	size_t i, j, n;
	_cleanup_free_ uint64_t *at = lists_objects(r->lists, r->n, link, &n);
	int rc;

	if (!at)
		return err_nomem(err);
	rc = records_read(r->k, at, n, use_fields, 1, &uses, err);
	for (i = 0; i < n && !rc; i++)
		at[i] = records_u64(&uses, i, FIELD_USE_SOURCE);
	if (!rc)
		rc = records_read(r->k, at, n, name_fields, 1, &names, err);
	for (i = n = 0; i < r->n && !rc; i++) {
		status_remark_list(r, i);
		for (j = 0; j < r->lists[i].links.n && !rc; j++)
			if (status_add_user(r, i, &names, n++))
				rc = err_nomem(err);
	}
	return rc;
}

static int statuses_read_modules(struct kernel *k, struct modules *out,
				 struct remarks *remarks, struct err *err)
{
	_cleanup_(list_deinit) struct list list = {0};
	int rc = modules_list_read(k, &list, err);

	return rc ? rc : modules_read(k, &list, out, remarks, err);
}

int module_statuses_read(struct kernel *k, struct module_statuses *out,
			 struct remarks *remarks, struct err *err)
{
	_cleanup_(status_reader_deinit) struct status_reader r = {
		.k = k,
		.modules = &out->modules,
		.out = out,
		.remarks = remarks};
	int rc = statuses_read_modules(k, &out->modules, remarks, err);

	if (rc)
		return rc;
	r.n = out->modules.list.n;
	out->v = calloc(r.n + 1, sizeof(*out->v));
	r.addrs = calloc(r.n + 1, sizeof(*r.addrs));
	r.lists = calloc(r.n + 1, sizeof(*r.lists));
	if (!out->v || !r.addrs || !r.lists)
		return err_nomem(err);
	out->n = r.n;
	rc = status_read_members(&r, err);
	return rc ? rc : status_read_users(&r, err);
}

void module_statuses_deinit(struct module_statuses *s)
{
	size_t i;

	for (i = 0; s->v && i < s->n; i++)
		vec_deinit(&s->v[i].users);
	free(s->v);
	modules_deinit(&s->modules);
	*s = (struct module_statuses){0};
}
