/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc: one table of them. */
#include "proc/proc.h"

#include <string.h>

const struct proc_file *const proc_files[] = {
	&proc_cmdline,	&proc_kmsg,	   &proc_version,  &proc_pid_cmdline,
	&proc_pid_comm, &proc_pid_environ, &proc_pid_maps, NULL,
};

const struct proc_file *proc_find(enum proc_scope scope, const char *name)
{
	const struct proc_file *const *f;

	for (f = proc_files; *f; f++)
		if ((*f)->scope == scope && !strcmp((*f)->name, name))
			return *f;
	return NULL;
}

void proc_texts_deinit(struct proc_text *texts, size_t n)
{
	size_t i;

	for (i = 0; texts && i < n; i++)
		buf_deinit(&texts[i].text);
}
