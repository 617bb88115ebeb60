/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows expressions: a stack of sets of values. */
#include "guest/eval_inside.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "types/members.h"
#include "walk/space.h"

int eval_lose(struct eval *ev, struct eval_set *set, size_t i,
	      const struct err *why, struct err *err)
{
	if (!set->many)
		return err_pass(err, why);
	if (!set->v.v[i].lost && !ev->n_lost++)
		ev->lost = *why;
	set->v.v[i].lost = true;
	return 0;
}

uint32_t eval_behind(const struct eval *ev, uint32_t type, struct btf_type *t)
{
	*t = (struct btf_type){.name = ""};
	return btf_behind(&ev->made.btf, type, t);
}

static bool is_whole_number(const struct btf_type *t)
{
	return (t->kind == BTF_PTR || t->kind == BTF_INT ||
		t->kind == BTF_ENUM || t->kind == BTF_ENUM64);
}

/* So many low bits of a number, as its type takes them. */
static uint64_t eval_extend(const struct eval *ev, const struct btf_type *t,
			    uint64_t number, uint32_t bits)
{
	struct btf_int n;
	bool is_signed = btf_int(t, &n)
				 ? !!(n.encoding & BTF_INT_SIGNED)
				 : members_is_signed(t, ev->types->signs);

	if (!bits || bits >= 64)
		return number;
	number &= (1ULL << bits) - 1;
	if (t->kind != BTF_PTR && is_signed && number >> (bits - 1))
		number |= ~0ULL << bits;
	return number;
}

/* How many bytes a scalar place has; 0: it is none. */
static size_t scalar_bytes(const struct eval *ev, const struct eval_value *v,
			   struct btf_type *t)
{
	uint64_t size;

	eval_behind(ev, v->type, t);
	size = t->kind == BTF_PTR ? 8 : t->size;
	if (!v->is_place || v->lost || !is_whole_number(t) || size > 8)
		return 0;
	return v->bit_size ? (v->bit_offset + v->bit_size + 7u) / 8 : size;
}

static void take_scalar(const struct eval *ev, struct eval_value *v,
			const uint8_t *bytes, size_t len)
{
	unsigned __int128 bits = 0;
	struct btf_type t;
	size_t i;

	eval_behind(ev, v->type, &t);
	for (i = 0; i < len; i++)
		bits |= (unsigned __int128)bytes[i] << (8 * i);
	v->number = eval_extend(ev, &t, (uint64_t)(bits >> v->bit_offset),
				v->bit_size ? v->bit_size : (uint32_t)len * 8);
	v->bit_offset = v->bit_size = 0;
	v->is_place = false;
}

