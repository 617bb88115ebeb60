/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes rules for unwinding: read, unwound by, and written as .debug_frame. */
#include <string.h>

#include "base/cursor.h"
#include "export/frame.h"
#include "fuzz/fuzz.h"
#include "kernel/code/x86_64_orc.h"
#include "kernel/stack/x86_64_unwind.h"
#include "unit/fake_kernel.h"
#include "unit/orc_kit.h"

/*
 * An input, little-endian: u8 kind; u8 offset of the code that is looked at,
 * and 128 bytes that are there; a stack of 32 u64; u64 ip and bp to start from;
 * and then rules, each s32 place from the begin of the code and six bytes.
 */
enum {
	HEADER = 7,	    /* that of this format; 0, or beyond 4: none */
	CODE_IS_SWITCH = 8, /* of __switch_to_asm, not a thunk */
	OF_MODULE = 16,	    /* the rules are a module's, too */
	COUNT_LIES = 32	    /* there are more than is told */
};

#define CODE	   0xffffffff80000000ULL /* as physical memory from 0 on */
#define PLACES	   (CODE + 0x10000)
#define ENTRIES	   (CODE + 0x20000)
#define HASH	   (CODE + 0x38000)
#define TEXT	   (CODE + 0x40000)
#define ETEXT	   (TEXT + 0x8000)
#define INIT	   (TEXT + 0x9000)
#define EINIT	   (TEXT + 0xa000)
#define MODULE	   (DIRECT + 0x3f000) /* its struct module */
#define RULES	   0x3000u
#define WORDS	   32u
#define STACK	   0xffffc90000010000ULL
#define CODE_BYTES 128u
#define AT(f, va)  ((f)->memory.bytes + ((va)-CODE))

static void put_kernel(struct fake_kernel *f, unsigned int kind)
{
	unsigned int format = kind & HEADER;

	array_put64(&f->memory, 0xff000 + 511 * 8, 0xfd000 | 0x63);
	array_put64(&f->memory, 0xfd000 + 510 * 8, 0xe3);
	fake_symbol("_stext", TEXT);
	fake_symbol("_etext", ETEXT);
	fake_symbol("_sinittext", INIT);
	fake_symbol("_einittext", EINIT);
	if (format && format <= KIT_ORC_FORMATS) {
		memcpy(AT(f, HASH), kit_orc_headers[format], 20);
		fake_symbol("__start_orc_header", HASH);
	}
}

static void put_code(struct fake_kernel *f, unsigned int kind, struct cursor *c)
{
	uint64_t va = TEXT + 0x80ULL * cursor_u8(c);
	const uint8_t *bytes = cursor_bytes(c, CODE_BYTES);

	if (bytes)
		memcpy(AT(f, va), bytes, CODE_BYTES);
	fake_symbol(kind & CODE_IS_SWITCH ? "__switch_to_asm"
					  : "__x86_indirect_thunk_rax",
		    va);
}

/* The rules that are left in the input. */
static void put_rules(struct fake_kernel *f, unsigned int kind,
		      struct modules *m, struct cursor *c)
{
	struct module module = {.addr = MODULE,
				.name = "m",
				.range = {{PLACES, 0x20000}, {TEXT, 0x8000}},
				.n_ranges = 2,
				.text = TEXT,
				.text_size = 0x4000};
	size_t n;

	for (n = 0; n < RULES && cursor_left(c) >= 10; n++) {
		uint64_t va = TEXT + cursor_u32(c), at = PLACES + 4 * n;

		le_store(AT(f, at), va - at, 4);
		memcpy(AT(f, ENTRIES + 6 * n), cursor_bytes(c, 6), 6);
	}
	if (kind & COUNT_LIES)
		n += 100;
	fake_symbol("__start_orc_unwind_ip", PLACES);
	fake_symbol("__stop_orc_unwind_ip", PLACES + 4 * n);
	fake_symbol("__start_orc_unwind", ENTRIES);
	fake_symbol("__stop_orc_unwind", ENTRIES + 6 * n);
	if (!(kind & OF_MODULE))
		return;
	fake_field("module.arch.num_orcs", 0, 4);
	fake_field("module.arch.orc_unwind_ip", 8, 8);
	fake_field("module.arch.orc_unwind", 16, 8);
	fake_put32(f, MODULE, (uint32_t)n);
	fake_put64(f, MODULE + 8, PLACES);
	fake_put64(f, MODULE + 16, ENTRIES);
	if (vec_push(&m->list, module))
		abort();
}

