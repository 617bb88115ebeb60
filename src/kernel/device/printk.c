/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the kernel's log out of its ring buffer. */
#include "kernel/device/printk.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "walk/space.h"

/* What is wanted of kernel/printk/printk_ringbuffer.h, 5.10 and later. */
enum {
	FIELD_PRB_COUNT_BITS = WANTS_OF(READER_PRINTK),
	FIELD_PRB_DESCS,
	FIELD_PRB_INFOS,
	FIELD_PRB_HEAD_ID,
	FIELD_PRB_TAIL_ID,
	FIELD_PRB_SIZE_BITS,
	FIELD_PRB_DATA,
	FIELD_PRB_DESC_STATE,
	FIELD_PRB_DESC_BEGIN,
	FIELD_PRB_DESC_NEXT,
	FIELD_PRINTK_SEQ,
	FIELD_PRINTK_TS,
	FIELD_PRINTK_LEN,
	FIELD_PRINTK_FACILITY,
	FIELD_PRINTK_LEVEL,
	FIELD_PRINTK_FLAGS,
	FIELD_PRINTK_SUBSYSTEM,
	FIELD_PRINTK_DEVICE,
	STRUCT_PRB_DESC,
	STRUCT_PRINTK_INFO
};

static const struct want want_table[] = {
	FIELD(PRB_COUNT_BITS, "printk_ringbuffer", REQUIRED,
	      "desc_ring.count_bits"),
	FIELD(PRB_DESCS, "printk_ringbuffer", REQUIRED, "desc_ring.descs"),
	FIELD(PRB_INFOS, "printk_ringbuffer", REQUIRED, "desc_ring.infos"),
	FIELD(PRB_HEAD_ID, "printk_ringbuffer", REQUIRED, "desc_ring.head_id"),
	FIELD(PRB_TAIL_ID, "printk_ringbuffer", REQUIRED, "desc_ring.tail_id"),
	FIELD(PRB_SIZE_BITS, "printk_ringbuffer", REQUIRED,
	      "text_data_ring.size_bits"),
	FIELD(PRB_DATA, "printk_ringbuffer", REQUIRED, "text_data_ring.data"),
	FIELD(PRB_DESC_STATE, "prb_desc", REQUIRED, "state_var"),
	FIELD(PRB_DESC_BEGIN, "prb_desc", REQUIRED, "text_blk_lpos.begin"),
	FIELD(PRB_DESC_NEXT, "prb_desc", REQUIRED, "text_blk_lpos.next"),
	FIELD(PRINTK_SEQ, "printk_info", REQUIRED, "seq"),
	FIELD(PRINTK_TS, "printk_info", REQUIRED, "ts_nsec"),
	FIELD(PRINTK_LEN, "printk_info", REQUIRED, "text_len"),
	FIELD(PRINTK_FACILITY, "printk_info", REQUIRED, "facility"),
	FIELD(PRINTK_LEVEL, "printk_info", REQUIRED, "level"),
	FIELD(PRINTK_FLAGS, "printk_info", OPTIONAL, "flags"),
	FIELD(PRINTK_SUBSYSTEM, "printk_info", OPTIONAL, "dev_info.subsystem"),
	FIELD(PRINTK_DEVICE, "printk_info", OPTIONAL, "dev_info.device"),
	STRUCT(PRB_DESC, "prb_desc", REQUIRED),
	STRUCT(PRINTK_INFO, "printk_info", REQUIRED),
};

const struct wants printk_wants = {
	.reader = "the kernel's log",
	.v = want_table,
	.n = WANTS_N(want_table),
};

/* DESC_STATE(), DESC_ID(): the upper two bits of state_var and the others. */
#define STATE_SHIFT 62
#define ID_MASK	    ((1ULL << STATE_SHIFT) - 1)
#define RESERVED    0u
#define COMMITTED   1u
#define FINALIZED   2u

/* BLK_DATALESS(): both positions are odd; so are those of empty lines. */
#define DATALESS 1u

static const uint32_t ring_fields[] = {
	FIELD_PRB_COUNT_BITS, FIELD_PRB_DESCS,	 FIELD_PRB_INFOS,
	FIELD_PRB_HEAD_ID,    FIELD_PRB_TAIL_ID, FIELD_PRB_SIZE_BITS,
	FIELD_PRB_DATA,
};

