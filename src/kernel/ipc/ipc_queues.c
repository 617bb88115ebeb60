/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads System V queues of messages. */
#include "base/cleanup.h"
#include "kernel/ipc/ipc_work.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_PERM = WANTS_OF(READER_IPC_QUEUES),
	FIELD_STIME,
	FIELD_RTIME,
	FIELD_CTIME,
	FIELD_BYTES,
	FIELD_MESSAGES,
	FIELD_SENDER,
	FIELD_RECEIVER
};

static const struct want want_table[] = {
	FIELD(PERM, "msg_queue", REQUIRED, "q_perm"),
	FIELD(STIME, "msg_queue", REQUIRED, "q_stime"),
	FIELD(RTIME, "msg_queue", REQUIRED, "q_rtime"),
	FIELD(CTIME, "msg_queue", REQUIRED, "q_ctime"),
	FIELD(BYTES, "msg_queue", REQUIRED, "q_cbytes"),
	FIELD(MESSAGES, "msg_queue", REQUIRED, "q_qnum"),
	FIELD(SENDER, "msg_queue", REQUIRED, "q_lspid"),
	FIELD(RECEIVER, "msg_queue", REQUIRED, "q_lrpid"),
};

const struct wants ipc_queues_wants = {.reader = "queues of messages",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

static const uint32_t queue_fields[] = {
	FIELD_STIME,	FIELD_RTIME,  FIELD_CTIME,   FIELD_BYTES,
	FIELD_MESSAGES, FIELD_SENDER, FIELD_RECEIVER};

static int ipc_queues_take(const struct ipc_perms *perms,
			   const struct records *r, const struct ipc_pids *pids,
			   struct ipc_queues *out, struct remarks *remarks)
{
	size_t i;

	for (i = 0; i < perms->v.n; i++) {
		if (!r->ok[i] || ipc_pids_lost(pids, i))
			ipc_lost(&perms->v.v[i], remarks);
		else if (vec_push(
				 &out->v,
				 {.perm = perms->v.v[i],
				  .bytes = records_u64(r, i, FIELD_BYTES),
				  .messages = records_u64(r, i, FIELD_MESSAGES),
				  .sender = ipc_pid(pids, i, 0),
				  .receiver = ipc_pid(pids, i, 1),
				  .stime = records_u64(r, i, FIELD_STIME),
				  .rtime = records_u64(r, i, FIELD_RTIME),
				  .ctime = records_u64(r, i, FIELD_CTIME)}))
			return ERR_NOMEM;
	}
	return 0;
}

int ipc_queues_read(struct kernel *k, struct ipc_queues *out,
		    struct remarks *remarks, struct err *err)
{
	_cleanup_(ipc_perms_deinit) struct ipc_perms perms = {0};
	_cleanup_(ipc_pids_deinit) struct ipc_pids pids = {0};
	_cleanup_(records_deinit) struct records r = {0};
	int rc = ipc_perms_read(k, IPC_QUEUES, &perms, remarks, err);

	if (!rc)
		rc = ipc_own_read(k, &perms, FIELD_PERM, queue_fields,
				  WANTS_N(queue_fields), &r, err);
	if (!rc)
		rc = ipc_pids_read(k, &r, FIELD_SENDER, FIELD_RECEIVER, &pids,
				   err);
	if (!rc && ipc_queues_take(&perms, &r, &pids, out, remarks))
		rc = err_nomem(err);
	return rc;
}

void ipc_queues_deinit(struct ipc_queues *q)
{
	vec_deinit(&q->v);
}