/* They ascend, are about code, and end in one that tells nothing. */
static void check_table(const struct orc_table *t)
{
	const struct orc_rule *r = t->rules.v;
	size_t n = t->rules.n, i;

	fuzz_require(n >= 2 && r[n - 1].kind == ORC_NONE);
	for (i = 0; i < n; i++) {
		fuzz_require(!i || r[i - 1].va < r[i].va);
		fuzz_require(r[i].va >= TEXT && r[i].va <= EINIT);
		fuzz_require(r[i].kind <= ORC_REGS_PARTIAL);
		fuzz_require(r[i].sp_base < ORC_BASES);
		fuzz_require((r[i].kind < ORC_CALL) ==
			     (r[i].sp_base == ORC_UNDEFINED));
	}
}

static void check_unwind(const struct orc_tables *t, uint64_t ip, uint64_t bp,
			 const uint8_t *stack)
{
	const struct unwinder u = {.tables = t};
	const struct unwind_piece memory = {STACK, WORDS * 8, stack};
	struct unwind out;

	fuzz_require(!unwind_run(
		&u, &(struct unwind_start){.ip = ip, .sp = STACK, .bp = bp},
		&memory, 1, &out));
	fuzz_require(out.frames.n && out.frames.n <= UNWIND_FRAMES_MAX);
	unwind_deinit(&out);
}

/* Entries fill the section, and FDEs ascend within what rules are about. */
static void check_frame(const struct orc_tables *t)
{
	struct portrait p = {.unwind = *t};
	struct buf out = {0};
	struct cursor c;
	uint64_t start, len;
	size_t end;

	if (vec_push(&p.symbols, {.va = TEXT + 0x333, .type = 't'}) ||
	    vec_push(&p.symbols, {.va = INIT + 1, .type = 'T'}))
		abort();
	fuzz_require(!export_frame(&p, &out, NULL));
	cursor_init(&c, out.data, out.len);
	while (cursor_left(&c)) {
		len = cursor_u32(&c);
		end = c.pos + len;
		fuzz_require(len % 8 == 4);
		if (cursor_u32(&c) != UINT32_MAX) {
			start = cursor_u64(&c);
			len = cursor_u64(&c);
			fuzz_require(start >= TEXT && len &&
				     len <= EINIT - start);
		}
		cursor_seek(&c, end);
		fuzz_require(!c.bad);
	}
	buf_deinit(&out);
	vec_deinit(&p.symbols);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct orc_tables tables = {0};
	struct remarks remarks = {0};
	struct modules modules = {0};
	struct fake_kernel f;
	struct cursor c;
	const uint8_t *stack;
	unsigned int kind;
	uint64_t ip, bp;
	size_t i;

	fake_kernel_init(&f);
	cursor_init(&c, data, size);
	kind = cursor_u8(&c);
	put_kernel(&f, kind);
	put_code(&f, kind, &c);
	stack = cursor_bytes(&c, WORDS * 8);
	ip = cursor_u64(&c);
	bp = cursor_u64(&c);
	put_rules(&f, kind, &modules, &c);
	fuzz_require(!orc_read(&f.kernel, &modules, &tables, &remarks, NULL));
	fuzz_require(tables.n || remarks.n);
	for (i = 0; i < tables.n; i++)
		check_table(&tables.v[i]);
	if (stack)
		check_unwind(&tables, ip, bp, stack);
	check_frame(&tables);
	orc_tables_deinit(&tables);
	vec_deinit(&modules.list);
	remarks_deinit(&remarks);
	fake_kernel_deinit(&f);
	return 0;
}
