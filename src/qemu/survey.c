/* SPDX-License-Identifier: BSD-2-Clause */
/* Filling a machine with what the stub knows: RAM map and vCPU registers. */
#include "qemu/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "qemu/monitor_text.h"
#include "machine/regs.h"

/* A little-endian register; what does not fit 64 bits is cut. */
static uint64_t value(const uint8_t *bytes, size_t len)
{
	uint64_t val = 0;
	size_t i;

	for (i = 0; i < len && i < 8; i++)
		val |= (uint64_t)bytes[i] << (8 * i);
	return val;
}

static const struct gdbrsp_reg *find_reg(const struct gdbrsp_target_desc *desc,
					 const struct arch_reg *reg)
{
	const struct gdbrsp_reg *found;

	found = gdbrsp_target_desc_find(desc,
					reg->stub ? reg->stub : reg->name);
	return found || !reg->before
		       ? found
		       : gdbrsp_target_desc_find(desc, reg->before);
}

int qemu_survey_regs(const struct gdbrsp_target_desc *desc, const uint8_t *g,
		     size_t len, struct vcpu *vcpu, struct err *err)
{
	const struct arch_reg *to = vcpu->arch->regs;
	const struct arch_reg *end = to + vcpu->arch->n_regs;

	for (; to < end; to++) {
		const struct gdbrsp_reg *reg = find_reg(desc, to);
		const uint8_t *bytes;
		struct cursor in;

		if (!reg && to->optional)
			continue;
		if (!reg)
			return err_set(err, ERR_NO_GUEST,
				       "the stub describes no register %s: "
				       "too old, or not QEMU's",
				       to->name);
		cursor_init(&in, g, len);
		cursor_seek(&in, reg->offset);
		bytes = cursor_bytes(&in, reg->size);
		if (!bytes && to->optional)
			continue;
		if (!bytes)
			return err_set(err, ERR_NO_GUEST,
				       "the stub gives %zu bytes of registers, "
				       "too few for %s",
				       len, to->name);
		vcpu_put(vcpu, to, value(bytes, reg->size));
	}
	return 0;
}

/* The kinds of CPUs that are understood, in words. */
static void name_all(char *text, size_t size)
{
	const struct arch *a;
	size_t i, n = 0;

	for (i = 0; (a = arch_at(i)) && n < size; i++)
		n += (size_t)snprintf(text + n, size - n, "%s%s (%s)",
				      i ? ", " : "", a->name, a->gdb_name);
}

static int find_arch(const struct gdbrsp_target_desc *desc,
		     struct machine *machine, struct err *err)
{
	char all[128];

	machine->arch = arch_find(desc->arch);
	if (machine->arch)
		return 0;
	name_all(all, sizeof(all));
	return err_set(err, ERR_NO_LINUX,
		       "the guest's CPUs are %s; qvmi understands %s",
		       *desc->arch ? desc->arch : "of an unnamed kind", all);
}

/*
 * What is not in the reply to `g` is asked for register by register: system
 * registers of aarch64.
 */
static int ask_others(struct qemu_stub *stub, const struct gdbrsp_vcpu *from,
		      struct vcpu *vcpu, struct err *err)
{
	const struct gdbrsp_reg *regs[ARCH_REGS_MAX];
	const struct arch_reg *to[ARCH_REGS_MAX];
	uint64_t values[ARCH_REGS_MAX];
	unsigned int i;
	size_t n = 0, k;
	int ret;

	for (i = 0; i < vcpu->arch->n_regs; i++) {
		to[n] = &vcpu->arch->regs[i];
		regs[n] = find_reg(&stub->desc, to[n]);
		n += to[n]->optional && regs[n] && !vcpu_has(vcpu, to[n]);
	}
	ret = n ? gdbrsp_client_read_regs(stub->client, from, regs, n, values,
					  err)
		: 0;
	for (k = 0; k < n && !ret; k++)
		vcpu_put(vcpu, to[k], values[k]);
	return ret;
}

