/* SPDX-License-Identifier: BSD-2-Clause */
/* What a command changes goes into the journal first. */
#include "cli/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kernel/boot.h"

int record_prepare(struct session *s, void *state, struct err *err)
{
	(void)state;
	return journal_open(true, &s->journal, err);
}

int record_boot(struct session *s, char boot[RECORD_BOOT], struct err *err)
{
	bool known = false;
	uint64_t id = 0;
	int rc = 0;

	*boot = '\0';
	if (s->kernel)
		rc = kernel_boot_id(s->kernel, &id, &known, err);
	if (rc && rc != ERR_UNREADABLE)
		return rc;
	if (known)
		snprintf(boot, RECORD_BOOT, "%016" PRIx64, id);
	return 0;
}

static int fill_guest(struct session *s, struct journal_entry *e,
		      struct err *err)
{
	struct target_info info = {0};
	char boot[RECORD_BOOT];
	int rc = record_boot(s, boot, err);

	if (rc)
		return rc;
	target_info(s->target, &info);
	e->time = time(NULL);
	e->gdb = strdup(info.address);
	e->kernel = s->kernel ? strdup(s->kernel->banner) : NULL;
	e->boot = *boot ? strdup(boot) : NULL;
	if (!e->gdb || (s->kernel && !e->kernel) || (*boot && !e->boot))
		return err_nomem(err);
	return 0;
}

static int begin_new(struct session *s, struct journal_entry *e,
		     struct err *err)
{
	struct err why = {0};
	int rc = fill_guest(s, e, err);

	if (rc)
		return rc;
	rc = journal_record(s->journal, e, &why);
	if (!rc)
		return 0;
	return err_set(err, rc, "%.400s; nothing was written", why.text);
}

int record_begin(struct session *s, struct record *r, struct journal_entry *e,
		 struct err *err)
{
	int rc = 0;

	if (!r->undoes)
		rc = begin_new(s, e, err);
	else if (r->from != JOURNAL_UNFINISHED)
		rc = journal_move(s->journal, r->undoes, r->from,
				  JOURNAL_UNFINISHED, err);
	if (!rc)
		r->entry = r->undoes ? r->undoes : e->id;
	return rc;
}

static void settle(struct session *s, unsigned int id, enum journal_state state)
{
	struct err why = {0};
	int rc = 0;

	if (state != JOURNAL_UNFINISHED)
		rc = journal_move(s->journal, id, JOURNAL_UNFINISHED, state,
				  &why);
	if (rc)
		err_set(&s->journal_note, rc,
			"entry %u of the journal could not be marked '%s': "
			"%.300s",
			id, journal_state_name(state), why.text);
}

/* Where it stays, it tells nothing wrong: all bytes are the old. */
static void drop(struct session *s, unsigned int id)
{
	struct journal_name name = {.id = id, .state = JOURNAL_UNFINISHED};

	journal_forget(s->journal, &name, NULL);
}

void record_end(struct session *s, const struct record *r, enum record_end end)
{
	if (end == RECORD_DONE)
		settle(s, r->entry,
		       r->undoes ? JOURNAL_UNDONE : JOURNAL_WRITTEN);
	else if (r->undoes)
		settle(s, r->entry, r->from);
	else if (end == RECORD_AS_WAS)
		settle(s, r->entry, JOURNAL_PUT_BACK);
	else
		drop(s, r->entry);
}
