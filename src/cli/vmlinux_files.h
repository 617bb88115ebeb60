/* SPDX-License-Identifier: BSD-2-Clause */
/* The files that vmlinux writes: all of them whole, or none. */
#ifndef CLI_VMLINUX_FILES_H
#define CLI_VMLINUX_FILES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/files.h"
#include "base/vec.h"
#include "cli/session.h"
#include "cli/sink.h"
#include "export/portrait.h"

enum vmlinux_is {
	VMLINUX_FOR_GDB = 1, /* gdb takes it, and a script beside it */
	VMLINUX_TYPED = 2    /* nothing, without types */
};

/* What FILE can be. */
struct vmlinux_format {
	const char *name;
	unsigned int wants; /* of the portrait: enum portrait_wants */
	int (*write)(const struct portrait *p, FILE *out, struct err *err);
	/* Types i, those of a module, as a file of their own; or NULL. */
	int (*write_part)(const struct portrait *p, size_t i, FILE *out,
			  struct err *err);
	unsigned int is;
};

/* One of them. */
struct vmlinux_file {
	enum vmlinux_what {
		VMLINUX_WHOLE, /* FILE */
		VMLINUX_PART,  /* FILE.MODULE: `types` alone */
		VMLINUX_SCRIPT /* FILE-gdb.py */
	} what;
	struct files_new file;
	const struct portrait_types *types;
	uint64_t bytes;
};

/* Zero-initialise. */
struct vmlinux_files {
	const struct vmlinux_format *format;
	struct sink_place place; /* of FILE */
	VEC(struct vmlinux_file) v;
};

/*
 * In `prepare`: see where FILE goes, and that no script would be replaced but
 * one of ours.  As sink_find(); ERR_REFUSED.
 */
int vmlinux_files_find(struct session *s, struct vmlinux_files *f,
		       const char *path, struct err *err);

/*
 * Write the portrait, which is settled, as the format has it.  None of the
 * files has its name before all are whole.  ERR_SYS, ERR_NOMEM, ERR_INTERRUPTED
 * or what the writer says.
 */
int vmlinux_files_write(struct session *s, struct vmlinux_files *f,
			const struct portrait *p, struct err *err);

/* Take away what is not whole; then, all else. */
void vmlinux_files_close(struct vmlinux_files *f);
void vmlinux_files_deinit(struct vmlinux_files *f);

/* What one of them is called where FILE is `file`, for the caller to free; NULL
 * without memory. */
char *vmlinux_files_name(const struct vmlinux_file *file, const char *whole,
			 const struct portrait *p);

#endif
