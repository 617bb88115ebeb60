/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks the trees of sysctls, all directories of a level in step. */
#include "kernel/sysctl/sysctl_tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_NODE_LEFT = WANTS_OF(READER_SYSCTL_TREE),
	FIELD_NODE_RIGHT,
	FIELD_NODE_HEADER,
	FIELD_HEADER_TABLE,
	FIELD_HEADER_NODE,
	FIELD_HEADER_GOING,
	FIELD_DIR_ROOT,
	FIELD_TABLE_NAME,
	FIELD_TABLE_DATA,
	FIELD_TABLE_MAXLEN,
	FIELD_TABLE_MODE,
	FIELD_TABLE_HANDLER,
	FIELD_ROOT_TREE,
	FIELD_NET_TREE,
	FIELD_USER_TREE,
	FIELD_IPC_TREE,
	FIELD_MQ_TREE,
	FIELD_PID_TREE,
	STRUCT_NODE,
	STRUCT_TABLE
};

static const struct want want_table[] = {
	FIELD(NODE_LEFT, "ctl_node", REQUIRED, "node.rb_left"),
	FIELD(NODE_RIGHT, "ctl_node", REQUIRED, "node.rb_right"),
	FIELD(NODE_HEADER, "ctl_node", REQUIRED, "header"),
	FIELD(HEADER_TABLE, "ctl_dir", REQUIRED, "header.ctl_table"),
	FIELD(HEADER_NODE, "ctl_dir", REQUIRED, "header.node"),
	FIELD(HEADER_GOING, "ctl_dir", REQUIRED, "header.unregistering"),
	FIELD(DIR_ROOT, "ctl_dir", REQUIRED, "root.rb_node"),
	FIELD(TABLE_NAME, "ctl_table", REQUIRED, "procname"),
	FIELD(TABLE_DATA, "ctl_table", REQUIRED, "data"),
	FIELD(TABLE_MAXLEN, "ctl_table", REQUIRED, "maxlen"),
	FIELD(TABLE_MODE, "ctl_table", REQUIRED, "mode"),
	FIELD(TABLE_HANDLER, "ctl_table", REQUIRED, "proc_handler"),
	FIELD(ROOT_TREE, "ctl_table_root", REQUIRED,
	      "default_set.dir.root.rb_node"),
	FIELD(NET_TREE, "net", OPTIONAL, "sysctls.dir.root.rb_node"),
	FIELD(USER_TREE, "user_namespace", OPTIONAL, "set.dir.root.rb_node"),
	FIELD(IPC_TREE, "ipc_namespace", OPTIONAL,
	      "ipc_set.dir.root.rb_node"), /* 5.19 */
	FIELD(MQ_TREE, "ipc_namespace", OPTIONAL,
	      "mq_set.dir.root.rb_node"), /* 5.19 */
	FIELD(PID_TREE, "pid_namespace", OPTIONAL,
	      "set.dir.root.rb_node"), /* 6.14 */
	STRUCT(NODE, "ctl_node", REQUIRED),
	STRUCT(TABLE, "ctl_table", REQUIRED),
};

const struct wants sysctl_tree_wants = {
	.reader = "sysctls", .v = want_table, .n = WANTS_N(want_table)};

/* A ctl_node of a directory. */
struct node {
	size_t dir;
	uint64_t at, header;
};

struct sysctl_walk {
	struct kernel *k;
	struct remarks *remarks;
	struct sysctl_tree *out;
	VEC(struct node) nodes; /* of the directories of a level */
	struct map seen;	/* nodes */
};

static void sysctl_walk_deinit(struct sysctl_walk *w)
{
	vec_deinit(&w->nodes);
	map_deinit(&w->seen);
}

static void sysctl_torn(struct sysctl_walk *w, uint64_t at)
{
	remarks_add(w->remarks, "a sysctl cannot be read, at 0x%" PRIx64, at);
}

/* Take one more node, unless it is 0. */
static int sysctl_launch(struct sysctl_walk *w, size_t dir, uint64_t node)
{
	if (!node)
		return 0;
	if (map_get(&w->seen, node, NULL)) {
		remarks_add(w->remarks,
			    "a sysctl is twice in its tree, at 0x%" PRIx64,
			    node);
		return 0;
	}
	if (w->seen.n == SYSCTLS_MAX) {
		remarks_add(w->remarks,
			    "there are more sysctls than qvmi reads");
		return 0;
	}
	return map_put(&w->seen, node, 0) ? ERR_NOMEM
					  : vec_push(&w->nodes, {dir, node, 0});
}