static int by_index(const void *a, const void *b)
{
	const struct vcpu *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

int qemu_survey_vcpus(struct qemu_stub *stub, struct machine *machine,
		      struct err *err)
{
	size_t i;
	int ret;

	machine->vcpus.n = 0;
	ret = gdbrsp_client_read_vcpus(stub->client, &stub->vcpus, err);
	for (i = 0; !ret && i < stub->vcpus.v.n; i++) {
		const struct gdbrsp_vcpu *from = &stub->vcpus.v.v[i];
		struct vcpu vcpu = {.index = from->index,
				    .arch = machine->arch,
				    .halted = from->halted};

		ret = qemu_survey_regs(&stub->desc, from->regs, from->regs_len,
				       &vcpu, err);
		if (!ret)
			ret = ask_others(stub, from, &vcpu, err);
		if (!ret && vec_push(&machine->vcpus, vcpu))
			ret = err_nomem(err);
	}
	if (!ret && machine->vcpus.n)
		qsort(machine->vcpus.v, machine->vcpus.n, sizeof(struct vcpu),
		      by_index);
	return ret;
}

/* How often the monitor is asked again for what changes meanwhile. */
#define ASKED_AGAIN_MAX 4

static const char *const ram_commands[] = {"info mtree -f", "info memdev"};

/* What is said of the RAM; *adds_up: no line of it can be missing. */
static int ask_ram(struct qemu_stub *stub, struct monitor_rams *rams,
		   bool *adds_up, struct err *err)
{
	struct buf said[2] = {{0}};
	int ret;

	ret = qemu_monitor_run(&stub->monitor, ram_commands, said, 2, err);
	if (!ret)
		ret = monitor_parse_ram(said[0].data, said[1].data, rams, err);
	if (!ret)
		*adds_up = monitor_ram_adds_up(said[0].data, said[1].data);
	buf_deinit(&said[0]);
	buf_deinit(&said[1]);
	return ret;
}

static bool are_same(const struct monitor_rams *a, const struct monitor_rams *b)
{
	size_t i;

	if (a->v.n != b->v.n)
		return false;
	for (i = 0; i < a->v.n; i++)
		if (a->v.v[i].start != b->v.v[i].start ||
		    a->v.v[i].size != b->v.v[i].size)
			return false;
	return true;
}

/*
 * The monitor does not say how many lines it prints.  Where one seems to be
 * missing it is asked again, for it may be so; and where memory is plugged in
 * meanwhile the words change, until two answers in a row are the same.
 */
static int confirm_ram(struct qemu_stub *stub, struct monitor_rams *rams,
		       struct err *err)
{
	unsigned int asked;
	bool adds_up;
	int ret;

	for (asked = 0; asked < ASKED_AGAIN_MAX; asked++) {
		_cleanup_(monitor_rams_deinit) struct monitor_rams last = *rams;

		*rams = (struct monitor_rams){0};
		ret = ask_ram(stub, rams, &adds_up, err);
		if (ret || are_same(rams, &last))
			return ret;
	}
	return err_set(err, ERR_NO_GUEST,
		       "%s: `info mtree -f` says another thing each time it is "
		       "asked",
		       gdbrsp_conn_name(stub->client->conn));
}

static int survey_add_ram(struct qemu_stub *stub, struct machine *machine,
			  struct err *err)
{
	_cleanup_(monitor_rams_deinit) struct monitor_rams rams = {0};
	bool adds_up = true;
	size_t i;
	int ret;

	ret = ask_ram(stub, &rams, &adds_up, err);
	if (!ret && !adds_up)
		ret = confirm_ram(stub, &rams, err);
	for (i = 0; !ret && i < rams.v.n; i++)
		ret = machine_add_ram(machine, rams.v.v[i].start,
				      rams.v.v[i].size, rams.v.v[i].name,
				      rams.v.v[i].offset, err);
	return ret;
}

int qemu_survey(struct qemu_stub *stub, struct machine *machine,
		struct err *err)
{
	int ret;

	/* Before all else: QEMU up to 8.1 answers some requests only then:
	 * docs/facts/gdbstub.md, "Registers". */
	ret = gdbrsp_target_desc_load(&stub->desc, gdbrsp_client_fetch_xml,
				      stub->client, err);
	if (!ret)
		ret = find_arch(&stub->desc, machine, err);
	stub->client->regs_max = gdbrsp_target_desc_bytes(&stub->desc);
	if (!ret)
		ret = survey_add_ram(stub, machine, err);
	if (!ret)
		ret = qemu_survey_vcpus(stub, machine, err);
	if (ret == ERR_CORRUPT)
		ret = err_wrap(err, ERR_NO_GUEST,
			       "the stub's answers make no sense");
	return ret;
}

int qemu_survey_ahead(struct qemu_stub *stub, struct err *err)
{
	return qemu_monitor_ahead(&stub->monitor, ram_commands, 2, err);
}

int qemu_survey_again(struct qemu_stub *stub, struct machine *machine,
		      struct err *err)
{
	int ret;

	stub->client->regs_max = gdbrsp_target_desc_bytes(&stub->desc);
	machine->ram.n = 0;
	ret = survey_add_ram(stub, machine, err);
	return ret ? ret : qemu_survey_vcpus(stub, machine, err);
}
