/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads all sockets, and finds by inode numbers who has them open. */
#include "proc/sockets.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/fs/file.h"
#include "kernel/fs/task_fds.h"
#include "kernel/task/task_ns.h"

/* Network namespaces, each once, and their numbers. */
struct sockets_nets {
	uint64_t *at;
	size_t n;
	struct map by_at; /* the number of each */
};

static void sockets_nets_deinit(struct sockets_nets *n)
{
	free(n->at);
	map_deinit(&n->by_at);
}

/* Those of all processes. */
static int sockets_find_nets(struct kernel *k, const struct task_list *tasks,
			     struct sockets_nets *out, struct remarks *remarks,
			     struct err *err)
{
	_cleanup_free_ struct task_ns *ns = calloc(tasks->n + 1, sizeof(*ns));
	size_t i;
	int rc;

	out->at = calloc(tasks->n + 1, sizeof(*out->at));
	if (!ns || !out->at)
		return err_nomem(err);
	rc = task_ns_read(k, tasks->v, tasks->n, ns, err);
	for (i = 0; i < tasks->n && !rc; i++) {
		uint64_t at = ns[i].at[TASK_NS_NET];

		if (!at && ns[i].torn)
			remarks_add(remarks,
				    "the network namespace of process %u "
				    "cannot be found",
				    tasks->v[i].pid);
		if (!at || map_get(&out->by_at, at, NULL))
			continue;
		out->at[out->n++] = at;
		if (map_put(&out->by_at, at, ns[i].inum[TASK_NS_NET]))
			rc = err_nomem(err);
	}
	return rc;
}

static int sockets_name_nets(struct sockets *s, const struct sockets_nets *nets)
{
	uint64_t inum;
	size_t i;

	s->netns = calloc(s->socks.v.n + 1, sizeof(*s->netns));
	if (!s->netns)
		return ERR_NOMEM;
	for (i = 0; i < s->socks.v.n; i++)
		if (map_get(&nets->by_at, s->socks.v.v[i].net, &inum))
			s->netns[i] = (uint32_t)inum;
	return 0;
}

/* The open files of all processes. */
struct sockets_files {
	struct task_fds *fds; /* of each */
	size_t n;
	struct file_infos infos;
};

static void sockets_files_deinit(struct sockets_files *f)
{
	task_fds_deinit(f->fds, f->n);
	free(f->fds);
	file_infos_deinit(&f->infos);
}

static int sockets_read_files(struct kernel *k, const struct task_list *tasks,
			      struct sockets_files *out,
			      struct remarks *remarks, struct err *err)
{
	size_t i, j;
	int rc;

	out->fds = calloc(tasks->n + 1, sizeof(*out->fds));
	if (!out->fds)
		return err_nomem(err);
	out->n = tasks->n;
	rc = task_fds_read(k, tasks->v, tasks->n, out->fds, err);
	for (i = 0; i < tasks->n && !rc; i++) {
		if (out->fds[i].state)
			remarks_add(remarks,
				    "open files of process %u are not all "
				    "there",
				    tasks->v[i].pid);
		for (j = 0; j < out->fds[i].v.n && !rc; j++)
			if (file_infos_add(&out->infos,
					   out->fds[i].v.v[j].file))
				rc = err_nomem(err);
	}
	return rc ? rc : file_infos_read(k, &out->infos, err);
}

/* Numbers of inodes are unique among sockets alone. */
static bool sockets_is_socket(const struct file_info *f)
{
	static const char prefix[] = "socket:[";

	return f && f->path && !strncmp(f->path, prefix, sizeof(prefix) - 1);
}

static int sockets_compare_users(const void *a, const void *b)
{
	const struct socket_user *x = a, *y = b;

	if (x->sock != y->sock)
		return x->sock < y->sock ? -1 : 1;
	if (x->task != y->task)
		return x->task < y->task ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static int sockets_find_users(struct sockets *s, const struct sockets_files *f)
{
	_cleanup_(map_deinit) struct map by_ino = {0};
	size_t i, j;

	for (i = 0; i < s->socks.v.n; i++)
		if (s->socks.v.v[i].ino &&
		    map_put(&by_ino, s->socks.v.v[i].ino, i))
			return ERR_NOMEM;
	for (i = 0; i < f->n; i++)
		for (j = 0; j < f->fds[i].v.n; j++) {
			const struct task_fd *fd = &f->fds[i].v.v[j];
			const struct file_info *info =
				file_infos_get(&f->infos, fd->file);
			uint64_t sock;

			if (sockets_is_socket(info) &&
			    map_get(&by_ino, info->ino, &sock) &&
			    vec_push(&s->users, {sock, i, fd->fd}))
				return ERR_NOMEM;
		}
	if (s->users.n)
		qsort(s->users.v, s->users.n, sizeof(*s->users.v),
		      sockets_compare_users);
	return 0;
}

static int sockets_read_socks(struct kernel *k, const struct sockets_nets *nets,
			      unsigned int which, struct sockets *out,
			      struct err *err)
{
	const struct sock_nets all = {nets->at, nets->n};
	int rc;

	if (which & 1u << SOCK_TABLE_PACKET && !sock_knows_packets(k)) {
		remarks_add(&out->remarks, "the kernel's types do not tell of "
					   "packet sockets");
		which &= ~(1u << SOCK_TABLE_PACKET);
	}
	rc = socks_read(k, &all, which, &out->socks, &out->remarks, err);
	if (!rc && sockets_name_nets(out, nets))
		rc = err_nomem(err);
	return rc;
}

int sockets_read(struct kernel *k, unsigned int which, struct sockets *out,
		 struct err *err)
{
	_cleanup_(sockets_nets_deinit) struct sockets_nets nets = {0};
	_cleanup_(sockets_files_deinit) struct sockets_files files = {0};
	int rc;

	*out = (struct sockets){0};
	rc = task_list_read(k, false, &out->tasks, err);
	if (!rc && out->tasks.torn)
		remarks_add(&out->remarks, "there may be more processes: %s",
			    out->tasks.why);
	if (!rc)
		rc = sockets_find_nets(k, &out->tasks, &nets, &out->remarks,
				       err);
	if (!rc)
		rc = sockets_read_socks(k, &nets, which, out, err);
	if (!rc)
		rc = sockets_read_files(k, &out->tasks, &files, &out->remarks,
					err);
	if (!rc && sockets_find_users(out, &files))
		rc = err_nomem(err);
	return rc;
}

void sockets_deinit(struct sockets *s)
{
	task_list_deinit(&s->tasks);
	socks_deinit(&s->socks);
	free(s->netns);
	vec_deinit(&s->users);
	remarks_deinit(&s->remarks);
}
