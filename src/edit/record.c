/* SPDX-License-Identifier: BSD-2-Clause */
/* What a command changes goes into the journal first. */
#include "edit/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernel/boot.h"

int record_boot(struct guest *g, char boot[RECORD_BOOT], struct err *err)
{
	bool known = false;
	uint64_t id = 0;
	int rc = 0;

	*boot = '\0';
	if (g->kernel)
		rc = kernel_boot_id(g->kernel, &id, &known, err);
	if (rc && rc != ERR_UNREADABLE)
		return rc;
	if (known)
		snprintf(boot, RECORD_BOOT, "%016" PRIx64, id);
	return 0;
}

static int fill_guest(struct editor *ed, struct journal_entry *e,
		      struct err *err)
{
	struct source_info info = {0};
	char boot[RECORD_BOOT];
	int rc = record_boot(ed->guest, boot, err);

	if (rc)
		return rc;
	source_info(&ed->guest->source, &info);
	e->time = time(NULL);
	e->gdb = strdup(info.address);
	e->kernel =
		ed->guest->kernel ? strdup(ed->guest->kernel->banner) : NULL;
	e->boot = *boot ? strdup(boot) : NULL;
	if (!e->gdb || (ed->guest->kernel && !e->kernel) || (*boot && !e->boot))
		return err_nomem(err);
	return 0;
}

static int begin_new(struct editor *ed, struct journal_entry *e,
		     struct err *err)
{
	struct err why = {0};
	int rc = fill_guest(ed, e, err);

	if (rc)
		return rc;
	rc = journal_record(ed->journal, e, &why);
	if (!rc)
		return 0;
	return err_set(err, rc, "%.400s; nothing was written", why.text);
}

int record_begin(struct editor *ed, struct record *r, struct journal_entry *e,
		 struct err *err)
{
	int rc = 0;

	if (!r->undoes)
		rc = begin_new(ed, e, err);
	else if (r->from != JOURNAL_UNFINISHED)
		rc = journal_move(ed->journal, r->undoes, r->from,
				  JOURNAL_UNFINISHED, err);
	if (!rc)
		r->entry = r->undoes ? r->undoes : e->id;
	return rc;
}

static void record_settle(struct editor *ed, unsigned int id,
			  enum journal_state state)
{
	struct err why = {0};
	int rc = 0;

	if (state != JOURNAL_UNFINISHED)
		rc = journal_move(ed->journal, id, JOURNAL_UNFINISHED, state,
				  &why);
	if (rc)
		err_set(&ed->note, rc,
			"entry %u of the journal could not be marked '%s': "
			"%.300s",
			id, journal_state_name(state), why.text);
}

/* Where it stays, it tells nothing wrong: all bytes are the old. */
static void drop(struct editor *ed, unsigned int id)
{
	struct journal_name name = {.id = id, .state = JOURNAL_UNFINISHED};

	journal_forget(ed->journal, &name, NULL);
}

void record_end(struct editor *ed, const struct record *r, enum record_end end)
{
	if (end == RECORD_DONE)
		record_settle(ed, r->entry,
			      r->undoes ? JOURNAL_UNDONE : JOURNAL_WRITTEN);
	else if (r->undoes)
		record_settle(ed, r->entry, r->from);
	else if (end == RECORD_AS_WAS)
		record_settle(ed, r->entry, JOURNAL_PUT_BACK);
	else
		drop(ed, r->entry);
}
