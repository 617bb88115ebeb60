/* SPDX-License-Identifier: BSD-2-Clause */
/* The way to guest memory: QEMU's process where that is possible, the stub. */
#include "qemu/path.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "qemu/find_process.h"
#include "qemu/verify.h"

void qemu_path_deinit(struct qemu_path *path)
{
	qemu_process_deinit(&path->process);
	qemu_stub_deinit(&path->stub);
}

/* By the rules of qemu_path_choose(). */
static int path_refuse(struct qemu_path *path, struct err *err)
{
	const struct qemu_peer *peer = &path->peer;

	if (peer->has_uid && peer->uid != geteuid()) {
		path->foreign = true;
		return err_set(err, ERR_REFUSED,
			       "may not read the memory of another user's "
			       "process: the stub is UID %u's, we are UID %u",
			       peer->uid, geteuid());
	}
	if (!peer->holds)
		return err_set(err, ERR_REFUSED, "%s", peer->why);
	return 0;
}

/* What was found of it counts only for the process that is held by now. */
static int path_check_peer(struct qemu_path *path, struct err *err)
{
	const struct qemu_bound *bound = &path->process.bound;

	if (!qemu_bound_is_of(bound, path->peer.uid))
		return err_set(err, ERR_REFUSED,
			       "process %ld is not of UID %u, who has the stub",
			       (long)bound->pid, path->peer.uid);
	if (qemu_bound_holds(bound, path->peer.fd, path->peer.inode))
		return 0;
	return err_set(err, ERR_REFUSED,
		       "process %ld does not have the connection any more",
		       (long)bound->pid);
}

/* Whose number a user has mistaken, or who stands between QEMU and us. */
static int path_not_qemu(const struct qemu_path *path, struct err *err)
{
	return err_set(err, ERR_REFUSED,
		       "process %ld%s: the vCPUs' threads are not its own",
		       (long)path->process.bound.pid,
		       path->chosen ? " is not QEMU"
				    : ", which has the connection, is not "
				      "QEMU but perhaps a manager or a tunnel");
}

static int path_bind(struct qemu_path *path, const struct monitor_cpus *cpus,
		     struct err *err)
{
	struct qemu_process *p = &path->process;
	int ret = path->chosen ? 0 : path_refuse(path, err);

	if (!ret)
		ret = qemu_process_bind(
			p, path->chosen ? path->chosen : path->peer.pid, err);
	if (!ret && !path->chosen)
		ret = path_check_peer(path, err);
	if (!ret && !qemu_bound_has_threads(&p->bound, cpus))
		ret = path_not_qemu(path, err);
	return ret;
}

static int path_try(struct qemu_path *path, const struct machine *m,
		    struct err *err)
{
	_cleanup_(monitor_cpus_deinit) struct monitor_cpus cpus = {0};
	struct gdbrsp_client *client = path->stub.client;
	int ret = qemu_verify_map(&path->process, &cpus, &path->stub, m, err);

	qemu_peer_look(&path->peer, gdbrsp_conn_fd(client->conn), &cpus);
	if (!ret)
		ret = path_bind(path, &cpus, err);
	if (!ret)
		ret = qemu_verify_bytes(&path->process, client, m, false, err);
	return ret;
}

int qemu_path_choose(struct qemu_path *path, enum qemu_memory want,
		     const struct machine *m, struct err *err)
{
	struct err why = {0};
	int ret;

	if (want == MEMORY_STUB) {
		qemu_peer_look(&path->peer,
			       gdbrsp_conn_fd(path->stub.client->conn), NULL);
		return 0;
	}
	path->process.limits = gdbrsp_conn_wait(path->stub.client->conn);
	ret = path_try(path, m, &why);
	path->by_process = !ret;
	if (!ret)
		return 0;
	qemu_bound_close(&path->process.bound);
	if (ret != ERR_REFUSED)
		return err_pass(err, &why);
	if (want == MEMORY_PROCESS)
		return err_helps(err, err_pass(err, &why), REMEDY_MEMORY, 0);
	snprintf(path->why, sizeof(path->why), "%.300s", why.text);
	/* QEMU is seen, but closed to us: faster would be worth a word. */
	if (path->process.denied || path->foreign || path->chosen)
		snprintf(path->note, sizeof(path->note),
			 "%.250s: memory is read through the stub", path->why);
	return 0;
}

/*
 * Where the guest's RAM lies now, and whose the vCPUs' threads are; *same: it
 * lies where it did.
 */
