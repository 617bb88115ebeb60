/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors as values: a negative code, and the words in storage of the caller. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * What went wrong, as far as callers must tell it apart.  The command line
 * maps these to exit statuses (see cli/main.c).
 */
enum err_code {
	ERR_NOMEM = -1,	       /* host memory is exhausted */
	ERR_SYS = -2,	       /* a system call on the host failed */
	ERR_USAGE = -3,	       /* the user asked for something malformed */
	ERR_NOT_FOUND = -4,    /* the thing asked for is not there */
	ERR_REFUSED = -5,      /* qvmi declines to do it */
	ERR_UNREADABLE = -6,   /* guest memory that is needed cannot be read */
	ERR_CORRUPT = -7,      /* foreign bytes that make no sense */
	ERR_NO_GUEST = -8,     /* nothing, or no stub, or a busy one, there */
	ERR_NO_LINUX = -9,     /* a guest, but no Linux that qvmi understands */
	ERR_PARTIAL = -11,     /* a change may be made in part, or is */
	ERR_INTERRUPTED = -10, /* a signal or a time limit asked for an end */
	ERR_TIMEOUT = -12, /* what was waited for did not come about in time */
	ERR_CHECK = -13	   /* a check that was asked for does not hold */
};

/*
 * What would help, for a front end to put into words of its own: no text here
 * names an option or a command.
 */
enum err_remedy {
	REMEDY_NONE,
	REMEDY_PROFILE,	  /* the file that the text names, as its profile */
	REMEDY_VCPU,	  /* a choice of vCPU */
	REMEDY_MEMORY,	  /* another choice of how memory is read */
	REMEDY_PROCESSES, /* a look at the list of processes */
	REMEDY_JOURNAL,	  /* a look at the journal's entry remedy_arg */
	REMEDY_UNDO,	  /* undoing that entry */
	REMEDY_ALLOW	  /* allowing remedy_arg, bits of edit/guard.h */
};

/* No heap behind it: initialise with {0}, copy and drop freely. */
struct err {
	int code;
	enum err_remedy remedy;
	unsigned int remedy_arg;
	char text[512];
};

/*
 * Set the code and the words; the value is the code.  err may be NULL.  That
 * the value is what was given is for the compiler to see, too: a caller who
 * has no error then has all that is filled in without one.
 */
#define err_set(err, code, ...) err_said(err_put, err, code, __VA_ARGS__)

/* As err_set(), with ": " and the words for errno behind the text. */
#define err_sys(err, code, ...) err_said(err_put_sys, err, code, __VA_ARGS__)

/*
 * Put context in front of the words that are there ("maps of pid 89: ...") on
 * the way up; the value is the code.  Words that no longer fit are cut at the
 * end.
 */
#define err_wrap(err, code, ...) err_said(err_put_wrap, err, code, __VA_ARGS__)

/*
 * Say what would help, of an error that err_set() has just set: the value is
 * the code.  It stays when context is put in front.
 */
int err_helps(struct err *err, int code, enum err_remedy remedy,
	      unsigned int arg);

/* Hand an error on as it is, where `why` is not what the caller gave. */
int err_pass(struct err *err, const struct err *why);

#define err_said(put, err, code, ...)         \
	({                                    \
		int said_ = (code);           \
		put(err, said_, __VA_ARGS__); \
		said_;                        \
	})

void err_put(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void err_put_sys(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void err_put_wrap(struct err *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The usual words for a failed allocation; returns ERR_NOMEM. */
static inline int err_nomem(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory");
}

#endif
