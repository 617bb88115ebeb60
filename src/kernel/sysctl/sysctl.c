/* SPDX-License-Identifier: BSD-2-Clause */
/* Names sysctls by their paths, and puts them in order. */
#include "kernel/sysctl/sysctl.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/records.h"
#include "kernel/sysctl/sysctl_tree.h"

/* Names: the longest there are have some 40 bytes. */
#define SYSCTL_NAME_BYTES 128u

/* Where each directory's path begins in paths. */
struct sysctl_paths {
	struct sysctl_tree tree;
	size_t *at;
	struct buf paths;
};

static void sysctl_paths_deinit(struct sysctl_paths *p)
{
	sysctl_tree_deinit(&p->tree);
	free(p->at);
	buf_deinit(&p->paths);
}

/* The names of directories and files, into `names`, one batch. */
static int sysctl_read_names(struct kernel *k, const struct sysctl_tree *t,
			     char (*names)[SYSCTL_NAME_BYTES], struct err *err)
{
	size_t i, n = t->dirs.n + t->files.n;
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_free_ char **out = calloc(n + 1, sizeof(*out));

	if (!addrs || !out)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		addrs[i] = i < t->dirs.n ? t->dirs.v[i].name
					 : t->files.v[i - t->dirs.n].name;
		out[i] = names[i];
	}
	return records_strings(k, addrs, n, SYSCTL_NAME_BYTES, out, NULL, err);
}

/* Whether it can be part of a path: one that does not end was cut. */
static bool sysctl_is_name(const char *name)
{
	return *name && strlen(name) < SYSCTL_NAME_BYTES - 1 &&
	       !strchr(name, '/') && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

static void sysctl_nameless(struct remarks *remarks, uint64_t at)
{
	remarks_add(remarks, "a sysctl has no name, at 0x%" PRIx64, at);
}

/* Whether one more path has room, of all that there may be. */
static bool sysctl_has_room(const struct buf *paths, struct remarks *remarks)
{
	if (paths->len < SYSCTL_PATH_BYTES_MAX_ALL)
		return true;
	remarks_add(remarks, "the names of sysctls are longer, in all, than "
			     "qvmi reads");
	return false;
}

#define NO_PATH SIZE_MAX /* of a directory for which there was no room */

/* Put "net/ipv4/" and the like into paths. */
static int sysctl_name_dirs(struct sysctl_paths *p,
			    char (*names)[SYSCTL_NAME_BYTES],
			    struct remarks *remarks)
{
	_cleanup_(buf_deinit) struct buf path = {0};
	size_t i;

	p->at = calloc(p->tree.dirs.n + 1, sizeof(*p->at));
	if (!p->at)
		return ERR_NOMEM;
	for (i = 0; i < p->tree.dirs.n && !p->paths.oom; i++) {
		size_t parent = p->tree.dirs.v[i].parent;

		p->at[i] = NO_PATH;
		if ((parent != SIZE_MAX && p->at[parent] == NO_PATH) ||
		    !sysctl_has_room(&p->paths, remarks))
			continue;
		buf_reset(&path);
		if (parent != SIZE_MAX && !sysctl_is_name(names[i])) {
			sysctl_nameless(remarks, p->tree.dirs.v[i].name);
			names[i][0] = '?';
			names[i][1] = '\0';
		}
		if (parent != SIZE_MAX)
			buf_printf(&path, "%s%s/",
				   p->paths.data + p->at[parent], names[i]);
		p->at[i] = p->paths.len;
		buf_add(&p->paths, path.len ? path.data : "", path.len + 1);
		p->paths.oom |= path.oom;
	}
	return p->paths.oom ? ERR_NOMEM : 0;
}

/* What a byte of a path is ordered by: "a" and what is below stand before
 * "a.1". */
static unsigned int sysctl_order(char c)
{
	return c == '/' ? 1 : (unsigned char)c;
}

static int sysctl_compare(const void *a, const void *b, void *names)
{
	const char *x = (const char *)names + ((const struct sysctl *)a)->name;
	const char *y = (const char *)names + ((const struct sysctl *)b)->name;

	for (; *x && *x == *y; x++, y++)
		;
	return (int)sysctl_order(*x) - (int)sysctl_order(*y);
}

static int sysctl_finish(struct kernel *k, struct sysctl_paths *p,
			 struct sysctls *out, struct remarks *remarks,
			 struct err *err)
{
	const struct sysctl_tree *t = &p->tree;
	_cleanup_free_ char(*names)[SYSCTL_NAME_BYTES] =
		calloc(t->dirs.n + t->files.n + 1, sizeof(*names));
	size_t i;
	int rc = names ? sysctl_read_names(k, t, names, err) : err_nomem(err);

	if (rc)
		return rc;
	if (sysctl_name_dirs(p, names, remarks) ||
	    vec_reserve(&out->v, t->files.n))
		return err_nomem(err);
	for (i = 0; i < t->files.n; i++) {
		const struct sysctl_file *f = &t->files.v[i];
		const char *name = names[t->dirs.n + i];

		if (!sysctl_is_name(name)) {
			sysctl_nameless(remarks, f->name);
			continue;
		}
		if (p->at[f->dir] == NO_PATH ||
		    !sysctl_has_room(&out->names, remarks))
			continue;
		out->v.v[out->v.n] = f->s;
		out->v.v[out->v.n++].name = out->names.len;
		buf_printf(&out->names, "%s%s%c", p->paths.data + p->at[f->dir],
			   name, '\0');
	}
	if (out->names.oom)
		return err_nomem(err);
	if (out->v.n)
		qsort_r(out->v.v, out->v.n, sizeof(*out->v.v), sysctl_compare,
			out->names.data);
	return 0;
}

int sysctls_read(struct kernel *k, const struct task_ns *ns,
		 struct sysctls *out, struct remarks *remarks, struct err *err)
{
	_cleanup_(sysctl_paths_deinit) struct sysctl_paths p = {0};
	int rc;

	*out = (struct sysctls){0};
	rc = sysctl_tree_read(k, ns, &p.tree, remarks, err);
	return rc ? rc : sysctl_finish(k, &p, out, remarks, err);
}

void sysctls_deinit(struct sysctls *s)
{
	vec_deinit(&s->v);
	buf_deinit(&s->names);
}

const char *sysctl_name(const struct sysctls *s, size_t i)
{
	return s->names.data + s->v.v[i].name;
}
