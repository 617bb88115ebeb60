/* SPDX-License-Identifier: BSD-2-Clause */
/* Records of places, their file, and what of them is read ahead. */
#include "guest/recall.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/files.h"
#include "kernel/kernel.h"
#include "kernel/locate.h"

static const char magic[8] = "qvmipl1\n";

/* Top tables of so many vCPUs are read ahead, two for each. */
#define ROOTS 64u

/* So many of the newest records know the way of a new question. */
#define WAYS_OF 4u

/* More batches than that, and the record does not tell any more. */
#define STEPS_FORESEEN 2u

static uint64_t recall_machine(const struct machine *m)
{
	return files_checksum(m->instance, strlen(m->instance));
}

static void record_deinit(struct recall_record *rec)
{
	places_deinit(&rec->places);
}

void recall_deinit(struct recall *r)
{
	size_t i;

	for (i = 0; i < r->records.n; i++)
		record_deinit(&r->records.v[i]);
	vec_deinit(&r->records);
}

/* One record; false: there is none, or it is damaged. */
static bool recall_parse(struct cursor *c, struct recall_record *rec)
{
	uint64_t n;
	size_t i;

	rec->machine = cursor_u64(c);
	rec->question = cursor_u64(c);
	n = cursor_u64(c);
	if (c->bad || n > PLACES_MAX || n * 8 > cursor_left(c))
		return false;
	if (vec_reserve(&rec->places.v, n + 1))
		return false;
	for (i = 0; i < n; i++)
		rec->places.v.v[i] = cursor_u64(c);
	rec->places.v.n = n;
	return true;
}

static int recall_parse_all(struct recall *r, const struct buf *b)
{
	struct cursor c;
	const uint8_t *start;

	cursor_init(&c, b->data, b->len);
	start = cursor_bytes(&c, sizeof(magic));
	if (!start || memcmp(start, magic, sizeof(magic)) != 0 ||
	    cursor_u64(&c) != files_checksum(b->data + c.pos, b->len - c.pos))
		return 0;
	while (cursor_left(&c) && r->records.n < RECALL_RECORDS) {
		struct recall_record rec = {0};

		if (!recall_parse(&c, &rec)) {
			record_deinit(&rec);
			return 0;
		}
		if (vec_push(&r->records, rec)) {
			record_deinit(&rec);
			return ERR_NOMEM;
		}
	}
	return 0;
}

int recall_load(struct recall *r, int dirfd, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	_cleanup_close_ int fd =
		dirfd < 0 ? -1
			  : openat(dirfd, RECALL_FILE,
				   O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
					   O_NONBLOCK);

	if (fd < 0 || files_read(fd, RECALL_FILE_MAX, &b))
		return 0;
	return recall_parse_all(r, &b) ? err_nomem(err) : 0;
}

static void recall_put(const struct recall *r, struct buf *b)
{
	size_t i;

	for (i = 0; i < r->records.n; i++) {
		const struct recall_record *rec = &r->records.v[i];
		uint64_t head[] = {rec->machine, rec->question,
				   rec->places.v.n};

		buf_add(b, head, sizeof(head));
		buf_add(b, rec->places.v.v,
			rec->places.v.n * sizeof(*rec->places.v.v));
	}
}

void recall_store(struct recall *r, int dirfd)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	_cleanup_(files_new_close) struct files_new f = {.fd = -1};
	uint64_t sum;

	if (!r->changed || dirfd < 0)
		return;
	r->changed = false;
	recall_put(r, &b);
	sum = files_checksum(b.data, b.len);
	if (b.oom || files_new_open(&f, dirfd, RECALL_FILE, NULL) ||
	    files_write(f.fd, magic, sizeof(magic)) ||
	    files_write(f.fd, &sum, sizeof(sum)) ||
	    files_write(f.fd, b.data, b.len))
		return;
	files_new_keep(&f, NULL);
}

static struct recall_record *recall_find(const struct recall *r,
					 uint64_t machine, uint64_t question)
{
	size_t i;

	for (i = 0; i < r->records.n; i++)
		if (r->records.v[i].machine == machine &&
		    r->records.v[i].question == question)
			return &r->records.v[i];
	return NULL;
}

static int recall_add(struct places *out, const struct places *from)
{
	if (vec_reserve(&out->v, from->v.n + 1))
		return ERR_NOMEM;
	if (from->v.n)
		memcpy(out->v.v + out->v.n, from->v.v,
		       from->v.n * sizeof(*from->v.v));
	out->v.n += from->v.n;
	return 0;
}

/* The ways that the newest questions to a machine went. */
static int recall_add_ways(const struct recall *r, uint64_t machine,
			   struct places *out)
{
	size_t i, j, n = 0;

	for (i = 0; i < r->records.n && n < WAYS_OF; i++) {
		const struct recall_record *rec = &r->records.v[i];

		if (rec->machine != machine)
			continue;
		n++;
		for (j = 0; j < rec->places.v.n; j++)
			if (rec->places.v.v[j] & PLACE_WAY &&
			    vec_push(&out->v, rec->places.v.v[j]))
				return ERR_NOMEM;
	}
	return 0;
}

int recall_fetch(const struct recall *r, struct machine *m, uint64_t question,
		 struct err *err)
{
	_cleanup_(places_deinit) struct places all = {0};
	uint64_t machine = recall_machine(m);
	const struct recall_record *rec = recall_find(r, machine, question);

	if (!kernel_understands(m->arch) || !*m->instance)
		return 0;
	if (vec_reserve(&all.v, 2 * ROOTS))
		return err_nomem(err);
	all.v.n = location_places(m, all.v.v, 2 * ROOTS);
	if (rec ? recall_add(&all, &rec->places)
		: recall_add_ways(r, machine, &all))
		return err_nomem(err);
	return places_fetch(m, all.v.v, all.v.n, err);
}

/* The first record, empty, in place of the one for this, or of the last. */
static struct recall_record *recall_renew(struct recall *r, uint64_t machine,
					  uint64_t question)
{
	struct recall_record *rec = recall_find(r, machine, question);
	struct recall_record old = {.machine = machine, .question = question};

	if (!rec && r->records.n == RECALL_RECORDS)
		rec = &r->records.v[RECALL_RECORDS - 1];
	if (!rec && vec_push(&r->records, old))
		return NULL;
	if (!rec)
		rec = &r->records.v[r->records.n - 1];
	record_deinit(rec);
	memmove(r->records.v + 1, r->records.v,
		(size_t)(rec - r->records.v) * sizeof(*rec));
	r->records.v[0] = old;
	return &r->records.v[0];
}

void recall_note(struct recall *r, struct machine *m, uint64_t question)
{
	uint64_t machine = recall_machine(m);
	struct recall_record *rec = recall_find(r, machine, question);

	if (!*m->instance || (rec && m->steps <= STEPS_FORESEEN))
		return;
	rec = recall_renew(r, machine, question);
	r->changed = rec && !places_take(m, &rec->places);
}
