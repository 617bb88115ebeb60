/* SPDX-License-Identifier: BSD-2-Clause */
/* What was read for a portrait; for the files that take one only. */
#ifndef EXPORT_RAW_H
#define EXPORT_RAW_H

#include <stddef.h>

#include "export/portrait.h"
#include "kernel/code/btf_modules.h"
#include "kernel/code/generated.h"
#include "kernel/code/module_letters.h"
#include "kernel/code/module_symbols.h"
#include "kernel/code/modules.h"
#include "kernel/code/x86_64_trampoline.h"

/* The beginning of a piece of generated code, as far as it is looked at. */
struct raw_code {
	uint8_t *bytes; /* of the reader's; NULL: not read */
	size_t len;
};

struct portrait_raw {
	struct kernel *k;
	unsigned int wants;
	struct modules modules;
	struct generated_code generated;
	struct raw_code *code; /* one per piece of that; NULL: not read */
	uint8_t *code_bytes;
	struct trampoline_original originals[TRAMPOLINE_ORIGINALS];
	struct module_symbols *tables;	/* one per module */
	struct module_letters *letters; /* one per module */
	struct btf_modules btf;
};

/* Owners first: modules, by number; then that of code by its generator. */
int raw_read_owners(struct portrait *p, struct err *err);

/* With SYMBOLS: all that is not the profile's. */
int raw_read_symbols(struct portrait *p, struct err *err);

/* The build id; where code is, and with TEXT its bytes. */
int raw_read_bytes(struct portrait *p, struct err *err);

/* With UNWIND: generated code, for the rules that it has. */
int raw_read_generated(struct portrait *p, struct err *err);

int raw_settle_symbols(struct portrait *p, struct err *err);
int raw_settle_types(struct portrait *p, struct err *err);

/* Where there are rules for unwinding: those of generated code, behind them. */
int raw_settle_generated(struct portrait *p, struct err *err);

#endif