int eval_load(struct eval *ev, struct eval_set *set, struct err *err)
{
	_cleanup_free_ struct space_read *reads =
		calloc(set->v.n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t(*bytes)[9] = calloc(set->v.n + 1, 9);
	struct btf_type t;
	size_t i, n = 0;
	int rc;

	if (!reads || !bytes)
		return err_nomem(err);
	for (i = 0; i < set->v.n; i++) {
		size_t len = scalar_bytes(ev, &set->v.v[i], &t);

		if (len)
			reads[n++] =
				(struct space_read){.va = set->v.v[i].number,
						    .dst = bytes[i],
						    .len = len};
	}
	rc = eval_read_memory(ev, reads, n, err);
	for (i = n = 0; i < set->v.n && !rc; i++) {
		struct eval_value *v = &set->v.v[i];
		size_t len = scalar_bytes(ev, v, &t);
		struct err why = {0};

		if (!len)
			continue;
		if (reads[n].got == len) {
			take_scalar(ev, v, bytes[i], len);
		} else {
			rc = eval_read_why(ev, v->number + reads[n].got, &why,
					   err);
			if (!rc && !why.code)
				err_set(&why, ERR_UNREADABLE,
					"0x%" PRIx64 " cannot be read",
					v->number);
			if (!rc)
				rc = eval_lose(ev, set, i, &why, err);
		}
		n++;
	}
	return rc;
}

/* And of all the addresses they mean: of structs and arrays, where they are. */
static int eval_addresses(struct eval *ev, struct eval_set *set,
			  struct err *err)
{
	size_t i;
	int rc = eval_load(ev, set, err);

	for (i = 0; i < set->v.n; i++) {
		set->v.v[i].is_place = false;
		set->v.v[i].type = ev->made.number;
	}
	return rc;
}

static int lose_null(struct eval *ev, const struct expr_step *s,
		     struct eval_set *set, size_t i, struct err *err)
{
	struct err why = {0};

	err_set(&why, ERR_NOT_FOUND, "%.*s is NULL", EVAL_TEXT(s->operand));
	return eval_lose(ev, set, i, &why, err);
}

/* Pointers become the places that they lead to. */
static int eval_follow(struct eval *ev, const struct expr_step *s,
		       struct eval_set *set, struct err *err)
{
	struct btf_array a;
	struct btf_type t;
	size_t i;
	int rc = eval_load(ev, set, err);

	for (i = 0; i < set->v.n && !rc; i++) {
		struct eval_value *v = &set->v.v[i];

		if (v->lost)
			continue;
		eval_behind(ev, v->type, &t);
		if (btf_array(&t, &a)) { /* its first element */
			v->type = a.elem;
			continue;
		}
		if (t.kind != BTF_PTR)
			return err_set(err, ERR_REFUSED, "%.*s is no pointer%s",
				       EVAL_TEXT(s->operand),
				       t.kind == BTF_STRUCT ||
						       t.kind == BTF_UNION
					       ? ", a dot leads to its members"
					       : "");
		v->type = t.size;
		v->is_place = true;
		if (!eval_behind(ev, v->type, &t))
			return err_set(err, ERR_REFUSED,
				       "%.*s leads to what has no type: a cast "
				       "gives it one",
				       EVAL_TEXT(s->operand));
		if (!v->number)
			rc = lose_null(ev, s, set, i, err);
	}
	return rc;
}

static int eval_address(struct eval *ev, const struct expr_step *s,
			struct eval_set *set, struct err *err)
{
	uint32_t last = 0, made = 0;
	size_t i;

	for (i = 0; i < set->v.n; i++) {
		struct eval_value *v = &set->v.v[i];

		if (v->lost)
			continue;
		if (!v->is_place || v->bit_size)
			return err_set(err, ERR_REFUSED,
				       "%.*s is %s, which has no address",
				       EVAL_TEXT(s->operand),
				       v->bit_size ? "a bit field" : "a value");
		if (!made || v->type != last) {
			last = v->type;
			made = made_pointer(&ev->made, v->type);
			if (!made)
				return err_nomem(err);
		}
		v->type = made;
		v->is_place = false;
	}
	return 0;
}

static int eval_cast(struct eval *ev, const struct expr_step *s,
		     struct eval_set *set, struct err *err)
{
	struct btf_type t;
	uint32_t type;
	size_t i;
	int rc = eval_find_type(ev, s, &type, err);

	if (!rc)
		rc = eval_load(ev, set, err);
	if (rc)
		return rc;
	eval_behind(ev, type, &t);
	if (!is_whole_number(&t) || (t.kind != BTF_PTR && t.size > 8))
		return err_set(err, ERR_REFUSED,
			       "no value is made a %.*s by a cast, a pointer "
			       "to one is",
			       EVAL_TEXT(s->of));
	for (i = 0; i < set->v.n; i++) {
		struct eval_value *v = &set->v.v[i];

		if (v->is_place && !v->lost)
			return err_set(err, ERR_REFUSED,
				       "%.*s is no number: & is its address",
				       EVAL_TEXT(s->operand));
		v->type = type;
		v->number = eval_extend(ev, &t, v->number,
					t.kind == BTF_PTR ? 64 : t.size * 8);
	}
	return 0;
}

/* What an element of an array is, and where they begin. */
static int eval_element(struct eval *ev, const struct expr_step *s,
			struct eval_value *v, uint64_t *count, uint64_t *size,
			struct err *err)
{
	struct btf_array a;
	struct btf_type t;

	eval_behind(ev, v->type, &t);
	*count = 0;
	if (btf_array(&t, &a)) {
		*count = a.n;
		v->type = a.elem;
	} else if (t.kind == BTF_PTR) {
		v->type = t.size;
	} else {
		return err_set(err, ERR_REFUSED,
			       "%.*s is neither an array nor a pointer",
			       EVAL_TEXT(s->operand));
	}
	*size = btf_size(&ev->made.btf, v->type);
	if (!*size)
		return err_set(err, ERR_REFUSED,
			       "elements of %.*s are of no known size",
			       EVAL_TEXT(s->operand));
	v->is_place = true;
	return 0;
}

static int push_elements(struct eval *ev, const struct expr_step *s,
			 struct eval_value v, struct eval_set *out,
			 struct err *err)
{
	uint64_t end = s->kind == EXPR_SLICE ? s->end : s->number + 1;
	uint64_t i, count = 0, size = 0;
	int rc = v.lost ? 0 : eval_element(ev, s, &v, &count, &size, err);

	if (rc)
		return rc;
	if (count && end > count)
		return err_set(err, ERR_NOT_FOUND,
			       "%.*s has %" PRIu64 " elements, the last is "
			       "[%" PRIu64 "]",
			       EVAL_TEXT(s->operand), count, count - 1);
	if (end > UINT32_MAX)
		return err_set(err, ERR_REFUSED,
			       "no array has %" PRIu64 " elements", end);
	for (i = s->number; i < end; i++) {
		struct eval_value e = v;

		e.number += i * size;
		ev->cut |= out->v.n == EVAL_MAX_VALUES;
		if (ev->cut)
			break;
		if (vec_push(&out->v, e))
			return err_nomem(err);
	}
	return 0;
}

static int eval_elements(struct eval *ev, const struct expr_step *s,
			 struct eval_set *set, struct err *err)
{
	struct eval_set out = {.many = set->many || s->kind == EXPR_SLICE};
	struct btf_type t;
	size_t i;
	int rc = eval_load(ev, set, err);

	for (i = 0; i < set->v.n && !rc; i++) {
		eval_behind(ev, set->v.v[i].type, &t);
		if (t.kind == BTF_PTR && !set->v.v[i].number &&
		    !set->v.v[i].lost)
			rc = lose_null(ev, s, set, i, err);
		if (!rc)
			rc = push_elements(ev, s, set->v.v[i], &out, err);
	}
	vec_deinit(&set->v);
	*set = out;
	return rc;
}

/* Of two sets, of which one may be of one value. */
int eval_sum(struct eval *ev, const struct expr_step *s, struct eval_set *a,
	     struct eval_set *b, struct err *err)
{
	struct eval_set *big = b->v.n > a->v.n ? b : a;
	struct eval_set out = {.many = a->many || b->many};
	size_t i;
	int rc = eval_addresses(ev, a, err);

	if (!rc)
		rc = eval_addresses(ev, b, err);
	if (!rc && a->v.n != b->v.n && a->v.n != 1 && b->v.n != 1)
		rc = err_set(err, ERR_REFUSED,
			     "%.*s is of different numbers "
			     "of values",
			     EVAL_TEXT(s->operand));
	for (i = 0; i < big->v.n && !rc; i++) {
		struct eval_value v = a->v.v[a->v.n == 1 ? 0 : i];
		const struct eval_value *w = &b->v.v[b->v.n == 1 ? 0 : i];

		v.number += s->kind == EXPR_SUB ? -w->number : w->number;
		v.lost |= w->lost;
		v.cpu = v.cpu < 0 ? w->cpu : v.cpu;
		if (vec_push(&out.v, v))
			rc = err_nomem(err);
	}
	vec_deinit(&a->v);
	*a = out;
	return rc;
}

int eval_step(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	      struct err *err)
{
	int rc;

	switch (s->kind) {
	case EXPR_NUMBER:
		if (vec_push(&set->v, {.type = ev->made.number,
				       .number = s->number,
				       .cpu = -1}))
			return err_nomem(err);
		return 0;
	case EXPR_NAME:
		return eval_name(ev, s, set, err);
	case EXPR_TASK:
		return eval_task(ev, s, set, err);
	case EXPR_ARROW:
		rc = eval_follow(ev, s, set, err);
		return rc ? rc : eval_member(ev, s, set, err);
	case EXPR_MEMBER:
		return eval_member(ev, s, set, err);
	case EXPR_INDEX:
	case EXPR_SLICE:
		return eval_elements(ev, s, set, err);
	case EXPR_DEREF:
		return eval_follow(ev, s, set, err);
	case EXPR_ADDRESS:
		return eval_address(ev, s, set, err);
	case EXPR_CAST:
		return eval_cast(ev, s, set, err);
	case EXPR_CONTAINER:
		return eval_container(ev, s, set, err);
	case EXPR_TREE:
		return eval_tree(ev, s, set, err);
	default:
		return eval_list(ev, s, set, err);
	}
}
