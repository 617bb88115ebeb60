/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing vCPU registers: checks of the values, then the machine does it. */
#include "edit/change_regs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "guest/number.h"
#include "guest/value.h"

/* Before the guest is known: of any kind of CPU. */
static const struct arch_reg *find_anywhere(const char *name)
{
	const struct arch_reg *reg = NULL;
	const struct arch *arch;
	size_t i;

	for (i = 0; (arch = arch_at(i)) && !reg; i++)
		reg = arch_reg_find(arch, name);
	return reg;
}

/* It is one of these CPUs', which would take the value. */
static int check_value(const struct vcpu *v, const struct reg_change *c,
		       struct err *err)
{
	if (arch_reg_find(v->arch, c->reg->name) == c->reg)
		return v->arch->check(v, c->reg, c->new, err);
	return err_set(err, ERR_NOT_FOUND, "%s CPUs have no register %s",
		       v->arch->name, c->reg->name);
}

int change_regs_parse(const char *text, struct reg_change *c, struct err *err)
{
	size_t len = strcspn(text, "=");
	char name[16], what[32];

	if (!text[len])
		return err_set(err, ERR_USAGE,
			       "'%s' is not of the form REGISTER=VALUE", text);
	snprintf(name, sizeof(name), "%.*s", (int)(len < 15 ? len : 15), text);
	*c = (struct reg_change){.reg = find_anywhere(name)};
	if (!c->reg)
		return err_set(err, ERR_USAGE,
			       "'%s': no register of that name (rax, "
			       "rip, eflags, fs_base...)",
			       text);
	if (c->reg->no_sets)
		return err_set(err, ERR_USAGE, "'%s': %s is not changed: %s",
			       text, name, c->reg->no_sets);
	snprintf(what, sizeof(what), "%s", name);
	return number_parse(text + len + 1, what, value_max(c->reg->bytes),
			    &c->new, err);
}

void change_regs_name(const struct change_regs *c, const struct reg_change *r,
		      char text[CHANGE_REGS_NAME])
{
	snprintf(text, CHANGE_REGS_NAME, "cpu%u:%s", c->vcpu, r->reg->name);
}

/* What is there is known: vCPUs were read when the guest had stopped. */
static int change_regs_record(struct editor *ed, struct change_regs *c,
			      const struct vcpu *v, struct err *err)
{
	_cleanup_(journal_entry_deinit) struct journal_entry e = {
		.command = strdup("regs")};
	uint8_t old[8], new[8];
	char address[CHANGE_REGS_NAME];
	size_t i;

	if (!e.command)
		return err_nomem(err);
	for (i = 0; i < c->list.n; i++) {
		const struct reg_change *r = &c->list.v[i];
		const struct journal_item there = {.written = address,
						   .address = address,
						   .len = r->reg->bytes};

		change_regs_name(c, r, address);
		le_store(old, vcpu_get(v, r->reg), r->reg->bytes);
		le_store(new, r->new, r->reg->bytes);
		if (journal_entry_add(&e, &there, old, new))
			return err_nomem(err);
	}
	return record_begin(ed, &c->record, &e, err);
}

int change_regs_run(struct editor *ed, struct change_regs *c, struct err *err)
{
	const struct vcpu *v = machine_vcpu(ed->guest->machine, c->vcpu);
	size_t i;
	int rc = 0;

	for (i = 0; v && i < c->list.n && !rc; i++)
		rc = check_value(v, &c->list.v[i], err);
	if (!rc && v)
		rc = change_regs_record(ed, c, v, err);
	if (rc)
		return err_wrap(err, rc, "nothing was changed");
	rc = machine_write_regs(ed->guest->machine, c->vcpu, c->list.v,
				c->list.n, err);
	if (!rc)
		record_end(ed, &c->record, RECORD_DONE);
	else if (v && !c->list.v[0].sent)
		record_end(ed, &c->record, RECORD_NOT_SENT);
	else if (v && rc != ERR_PARTIAL)
		record_end(ed, &c->record, RECORD_AS_WAS);
	return rc;
}

/* One item of an entry; what it was and is to be must be what is there. */
static int undo_item(const struct vcpu *v, const struct journal_entry *e,
		     const struct journal_item *item, size_t off,
		     struct reg_change *r, struct err *err)
{
	const char *name = strchr(item->address, ':') + 1;
	uint64_t now, was;

	*r = (struct reg_change){.reg = arch_reg_find(v->arch, name)};
	if (!r->reg || r->reg->bytes != item->len)
		return err_set(err, ERR_CORRUPT, "%.60s is no register",
			       item->address);
	was = le_any(e->now.data + off, item->len);
	r->new = le_any(e->old.data + off, item->len);
	now = vcpu_get(v, r->reg);
	if (now == was || (e->state == JOURNAL_UNFINISHED && now == r->new))
		return 0;
	return err_set(err, ERR_REFUSED,
		       "%.60s is 0x%" PRIx64 " now, 0x%" PRIx64
		       " was written; nothing was changed",
		       item->address, now, was);
}

int change_regs_undo(struct editor *ed, const struct journal_entry *e,
		     struct change_regs *c, struct err *err)
{
	const struct journal_item *items = e->items.v;
	const struct vcpu *v = NULL;
	struct reg_change r;
	size_t i, off = 0;
	char colon;
	int rc = 0;

	c->record = (struct record){.undoes = e->id, .from = e->state};
	for (i = 0; i < e->items.n && !rc; off += items[i].len, i++) {
		if (sscanf(items[i].address, "cpu%u%c", &c->vcpu, &colon) !=
			    2 ||
		    colon != ':')
			return err_set(err, ERR_CORRUPT, "%.60s is no register",
				       items[i].address);
		v = machine_vcpu(ed->guest->machine, c->vcpu);
		if (!v)
			return err_set(err, ERR_NOT_FOUND,
				       "there is no vCPU %u", c->vcpu);
		rc = undo_item(v, e, &items[i], off, &r, err);
		if (!rc && vec_push(&c->list, r))
			rc = err_nomem(err);
	}
	return rc;
}

void change_regs_deinit(struct change_regs *c)
{
	vec_deinit(&c->list);
}