/* The ring as it is read: descriptors and infos, each 1 << count_bits. */
struct ring {
	struct kernel *k;
	unsigned int count_bits, size_bits;
	uint64_t head, tail; /* ids */
	uint64_t descs_at, infos_at, data_at;
	uint8_t *descs;
	size_t desc_size, info_size;
};

static void ring_deinit(struct ring *r)
{
	free(r->descs);
}

/* Where things are, and how many. */
static int ring_find(struct ring *r, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	struct kernel *k = r->k;
	uint64_t prb;
	int rc;

	r->desc_size = profile_sizeof(k->profile, STRUCT_PRB_DESC);
	r->info_size = profile_sizeof(k->profile, STRUCT_PRINTK_INFO);
	if (!r->desc_size)
		return profile_unknown(k->profile,
				       "this kernel keeps its log in no way "
				       "that is known here (struct "
				       "printk_ringbuffer)",
				       err);
	rc = profile_check_reader(k->profile, READER_PRINTK, err);
	if (!rc)
		rc = kernel_read_symbol(k, "prb", 8, &prb, err);
	if (!rc)
		rc = records_read(k, &prb, 1, ring_fields, WANTS_N(ring_fields),
				  &rec, err);
	if (rc)
		return rc;
	if (!rec.ok[0])
		return err_set(err, ERR_UNREADABLE,
			       "prb: 0x%" PRIx64 " cannot be read", prb);
	r->count_bits = (unsigned int)records_u64(&rec, 0, ring_fields[0]);
	r->descs_at = records_u64(&rec, 0, FIELD_PRB_DESCS);
	r->infos_at = records_u64(&rec, 0, FIELD_PRB_INFOS);
	r->head = records_u64(&rec, 0, FIELD_PRB_HEAD_ID) & ID_MASK;
	r->tail = records_u64(&rec, 0, FIELD_PRB_TAIL_ID) & ID_MASK;
	r->size_bits = (unsigned int)records_u64(&rec, 0, FIELD_PRB_SIZE_BITS);
	r->data_at = records_u64(&rec, 0, FIELD_PRB_DATA);
	if (r->count_bits <= PRINTK_COUNT_BITS_MAX &&
	    r->size_bits <= PRINTK_SIZE_BITS_MAX)
		return 0;
	return err_set(err, ERR_CORRUPT,
		       "prb: 2^%u records and 2^%u bytes are more than a log "
		       "can have",
		       r->count_bits, r->size_bits);
}

/* All of it, in one batch. */
static int ring_read(struct ring *r, struct printk_log *out, struct err *err)
{
	size_t n = (size_t)1 << r->count_bits, i;
	struct space_read reads[3];
	int rc;

	r->descs = malloc(n * r->desc_size);
	out->infos = malloc(n * r->info_size);
	out->data = malloc((size_t)1 << r->size_bits);
	if (!r->descs || !out->infos || !out->data)
		return err_nomem(err);
	reads[0] = (struct space_read){
		.va = r->descs_at, .dst = r->descs, .len = n * r->desc_size};
	reads[1] = (struct space_read){
		.va = r->infos_at, .dst = out->infos, .len = n * r->info_size};
	reads[2] = (struct space_read){.va = r->data_at,
				       .dst = out->data,
				       .len = (size_t)1 << r->size_bits};
	for (i = 0; i < 3; i++)
		reads[i].root = &r->k->root;
	rc = space_read(r->k->machine, reads, 3, err);
	for (i = 0; i < 3 && !rc; i++)
		if (reads[i].got < reads[i].len)
			rc = err_set(err, ERR_UNREADABLE,
				     "the log: 0x%" PRIx64 " cannot be read",
				     reads[i].va + reads[i].got);
	return rc;
}

static uint64_t member(const struct ring *r, const uint8_t *at, uint32_t id)
{
	const struct profile_field *f = profile_field(r->k->profile, id);

	return field_u64(f, at + f->offset);
}

/*
 * get_data(): a block lies in one piece, and at the start of the ring where it
 * would run over its end.  Its first 8 bytes are the descriptor's id.
 */
