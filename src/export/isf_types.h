/* SPDX-License-Identifier: BSD-2-Clause */
/* Types in the format of Volatility 3. */
#ifndef EXPORT_ISF_TYPES_H
#define EXPORT_ISF_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "export/jsontext.h"
#include "export/portrait.h"
#include "export/type_names.h"
#include "types/btf.h"

/* A file on its way. */
struct isf {
	const struct portrait *p;
	struct btf btf;
	struct type_names names;
	struct jsontext j;
	struct buf name; /* of a type, as long as it is needed */
	bool signs;	 /* flags tell which enums are signed */
};

/* Names, once there is BTF; ERR_NOMEM. */
int isf_types_init(struct isf *f, struct err *err);
void isf_types_deinit(struct isf *f);

/* "base_types", "user_types" and "enums". */
void isf_put_types(struct isf *f);

/* The member "type" of a symbol (known_globals.h); 0, "": it is not known. */
void isf_put_symbol_type(struct isf *f, uint32_t type, const char *shape);
void isf_put_char_array(struct isf *f, const char *key, uint64_t n);

#endif
