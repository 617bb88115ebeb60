/* SPDX-License-Identifier: BSD-2-Clause */
/* One guest: how it is reached and stopped, and the kernel that is in it. */
#ifndef GUEST_GUEST_H
#define GUEST_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/recall.h"
#include "kernel/kernel.h"
#include "kernel/marks.h"
#include "kernel/code/symbols.h"
#include "profile/profile.h"
#include "machine/source.h"

/* How much of a guest is needed. */
enum needs {
	NEEDS_NOTHING,
	NEEDS_MACHINE,
	WANTS_KERNEL, /* but does without where there is none */
	NEEDS_KERNEL
};

/* What a look at it took, of one pause or of two. */
struct guest_took {
	uint64_t pause_us; /* of the longer one */
	uint64_t packets, wire_bytes, batches, read_bytes;
};

/* Borrows its strings. */
struct guest_opts {
	struct profile_opts profile;
	bool has_vcpu;
	unsigned int vcpu; /* the one that was chosen, QEMU's number */
	/* What it is looked at for, as a number that the same question has the
	 * next time (recall.h); 0: that is not known. */
	uint64_t question;
};

/*
 * Plain values.  kernel is NULL below WANTS_KERNEL or where none was found,
 * machine is not to be read after guest_release().  It has to stay where it is.
 */
struct guest {
	const struct guest_opts *opts;
	struct source source;
	struct machine *machine;
	struct profile *profile;
	struct kernel *kernel;
	struct symbols symbols;	   /* of that kernel */
	struct err no_kernel;	   /* why there is none, where one was wanted */
	struct kernel_marks marks; /* of that kernel, with source.again */
	enum kernel_since since;   /* what it is to the one that was before */
	bool lost;		   /* there was one, and is none now */
	struct guest_took before;  /* guest_part(): up to there */
	struct recall recall;	   /* what questions led to before */
};

/*
 * In this order; guest_deinit() also after an error, and without any.  opts has
 * to stay; the source is closed with the guest.  After an error of
 * guest_prepare() or guest_attach() there is none,
 * but for guest_attach() where there were pauses before.
 */
void guest_start(struct guest *g, const struct guest_opts *opts,
		 struct source source);

/* What the host has of the kernel: files, the cache.  As profile_create(). */
int guest_prepare(struct guest *g, struct err *err);

/*
 * Stop it: as source_stop(), which may be done once more after guest_release()
 * where source.again is set.
 */
int guest_attach(struct guest *g, struct err *err);

/*
 * Find its kernel: one that vCPUs are in (opts.vcpu in that one).  A guest that
 * was found running may be let go and stopped again for that.  In another pause
 * than the first it is seen whether it is the one that was; where it is not,
 * all is found anew (since).  With WANTS_KERNEL that there is none is no error.
 * ERR_REFUSED: another kernel is there than the one that opts.profile is of;
 * else as kernel_open().
 */
int guest_find_kernel(struct guest *g, enum needs needs, struct err *err);

/*
 * Before much is read: where this pause went into learning the kernel from its
 * own memory, let the guest go, and stop it anew, so that it stands still for
 * the one and then for the other.  As guest_release(), guest_attach() and
 * guest_find_kernel(); without source.again it does nothing.
 */
int guest_part(struct guest *g, struct err *err);

/* After a guest_attach(). */
struct guest_took guest_took(const struct guest *g);

/* The vCPU that opts names is there, or it names none.  ERR_NOT_FOUND. */
int guest_check_vcpu(const struct guest *g, struct err *err);

/*
 * Let it go: the end of the pause; as source_go().  Without a source, or
 * again, it does nothing.
 */
int guest_release(struct guest *g, struct err *err);

/* After the release: keep what was learnt of its kernel, for the next time. */
void guest_keep(struct guest *g);

/* After the release: the guest ran while it was read, so nothing holds. */
bool guest_moved(const struct guest *g);

/* The same, or a read by the stub failed for it: another pause may do. */
bool guest_resumed(const struct guest *g);

/* It is as before guest_start(), all zeros; again it does nothing. */
void guest_deinit(struct guest *g);

#endif
