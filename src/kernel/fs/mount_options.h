/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of file systems, by the function that prints them; a part of
 * mount_super.h. */
#ifndef KERNEL_MOUNT_OPTIONS_H
#define KERNEL_MOUNT_OPTIONS_H

#include "kernel/code/symbols.h"
#include "kernel/fs/mount_super.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "profile/resolve.h"

/* Those of one kind, side by side. */
struct super_group {
	struct kernel *k;
	struct mount_super **v;
	size_t n;
	uint64_t *info; /* of each: s_fs_info, or what kernfs has for it */
	/* The reader's, of the module that has the function; NULL: the kernel's
	 * own (kernel/code/module_types.h) */
	const struct wanted_value *types;
	const char *module; /* NULL: none */
	struct symbols *symbols;
};

struct super_kind {
	const char *function;
	/* Fill options, and say. */
	int (*read)(struct super_group *g, struct err *err);
};

/* One that may be in a module, and whose structs that reader reads. */
struct super_module_kind {
	struct super_kind kind;
	enum reader reader;
};

extern const struct super_module_kind mount_autofs;
extern const struct super_module_kind mount_ext4;
extern const struct super_module_kind mount_fuse;
extern const struct super_module_kind mount_overlay;

/* Each ends with one without a function. */
extern const struct super_kind mount_memory[];
extern const struct super_kind mount_other[];
extern const struct super_kind mount_cgroup[];

enum option_form {
	FORM_DECIMAL,
	FORM_OCTAL,
	FORM_OCTAL_3,
	FORM_KIB,   /* pages */
	FORM_INUMS, /* inode32 or inode64 */
	FORM_FLAG,  /* the name alone */
	FORM_HUGE,  /* words, by number */
	FORM_HIDE,
	FORM_ONLY
};

/*
 * A member of the info that is printed where it is not as usual, or where
 * `when` is not 0.
 */
struct option {
	uint32_t field;
	enum option_form form;
	const char *name;
	uint64_t usual;
	uint32_t when; /* WANTS_NONE: see usual */
	bool may_lack; /* a kernel without it prints nothing */
};

#define OPTION_ALWAYS	(UINT64_MAX - 2) /* as a usual value: none is */
#define OPTION_HALF_RAM (UINT64_MAX - 1)

/* What several file systems are compared with. */
struct option_norms {
	uint64_t half_ram; /* in pages */
	bool ram_known;
	bool inums, inums_known; /* CONFIG_TMPFS_INODE64 */
};

/* Read n options, all of one reader, and further members of it; the caller
 * frees the records, also after an error. */
int options_read(struct super_group *g, const struct option *v, size_t n,
		 const uint32_t *more, struct records *r, struct err *err);

/*
 * Variables of one byte in the module, or the kernel, that has the function: in
 * one batch.  ERR_NOT_FOUND: it has not all of them, or they cannot be read.
 */
int options_read_bytes(struct super_group *g, const char *const *names,
		       size_t n, uint8_t *out, struct err *err);

/* A member as a number; of one larger than 8 bytes whether any is set. */
uint64_t option_value(const struct records *r, size_t i, uint32_t field);

/* Whether there is such an enumerator. */
bool option_constant(const struct super_group *g, uint32_t id);

/* Whether all of these members are in the copies. */
bool options_have(const struct records *r, const uint32_t *fields, size_t n);

/* Append n options of all in the group; norms may be NULL. */
void options_put(struct super_group *g, const struct option *v, size_t n,
		 const struct records *r, const struct option_norms *norms);

/* Append a word, as seq_show_option() does (include/linux/seq_file.h):
 * ",name=value"; without the value where it is NULL. */
void mount_option_put(struct buf *out, const char *name, const char *value);

#endif
