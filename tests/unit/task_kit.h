/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks of a fake kernel, with files, as tests of /proc want them. */
#ifndef TESTS_TASK_KIT_H
#define TESTS_TASK_KIT_H

#include "unit/fake_kernel.h"

/*
 * A kernel that has process 2 with thread 5, and process 10, which has files 0
 * and 2; each is called "task".  To be freed with fake_kernel_deinit().
 */
void task_kit_init(struct fake_kernel *f);

/* Call the task of that number, one of these, by another name. */
void task_kit_name(struct fake_kernel *f, uint32_t pid, const char *name);

/* Make them those of that user, who is root before. */
void task_kit_own(struct fake_kernel *f, uint32_t euid);

/* Damage what the process 10 has: its table of files; or the list of all. */
void task_kit_tear_files(struct fake_kernel *f);
void task_kit_tear_list(struct fake_kernel *f);

#endif
