/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of one number: /proc/PID/oom_score_adj and its like (fs/proc/base.c).
 */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/task/task_numbers.h"
#include "proc/proc.h"

typedef void setting_print(uint64_t value, struct buf *out);

static void setting_text(const struct task_numbers *s, enum task_number which,
			 setting_print *print, struct proc_part *part)
{
	if (s->known[which])
		print(s->v[which], &part->text);
	else
		proc_part_unknown(part, s->torn);
}

static int settings_read(enum task_number which, setting_print *print,
			 struct kernel *k, struct proc_values *out,
			 struct err *err)
{
	struct task_numbers *s = calloc(out->n + 1, sizeof(*s));
	size_t i;
	int rc = s ? task_numbers_read(k, out->tasks, out->n, s, err)
		   : err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		setting_text(&s[i], which, print, &out->parts[i]);
	free(s);
	return rc;
}

/* The file `name_`, which shows a setting as print_() prints it. */
#define SETTING(name_, scope_, which, print_)                            \
	static int name_##_read(struct kernel *k, struct proc_values *v, \
				struct err *err)                         \
	{                                                                \
		return settings_read(which, print_, k, v, err);          \
	}                                                                \
                                                                         \
	const struct proc_file proc_pid_##name_ = {                      \
		.name = #name_,                                          \
		.scope = (scope_),                                       \
		.read = name_##_read,                                    \
	}

/* Without a newline, as the kernel does. */
static void print_id(uint64_t id, struct buf *out)
{
	buf_printf(out, "%" PRIu32, (uint32_t)id);
}

static void print_score_adj(uint64_t adj, struct buf *out)
{
	buf_printf(out, "%d\n", (int16_t)adj);
}

/* The scale of old, -17 to 15 (oom_adj_read()). */
static void print_adj(uint64_t adj, struct buf *out)
{
	enum {
		SCORE_MAX = 1000,
		DISABLE = -17,
		MAX = 15
	};
	int score = (int16_t)adj;

	buf_printf(out, "%d\n",
		   score == SCORE_MAX ? MAX : score * -DISABLE / SCORE_MAX);
}

static void print_personality(uint64_t personality, struct buf *out)
{
	buf_printf(out, "%08x\n", (uint32_t)personality);
}

static void print_timerslack(uint64_t ns, struct buf *out)
{
	buf_printf(out, "%" PRIu64 "\n", ns);
}

static void print_patch_state(uint64_t state, struct buf *out)
{
	buf_printf(out, "%" PRId32 "\n", (int32_t)state);
}

SETTING(loginuid, PROC_TASK, TASK_LOGINUID, print_id);
SETTING(oom_adj, PROC_TASK, TASK_OOM_SCORE_ADJ, print_adj);
SETTING(oom_score_adj, PROC_TASK, TASK_OOM_SCORE_ADJ, print_score_adj);
SETTING(patch_state, PROC_TASK, TASK_PATCH_STATE, print_patch_state);
SETTING(personality, PROC_TASK, TASK_PERSONALITY, print_personality);
SETTING(sessionid, PROC_TASK, TASK_SESSIONID, print_id);
SETTING(timerslack_ns, PROC_PROCESS, TASK_TIMERSLACK_NS, print_timerslack);
