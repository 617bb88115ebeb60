/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the guest's /proc, by path, as `qvmi cat` prints them. */
#include "bench.h"

#include "proc/lookup.h"

struct file {
	struct proc_path path;
	struct proc_lookup found;
};

static int file_prepare(void *state, char **words, struct err *err)
{
	struct file *f = state;

	return proc_path_parse(words[0], &f->path, err);
}

static int file_look(struct guest *g, void *state, struct err *err)
{
	struct file *f = state;
	int rc = proc_lookup(g->kernel, &f->path, 1, false, &f->found, err);

	return rc ? rc
		  : proc_lookup_read(g->kernel, &f->found, PROC_CONTENTS, err);
}

static int file_tell(void *state, struct buf *out, struct err *err)
{
	struct file *f = state;
	size_t i;

	if (f->found.torn.code)
		return err_pass(err, &f->found.torn);
	for (i = 0; i < f->found.matches.n; i++)
		proc_match_text(&f->found.matches.v[i], out);
	return 0;
}

static void file_deinit(void *state)
{
	struct file *f = state;

	proc_lookup_deinit(&f->found);
}

const struct operation bench_file = {
	.name = "file",
	.words = "PATH",
	.n_words = 1,
	.needs_kernel = true,
	.state_size = sizeof(struct file),
	.prepare = file_prepare,
	.look = file_look,
	.tell = file_tell,
	.deinit = file_deinit,
};
