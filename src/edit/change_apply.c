/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing guest memory: recorded, written, read back, or put back. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "edit/change.h"

/* Pieces that follow each other in physical memory go out as one write. */
static size_t make_writes(const struct change *c, const uint8_t *bytes,
			  struct mem_write *writes)
{
	const struct piece *v = c->pieces.list.v;
	struct mem_write *last = NULL;
	size_t i, n = 0, off = 0;

	for (i = 0; i < c->pieces.list.n; off += v[i].len, i++) {
		if (last && last->pa + last->len == v[i].pa) {
			last->len += v[i].len;
			continue;
		}
		last = &writes[n++];
		*last = (struct mem_write){
			.pa = v[i].pa, .src = bytes + off, .len = v[i].len};
	}
	return n;
}

/* An entry of its own, or the state of the one that is undone. */
static int change_apply_record(struct editor *ed, struct change *c,
			       struct err *err)
{
	_cleanup_(journal_entry_deinit) struct journal_entry e = {0};
	const struct piece *v = c->pieces.list.v;
	size_t i, off = 0;
	char label[64];

	if (c->record.undoes)
		return record_begin(ed, &c->record, NULL, err);
	e.command = strdup(c->command);
	if (!e.command)
		return err_nomem(err);
	for (i = 0; i < c->pieces.list.n; off += v[i].len, i++) {
		const struct change_item *item = &c->items.v[v[i].range];
		struct addr address = item->addr;
		const struct journal_item there = {
			.written = (char *)(uintptr_t)address.text,
			.address = label,
			.is_memory = true,
			.pa = v[i].pa,
			.len = v[i].len};

		place_label(&c->places.v[item->place], v[i].at, label,
			    sizeof(label));
		if (journal_entry_add(&e, &there, c->old + off, c->now + off))
			return err_nomem(err);
	}
	return record_begin(ed, &c->record, &e, err);
}

/* How many bytes are not the old ones (again), and the first of them. */
static int count_changed(struct editor *ed, const struct change *c,
			 size_t *changed, char *label, size_t size,
			 struct err *err)
{
	size_t i, k, off = 0, n = c->pieces.list.n;
	_cleanup_free_ struct mem_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t *bytes = malloc(c->len + 1);
	const struct piece *v = c->pieces.list.v;
	int rc;

	if (!reads || !bytes)
		return err_nomem(err);
	for (i = 0; i < n; off += v[i].len, i++)
		reads[i] = (struct mem_read){
			.pa = v[i].pa, .dst = bytes + off, .len = v[i].len};
	machine_drop_cache(ed->guest->machine);
	rc = machine_read(ed->guest->machine, reads, n, err);
	*changed = 0;
	for (i = off = 0; i < n && !rc; off += v[i].len, i++)
		for (k = 0; k < v[i].len; k++) {
			if (reads[i].status == MEM_OK &&
			    bytes[off + k] == c->old[off + k])
				continue;
			if (!(*changed)++)
				place_label(&c->places.v[c->items.v[v[i].range]
								 .place],
					    v[i].at + k, label, size);
		}
	return rc;
}

/*
 * Some bytes cannot be written: the others get their old value.  Who cannot be
 * written has it still, so what counts is what is read in the end.
 */
static int change_apply_put_back(struct editor *ed, struct change *c,
				 struct mem_write *writes, struct err *err)
{
	size_t changed = 0, n = make_writes(c, c->old, writes);
	struct err why = *err, again = {0};
	int rc, code = err->code;
	char label[64];

	rc = machine_write(ed->guest->machine, writes, n, &again);
	if (!rc || rc == ERR_PARTIAL)
		rc = count_changed(ed, c, &changed, label, sizeof(label),
				   &again);
	if (rc)
		return err_helps(err,
				 err_set(err, code,
					 "%.200s; putting the old bytes back "
					 "failed, too: %.200s",
					 why.text, again.text),
				 REMEDY_JOURNAL, c->record.entry);
	if (changed)
		return err_helps(err,
				 err_set(err, code,
					 "%.200s; putting the old bytes back "
					 "failed, too: %zu of %zu bytes are "
					 "changed, the first at %s",
					 why.text, changed, c->len, label),
				 REMEDY_JOURNAL, c->record.entry);
	record_end(ed, &c->record, RECORD_AS_WAS);
	return err_set(err, code, "%.400s; the bytes are as they were before",
		       why.text);
}

/* The stub is gone, or what it answers is in doubt. */
static int say_known(const struct change *c, const struct mem_write *writes,
		     size_t n, int rc, struct err *err)
{
	size_t i, done = 0;

	for (i = 0; i < n; i++)
		if (writes[i].status == MEM_OK)
			done += writes[i].len;
	err_wrap(err, rc, "%zu of %zu bytes are known to be written", done,
		 c->len);
	return err_helps(err, rc, REMEDY_UNDO, c->record.entry);
}

static bool nothing_sent(const struct mem_write *writes, size_t n, int rc)
{
	size_t i;

	for (i = 0; i < n && writes[i].status == MEM_PENDING; i++)
		;
	return i == n && (rc == ERR_INTERRUPTED || rc == ERR_REFUSED);
}

int change_apply(struct editor *ed, struct change *c, struct err *err)
{
	_cleanup_free_ struct mem_write *writes =
		calloc(c->pieces.list.n + 1, sizeof(*writes));
	size_t n;
	int rc;

	if (!writes)
		return err_nomem(err);
	n = make_writes(c, c->now, writes);
	rc = change_apply_record(ed, c, err);
	if (rc)
		return rc;
	rc = machine_write(ed->guest->machine, writes, n, err);
	if (!rc)
		record_end(ed, &c->record, RECORD_DONE);
	else if (rc == ERR_PARTIAL)
		rc = change_apply_put_back(ed, c, writes, err);
	else if (nothing_sent(writes, n, rc))
		record_end(ed, &c->record, RECORD_NOT_SENT);
	else
		rc = say_known(c, writes, n, rc, err);
	return rc;
}
