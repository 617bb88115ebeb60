/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/sysvipc (ipc/shm.c, ipc/sem.c, ipc/msg.c: sysvipc_*_proc_show()). */
#include <inttypes.h>

#include "base/cleanup.h"
#include "kernel/ipc/ipc.h"
#include "proc/proc.h"

/* With one of these each file begins. */
static const char shm_heading[] =
	"       key      shmid perms                  size  cpid  lpid nattch  "
	" "
	"uid   gid  cuid  cgid      atime      dtime      ctime                "
	"   rss                  swap\n";
static const char sem_heading[] =
	"       key      semid perms      nsems   uid   gid  cuid  cgid      "
	"otime      ctime\n";
static const char msg_heading[] =
	"       key      msqid perms      cbytes       qnum lspid lrpid   uid  "
	" gid  cuid  cgid      stime      rtime      ctime\n";

static void sysvipc_put_name(const struct ipc_perm *p, struct buf *out)
{
	buf_printf(out, "%10" PRId32 " %10" PRId32 "  %4" PRIo32 " ", p->key,
		   p->id, p->mode);
}

static void sysvipc_put_owners(const struct ipc_perm *p, struct buf *out)
{
	buf_printf(out, "%5" PRIu32 " %5" PRIu32 " %5" PRIu32 " %5" PRIu32 " ",
		   p->uid, p->gid, p->cuid, p->cgid);
}

static int shm_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	_cleanup_(ipc_segments_deinit) struct ipc_segments all = {0};
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct buf *text = &out->parts->text;
	int rc = ipc_segments_read(k, &all, &remarks, err);
	size_t i;

	if (rc)
		return rc;
	buf_puts(text, shm_heading);
	for (i = 0; i < all.v.n; i++) {
		const struct ipc_segment *s = &all.v.v[i];

		sysvipc_put_name(&s->perm, text);
		buf_printf(text,
			   "%21" PRIu64 " %5" PRIu32 " %5" PRIu32 "  %5" PRIu64
			   " ",
			   s->size, s->creator, s->last, s->attached);
		sysvipc_put_owners(&s->perm, text);
		buf_printf(text,
			   "%10" PRIu64 " %10" PRIu64 " %10" PRIu64
			   " %21" PRIu64 " %21" PRIu64 "\n",
			   s->atime, s->dtime, s->ctime, s->resident,
			   s->swapped);
	}
	proc_part_remarks(out->parts, &remarks);
	return 0;
}

static int sem_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	_cleanup_(ipc_sets_deinit) struct ipc_sets all = {0};
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct buf *text = &out->parts->text;
	int rc = ipc_sets_read(k, &all, &remarks, err);
	size_t i;

	if (rc)
		return rc;
	buf_puts(text, sem_heading);
	for (i = 0; i < all.v.n; i++) {
		const struct ipc_set *s = &all.v.v[i];

		sysvipc_put_name(&s->perm, text);
		buf_printf(text, "%10" PRIu32 " ", s->n);
		sysvipc_put_owners(&s->perm, text);
		buf_printf(text, "%10" PRIu64 " %10" PRIu64 "\n", s->otime,
			   s->ctime);
	}
	proc_part_remarks(out->parts, &remarks);
	return 0;
}

static int msg_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	_cleanup_(ipc_queues_deinit) struct ipc_queues all = {0};
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct buf *text = &out->parts->text;
	int rc = ipc_queues_read(k, &all, &remarks, err);
	size_t i;

	if (rc)
		return rc;
	buf_puts(text, msg_heading);
	for (i = 0; i < all.v.n; i++) {
		const struct ipc_queue *q = &all.v.v[i];

		sysvipc_put_name(&q->perm, text);
		buf_printf(text,
			   " %10" PRIu64 " %10" PRIu64 " %5" PRIu32 " %5" PRIu32
			   " ",
			   q->bytes, q->messages, q->sender, q->receiver);
		sysvipc_put_owners(&q->perm, text);
		buf_printf(text, "%10" PRIu64 " %10" PRIu64 " %10" PRIu64 "\n",
			   q->stime, q->rtime, q->ctime);
	}
	proc_part_remarks(out->parts, &remarks);
	return 0;
}

#define SYSVIPC_FILE(name_)                              \
	const struct proc_file proc_sysvipc_##name_ = {  \
		.name = "sysvipc/" #name_,               \
		.scope = PROC_SYSTEM,                    \
		.needs = "sysvipc_" #name_ "_proc_show", \
		.read = name_##_read,                    \
	}

SYSVIPC_FILE(msg);
SYSVIPC_FILE(sem);
SYSVIPC_FILE(shm);
