/* SPDX-License-Identifier: BSD-2-Clause */
/* What paths below /proc, and patterns of them, lead to in this guest. */
#include "proc/lookup.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* A directory that was looked into for a path, and may have more. */
struct search_gap {
	size_t path;
	const struct proc_part *dir;
};

struct search {
	struct kernel *k;
	const struct proc_path *paths;
	size_t n;
	bool below;
	struct proc_lookup *out;
	VEC(size_t) dirs; /* paths that directories above files have */
	VEC(struct search_gap) gaps;
};

static void search_deinit(struct search *s)
{
	vec_deinit(&s->dirs);
	vec_deinit(&s->gaps);
}

static int add_tasks(struct search *s, const struct task *tasks, size_t n,
		     struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (tasks[i].addr && vec_push(&s->out->tasks, tasks[i]))
			return err_nomem(err);
	return 0;
}

/* All, where a path has a pattern of them. */
static int find_patterns(struct search *s, struct err *err)
{
	_cleanup_(task_list_deinit) struct task_list l = {0};
	bool some = false, threads = false;
	size_t i;
	int rc;

	for (i = 0; i < s->n; i++) {
		const struct proc_path *p = &s->paths[i];
		bool thread = p->tid && !proc_path_number(p->tid);

		threads |= thread;
		some |= thread || (p->pid && !proc_path_number(p->pid)) ||
			(s->below && !*p->name && p->scope == PROC_SYSTEM);
	}
	if (!some)
		return 0;
	rc = task_list_read(s->k, threads, &l, err);
	if (!rc && l.torn)
		err_set(&s->out->torn, ERR_UNREADABLE, "%s", l.why);
	return rc ? rc : add_tasks(s, l.v, l.n, err);
}

/* Those that are named by their numbers. */
static int find_numbers(struct search *s, struct err *err)
{
	_cleanup_free_ uint32_t *pids = calloc(2 * s->n + 1, sizeof(*pids));
	_cleanup_free_ struct task *tasks =
		calloc(2 * s->n + 1, sizeof(*tasks));
	size_t i, n = 0;
	int rc = 0;

	if (!pids || !tasks)
		return err_nomem(err);
	for (i = 0; i < s->n; i++) {
		const struct proc_path *p = &s->paths[i];

		if (p->pid && proc_path_number(p->pid))
			pids[n++] = proc_path_number(p->pid);
		if (p->tid && proc_path_number(p->tid))
			pids[n++] = proc_path_number(p->tid);
	}
	if (n)
		rc = tasks_find(s->k, pids, n, tasks, &s->out->torn, err);
	return rc ? rc : add_tasks(s, tasks, n, err);
}

