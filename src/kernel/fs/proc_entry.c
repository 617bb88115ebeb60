/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks a name up in the tree of /proc's entries. */
#include "kernel/fs/proc_entry.h"

#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_SUBDIR = WANTS_OF(READER_PROC_ENTRY),
	FIELD_NODE,
	FIELD_LEFT,
	FIELD_RIGHT,
	FIELD_NAME,
	FIELD_LENGTH
};

static const struct want want_table[] = {
	FIELD(SUBDIR, "proc_dir_entry", OPTIONAL, "subdir.rb_node"),
	FIELD(NODE, "proc_dir_entry", OPTIONAL, "subdir_node"),
	FIELD(LEFT, "proc_dir_entry", OPTIONAL, "subdir_node.rb_left"),
	FIELD(RIGHT, "proc_dir_entry", OPTIONAL, "subdir_node.rb_right"),
	FIELD(NAME, "proc_dir_entry", OPTIONAL, "name"),
	FIELD(LENGTH, "proc_dir_entry", OPTIONAL, "namelen"),
};

const struct wants proc_entry_wants = {.reader = "entries of /proc",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

/* Names that are looked for are short. */
#define NAME_SIZE 64u

/* One entry: how the name that is looked for compares with its own
 * (proc_match()), and the entry that lies there. */
struct step {
	uint64_t at;
	int order;
	bool lost;
};

static int step_compare(struct kernel *k, const char *name, uint64_t at,
			uint64_t length, struct step *s, struct err *err)
{
	char own[NAME_SIZE], *to = own;
	size_t len = strlen(name);
	bool ok = false;
	int rc;

	if (len != length) {
		s->order = len < length ? -1 : 1;
		return 0;
	}
	rc = records_strings(k, &at, 1, sizeof(own), &to, &ok, err);
	s->order = strcmp(name, own);
	s->lost |= !ok;
	return rc;
}

static int step_go(struct kernel *k, const char *name, struct step *s,
		   struct err *err)
{
	static const uint32_t fields[] = {FIELD_LEFT, FIELD_RIGHT, FIELD_NAME,
					  FIELD_LENGTH};
	uint32_t node = profile_field(k->profile, FIELD_NODE)->offset;
	_cleanup_(records_deinit) struct records r = {0};
	int rc = records_read(k, &s->at, 1, fields, WANTS_N(fields), &r, err);

	if (rc)
		return rc;
	s->lost = !r.ok[0];
	if (s->lost)
		return 0;
	rc = step_compare(k, name, records_u64(&r, 0, FIELD_NAME),
			  records_u64(&r, 0, FIELD_LENGTH), s, err);
	s->at = records_u64(&r, 0, s->order < 0 ? FIELD_LEFT : FIELD_RIGHT);
	s->at = s->at ? s->at - node : 0;
	return rc;
}

int proc_entry_find(struct kernel *k, const char *name, bool *there,
		    struct err *err)
{
	static const uint32_t root = FIELD_SUBDIR;
	_cleanup_(records_deinit) struct records r = {0};
	struct step s = {.order = -1};
	size_t depth;
	int rc;

	*there = true;
	if (!profile_symbol(k->profile, "proc_root", &s.at) ||
	    !records_known(k, FIELD_SUBDIR, FIELD_LENGTH))
		return 0;
	rc = records_read(k, &s.at, 1, &root, 1, &r, err);
	if (rc)
		return rc;
	s.lost = !r.ok[0];
	s.at = records_u64(&r, 0, root);
	s.at -= s.at ? profile_field(k->profile, FIELD_NODE)->offset : 0;
	for (depth = 0; depth < RBTREE_DEPTH_MAX && s.at && s.order && !s.lost;
	     depth++) {
		rc = step_go(k, name, &s, err);
		if (rc)
			return rc;
	}
	*there = s.lost || !s.order || s.at;
	return 0;
}
