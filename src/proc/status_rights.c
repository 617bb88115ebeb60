/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of /proc/PID/status about signals, rights, CPUs and nodes. */
#include <inttypes.h>

#include "base/masks.h"
#include "proc/status.h"

static void put_set(const char *title, uint64_t set, struct buf *out)
{
	buf_printf(out, "%s:\t%016" PRIx64 "\n", title, set);
}

static void put_signals(const struct status_values *s, size_t i,
			struct buf *out)
{
	const struct task_signals *sig = &s->signals[i];

	buf_printf(out, "Threads:\t%" PRIu64 "\n",
		   s->numbers[i].v[TASK_NR_THREADS]);
	buf_printf(out, "SigQ:\t%" PRIu32 "/%" PRIu64 "\n",
		   s->creds[i].sigpending,
		   s->limits[i].soft[TASK_LIMIT_SIGPENDING]);
	put_set("SigPnd", sig->pending, out);
	put_set("ShdPnd", sig->shared, out);
	put_set("SigBlk", sig->blocked, out);
	put_set("SigIgn", sig->ignored, out);
	put_set("SigCgt", sig->caught, out);
}

/* PFA_*, include/linux/sched.h */
#define PFA_NO_NEW_PRIVS	   (1u << 0)
#define PFA_SPEC_SSB_DISABLE	   (1u << 3)
#define PFA_SPEC_SSB_FORCE_DISABLE (1u << 4)
#define PFA_SPEC_IB_DISABLE	   (1u << 5)
#define PFA_SPEC_IB_FORCE_DISABLE  (1u << 6)
#define PFA_SPEC_SSB_NOEXEC	   (1u << 7)

/* As PR_GET_SPECULATION_CTRL would answer, in the words of status. */
static const char *store_bypass_words(enum speculation mode, uint64_t flags)
{
	switch (mode) {
	case SPECULATION_UNAFFECTED:
		return "not vulnerable";
	case SPECULATION_BARRED:
		return "globally mitigated";
	case SPECULATION_FREE:
		return "vulnerable";
	case SPECULATION_CHOSEN:
		break;
	case SPECULATION_UNKNOWN:
		return "unknown";
	}
	if (flags & PFA_SPEC_SSB_FORCE_DISABLE)
		return "thread force mitigated";
	if (flags & PFA_SPEC_SSB_NOEXEC)
		return "vulnerable"; /* it has no words for that */
	return flags & PFA_SPEC_SSB_DISABLE ? "thread mitigated"
					    : "thread vulnerable";
}

static const char *indirect_branch_words(enum speculation mode, uint64_t flags)
{
	switch (mode) {
	case SPECULATION_UNAFFECTED:
		return "not affected";
	case SPECULATION_BARRED:
		return "always disabled";
	case SPECULATION_FREE:
		return "always enabled";
	case SPECULATION_CHOSEN:
		break;
	case SPECULATION_UNKNOWN:
		return "unknown";
	}
	if (flags & PFA_SPEC_IB_FORCE_DISABLE)
		return "conditional force disabled";
	return flags & PFA_SPEC_IB_DISABLE ? "conditional disabled"
					   : "conditional enabled";
}

static void put_capabilities(const struct cred *cred, struct buf *out)
{
	static const char *const titles[CRED_CAPS] = {
		[CRED_INHERITABLE] = "CapInh", [CRED_PERMITTED] = "CapPrm",
		[CRED_EFFECTIVE] = "CapEff",   [CRED_BOUNDING] = "CapBnd",
		[CRED_AMBIENT] = "CapAmb",
	};
	size_t i;

	for (i = 0; i < CRED_CAPS; i++)
		put_set(titles[i], cred->caps[i], out);
}

static void put_guards(const struct status_values *s, size_t i, struct buf *out)
{
	const struct task_numbers *t = &s->numbers[i];
	uint64_t flags = t->v[TASK_ATOMIC_FLAGS];

	buf_printf(out, "NoNewPrivs:\t%d\n", (flags & PFA_NO_NEW_PRIVS) != 0);
	if (t->known[TASK_SECCOMP_MODE])
		buf_printf(out, "Seccomp:\t%" PRIu64 "\n",
			   t->v[TASK_SECCOMP_MODE]);
	if (t->known[TASK_SECCOMP_FILTERS])
		buf_printf(out, "Seccomp_filters:\t%" PRIu64 "\n",
			   t->v[TASK_SECCOMP_FILTERS]);
	buf_printf(out, "Speculation_Store_Bypass:\t%s\n",
		   store_bypass_words(s->spec.store_bypass, flags));
	/* 5.14, as the credentials' ucounts */
	if (s->creds[i].has_ucounts)
		buf_printf(
			out, "SpeculationIndirectBranch:\t%s\n",
			indirect_branch_words(s->spec.indirect_branch, flags));
}

static void put_mask(const char *title, const struct task_mask *mask, size_t i,
		     struct buf *out)
{
	const uint64_t *words = mask->words + i * mask->stride;

	buf_printf(out, "%s:\t", title);
	mask_put_hex(words, mask->bits, out);
	buf_printf(out, "\n%s_list:\t", title);
	mask_put_list(words, mask->bits, out);
	buf_puts(out, "\n");
}

/* ARCH_SHSTK_*, asm/prctl.h */
static void put_features(const char *title, uint64_t features, struct buf *out)
{
	buf_printf(out, "%s:\t%s%s\n", title, features & 1 ? "shstk " : "",
		   features & 2 ? "wrss " : "");
}

void status_put_rights(const struct status_values *s, size_t i, struct buf *out)
{
	const struct task_numbers *t = &s->numbers[i];

	put_signals(s, i, out);
	put_capabilities(&s->creds[i], out);
	put_guards(s, i, out);
	put_mask("Cpus_allowed", &s->masks.cpus, i, out);
	if (s->masks.mems.stride)
		put_mask("Mems_allowed", &s->masks.mems, i, out);
	buf_printf(out, "voluntary_ctxt_switches:\t%" PRIu64 "\n",
		   t->v[TASK_NVCSW]);
	buf_printf(out, "nonvoluntary_ctxt_switches:\t%" PRIu64 "\n",
		   t->v[TASK_NIVCSW]);
	if (!t->known[TASK_FEATURES])
		return;
	put_features("x86_Thread_features", t->v[TASK_FEATURES], out);
	put_features("x86_Thread_features_locked", t->v[TASK_FEATURES_LOCKED],
		     out);
}