/* Read the nodes from `first` on, and take their children. */
static int sysctl_read_nodes(struct sysctl_walk *w, size_t first,
			     struct err *err)
{
	static const uint32_t fields[] = {FIELD_NODE_LEFT, FIELD_NODE_RIGHT,
					  FIELD_NODE_HEADER};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i, n = w->nodes.n - first;
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = w->nodes.v[first + i].at;
	rc = records_read(w->k, addrs, n, fields, 3, &r, err);
	for (i = 0; i < n && !rc; i++) {
		size_t dir = w->nodes.v[first + i].dir;

		if (!r.ok[i])
			sysctl_torn(w, addrs[i]);
		w->nodes.v[first + i].header =
			records_u64(&r, i, FIELD_NODE_HEADER);
		if (sysctl_launch(w, dir, records_u64(&r, i, fields[0])) ||
		    sysctl_launch(w, dir, records_u64(&r, i, fields[1])))
			rc = err_nomem(err);
	}
	return rc;
}

/* Where the ctl_table of each node is; 0: there is none, or it is going. */
static void sysctl_find_tables(struct sysctl_walk *w, const struct records *h,
			       uint64_t *tables)
{
	uint32_t node_size = profile_sizeof(w->k->profile, STRUCT_NODE);
	uint32_t table_size = profile_sizeof(w->k->profile, STRUCT_TABLE);
	size_t i;

	for (i = 0; i < w->nodes.n; i++) {
		uint64_t from =
			w->nodes.v[i].at - records_u64(h, i, FIELD_HEADER_NODE);

		tables[i] = 0;
		if (!h->ok[i] && w->nodes.v[i].header)
			sysctl_torn(w, w->nodes.v[i].header);
		if (!h->ok[i] || records_u64(h, i, FIELD_HEADER_GOING))
			continue;
		if (from % node_size || from / node_size >= SYSCTLS_MAX)
			sysctl_torn(w, w->nodes.v[i].at);
		else
			tables[i] = records_u64(h, i, FIELD_HEADER_TABLE) +
				    from / node_size * table_size;
	}
}

/* What a node's table says: a file, or a directory for the next level.  A link
 * leads into a namespace's own tree, which is walked as well. */
static int sysctl_take(struct sysctl_walk *w, size_t i, const struct records *h,
		       const struct records *t)
{
	uint32_t mode = (uint32_t)records_u64(t, i, FIELD_TABLE_MODE);
	uint64_t name = records_u64(t, i, FIELD_TABLE_NAME);
	size_t dir = w->nodes.v[i].dir;

	if (S_ISLNK(mode))
		return 0;
	if (S_ISDIR(mode))
		return vec_push(&w->out->dirs,
				{dir, records_u64(h, i, FIELD_DIR_ROOT), name});
	return vec_push(
		&w->out->files,
		{dir,
		 name,
		 {.data = records_u64(t, i, FIELD_TABLE_DATA),
		  .handler = records_u64(t, i, FIELD_TABLE_HANDLER),
		  .maxlen = (uint32_t)records_u64(t, i, FIELD_TABLE_MAXLEN),
		  .mode = mode}});
}

/* All that is in the nodes of a level. */
static int sysctl_read_tables(struct sysctl_walk *w, struct err *err)
{
	static const uint32_t header[] = {FIELD_HEADER_TABLE, FIELD_HEADER_NODE,
					  FIELD_HEADER_GOING, FIELD_DIR_ROOT};
	static const uint32_t table[] = {FIELD_TABLE_NAME, FIELD_TABLE_DATA,
					 FIELD_TABLE_MAXLEN, FIELD_TABLE_MODE,
					 FIELD_TABLE_HANDLER};
	_cleanup_(records_deinit) struct records h = {0}, t = {0};
	size_t i, n = w->nodes.n;
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = w->nodes.v[i].header;
	rc = records_read(w->k, addrs, n, header, 4, &h, err);
	if (rc)
		return rc;
	sysctl_find_tables(w, &h, addrs);
	rc = records_read(w->k, addrs, n, table, 5, &t, err);
	for (i = 0; i < n && !rc; i++) {
		if (addrs[i] && !t.ok[i])
			sysctl_torn(w, addrs[i]);
		if (t.ok[i] && sysctl_take(w, i, &h, &t))
			rc = err_nomem(err);
	}
	return rc;
}