static bool printk_take_text(const struct ring *r, const uint8_t *desc,
			     uint64_t id, const uint8_t *data,
			     struct printk_record *rec)
{
	uint64_t begin = member(r, desc, FIELD_PRB_DESC_BEGIN);
	uint64_t next = member(r, desc, FIELD_PRB_DESC_NEXT);
	uint64_t size = 1ULL << r->size_bits, from, len;

	if (begin & DATALESS && next & DATALESS) {
		rec->len = 0;
		return true;
	}
	from = begin & (size - 1);
	len = next - begin;
	if ((begin + size) >> r->size_bits == next >> r->size_bits &&
	    (next & (size - 1))) {
		from = 0;
		len = next & (size - 1);
	}
	if (len < 8 || len > size - from || le64(data + from) != id)
		return false;
	if (rec->len > len - 8)
		rec->len = (size_t)(len - 8);
	rec->text = (const char *)data + from + 8;
	return true;
}

/* LOG_CONT of enum printk_info_flags */
#define FLAG_CONT 8u

/* A member that is characters, and how many. */
static const char *chars(const struct ring *r, const uint8_t *at, uint32_t id,
			 size_t *max)
{
	const struct profile_field *f = profile_field(r->k->profile, id);

	*max = f->present ? f->size : 0;
	return (const char *)at + f->offset;
}

/* What /dev/kmsg tells of it beside. */
static void printk_take_more(const struct ring *r, const uint8_t *info,
			     struct printk_record *rec)
{
	const struct profile *p = r->k->profile;

	rec->cont = profile_field(p, FIELD_PRINTK_FLAGS)->present &&
		    member(r, info, FIELD_PRINTK_FLAGS) & FLAG_CONT;
	rec->subsystem =
		chars(r, info, FIELD_PRINTK_SUBSYSTEM, &rec->subsystem_max);
	rec->device = chars(r, info, FIELD_PRINTK_DEVICE, &rec->device_max);
}

static int printk_take(const struct ring *r, uint64_t id,
		       struct printk_log *out)
{
	size_t i = (size_t)(id & ((1ULL << r->count_bits) - 1));
	const uint8_t *desc = r->descs + i * r->desc_size;
	const uint8_t *info = out->infos + i * r->info_size;
	uint64_t state = member(r, desc, FIELD_PRB_DESC_STATE);
	struct printk_record rec = {
		.seq = member(r, info, FIELD_PRINTK_SEQ),
		.ts_nsec = member(r, info, FIELD_PRINTK_TS),
		.level = (uint8_t)member(r, info, FIELD_PRINTK_LEVEL),
		.facility = (uint8_t)member(r, info, FIELD_PRINTK_FACILITY),
		.text = "",
		.len = (size_t)member(r, info, FIELD_PRINTK_LEN),
	};

	if ((state & ID_MASK) != id)
		return 0;
	printk_take_more(r, info, &rec);
	if ((state >> STATE_SHIFT == RESERVED ||
	     state >> STATE_SHIFT == COMMITTED) &&
	    rec.seq < out->pending)
		out->pending = rec.seq;
	if (state >> STATE_SHIFT != COMMITTED &&
	    state >> STATE_SHIFT != FINALIZED)
		return 0;
	if (!printk_take_text(r, desc, id, out->data, &rec)) {
		out->damaged++;
		return 0;
	}
	return vec_push(&out->v, rec);
}

int printk_read(struct kernel *k, struct printk_log *out, struct err *err)
{
	_cleanup_(ring_deinit) struct ring r = {.k = k};
	uint64_t id, times = 1, n;
	int rc = ring_find(&r, err);

	if (!rc)
		rc = ring_read(&r, out, err);
	/* A bool; without it (CONFIG_PRINTK_TIME cannot be told) they are. */
	if (!rc && !kernel_read_symbol(k, "printk_time", 1, &times, NULL))
		times &= 1;
	out->times = times != 0;
	out->pending = PRINTK_SETTLED;
	n = ((r.head - r.tail) & ID_MASK) + 1;
	if (n > 1ULL << r.count_bits)
		n = 1ULL << r.count_bits;
	for (id = r.tail; !rc && n; n--, id = (id + 1) & ID_MASK)
		if (printk_take(&r, id, out))
			rc = err_nomem(err);
	return rc;
}

void printk_deinit(struct printk_log *l)
{
	vec_deinit(&l->v);
	free(l->data);
	free(l->infos);
}
