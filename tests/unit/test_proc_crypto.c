/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/crypto, on memory written by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/proc_kit.h"

#define HEAD	(DIRECT + 0x1000)
#define FIPS	(DIRECT + 0x1100)
#define MODULE	(DIRECT + 0x1200)
#define TYPE(i) (DIRECT + 0x2000 + (i)*0x40ULL)
#define ALG(i)	(DIRECT + 0x4000 + (i)*0x200ULL)
#define SHOW(i) (0xffffffff81000000ULL + (i)*0x100ULL)

/* Where a struct crypto_alg is in that of its kind, behind its numbers. */
#define BASE 0x40

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

static void setup(void)
{
	static const struct fake_member list[] = {
		{"crypto_alg.cra_list", 0, 16},
		{"crypto_alg.cra_flags", 16, 4},
		{"crypto_alg.cra_blocksize", 20, 4},
		{"crypto_alg.cra_priority", 24, 4},
		{"crypto_alg.cra_refcnt", 28, 4},
		{"crypto_alg.cra_name", 32, 16},
		{"crypto_alg.cra_driver_name", 48, 16},
		{"crypto_alg.cra_type", 64, 8},
		{"crypto_alg.cra_module", 72, 8},
		{"crypto_alg.cra_u.cipher.cia_min_keysize", 80, 4},
		{"crypto_alg.cra_u.cipher.cia_max_keysize", 84, 4},
		{"crypto_type.show", 8, 8},
		{"module.name", 24, 56},
		{"hash_alg_common.base", BASE, 96},
		{"hash_alg_common.digestsize", 0, 4},
		{"skcipher_alg.base", BASE, 96},
		{"skcipher_alg.min_keysize", 0, 4},
		{"skcipher_alg.max_keysize", 4, 4},
		{"skcipher_alg.ivsize", 8, 4},
		{"skcipher_alg.chunksize", 12, 4},
		{"skcipher_alg.walksize", 16, 4},
		{"aead_alg.base", BASE, 96},
		{"aead_alg.ivsize", 0, 4},
		{"aead_alg.maxauthsize", 4, 4},
	};

	fake_kernel_init(&f);
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_symbol("crypto_alg_list", HEAD);
	fake_symbol("fips_enabled", FIPS);
	fake_symbol("crypto_ahash_show", SHOW(1));
	fake_symbol("crypto_skcipher_show", SHOW(2));
	fake_symbol("crypto_aead_show", SHOW(3));
	fake_symbol("crypto_scomp_show", SHOW(4));
	fake_symbol("crypto_quantum_show", SHOW(5));
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

/* Algorithm i with these flags, shown by function `show` (0: none). */
static void put(unsigned int i, uint32_t flags, unsigned int show)
{
	fake_put32(&f, ALG(i) + 16, flags);
	fake_put32(&f, ALG(i) + 20, 16);
	fake_put32(&f, ALG(i) + 24, 100 * i);
	fake_put32(&f, ALG(i) + 28, 1);
	fake_puts(&f, ALG(i) + 32, "xts(aes)");
	fake_puts(&f, ALG(i) + 48, "a name so long..");
	fake_put64(&f, ALG(i) + 64, show ? TYPE(show) : 0);
	fake_put64(&f, TYPE(show) + 8, show ? SHOW(show) : 0);
}

static void put_ring(size_t n)
{
	uint64_t links[16];
	size_t i;

	for (i = 0; i < n; i++)
		links[i] = ALG(i);
	fake_ring(&f, HEAD, links, n);
}

static const char *read_text(void)
{
	struct err err = {0};

	ck_assert_msg(!proc_kit_read(&f, &proc_crypto, &values, &text, &err),
		      "%s", err.text);
	return text.data ? text.data : "";
}

static void torn(const char *why)
{
	read_text();
	ck_assert(values.parts->torn);
	ck_assert_msg(strstr(values.parts->why.data, why), "%s",
		      values.parts->why.data);
}

#define HEADING(priority, tested, internal) \
	"name         : xts(aes)\n"         \
	"driver       : a name so long..\n" \
	"module       : kernel\n"           \
	"priority     : " priority "\n"     \
	"refcnt       : 1\n"                \
	"selftest     : " tested "\n"       \
	"internal     : " internal "\n"

START_TEST(kinds)
{
	put(0, 0x400, 1);
	fake_put32(&f, ALG(0) - BASE, 32);
	put(1, 0x2480, 2);
	fake_put32(&f, ALG(1) - BASE, 16);
	fake_put32(&f, ALG(1) - BASE + 4, 64);
	fake_put32(&f, ALG(1) - BASE + 12, 8);
	put(2, 0x80, 3);
	fake_put32(&f, ALG(2) - BASE + 4, 12);
	put(3, 0x400, 4);
	put_ring(4);
	ck_assert_str_eq(
		read_text(),
		HEADING("0", "passed",
			"no") "type         : ahash\n"
			      "async        : no\n"
			      "blocksize    : 16\n"
			      "digestsize   : 32\n\n" HEADING(
				      "100", "passed",
				      "yes") "type         : skcipher\n"
					     "async        : yes\n"
					     "blocksize    : 16\n"
					     "min keysize  : 16\n"
					     "max keysize  : 64\n"
					     "ivsize       : 0\n"
					     "chunksize    : 8\n"
					     "walksize     : 0\n\n" HEADING(
						     "200", "unknown",
						     "no") "type         : "
							   "aead\n"
							   "async        : "
							   "yes\n"
							   "blocksize    : 16\n"
							   "ivsize       : 0\n"
							   "maxauthsize  : 12\n"
							   "geniv        : "
							   "<none>\n\n" HEADING(
								   "300",
								   "passed",
								   "no") "type "
									 "     "
									 "   : "
									 "scomp"
									 "\n"
									 "\n");
	ck_assert_uint_eq(values.parts->why.len, 0);
}
END_TEST

/* What flags alone tell; and a larva, whatever its type is. */
START_TEST(without_a_function)
{
	put(0, 0x1, 0);
	fake_put32(&f, ALG(0) + 80, 4);
	fake_put32(&f, ALG(0) + 84, 56);
	put(1, 0x412, 5);
	put(2, 0x2, 0);
	put_ring(3);
	ck_assert_str_eq(
		read_text(),
		HEADING("0", "unknown",
			"no") "type         : cipher\n"
			      "blocksize    : 16\n"
			      "min keysize  : 4\n"
			      "max keysize  : 56\n\n" HEADING(
				      "100", "passed",
				      "no") "type         : larval\n"
					    "flags        : 0x412\n\n" HEADING(
						    "200", "unknown",
						    "no") "type         : "
							  "unknown\n\n");
	fake_sizeof("compress_alg", 16);
	ck_assert_ptr_nonnull(
		strstr(read_text(), "type         : compression\n"));
	ck_assert_uint_eq(values.parts->why.len, 0);
}
END_TEST

START_TEST(modules_and_fips)
{
	put(0, 0x20001, 0);
	fake_put64(&f, ALG(0) + 72, MODULE);
	fake_puts(&f, MODULE + 24, "des_generic");
	fake_put32(&f, FIPS, 1);
	fake_sizeof("lskcipher_alg", 200);
	put_ring(1);
	ck_assert_ptr_nonnull(
		strstr(read_text(), "module       : des_generic\n"));
	ck_assert_ptr_nonnull(strstr(read_text(), "internal     : no\n"
						  "fips         : no\n"
						  "type "));
	fake_sizeof("lskcipher_alg", 0);
	torn("FIPS");
}
END_TEST

START_TEST(damage)
{
	put(0, 0x400, 5);
	put_ring(1);
	torn("is not known");
	ck_assert_ptr_null(strstr(text.data, "type"));
	put(0, 0x400, 2);
	fake_no_field("skcipher_alg.base");
	torn("numbers of the crypto algorithm");
	fake_put64(&f, ALG(0) + 64, DIRECT + (2ULL << 30));
	torn("cannot be read");
	fake_put64(&f, HEAD, DIRECT + (2ULL << 30));
	torn("torn");
	fake_lose(READER_CRYPTO_ALGS);
	proc_values_deinit(&values);
	ck_assert_int_eq(
		proc_read(&proc_crypto, &f.kernel, NULL, 1, &values, NULL),
		ERR_NO_LINUX);
}
END_TEST

/* Batches grow with the length of the list alone, by one for every two. */
START_TEST(batches)
{
	uint64_t before, few, many;
	unsigned int i;

	for (i = 0; i < 12; i++)
		put(i, 0x400, 1 + i % 4);
	put_ring(2);
	read_text();
	before = f.memory.machine.stats.batches;
	read_text();
	few = f.memory.machine.stats.batches - before;
	put_ring(12);
	before = f.memory.machine.stats.batches;
	read_text();
	many = f.memory.machine.stats.batches - before;
	ck_assert_uint_le(many, few + 5);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc/crypto");
	TCase *t = tcase_create("crypto");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, kinds);
	tcase_add_test(t, without_a_function);
	tcase_add_test(t, modules_and_fips);
	tcase_add_test(t, damage);
	tcase_add_test(t, batches);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