/* The directories from `first` to before `end`: each is a tree. */
static int sysctl_read_level(struct sysctl_walk *w, size_t first, size_t end,
			     struct err *err)
{
	unsigned int depth;
	size_t i, from = 0;
	int rc = 0;

	w->nodes.n = 0;
	for (i = first; i < end; i++)
		if (sysctl_launch(w, i, w->out->dirs.v[i].root))
			return err_nomem(err);
	for (depth = 0; from < w->nodes.n && !rc; depth++) {
		size_t next = w->nodes.n;

		if (depth == RBTREE_DEPTH_MAX) {
			remarks_add(w->remarks,
				    "a tree of sysctls is too deep");
			break;
		}
		rc = sysctl_read_nodes(w, from, err);
		from = next;
	}
	return rc ? rc : sysctl_read_tables(w, err);
}

/* The trees to begin with: that of all, and those of namespaces. */
static int sysctl_find_roots(struct sysctl_walk *w, const struct task_ns *ns,
			     struct err *err)
{
	const struct {
		uint64_t at;
		uint32_t field;
	} roots[] = {
		{ns->at[TASK_NS_NET], FIELD_NET_TREE},
		{ns->at[TASK_NS_USER], FIELD_USER_TREE},
		{ns->at[TASK_NS_IPC], FIELD_IPC_TREE},
		{ns->at[TASK_NS_IPC], FIELD_MQ_TREE},
		{ns->at[TASK_NS_PID], FIELD_PID_TREE},
	};
	enum {
		ROOTS = sizeof(roots) / sizeof(roots[0])
	};
	struct records_want wants[ROOTS + 1];
	struct records r[ROOTS + 1];
	const uint32_t root_field = FIELD_ROOT_TREE;
	uint64_t all;
	size_t i;
	int rc;

	if (!profile_symbol(w->k->profile, "sysctl_table_root", &all))
		return profile_unknown(w->k->profile,
				       "this kernel keeps its sysctls in no "
				       "way that qvmi knows "
				       "(sysctl_table_root)",
				       err);
	for (i = 0; i < ROOTS; i++)
		wants[i] = (struct records_want){&roots[i].at, 1,
						 &roots[i].field, 1};
	wants[ROOTS] = (struct records_want){&all, 1, &root_field, 1};
	rc = records_read_all(w->k, wants, ROOTS + 1, r, err);
	for (i = 0; i <= ROOTS && !rc; i++)
		if (vec_push(&w->out->dirs,
			     {SIZE_MAX, records_u64(&r[i], 0, *wants[i].fields),
			      0}))
			rc = err_nomem(err);
	for (i = 0; i <= ROOTS; i++)
		records_deinit(&r[i]);
	return rc;
}

int sysctl_tree_read(struct kernel *k, const struct task_ns *ns,
		     struct sysctl_tree *out, struct remarks *remarks,
		     struct err *err)
{
	_cleanup_(sysctl_walk_deinit) struct sysctl_walk w = {
		.k = k, .remarks = remarks, .out = out};
	size_t first, end, level;
	int rc;

	*out = (struct sysctl_tree){0};
	rc = profile_check_reader(k->profile, READER_SYSCTL_TREE, err);
	if (!rc)
		rc = sysctl_find_roots(&w, ns, err);
	for (first = level = 0; first < out->dirs.n && !rc; first = end) {
		end = out->dirs.n;
		if (++level > SYSCTL_LEVELS_MAX) {
			remarks_add(remarks,
				    "sysctls lie deeper than qvmi follows");
			break;
		}
		rc = sysctl_read_level(&w, first, end, err);
	}
	return rc;
}

void sysctl_tree_deinit(struct sysctl_tree *t)
{
	vec_deinit(&t->dirs);
	vec_deinit(&t->files);
}
