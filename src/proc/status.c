/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines of /proc/PID/status (fs/proc/array.c, fs/proc/task_mmu.c). */
#include "proc/status.h"

#include <inttypes.h>

#include "machine/machine.h"

/* Two characters are escaped, whatever else there is (string_escape_str()). */
static void put_name(const char *name, struct buf *out)
{
	buf_puts(out, "Name:\t");
	for (; *name; name++)
		if (*name == '\n')
			buf_puts(out, "\\n");
		else if (*name == '\\')
			buf_puts(out, "\\\\");
		else
			buf_add(out, name, 1);
	buf_puts(out, "\n");
}

static const char *state_words(char letter)
{
	static const struct {
		char letter;
		const char *words;
	} states[] = {{'R', "R (running)"},	 {'S', "S (sleeping)"},
		      {'D', "D (disk sleep)"},	 {'T', "T (stopped)"},
		      {'t', "t (tracing stop)"}, {'X', "X (dead)"},
		      {'Z', "Z (zombie)"},	 {'P', "P (parked)"},
		      {'I', "I (idle)"}};
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (states[i].letter == letter)
			return states[i].words;
	return "?";
}

static void put_ids(const char *title, const uint32_t *ids, struct buf *out)
{
	buf_printf(out,
		   "%s:\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\t%" PRIu32 "\n",
		   title, ids[0], ids[1], ids[2], ids[3]);
}

/* A blank follows the last, too. */
static void put_groups(const struct cred *cred, struct buf *out)
{
	size_t i;

	buf_puts(out, "Groups:\t");
	for (i = 0; i < cred->n_groups; i++)
		buf_printf(out, "%s%" PRIu32, i ? " " : "", cred->groups[i]);
	buf_puts(out, " \n");
}

/* What it is known by in each namespace that sees it, from outside to in. */
static void put_levels(const char *title, const struct task_pids *pids,
		       size_t i, enum task_pid which, struct buf *out)
{
	size_t level;

	buf_printf(out, "%s:", title);
	for (level = 0; level < task_pids_levels(pids, i); level++)
		buf_printf(out, "\t%" PRIu32,
			   task_pids_in(pids, i, which, level));
	buf_puts(out, "\n");
}

void status_put_identity(const struct status_values *s, const struct task *task,
			 size_t i, struct buf *out)
{
	const struct task_numbers *t = &s->numbers[i];

	put_name(task->comm, out);
	if (task->fs)
		buf_printf(out, "Umask:\t%#04o\n",
			   (unsigned int)t->v[TASK_UMASK]);
	buf_printf(out, "State:\t%s\n", state_words(task->state));
	buf_printf(out, "Tgid:\t%" PRIu32 "\nNgid:\t%" PRIu32 "\n", task->tgid,
		   s->pids.numa[i]);
	buf_printf(out, "Pid:\t%" PRIu32 "\nPPid:\t%" PRIu32 "\n", task->pid,
		   task->ppid);
	buf_printf(out, "TracerPid:\t%" PRIu32 "\n", s->pids.tracers[i]);
	put_ids("Uid", s->creds[i].uid, out);
	put_ids("Gid", s->creds[i].gid, out);
	buf_printf(out, "FDSize:\t%" PRIu64 "\n", t->v[TASK_MAX_FDS]);
	put_groups(&s->creds[i], out);
	if (s->has.namespaces) {
		put_levels("NStgid", &s->pids, i, TASK_PID_PROCESS, out);
		put_levels("NSpid", &s->pids, i, TASK_PID_OWN, out);
		put_levels("NSpgid", &s->pids, i, TASK_PID_GROUP, out);
		put_levels("NSsid", &s->pids, i, TASK_PID_SESSION, out);
	}
	if (s->has.kthread)
		buf_printf(out, "Kthread:\t%d\n", task_is_kthread(task));
}

static void put_kib(const char *title, uint64_t bytes, struct buf *out)
{
	buf_puts(out, title);
	buf_puts(out, ":\t");
	buf_decimal(out, bytes >> 10, 8);
	buf_puts(out, " kB\n");
}

static void put_pages(const char *title, uint64_t pages, struct buf *out)
{
	put_kib(title, pages * PAGE_SIZE_4K, out);
}

static uint64_t max_of(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* include/linux/sched/coredump.h, from 6.18 on mm_types.h */
#define MMF_DISABLE_THP (1u << 24)

static void put_flags(const struct status_values *s, size_t i, struct buf *out)
{
	const struct mm_numbers *mm = &s->mm[i];
	const struct task_numbers *t = &s->numbers[i];
	bool dumps = t->known[TASK_CORE_STATE] ? t->v[TASK_CORE_STATE]
					       : mm->v[MM_CORE_STATE];

	buf_printf(out, "CoreDumping:\t%d\n", dumps);
	buf_printf(out, "THP_enabled:\t%d\n",
		   s->has.thp && !(mm->v[MM_FLAGS] & MMF_DISABLE_THP));
	/* 6.4, as mm_lock_seq; a kernel may have the line, but no mask. */
	if (mm->known[MM_LOCK_SEQ] || mm->known[MM_UNTAG_MASK])
		buf_printf(out, "untag_mask:\t%#" PRIx64 "\n",
			   mm->known[MM_UNTAG_MASK] ? mm->v[MM_UNTAG_MASK]
						    : UINT64_MAX);
}

/* task_mem() */
void status_put_memory(const struct status_values *s, size_t i, struct buf *out)
{
	const struct mm_numbers *mm = &s->mm[i];
	const struct rss *rss = &s->rss[i];
	uint64_t text = mm_text_pages(mm), exec = mm->v[MM_EXEC_VM];

	if (mm->none)
		return;
	if (text > exec)
		text = exec;
	put_pages("VmPeak", max_of(mm->v[MM_HIWATER_VM], mm->v[MM_TOTAL_VM]),
		  out);
	put_pages("VmSize", mm->v[MM_TOTAL_VM], out);
	put_pages("VmLck", mm->v[MM_LOCKED_VM], out);
	put_pages("VmPin", mm->v[MM_PINNED_VM], out);
	put_pages("VmHWM", max_of(mm->v[MM_HIWATER_RSS], rss_total(rss)), out);
	put_pages("VmRSS", rss_total(rss), out);
	put_pages("RssAnon", rss->anon, out);
	put_pages("RssFile", rss->file, out);
	put_pages("RssShmem", rss->shmem, out);
	put_pages("VmData", mm->v[MM_DATA_VM], out);
	put_pages("VmStk", mm->v[MM_STACK_VM], out);
	put_pages("VmExe", text, out);
	put_pages("VmLib", exec - text, out);
	put_kib("VmPTE", mm->v[MM_PGTABLES_BYTES], out);
	put_pages("VmSwap", rss->swap, out);
	if (mm->known[MM_HUGETLB_USAGE])
		put_pages("HugetlbPages", mm->v[MM_HUGETLB_USAGE], out);
	put_flags(s, i, out);
}
