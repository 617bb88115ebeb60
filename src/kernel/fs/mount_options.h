/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of file systems, by the function that prints them; a part of
 * mount_super.h. */
#ifndef KERNEL_MOUNT_OPTIONS_H
#define KERNEL_MOUNT_OPTIONS_H

#include "kernel/fs/mount_super.h"
#include "kernel/records.h"

/* Those of one kind, side by side. */
struct super_group {
	struct kernel *k;
	struct mount_super **v;
	size_t n;
	uint64_t *info; /* of each: s_fs_info, or what kernfs has for it */
};

struct super_kind {
	const char *function;
	/* Fill options, and say. */
	int (*read)(struct super_group *g, struct err *err);
};

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
	FORM_ONLY,
	FORM_REFUSE /* what it is printed as is not known */
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

/* Append n options of all in the group; norms may be NULL. */
void options_put(struct super_group *g, const struct option *v, size_t n,
		 const struct records *r, const struct option_norms *norms);

/* Append a word, as seq_show_option() does (include/linux/seq_file.h):
 * ",name=value"; without the value where it is NULL. */
void mount_option_put(struct buf *out, const char *name, const char *value);

#endif
