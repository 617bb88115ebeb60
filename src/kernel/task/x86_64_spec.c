/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads how a kernel guards against speculation, and why. */
#include "kernel/task/x86_64_spec.h"

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_CPU_CAPABILITY = WANTS_OF(READER_X86_64_SPEC),
	CONSTANT_SSB_NONE,
	CONSTANT_SSB_DISABLE,
	CONSTANT_USER_NONE,
	CONSTANT_USER_STRICT,
	CONSTANT_USER_PREFERRED,
	CONSTANT_USER_PRCTL,
	CONSTANT_USER_SECCOMP
};

static const struct want want_table[] = {
	FIELD(CPU_CAPABILITY, "cpuinfo_x86", OPTIONAL, "x86_capability"),
	CONSTANT(SSB_NONE, "ssb_mitigation", "SPEC_STORE_BYPASS_NONE"),
	CONSTANT(SSB_DISABLE, "ssb_mitigation", "SPEC_STORE_BYPASS_DISABLE"),
	CONSTANT(USER_NONE, "", "SPECTRE_V2_USER_NONE"),
	CONSTANT(USER_STRICT, "", "SPECTRE_V2_USER_STRICT"),
	CONSTANT(USER_PREFERRED, "", "SPECTRE_V2_USER_STRICT_PREFERRED"),
	CONSTANT(USER_PRCTL, "", "SPECTRE_V2_USER_PRCTL"),
	CONSTANT(USER_SECCOMP, "", "SPECTRE_V2_USER_SECCOMP"),
};

const struct wants x86_64_spec_wants = {
	.reader = "guards against speculation",
	.v = want_table,
	.n = WANTS_N(want_table),
};

/* asm/cpufeatures.h, X86_BUG(): words of faults follow those of features. */
#define BUG_SPECTRE_V2	      16
#define BUG_SPEC_STORE_BYPASS 17

/*
 * Words that say what the CPUs have, features first, then faults: of these
 * there are two since the kernel knows of SRSO (6.5, and at once in older ones
 * that are kept), and was one before.
 */
struct cpu_words {
	struct records r;
	uint32_t n, faults;
};

/* n is 0 where nothing tells. */
static int cpu_words_read(struct kernel *k, struct cpu_words *w,
			  struct err *err)
{
	static const uint32_t fields[] = {FIELD_CPU_CAPABILITY};
	uint64_t at, srso;
	int rc;

	*w = (struct cpu_words){0};
	if (!profile_symbol(k->profile, "boot_cpu_data", &at))
		return 0;
	rc = records_read(k, &at, 1, fields, 1, &w->r, err);
	if (rc || !w->r.ok[0])
		return rc;
	w->n = records_size(&w->r, FIELD_CPU_CAPABILITY) / 4;
	w->faults = profile_symbol(k->profile, "cpu_show_spec_rstack_overflow",
				   &srso)
			    ? 2
			    : 1;
	if (w->n <= w->faults)
		w->n = 0;
	return 0;
}

static void cpu_words_deinit(struct cpu_words *w)
{
	records_deinit(&w->r);
}

static uint32_t cpu_word(const struct cpu_words *w, uint32_t i)
{
	return le32(records_bytes(&w->r, 0, FIELD_CPU_CAPABILITY) + 4 * i);
}

/* X86_FEATURE_AVX512F, asm/cpufeatures.h */
#define AVX512_WORD 9
#define AVX512_BIT  16

int x86_64_has_avx512(struct kernel *k, bool *has, bool *known, struct err *err)
{
	_cleanup_(cpu_words_deinit) struct cpu_words w = {0};
	int rc = cpu_words_read(k, &w, err);

	*known = !rc && w.n > AVX512_WORD + w.faults;
	*has = *known && cpu_word(&w, AVX512_WORD) >> AVX512_BIT & 1;
	return rc;
}

/* The first word of faults. */
static int bug_word(struct kernel *k, uint32_t *bugs, bool *known,
		    struct err *err)
{
	_cleanup_(cpu_words_deinit) struct cpu_words w = {0};
	int rc = cpu_words_read(k, &w, err);

	*known = !rc && w.n;
	if (*known)
		*bugs = cpu_word(&w, w.n - w.faults);
	return rc;
}

/* A variable of an enum; *known is false where there is none. */
static int read_mode(struct kernel *k, const char *symbol, int64_t *mode,
		     bool *known, struct err *err)
{
	uint64_t value = 0;
	int rc = kernel_read_symbol(k, symbol, 4, &value, err);

	*known = !rc;
	*mode = (int32_t)value;
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

static bool mode_is(const struct kernel *k, int64_t mode, uint32_t constant)
{
	int64_t value;

	return profile_constant(k->profile, constant, &value) && value == mode;
}

/* ssb_prctl_get() */
static enum speculation store_bypass(const struct kernel *k, int64_t mode,
				     uint32_t bugs)
{
	if (mode_is(k, mode, CONSTANT_SSB_NONE))
		return bugs & 1u << BUG_SPEC_STORE_BYPASS
			       ? SPECULATION_FREE
			       : SPECULATION_UNAFFECTED;
	if (mode_is(k, mode, CONSTANT_SSB_DISABLE))
		return SPECULATION_BARRED;
	return SPECULATION_CHOSEN;
}

/* ib_prctl_get(): by what is done between tasks, and between threads. */
static enum speculation indirect_branch(const struct kernel *k, int64_t ibpb,
					int64_t stibp, uint32_t bugs)
{
	static const uint32_t chosen[] = {CONSTANT_USER_PRCTL,
					  CONSTANT_USER_SECCOMP};
	size_t i;

	if (!(bugs & 1u << BUG_SPECTRE_V2))
		return SPECULATION_UNAFFECTED;
	if (mode_is(k, ibpb, CONSTANT_USER_NONE) &&
	    mode_is(k, stibp, CONSTANT_USER_NONE))
		return SPECULATION_FREE;
	for (i = 0; i < 2; i++)
		if (mode_is(k, ibpb, chosen[i]) || mode_is(k, stibp, chosen[i]))
			return SPECULATION_CHOSEN;
	if (mode_is(k, ibpb, CONSTANT_USER_STRICT) ||
	    mode_is(k, stibp, CONSTANT_USER_STRICT) ||
	    mode_is(k, stibp, CONSTANT_USER_PREFERRED))
		return SPECULATION_BARRED;
	return SPECULATION_UNAFFECTED;
}

int x86_64_spec_read(struct kernel *k, struct x86_64_spec *out, struct err *err)
{
	int64_t ssb = 0, ibpb = 0, stibp = 0;
	bool has_bugs, has_ssb = false, has_ibpb = false, has_stibp = false;
	uint32_t bugs = 0;
	int64_t none;
	int rc = bug_word(k, &bugs, &has_bugs, err);

	*out = (struct x86_64_spec){0};
	if (!rc)
		rc = read_mode(k, "ssb_mode", &ssb, &has_ssb, err);
	if (!rc)
		rc = read_mode(k, "spectre_v2_user_ibpb", &ibpb, &has_ibpb,
			       err);
	if (!rc)
		rc = read_mode(k, "spectre_v2_user_stibp", &stibp, &has_stibp,
			       err);
	if (rc || !has_bugs)
		return rc;
	if (has_ssb &&
	    profile_constant(k->profile, CONSTANT_SSB_DISABLE, &none))
		out->store_bypass = store_bypass(k, ssb, bugs);
	if (has_ibpb && has_stibp &&
	    profile_constant(k->profile, CONSTANT_USER_STRICT, &none))
		out->indirect_branch = indirect_branch(k, ibpb, stibp, bugs);
	return 0;
}