static int lookup_by_group(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	if (x->tgid != y->tgid)
		return x->tgid < y->tgid ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* In order, each once. */
static void order_tasks(struct proc_lookup *l)
{
	size_t i, n = 0;

	if (l->tasks.n)
		qsort(l->tasks.v, l->tasks.n, sizeof(*l->tasks.v),
		      lookup_by_group);
	for (i = 0; i < l->tasks.n; i++)
		if (!n || l->tasks.v[i].pid != l->tasks.v[n - 1].pid)
			l->tasks.v[n++] = l->tasks.v[i];
	l->tasks.n = n;
}

/* What a directory is looked into for, NULL where it is not. */
static const char *pattern_below(const struct search *s,
				 enum proc_path_match fit, const char *rest)
{
	if (fit == PROC_PATH_BELOW)
		return rest;
	return s->below ? "" : NULL;
}

/* The files of one task, or of the system, that fit a path. */
static int match_files(struct search *s, const struct proc_match *of,
		       struct err *err)
{
	const char *name = s->paths[of->path].name, *rest;
	const struct proc_file *const *f;
	struct proc_match m = *of;
	bool there;
	int rc;

	for (f = proc_files; *f; f++) {
		enum proc_path_match fit =
			proc_file_fits(*f, m.scope, name, &rest);

		if (fit == PROC_PATH_DIFFERS)
			continue;
		rc = proc_is_listed(*f, s->k, &there, err);
		if (rc)
			return rc;
		if (!there)
			continue;
		if (fit == PROC_PATH_ABOVE && !s->below) {
			if (vec_push(&s->dirs, of->path))
				return err_nomem(err);
			continue;
		}
		m.file = *f;
		m.pattern =
			proc_is_dir(*f) ? pattern_below(s, fit, rest) : NULL;
		if (vec_push(&s->out->matches, m))
			return err_nomem(err);
	}
	return 0;
}

/* The directory of a task, and what of it fits. */
static int match_task(struct search *s, size_t path, size_t process,
		      size_t task, struct err *err)
{
	const struct proc_path *p = &s->paths[path];
	struct proc_match m = {.path = path,
			       .scope = p->scope,
			       .process = process,
			       .task = task};
	struct proc_match tasks = m;
	bool itself = !*p->name;

	tasks.is_tasks = true;
	tasks.scope = PROC_THREAD;
	if (itself && vec_push(&s->out->matches, m))
		return err_nomem(err);
	if (itself && s->below && p->scope == PROC_PROCESS &&
	    vec_push(&s->out->matches, tasks))
		return err_nomem(err);
	return match_files(s, &m, err);
}

/* The threads of a process, whose tasks lie side by side. */
static int match_threads(struct search *s, size_t path, size_t process,
			 struct err *err)
{
	const char *tid = s->paths[path].tid;
	const struct task *v = s->out->tasks.v;
	const struct proc_match tasks = {.path = path,
					 .scope = PROC_THREAD,
					 .process = process,
					 .task = process,
					 .is_tasks = true};
	size_t i = process;
	int rc = 0;

	if (!*tid && vec_push(&s->out->matches, tasks))
		return err_nomem(err);
	if (!*tid && !s->below)
		return 0;
	while (i && v[i - 1].tgid == v[process].tgid)
		i--;
	for (; i < s->out->tasks.n && v[i].tgid == v[process].tgid && !rc; i++)
		if (!*tid || proc_path_fits(tid, v[i].pid))
			rc = match_task(s, path, process, i, err);
	return rc;
}

/* The ID of any thread is the name of a directory, too, but none that is
 * listed. */
static int match_tasks(struct search *s, size_t path, struct err *err)
{
	const struct proc_path *p = &s->paths[path];
	bool exact = proc_path_number(p->pid);
	size_t i;
	int rc = 0;

	for (i = 0; i < s->out->tasks.n && !rc; i++) {
		const struct task *t = &s->out->tasks.v[i];

		if (!proc_path_fits(p->pid, t->pid) ||
		    (t->pid != t->tgid && !exact))
			continue;
		rc = p->tid ? match_threads(s, path, i, err)
			    : match_task(s, path, i, i, err);
	}
	return rc;
}

/* The directories of the processes lie beside the files of the system. */
static int match_processes(struct search *s, size_t path, struct err *err)
{
	size_t i;

	for (i = 0; i < s->out->tasks.n; i++) {
		const struct task *t = &s->out->tasks.v[i];
		struct proc_match m = {.path = path,
				       .scope = PROC_PROCESS,
				       .process = i,
				       .task = i};

		if (t->pid == t->tgid && vec_push(&s->out->matches, m))
			return err_nomem(err);
	}
	return 0;
}

static int match_path(struct search *s, size_t path, struct err *err)
{
	const struct proc_path *p = &s->paths[path];
	struct proc_match m = {.path = path, .scope = p->scope};
	int rc;

	if (p->scope & PROC_TASK)
		return match_tasks(s, path, err);
	rc = s->below && !*p->name ? match_processes(s, path, err) : 0;
	return rc ? rc : match_files(s, &m, err);
}

/* Append the entries of a directory that fit. */
static int add_entries(struct search *s, const struct proc_match *dir,
		       struct err *err)
{
	const struct proc_values *v = dir->values;
	_cleanup_(buf_deinit) struct buf b = {0};
	const struct search_gap gap = {dir->path, &v->parts[dir->part]};
	struct proc_match m = *dir;
	enum proc_path_match fit;
	const char *rest;

	if (gap.dir->missing && vec_push(&s->gaps, gap))
		return err_nomem(err);
	m.is_entry = true;
	for (m.record = 0; m.record < v->parts[m.part].records; m.record++) {
		buf_reset(&b);
		v->file->entry(v, m.part, m.record, &b);
		if (b.oom)
			return err_nomem(err);
		fit = proc_path_match(dir->pattern, b.len ? b.data : "", &rest);
		if (fit == PROC_PATH_SAME && proc_is_empty_dir(&b))
			fit = PROC_PATH_ABOVE;
		if (fit == PROC_PATH_ABOVE && !s->below &&
		    vec_push(&s->dirs, m.path))
			return err_nomem(err);
		if (fit != PROC_PATH_SAME &&
		    (fit != PROC_PATH_ABOVE || !s->below))
			continue;
		if (vec_push(&s->out->matches, m))
			return err_nomem(err);
	}
	return 0;
}

/* Put the entries of directories behind them, or in their place. */
static int look_into_dirs(struct search *s, struct err *err)
{
	struct proc_lookup found = *s->out, *out = s->out;
	size_t i;
	int rc = 0;

	memset(&out->matches, 0, sizeof(out->matches));
	for (i = 0; i < found.matches.n && !rc; i++) {
		const struct proc_match *m = &found.matches.v[i];

		if (!m->pattern || !*m->pattern)
			rc = vec_push(&out->matches, *m) ? err_nomem(err) : 0;
		if (!rc && m->pattern)
			rc = add_entries(s, m, err);
	}
	vec_deinit(&found.matches);
	return rc;
}

/* Why a path that leads to nothing may lead to what cannot be read; NULL: it
 * does not. */
static const char *search_gap(const struct search *s, size_t path)
{
	const struct proc_path *p = &s->paths[path];
	bool threads = p->tid && *p->tid;
	size_t i;

	for (i = 0; i < s->gaps.n; i++)
		if (s->gaps.v[i].path == path)
			return s->gaps.v[i].dir->why.data;
	return s->out->torn.code && p->pid &&
			       (threads || !proc_path_number(p->pid))
		       ? s->out->torn.text
		       : NULL;
}

/* Why a path leads to nothing here. */
static int absent(const struct search *s, size_t path, struct err *err)
{
	const struct proc_path *p = &s->paths[path];
	const struct task *t, *end = s->out->tasks.v + s->out->tasks.n;
	const char *gap = search_gap(s, path);
	uint32_t pid = p->pid ? proc_path_number(p->pid) : 0;
	size_t i;

	for (i = 0; i < s->dirs.n; i++)
		if (s->dirs.v[i] == path)
			return err_set(err, ERR_NOT_FOUND,
				       "%.100s is a directory", p->whole);
	for (t = s->out->tasks.v; pid && t < end && t->pid != pid; t++)
		;
	if (pid && t == end)
		return err_wrap(err, task_missing(pid, &s->out->torn, err),
				"%.100s", p->whole);
	if (gap)
		return err_set(err, ERR_UNREADABLE,
			       "%.100s: whether it is there cannot be told: "
			       "%.250s",
			       p->whole, gap);
	return err_set(err, ERR_NOT_FOUND, "%.100s: there is no such file",
		       p->whole);
}

static int check_all(const struct search *s, struct err *err)
{
	const struct proc_match *m = s->out->matches.v;
	const struct proc_match *end = m + s->out->matches.n;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (m == end || m->path != i)
			return absent(s, i, err);
		while (m < end && m->path == i)
			m++;
	}
	return 0;
}

int proc_lookup(struct kernel *k, const struct proc_path *paths, size_t n,
		bool below, struct proc_lookup *out, struct err *err)
{
	_cleanup_(search_deinit) struct search s = {
		.k = k, .paths = paths, .n = n, .below = below, .out = out};
	size_t i;
	int rc;

	*out = (struct proc_lookup){0};
	rc = find_numbers(&s, err);
	if (!rc)
		rc = find_patterns(&s, err);
	if (rc)
		return rc;
	order_tasks(out);
	for (i = 0; i < n && !rc; i++)
		rc = match_path(&s, i, err);
	if (!rc)
		rc = proc_lookup_read(k, out, PROC_DIRS, err);
	if (!rc)
		rc = look_into_dirs(&s, err);
	return rc ? rc : check_all(&s, err);
}
