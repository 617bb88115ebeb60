/* SPDX-License-Identifier: BSD-2-Clause */
/* Expressions over objects of the kernel, parsed before any guest. */
#ifndef GUEST_EXPR_H
#define GUEST_EXPR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 *   sum       = unary { ("+" | "-") unary }
 *   unary     = "*" unary | "&" unary | "(" type ")" unary | postfix
 *   postfix   = primary { "." NAME | "->" NAME | "[" N "]" | "[" N ":" N "]" }
 *   primary   = N | SYMBOL [ "[" MODULE "]" ] | "(" sum ")"
 *             | "task" "(" sum ")"
 *             | "container_of" "(" sum "," type "," path ")"
 *             | "list" "(" sum "," type "," path ")"
 *             | "tree" "(" sum "," type "," path ")"
 *   type      = NAME { NAME } [ "[" MODULE "]" ] { "*" }
 *                                "struct x *", "unsigned int", "x[zram] *"
 *   path      = NAME { "." NAME }
 *   N         = decimal | "0x" hex
 *
 * "(NAME)" is a cast where an operand follows: a number, name, "(", "*", "&".
 */
#define EXPR_MAX_STEPS 64
#define EXPR_MAX_NEST  32
#define EXPR_MAX_TEXT  400

/* What is done, one after the other, with a stack of values. */
enum expr_kind {
	EXPR_NUMBER,	/* push `number` */
	EXPR_NAME,	/* push what the symbol `name` is, of module `of` */
	EXPR_TASK,	/* the task of a PID */
	EXPR_MEMBER,	/* `name` of a struct */
	EXPR_ARROW,	/* `name` of the struct that a pointer leads to */
	EXPR_INDEX,	/* element `number` */
	EXPR_SLICE,	/* elements from `number` on, `end` not included */
	EXPR_DEREF,	/* what a pointer leads to */
	EXPR_ADDRESS,	/* where it is */
	EXPR_CAST,	/* as a value of type `of` with `stars` */
	EXPR_CONTAINER, /* of an address of member `name` that of its `of` */
	EXPR_LIST,	/* of a head: the `of`s in that list by `name` */
	EXPR_TREE,	/* of a root: the `of`s in that tree by `name` */
	EXPR_ADD,	/* of two values */
	EXPR_SUB
};

/* A part of the text; len 0: none. */
struct expr_text {
	const char *at;
	size_t len;
};

struct expr_step {
	enum expr_kind kind;
	struct expr_text name, of;
	struct expr_text module;  /* that has the type; len 0: any */
	struct expr_text operand; /* what it is done with, in the text */
	unsigned int stars;
	uint64_t number, end;
};

/* Borrows the text. */
struct expr {
	const char *text;
	const char *bad; /* what an error is about; NULL: no one place */
	size_t n;
	struct expr_step step[EXPR_MAX_STEPS];
};

/*
 * ERR_USAGE: what is wrong, and the text with ^ in front of the place, which
 * is `bad`: before it there is ASCII alone.  After success the steps leave one
 * value, and none takes one that is not there.
 */
int expr_parse(const char *text, struct expr *e, struct err *err);

#endif
