/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the guest's file systems, as far as its page cache has them. */
#ifndef CLI_CAT_FILE_H
#define CLI_CAT_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "cli/out.h"
#include "cli/session.h"
#include "kernel/mm/cached_file.h"

/* One that was named, and what became of it. */
struct cat_file {
	uint64_t pid;
	const char *name; /* "89:/etc/hostname", of the command line */
	const char *path; /* in it */
	struct cached_file file;
	uint8_t *bytes; /* NULL: it was not read */
	struct err why; /* code 0: it was found */
};

struct cat_files {
	VEC(struct cat_file) v;
	bool complete; /* what is not in memory as a whole is not printed */
};

/* Take an operand, PID:PATH; ERR_USAGE. */
int cat_files_add(struct cat_files *f, const char *name, struct err *err);

/* Read them all; an error is that memory ran out, or the guest is gone. */
int cat_files_read(struct session *s, struct cat_files *f, struct err *err);
void cat_files_show(const struct cat_files *f, struct out *out);
void cat_files_deinit(struct cat_files *f);

#endif
