/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the controllers of control groups. */
#include "kernel/task/cgroup_subsys.h"

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_SUBSYS_NAME = WANTS_OF(READER_CGROUP_SUBSYS),
	FIELD_SUBSYS_ROOT,
	FIELD_SUBSYS_LEGACY,
	FIELD_SUBSYS_DEFAULT,
	FIELD_ROOT_ID,
	FIELD_ROOT_GROUPS,
	FIELD_KEY_ENABLED,
	CONSTANT_SUBSYS
};

static const struct want want_table[] = {
	FIELD(SUBSYS_NAME, "cgroup_subsys", REQUIRED, "legacy_name"),
	FIELD(SUBSYS_ROOT, "cgroup_subsys", REQUIRED, "root"),
	FIELD(SUBSYS_LEGACY, "cgroup_subsys", OPTIONAL, "legacy_cftypes"),
	FIELD(SUBSYS_DEFAULT, "cgroup_subsys", OPTIONAL, "dfl_cftypes"),
	FIELD(ROOT_ID, "cgroup_root", REQUIRED, "hierarchy_id"),
	FIELD(ROOT_GROUPS, "cgroup_root", REQUIRED, "nr_cgrps"),
	FIELD(KEY_ENABLED, "static_key", REQUIRED, "enabled"),
	CONSTANT(SUBSYS, "cgroup_subsys_id", "CGROUP_SUBSYS_COUNT"),
};

const struct wants cgroup_subsys_wants = {
	.reader = "controllers of control groups",
	.v = want_table,
	.n = WANTS_N(want_table)};

static const uint32_t subsys_fields[] = {
	FIELD_SUBSYS_NAME,
	FIELD_SUBSYS_ROOT,
	FIELD_SUBSYS_LEGACY,
	FIELD_SUBSYS_DEFAULT,
};

/* What pointers lead to each controller, and to its key. */
struct controller_pointers {
	uint64_t subsys[CGROUP_CONTROLLERS_MAX], key[CGROUP_CONTROLLERS_MAX];
	uint64_t show_all; /* and whether those without files are shown, too */
	bool asks;	   /* this kernel asks for that */
};

static int controllers_find(struct kernel *k, size_t *n,
			    struct controller_pointers *p, struct err *err)
{
	int64_t count;
	struct variable v[] = {
		{.name = "cgroup_subsys", .to = p->subsys},
		{.name = "cgroup_subsys_enabled_key", .to = p->key},
		{.name = "proc_show_all", .size = 1}}; /* 6.14 */
	size_t i;
	int rc;

	if (!profile_constant(k->profile, CONSTANT_SUBSYS, &count) ||
	    count < 0 || count > CGROUP_CONTROLLERS_MAX)
		count = 0;
	*n = (size_t)count;
	v[0].size = v[1].size = *n * 8;
	rc = variables_read(k, v, 3, err);
	if (!rc && (!v[0].known || !v[1].known))
		rc = profile_unknown(k->profile,
				     "controllers of control groups are kept "
				     "in no way that is known",
				     err);
	for (i = 0; i < *n && !rc; i++) {
		p->subsys[i] = le64(&p->subsys[i]);
		p->key[i] = le64(&p->key[i]);
	}
	p->asks = v[2].known;
	p->show_all = v[2].value;
	return rc;
}

static int controllers_read_names(struct kernel *k, const struct records *r,
				  struct cgroup_controllers *out,
				  struct err *err)
{
	uint64_t at[CGROUP_CONTROLLERS_MAX] = {0};
	char *to[CGROUP_CONTROLLERS_MAX] = {0};
	size_t i;

	for (i = 0; i < out->n; i++) {
		at[i] = records_u64(r, i, FIELD_SUBSYS_NAME);
		to[i] = out->v[i].name;
	}
	return records_strings(k, at, out->n, CGROUP_CONTROLLER_NAME, to, NULL,
			       err);
}

static int controllers_fill(struct kernel *k,
			    const struct controller_pointers *p,
			    const struct records *r,
			    struct cgroup_controllers *out, struct err *err)
{
	static const uint32_t roots[] = {FIELD_ROOT_ID, FIELD_ROOT_GROUPS};
	static const uint32_t keys[] = {FIELD_KEY_ENABLED};
	uint64_t at[CGROUP_CONTROLLERS_MAX] = {0};
	const struct records_want wants[] = {{at, out->n, roots, 2},
					     {p->key, out->n, keys, 1}};
	struct records of[2] = {0};
	size_t i;
	int rc;

	for (i = 0; i < out->n; i++)
		at[i] = records_u64(r, i, FIELD_SUBSYS_ROOT);
	rc = records_read_all(k, wants, 2, of, err);
	for (i = 0; i < out->n && !rc; i++) {
		struct cgroup_controller *c = &out->v[i];

		if (!r->ok[i] || !of[0].ok[i] || !of[1].ok[i])
			rc = err_set(err, ERR_UNREADABLE,
				     "a controller of control groups cannot "
				     "be read");
		c->hierarchy = (int32_t)records_u64(&of[0], i, FIELD_ROOT_ID);
		c->groups = (int32_t)records_u64(&of[0], i, FIELD_ROOT_GROUPS);
		c->enabled =
			(int32_t)records_u64(&of[1], i, FIELD_KEY_ENABLED) > 0;
		c->shown = !p->asks || p->show_all ||
			   records_u64(r, i, FIELD_SUBSYS_LEGACY) ||
			   !records_u64(r, i, FIELD_SUBSYS_DEFAULT);
	}
	records_deinit(&of[0]);
	records_deinit(&of[1]);
	return rc;
}

int cgroup_controllers_read(struct kernel *k, struct cgroup_controllers *out,
			    struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	struct controller_pointers p = {0};
	int rc = profile_check_reader(k->profile, READER_CGROUP_SUBSYS, err);

	*out = (struct cgroup_controllers){0};
	if (!rc)
		rc = controllers_find(k, &out->n, &p, err);
	if (!rc)
		rc = records_read(k, p.subsys, out->n, subsys_fields,
				  WANTS_N(subsys_fields), &r, err);
	if (!rc)
		rc = controllers_fill(k, &p, &r, out, err);
	return rc ? rc : controllers_read_names(k, &r, out, err);
}
