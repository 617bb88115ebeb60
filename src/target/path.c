/* SPDX-License-Identifier: BSD-2-Clause */
/* The way to guest memory: QEMU's process where that is possible, the stub. */
#include "target/path.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "target/find_process.h"
#include "target/signal.h"
#include "target/verify.h"

void target_path_deinit(struct target_path *path)
{
	target_process_deinit(&path->process);
	target_stub_deinit(&path->stub);
}

static int try_process(struct target_path *path, pid_t pid,
		       const struct machine *m, struct err *err)
{
	int ret;

	path->process.pid = pid;
	ret = target_verify_bytes(&path->process, path->stub.client, m, err);
	path->by_process = !ret;
	return ret;
}

/*
 * The threads tell QEMU itself, where they are of our PID name space; the
 * socket tells QEMU in another one, or a manager.  The first one's words are
 * those that matter.
 */
static int find(struct target_path *path, const struct monitor_cpus *cpus,
		const struct machine *m, struct err *err)
{
	pid_t by_threads = target_find_by_threads(cpus), by_socket;
	struct err why = {0};
	int ret = ERR_REFUSED;

	if (by_threads)
		ret = try_process(path, by_threads, m, &why);
	if (ret == ERR_REFUSED) {
		by_socket = target_find_by_socket(
			gdbrsp_conn_fd(path->stub.client->conn));
		if (by_socket && by_socket != by_threads)
			ret = try_process(path, by_socket, m,
					  by_threads ? NULL : &why);
	}
	if (!ret)
		return 0;
	if (ret == ERR_REFUSED && !why.code)
		return err_set(err, ret,
			       "QEMU's process is not seen from here: another "
			       "host or PID name space");
	return err_set(err, ret, "%s", why.text);
}

/* QEMU is seen, but closed to us: what would be faster is worth a word. */
static void path_note_denied(struct target_path *path, const char *words)
{
	if (path->process.denied)
		snprintf(path->note, sizeof(path->note),
			 "%.250s: memory is read through the stub", words);
}

int target_path_choose(struct target_path *path, enum target_memory want,
		       const struct machine *m, struct err *err)
{
	_cleanup_(monitor_cpus_deinit) struct monitor_cpus cpus = {0};
	struct err why = {0};
	int ret;

	if (want == MEMORY_STUB)
		return 0;
	path->process.interrupt = target_signal_flag();
	path->process.until_us = gdbrsp_conn_until(path->stub.client->conn);
	ret = target_verify_map(&path->process, &cpus, path->stub.client, m,
				&why);
	if (!ret)
		ret = find(path, &cpus, m, &why);
	if (!ret)
		return 0;
	if (ret == ERR_REFUSED && want == MEMORY_AUTO) {
		path_note_denied(path, why.text);
		return 0;
	}
	if (ret != ERR_REFUSED)
		return err_set(err, ret, "%s", why.text);
	return err_set(err, ret, "--memory process: %s", why.text);
}

/* Once; from here on there is the stub. */
static void give_up(struct target_path *path, const char *words)
{
	path->by_process = false;
	snprintf(path->note, sizeof(path->note),
		 "%.250s: memory was read through the stub from then on",
		 words);
}

static int by_process(struct target_path *path, struct mem_read *reads,
		      size_t n, struct err *err)
{
	size_t i;
	int ret;

	ret = target_process_read(&path->process, reads, n, err);
	for (i = 0; !ret && i < n; i++)
		if (reads[i].status != MEM_OK)
			return err_set(err, ERR_REFUSED,
				       "process %ld does not have physical "
				       "0x%llx any more",
				       (long)path->process.pid,
				       (unsigned long long)reads[i].pa);
	return ret;
}

static int path_read(void *ctx, struct mem_read *reads, size_t n,
		     struct err *err)
{
	struct target_path *path = ctx;
	struct err why = {0};
	int ret;

	if (path->by_process && !path->stub.gone.code) {
		ret = by_process(path, reads, n, &why);
		if (!ret)
			return 0;
		if (ret == ERR_REFUSED)
			give_up(path, why.text);
		else
			target_stub_end(&path->stub, ret, why.text);
	}
	return target_stub_ops.read(&path->stub, reads, n, err);
}

static int path_write(void *ctx, struct mem_write *writes, size_t n,
		      struct err *err)
{
	struct target_path *path = ctx;

	int ret = target_stub_ops.write(&path->stub, writes, n, err);

	target_process_forget(&path->process);
	/* What was written is read back, whatever asks for an end. */
	if (ret != ERR_INTERRUPTED) {
		path->process.interrupt = NULL;
		path->process.until_us = 0;
	}
	return ret;
}

static int path_write_reg(void *ctx, unsigned int vcpu,
			  const struct vcpu_reg *reg, uint64_t value,
			  struct err *err)
{
	struct target_path *path = ctx;

	return target_stub_write_reg(&path->stub, vcpu, reg, value, err);
}

static int path_read_regs(void *ctx, struct vcpu *v, struct err *err)
{
	struct target_path *path = ctx;

	return target_stub_read_regs(&path->stub, v, err);
}

const struct machine_ops target_path_ops = {
	.read = path_read,
	.write = path_write,
	.write_reg = path_write_reg,
	.read_regs = path_read_regs,
};
