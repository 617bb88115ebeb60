/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of eval have in common. */
#ifndef GUEST_EVAL_INSIDE_H
#define GUEST_EVAL_INSIDE_H

#include "guest/eval.h"
#include "walk/space.h"

/* A part of the text as arguments of "%.*s". */
#define EVAL_TEXT(t) (int)(t).len, (t).at

/* eval_read.c */

/*
 * Read what is at the addresses of n reads: one batch, and what is needed for
 * each that no table of the process maps as a whole.
 */
int eval_read_memory(struct eval *ev, struct space_read *reads, size_t n,
		     struct err *err);
/* Why an address cannot be read, in *why; its code is 0 where it can be. */
int eval_read_why(struct eval *ev, uint64_t va, struct err *why,
		  struct err *err);
/* Put ev->filled in order, each byte once. */
void eval_order_filled(struct eval *ev);

/*
 * One value of the set cannot be told: the error, or 0 where it is one of
 * several, which goes on without it.
 */
int eval_lose(struct eval *ev, struct eval_set *set, size_t i,
	      const struct err *why, struct err *err);

/*
 * Numbers instead of places: all numbers and pointers are read in one batch.
 * Structs and arrays stay places.
 */
int eval_load(struct eval *ev, struct eval_set *set, struct err *err);

/* The type behind, of kind BTF_VOID where there is none. */
uint32_t eval_behind(const struct eval *ev, uint32_t type, struct btf_type *t);

/* One step with a set, and those with two. */
int eval_step(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	      struct err *err);
int eval_sum(struct eval *ev, const struct expr_step *s, struct eval_set *a,
	     struct eval_set *b, struct err *err);

/*
 * eval_types.c: the types that an expression is about: the kernel's own, or
 * those of the one module that has what it names and the kernel has not.
 * ERR_NOT_FOUND, ERR_REFUSED: of several modules.
 */
int eval_base(struct eval *ev, const struct expr *e, const struct btf **base,
	      struct err *err);

/* A type by its name, with so many stars, which eval_base() has found. */
int eval_find_type(struct eval *ev, const struct expr_step *s, uint32_t *type,
		   struct err *err);
int eval_member(struct eval *ev, const struct expr_step *s,
		struct eval_set *set, struct err *err);
/* Where "member.inner" of a type is. */
int eval_path(struct eval *ev, uint32_t type, struct expr_text path,
	      struct btf_place *place, struct err *err);

/* eval_names.c */
int eval_name(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	      struct err *err);

/* eval_lists.c */

/* The struct that a step names, and where in it its member is. */
int eval_struct_of(struct eval *ev, const struct expr_step *s, uint32_t *type,
		   struct btf_place *place, struct err *err);

/* Heads, or their addresses: all are structs of one of two names. */
int eval_heads(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	       const char *const names[2], size_t *which, struct err *err);

/* What a list or a tree has: addresses of members at `offset` of a `type`. */
struct eval_found {
	const char *what;
	uint64_t head;
	const uint64_t *v;
	size_t n;
	uint32_t type;
	uint64_t offset;
	bool cut, torn;
	uint64_t torn_at;
};

/* Append these objects as places; 0 or ERR_NOMEM. */
int eval_push(struct eval *ev, const struct eval_found *f, int cpu,
	      struct eval_set *out);

int eval_list(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	      struct err *err);
int eval_container(struct eval *ev, const struct expr_step *s,
		   struct eval_set *set, struct err *err);
int eval_task(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	      struct err *err);

/* eval_trees.c */
int eval_tree(struct eval *ev, const struct expr_step *s, struct eval_set *set,
	      struct err *err);

#endif
