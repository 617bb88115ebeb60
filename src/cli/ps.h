/* SPDX-License-Identifier: BSD-2-Clause */
/* What ps shows of tasks: columns by name, and what each takes to be read. */
#ifndef CLI_PS_H
#define CLI_PS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/out.h"
#include "kernel/mm/rss.h"
#include "kernel/task/task.h"
#include "kernel/mm/task_args.h"
#include "kernel/task/task_group.h"
#include "kernel/task/task_ns.h"
#include "kernel/task/task_time.h"

/* What is read beside the tasks themselves, as bits. */
enum ps_need {
	PS_RSS = 1,
	PS_ARGS = 2,
	PS_GROUP = 4,
	PS_START = 8,
	PS_TIME = 16, /* of processes: with all of their threads */
	PS_NS = 32
};

/* What was read; NULL where nobody wanted it. */
struct ps_data {
	struct task_list tasks;
	struct rss *rss;
	struct task_args *args;
	struct task_group *groups;
	struct task_time *times;
	struct task_ns *ns;
};

/* As many as the table of columns can make, each for text and for JSON. */
#define PS_COLUMNS_MAX 64

/* A column that is shown, and which of the table's it is. */
struct ps_column {
	size_t which;
	bool json; /* it is what JSON has in place of the text */
};

/*
 * What is shown: the chosen columns in their order, then what JSON has in any
 * case.  Zero-initialise.
 */
struct ps_columns {
	size_t n;
	unsigned int needs; /* enum ps_need */
	struct ps_column list[PS_COLUMNS_MAX];
	struct row_column out[PS_COLUMNS_MAX];
};

/* Add columns by name, "pid,comm".  ERR_USAGE lists all that there are. */
int ps_columns_add(struct ps_columns *c, const char *names, struct err *err);

/*
 * When all are added: without any the usual ones, of threads with TID; then
 * those of JSON.
 */
void ps_columns_end(struct ps_columns *c, bool threads, bool tree);

#define PS_SORT_MAX 8

/* What rows are sorted by, the first key first; zero-initialise. */
struct ps_order {
	size_t n;
	struct ps_sort_key {
		size_t which; /* of the table of keys */
		bool down;
	} by[PS_SORT_MAX];
};

/* Add keys by name, "-time,pid", and what they need to the columns. */
int ps_order_add(struct ps_order *o, struct ps_columns *c, const char *names,
		 struct err *err);

/*
 * The tasks' indices in that order; what is not known comes last.  The caller
 * frees it; NULL: there is no memory.
 */
size_t *ps_order_make(const struct ps_order *o, const struct ps_data *d);

/* Times of d->tasks; groups: of processes, all of whose threads these are. */
int ps_read_times(struct kernel *k, const struct ps_columns *c, bool groups,
		  struct ps_data *d, struct err *err);

/* Forget all tasks, and their times, but those whose flag is set. */
void ps_keep(struct ps_data *d, const bool *keep);

/* All else that the columns need. */
int ps_read(struct kernel *k, const struct ps_columns *c, struct ps_data *d,
	    struct err *err);
void ps_data_deinit(struct ps_data *d);

/* A row for task i. */
void ps_show(struct row_table *t, const struct ps_columns *c,
	     const struct ps_data *d, size_t i);

#endif
