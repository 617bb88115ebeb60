/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols and types of one running kernel, wherever they come from. */
#ifndef PROFILE_PROFILE_H
#define PROFILE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "machine/machine.h"
#include "profile/wants.h"
#include "walk/space.h"
#include "walk/walk.h"

/*
 * The running kernel's image, as its page tables map it: what a profile is
 * read from and checked against.  `text` is the runtime address of _text, the
 * first page of the image; `runs` lists what is mapped from there on, with
 * permissions.  Borrowed by all calls below, never kept.
 */
struct profile_image {
	struct machine *machine;
	const struct walk_root *root;
	uint64_t text;
	const struct space_run *runs;
	size_t n_runs;
};

enum profile_source {
	PROFILE_GUEST, /* read from the guest's memory */
	PROFILE_CACHE, /* loaded from the cache on disk */
	PROFILE_FILE   /* made from a file that the user named */
};

struct profile;

/* Where to take a profile from; the file's name must outlive the profile. */
struct profile_opts {
	const char *file; /* --profile; NULL: none */
	bool no_cache;	  /* neither read nor write the cache */
};

/*
 * Do what can be done before there is a guest: load opts->file where given,
 * else look through the cache.  The readers, whose tables outlive the profile,
 * say what is wanted of types.  ERR_NOT_FOUND or ERR_CORRUPT for a file that
 * is none.  The caller destroys *out.
 */
int profile_create(const struct profile_opts *opts,
		   const struct readers *readers, struct profile **out,
		   struct err *err);
void profile_destroy(struct profile *p);

/*
 * Make it the profile of the kernel whose image this is: the file's, the
 * cache's when that proves to be the same kernel, else read from the guest's
 * memory.  Once, but for profile_renew().  Where there are no types, readers
 * have nothing (profile_check_reader() says why), and profile_note() tells.
 * ERR_NO_LINUX names the ingredient that is missing and the file that would
 * help; ERR_REFUSED for a file of another kernel.
 */
int profile_open(struct profile *p, const struct profile_image *img,
		 struct err *err);

/*
 * Before another profile_open(), for another kernel, or where the first came to
 * nothing: nothing of that is left.  Without a first it does nothing.  The
 * cache is not looked through any more, only filled.  ERR_REFUSED: it is from a
 * file, which belongs to the first.
 */
int profile_renew(struct profile *p, struct err *err);

/* A top page table of a kernel that was open, and what that maps. */
struct profile_root {
	struct walk_root root;
	uint64_t text; /* as in profile_image */
};

#define PROFILE_ROOTS 8u

/*
 * Before profile_open(): kernels that were open in this machine; none where the
 * host does not tell which one it is.  All of them may be gone.
 */
size_t profile_roots(const struct profile *p, const struct machine *m,
		     struct profile_root roots[PROFILE_ROOTS]);

/*
 * Whether that is still such a kernel, in the same boot: 1, 0, or a negative
 * code.
 */
int profile_knows(const struct profile *p, const struct profile_image *img,
		  struct err *err);

/* Have the next profile_roots() tell this root of the kernel that is open. */
void profile_remember_root(struct profile *p, const struct walk_root *root);

/*
 * After the pause: store in the cache what was read from the guest.  Failure
 * is put into the note.  Whether the cache has the profile of this kernel.
 */
bool profile_keep(struct profile *p);

/*
 * The descriptor of the directory in which that makes files, open from
 * profile_create() on; -1: none.
 */
int profile_dir(const struct profile *p);

/* Write the profile to a file that --profile takes; atomically. */
int profile_save(const struct profile *p, int dirfd, const char *name,
		 struct err *err);

enum profile_source profile_source(const struct profile *p);

/* A remark for the user about how it was obtained, or NULL. */
const char *profile_note(const struct profile *p);

/* The running kernel's KASLR slide: runtime address minus link address. */
uint64_t profile_slide(const struct profile *p);

/*
 * Runtime address of a symbol: `name`, else the first of "name.suffix" that a
 * compiler made of it (docs/facts/kernel.md, "Symbols").  Per-CPU
 * symbols come as the kernel itself uses them, so that adding
 * __per_cpu_offset[cpu] gives the variable's address on every version.  False
 * when there is none.
 */
bool profile_symbol(const struct profile *p, const char *name, uint64_t *va);

/* A symbol by its whole name, which lives as long as the profile. */
struct profile_named {
	const char *name;
	uint64_t va;
};

#define PROFILE_NAMED 8

/*
 * All symbols called `name` or, where there are none, "name.suffix", in the
 * order of the table: the first of them in out, and how many there are.
 */
size_t profile_named(const struct profile *p, const char *name,
		     struct profile_named out[PROFILE_NAMED]);

/*
 * The address of the first symbol behind va, of any name; false at the end.
 * Used to infer the size of an object.
 */
bool profile_next_symbol(const struct profile *p, uint64_t va, uint64_t *next);

/*
 * The symbol that covers va: *name (valid as long as the profile) and the
 * offset into it.  False where va lies outside [_text, _end); with no _end,
 * where no symbol is within 16 MiB before it.
 */
bool profile_nearest(const struct profile *p, uint64_t va, const char **name,
		     uint64_t *offset);

/* A member's place: byte offset in its outermost struct and size in bytes. */
struct profile_field {
	bool present;
	uint8_t bit_offset, bit_size; /* bitfields; bit_size 0: none */
	uint32_t offset, size;
};

/* ERR_NO_LINUX where there are no types at all, and why. */
int profile_check_types(const struct profile *p, struct err *err);

/* ERR_NO_LINUX in these words, of what its types do not tell; or, where it has
 * none, as profile_check_types(). */
int profile_unknown(const struct profile *p, const char *words,
		    struct err *err);

/* How the kernel keeps what is not found by its types: "in no way that is
 * known", or "by types that are not known" where it has none. */
const char *profile_keeps(const struct profile *p);

/*
 * Whether that reader (its number) has all that it REQUIRES.  ERR_NO_LINUX
 * where not: "VMAs cannot be read: types of this kernel lack
 * vm_area_struct.vm_mm".
 */
int profile_check_reader(const struct profile *p, uint32_t reader,
			 struct err *err);

/*
 * Of a profile that is open: members, struct sizes and constants by the ids of
 * wants.h; never NULL.
 */
const struct profile_field *profile_field(const struct profile *p, uint32_t id);
/* Size in bytes, 0 when the kernel has no such struct. */
uint32_t profile_sizeof(const struct profile *p, uint32_t id);
/* False when the kernel has no such enumerator. */
bool profile_constant(const struct profile *p, uint32_t id, int64_t *value);

#endif