static int path_map_again(struct qemu_path *path, const struct machine *m,
			  bool *same, struct err *err)
{
	_cleanup_(monitor_cpus_deinit) struct monitor_cpus cpus = {0};
	struct qemu_process *p = &path->process;
	__typeof__(p->blocks) before = p->blocks;
	int ret;

	p->blocks = (__typeof__(p->blocks)){0};
	ret = qemu_verify_map(p, &cpus, &path->stub, m, err);
	*same = before.n && p->blocks.n == before.n &&
		!memcmp(p->blocks.v, before.v, before.n * sizeof(*before.v));
	vec_deinit(&before);
	if (!ret && !qemu_bound_has_threads(&p->bound, &cpus))
		return path_not_qemu(path, err);
	return ret;
}

int qemu_path_ahead(struct qemu_path *path, const struct machine *m,
		    struct err *err)
{
	return path->by_process ? qemu_verify_ahead(&path->stub, m, err) : 0;
}

int qemu_path_again(struct qemu_path *path, const struct machine *m,
		    struct err *err)
{
	struct gdbrsp_client *client = path->stub.client;
	struct err why = {0};
	bool same = false;
	int ret;

	if (!path->by_process)
		return 0;
	path->process.limits = gdbrsp_conn_wait(client->conn);
	ret = path_map_again(path, m, &same, &why);
	if (!ret)
		ret = qemu_verify_bytes(&path->process, client, m, same, &why);
	if (ret != ERR_REFUSED)
		return ret ? err_pass(err, &why) : 0;
	return err_set(err, ERR_NO_GUEST,
		       "%s: it is not the QEMU any more that was there: %.300s",
		       gdbrsp_conn_name(client->conn), why.text);
}

void qemu_path_name(const struct qemu_path *path, const char *address,
		    char *name, size_t size)
{
	pid_t pid = path->by_process ? path->process.bound.pid : path->peer.pid;
	char process[96];

	qemu_name_process(pid, process, sizeof(process));
	*name = '\0';
	if (*process)
		snprintf(name, size, "%s %s", process, address);
}

/* Once; from here on there is the stub. */
static void qemu_path_give_up(struct qemu_path *path, const char *words)
{
	path->by_process = false;
	snprintf(path->note, sizeof(path->note),
		 "%.250s: memory was read through the stub from then on",
		 words);
}

/* The process has all that the guest has, unless it gave some of it up. */
static int path_check(const struct qemu_path *path,
		      const struct mem_read *reads, size_t n, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (reads[i].status != MEM_OK)
			return err_set(err, ERR_REFUSED,
				       "process %ld does not have physical "
				       "0x%llx any more",
				       (long)path->process.bound.pid,
				       (unsigned long long)reads[i].pa);
	return 0;
}

static int path_read(void *ctx, struct mem_read *reads, size_t n,
		     struct err *err)
{
	struct qemu_path *path = ctx;
	struct err why = {0};
	int ret;

	if (path->by_process && !path->stub.gone.code) {
		ret = qemu_process_read(&path->process, reads, n, &why);
		if (!ret)
			ret = path_check(path, reads, n, &why);
		if (!ret)
			return 0;
		if (ret == ERR_REFUSED)
			qemu_path_give_up(path, why.text);
		else
			qemu_stub_end(&path->stub, ret, why.text);
	}
	return qemu_stub_ops.read(&path->stub, reads, n, err);
}

static int path_write(void *ctx, struct mem_write *writes, size_t n,
		      struct err *err)
{
	struct qemu_path *path = ctx;

	int ret = qemu_stub_ops.write(&path->stub, writes, n, err);

	qemu_process_forget(&path->process);
	return ret;
}

static int path_write_reg(void *ctx, unsigned int vcpu,
			  const struct arch_reg *reg, uint64_t value,
			  struct err *err)
{
	struct qemu_path *path = ctx;

	return qemu_stub_write_reg(&path->stub, vcpu, reg, value, err);
}

static int path_read_regs(void *ctx, struct vcpu *v, struct err *err)
{
	struct qemu_path *path = ctx;

	return qemu_stub_read_regs(&path->stub, v, err);
}

/* Whoever takes the writes has what stands there, and nothing else counts. */
static int path_read_own(void *ctx, struct mem_read *reads, size_t n,
			 struct err *err)
{
	struct qemu_path *path = ctx;

	return qemu_stub_ops.read(&path->stub, reads, n, err);
}

static int path_go_on(void *ctx, struct err *err)
{
	const struct qemu_path *path = ctx;

	return gdbrsp_wait_over(gdbrsp_conn_wait(path->stub.client->conn), err);
}

const struct machine_ops qemu_path_ops = {
	.go_on = path_go_on,
	.read = path_read,
	.read_own = path_read_own,
	.write = path_write,
	.write_reg = path_write_reg,
	.read_regs = path_read_regs,
};
