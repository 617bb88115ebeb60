/* SPDX-License-Identifier: BSD-2-Clause */
/* A small kernel image with all that a profile is made of. */
#include "unit/kernel_kit.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/x86_64.h"
#include "profile/profile.h"
#include "unit/btf_kit.h"

#define FUNCTIONS	     1200u
#define FUNCTION(i, variant) (0x100 + (i)*128 + (variant)*16)
#define RAM		     0x1000000u
#define BANNER_AT	     (KIT_RODATA + 0x40)
#define PROC_AT		     (KIT_RODATA + 0x200)
#define NOTES_AT	     (KIT_RODATA + 0x240)
#define TABLES_AT	     (KIT_RODATA + 0x1000)
#define TASK_AT		     (KIT_DATA + 0x100)
#define UTS_AT		     (KIT_DATA + 0x2000)
#define PERCPU_AT	     (KIT_DATA + 0x10000)
#define CALLS_AT	     (KIT_RODATA + 0x400)
#define CALLS		     64u

static const char usual_banner[] =
	"Linux version 6.1.0-test (x@y) (gcc (Z) 12, ld 2.40) #1 SMP 2026\n";

/* What lies where, as nm(1) calls it, and the sections of an ELF file. */
static const struct part {
	uint64_t end; /* from _text on */
	char type;
	const char *section;
	uint32_t flags;
} parts[] = {
	{KIT_RODATA, 'T', ".text", SHF_ALLOC | SHF_EXECINSTR},
	{KIT_DATA, 'R', ".rodata", SHF_ALLOC},
	{KIT_DATA + 0x3000, 'D', ".data", SHF_ALLOC | SHF_WRITE},
	{KIT_END + 1, 'B', ".bss", SHF_ALLOC | SHF_WRITE},
};

#define PARTS (sizeof(parts) / sizeof(*parts))

/* The number of the part that an address is in; PARTS: it is no place. */
static size_t part_of(const struct kit_kernel *k, uint64_t address)
{
	size_t i;

	for (i = 0; i < PARTS; i++)
		if (address - k->img.text < parts[i].end)
			break;
	return i;
}

static void add(struct kit_kernel *k, uint64_t address, const char *name)
{
	struct kit_symbol *s = &k->syms[k->n_syms++];
	size_t part = part_of(k, address);

	*s = (struct kit_symbol){.address = address,
				 .type = part < PARTS ? parts[part].type : 'A'};
	snprintf(s->name, sizeof(s->name), "%s", name);
}

static void add_fixed(struct kit_kernel *k)
{
	static const struct {
		const char *name;
		uint64_t at;
	} fixed[] = {
		{"_text", 0},
		{"_stext", 0},
		{"startup_64", 0},
		{"linux_banner", BANNER_AT},
		{"linux_proc_banner", PROC_AT},
		{"__start_notes", NOTES_AT},
		{"__stop_notes", NOTES_AT + 60},
		{"init_task", TASK_AT},
		{"init_uts_ns", UTS_AT},
		{"twice", KIT_DATA + 0x3000},
		{"twice", KIT_DATA + 0x3100},
		{"alloc_it.isra.0", 0x1f0000},
		{"__pfx_thing", 0x1f0100},
		{"thing", 0x1f0110},
		{"__start_things", KIT_DATA + 0x4000},
		{"first_thing", KIT_DATA + 0x4000},
		{"_etext", 0x1fff00},
		{"sys_call_table", CALLS_AT},
		{"behind_calls", CALLS_AT + CALLS * 8},
		{"_end", KIT_END},
	};
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		add(k, k->img.text + fixed[i].at, fixed[i].name);
}

/* Symbols; what is not known in the first pass is corrected in the second. */
static void make_symbols(struct kit_kernel *k,
			 const struct kit_kernel_opts *opts)
{
	uint64_t text = k->img.text;
	uint64_t percpu = k->percpu_is_absolute ? 0 : text + PERCPU_AT;
	unsigned int i;
	char name[64];

	k->n_syms = 0;
	add_fixed(k);
	add(k, percpu, "__per_cpu_start");
	add(k, percpu + 0x80, "current_task");
	add(k, percpu + 0x1000, "__per_cpu_end");
	if (!opts->no_btf && !opts->no_btf_symbols) {
		add(k, text + k->btf_at, "__start_BTF");
		add(k, text + k->btf_at + k->btf_len, "__stop_BTF");
	}
	if (kit_lists_itself(opts->layout)) {
		add(k, text + TABLES_AT + k->places.addresses,
		    "kallsyms_offsets");
		add(k, text + TABLES_AT + k->places.table,
		    "kallsyms_token_table");
		add(k, text + TABLES_AT + k->places.index,
		    "kallsyms_token_index");
	}
	for (i = 0; i < FUNCTIONS; i++) {
		snprintf(name, sizeof(name), "kernel_function_%u", i * 7);
		add(k, text + FUNCTION(i, opts->variant), name);
	}
	kit_sort(k->syms, k->n_syms);
}

static void put_text(struct kit_kernel *k, size_t at, const char *s)
{
	memcpy(k->image + at, s, strlen(s) + 1);
}

/* A note with an address in it, and the build id. */
static void put_notes(struct kit_kernel *k, unsigned int variant)
{
	struct buf b = {0};
	uint8_t id[20];

	memset(id, (int)(0x50 + variant), sizeof(id));
	kit_put(&b, 4, 4);
	kit_put(&b, 8, 4);
	kit_put(&b, 1, 4);
	buf_add(&b, "Xen", 4);
	kit_put(&b, k->img.text, 8);
	kit_put(&b, 4, 4);
	kit_put(&b, 20, 4);
	kit_put(&b, 3, 4);
	buf_add(&b, "GNU", 4);
	buf_add(&b, id, sizeof(id));
	memcpy(k->image + NOTES_AT, b.data, b.len);
	buf_deinit(&b);
}

/* Pointers to the first functions, as they are relocated. */
static void put_calls(struct kit_kernel *k, unsigned int variant)
{
	struct buf b = {0};
	unsigned int i;

	for (i = 0; i < CALLS; i++)
		kit_put(&b, k->img.text + FUNCTION(i, variant), 8);
	memcpy(k->image + CALLS_AT, b.data, b.len);
	buf_deinit(&b);
}

static void put_btf(struct kit_kernel *k, const struct kit_kernel_opts *opts)
{
	struct btf_kit kit = {0};
	struct buf blob = {0};
	unsigned int i;

	kit_btf_wanted(&kit, opts->without);
	for (i = 0; i < opts->variant; i++)
		kit_btf_int(&kit, "more", 4, 32);
	kit_btf_blob(&kit, 24, 70000, &blob);
	k->btf_len = blob.len;
	memcpy(k->image + k->btf_at, blob.data, blob.len);
	buf_deinit(&blob);
	kit_btf_deinit(&kit);
}

static void put_kallsyms(struct kit_kernel *k,
			 const struct kit_kernel_opts *opts)
{
	struct buf b = {0};

	make_symbols(k, opts);
	kit_kallsyms(&b, opts->layout, k->syms, k->n_syms,
		     k->img.text + TABLES_AT, k->img.text, &k->places);
	if (!opts->no_kallsyms)
		memcpy(k->image + TABLES_AT, b.data, b.len);
	k->btf_at = (TABLES_AT + b.len + 64) & ~(size_t)3;
	buf_deinit(&b);
}

static void make_image(struct kit_kernel *k, const struct kit_kernel_opts *opts)
{
	memset(k->image, 0xcc, sizeof(k->image));
	put_text(k, BANNER_AT, opts->banner ? opts->banner : usual_banner);
	put_text(k, PROC_AT, "%s version %s");
	put_text(k, TASK_AT + 64, "swapper/0");
	put_text(k, UTS_AT + 8, "Linux");
	put_notes(k, opts->variant);
	put_calls(k, opts->variant);
	k->btf_at = TABLES_AT; /* somewhere there */
	put_btf(k, opts);      /* for its size */
	put_kallsyms(k, opts);
	memset(k->image + TABLES_AT, 0xcc, KIT_DATA - TABLES_AT);
	put_kallsyms(k, opts); /* with its own addresses */
	if (!opts->no_btf)
		put_btf(k, opts);
}

/*
 * pgd[511] -> pud[510] -> pmd: 2 MiB pages of text (executable), rodata
 * (neither) and data (writable).
 */
static void map_image(struct kit_kernel *k, bool early)
{
	static const uint64_t late[] = {PTE_P | PTE_PS, PTE_P | PTE_PS | PTE_NX,
					PTE_P | PTE_PS | PTE_RW | PTE_NX};
	size_t i, first = (k->img.text >> 21) & 511;

	array_put64(&k->machine, 0x1000 + 511 * 8, 0x2000 | PTE_P | PTE_RW);
	array_put64(&k->machine, 0x2000 + 510 * 8, 0x3000 | PTE_P | PTE_RW);
	for (i = 0; i < 3; i++)
		array_put64(
			&k->machine, 0x3000 + (first + i) * 8,
			(KIT_PHYSICAL + (i << 21)) |
				(early ? PTE_P | PTE_PS | PTE_RW : late[i]));
	memcpy(k->machine.bytes + KIT_PHYSICAL, k->image, sizeof(k->image));
}

void kit_kernel_init(struct kit_kernel *k, const struct kit_kernel_opts *opts)
{
	struct space_tables tables = {.left = 100};

	memset(k, 0, sizeof(*k));
	array_machine_init(&k->machine, RAM);
	k->root = (struct walk_root){.pgd = 0x1000, .paging = &paging_4level};
	k->img = (struct profile_image){.machine = &k->machine.machine,
					.root = &k->root,
					.text = KIT_LINK + opts->slide};
	k->percpu_is_absolute = opts->layout <= KIT_6_4_ABSOLUTE;
	k->syms = calloc(FUNCTIONS + 64, sizeof(*k->syms));
	make_image(k, opts);
	map_image(k, opts->early);
	if (space_runs(k->img.machine, &k->root, k->img.text,
		       k->img.text + (1 << 30), &tables, &k->runs,
		       &k->img.n_runs, NULL))
		abort();
	k->img.runs = k->runs;
}

void kit_kernel_deinit(struct kit_kernel *k)
{
	array_machine_deinit(&k->machine);
	free(k->runs);
	free(k->syms);
}

uint64_t kit_kernel_symbol(const struct kit_kernel *k, const char *name)
{
	size_t i;

	for (i = 0; i < k->n_syms; i++)
		if (!strcmp(k->syms[i].name, name))
			return k->syms[i].address;
	abort();
}

void kit_kernel_map(const struct kit_kernel *k, struct buf *out)
{
	size_t i;

	for (i = 0; i < k->n_syms; i++)
		buf_printf(out, "%016llx %c %s\n",
			   (unsigned long long)k->syms[i].address,
			   k->syms[i].type, k->syms[i].name);
}

#define FIRST_PART 5
#define SECTIONS   (FIRST_PART + PARTS)

static void elf_header(const struct kit_kernel *k, unsigned int flags,
		       uint64_t sections, struct buf *out)
{
	Elf64_Ehdr h = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64,
				    ELFDATA2LSB, EV_CURRENT},
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_version = EV_CURRENT,
			.e_entry = k->img.text,
			.e_phoff = sizeof(h),
			.e_ehsize = sizeof(h),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 1,
			.e_shentsize = sizeof(Elf64_Shdr)};
	Elf64_Phdr p = {.p_type = PT_LOAD,
			.p_offset = 4096,
			.p_vaddr = k->img.text,
			.p_filesz = sizeof(k->image),
			.p_memsz = sizeof(k->image)};

	if (flags & KIT_ELF_NO_BYTES)
		p.p_filesz = 0;
	if (flags & KIT_ELF_SECTIONS) {
		h.e_shoff = sections;
		h.e_shnum = SECTIONS;
		h.e_shstrndx = 4;
	}
	buf_add(out, &h, sizeof(h));
	buf_add(out, &p, sizeof(p));
	kit_align(out, 0, 4096);
}

static uint16_t elf_section(const struct kit_kernel *k, size_t i)
{
	size_t part = part_of(k, k->syms[i].address);

	return (uint16_t)(part < PARTS ? FIRST_PART + part : SHN_ABS);
}

/* Their names go behind the others; they need no bytes. */
static void elf_parts(Elf64_Shdr *sh, struct buf *names)
{
	size_t i;

	for (i = 0; i < PARTS; i++) {
		sh[i] = (Elf64_Shdr){.sh_name = (uint32_t)names->len,
				     .sh_type = SHT_NOBITS,
				     .sh_flags = parts[i].flags};
		buf_add(names, parts[i].section, strlen(parts[i].section) + 1);
	}
}

/* .symtab and its strings, in the order of the file. */
static void elf_symbols(const struct kit_kernel *k, struct buf *syms,
			struct buf *strings)
{
	Elf64_Sym sym = {0};
	size_t i;

	buf_add(syms, &sym, sizeof(sym));
	buf_add(strings, "", 1);
	for (i = 0; i < k->n_syms; i++) {
		sym = (Elf64_Sym){.st_name = (uint32_t)strings->len,
				  .st_info =
					  ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
				  .st_shndx = elf_section(k, i),
				  .st_value = k->syms[i].address};
		buf_add(syms, &sym, sizeof(sym));
		buf_add(strings, k->syms[i].name, strlen(k->syms[i].name) + 1);
	}
}

void kit_kernel_elf(const struct kit_kernel *k, unsigned int flags,
		    struct buf *out)
{
	static const char first[] = "\0.symtab\0.strtab\0.BTF\0.shstrtab";
	struct buf syms = {0}, strings = {0}, names = {0};
	size_t bytes = flags & KIT_ELF_NO_BYTES ? 0 : sizeof(k->image);
	Elf64_Shdr sh[SECTIONS] = {0};
	uint64_t at = 4096 + bytes;

	elf_symbols(k, &syms, &strings);
	buf_add(&names, first, sizeof(first));
	elf_parts(sh + FIRST_PART, &names);
	sh[1] = (Elf64_Shdr){.sh_name = 1,
			     .sh_type = flags & KIT_ELF_SYMTAB ? SHT_SYMTAB
							       : SHT_NULL,
			     .sh_offset = at,
			     .sh_size = syms.len,
			     .sh_link = 2,
			     .sh_entsize = sizeof(Elf64_Sym)};
	sh[2] = (Elf64_Shdr){.sh_name = 9,
			     .sh_type = SHT_STRTAB,
			     .sh_offset = at + syms.len,
			     .sh_size = strings.len};
	sh[3] = (Elf64_Shdr){.sh_name = 17,
			     .sh_type = bytes ? SHT_PROGBITS : SHT_NOBITS,
			     .sh_offset = 4096 + k->btf_at,
			     .sh_size = k->btf_len};
	sh[4] = (Elf64_Shdr){.sh_name = 22,
			     .sh_type = SHT_STRTAB,
			     .sh_offset = at + syms.len + strings.len,
			     .sh_size = names.len};
	elf_header(k, flags, sh[4].sh_offset + names.len, out);
	buf_add(out, k->image, bytes);
	buf_add(out, syms.data, syms.len);
	buf_add(out, strings.data, strings.len);
	buf_add(out, names.data, names.len);
	buf_add(out, sh, sizeof(sh));
	buf_deinit(&names);
	buf_deinit(&syms);
	buf_deinit(&strings);
}

void kit_lz4_legacy(const void *bytes, size_t len, struct buf *out)
{
	struct buf block = {0};
	size_t rest = len - 15;

	kit_put(out, 0x184c2102, 4);
	kit_put(&block, 0xf0, 1); /* literals only: 15 and what follows */
	for (; rest >= 255; rest -= 255)
		kit_put(&block, 255, 1);
	kit_put(&block, rest, 1);
	buf_add(&block, bytes, len);
	kit_put(out, block.len, 4);
	buf_add(out, block.data, block.len);
	buf_deinit(&block);
}

void kit_bzimage(const void *payload, size_t len, struct buf *out)
{
	uint8_t head[1536] = {[0x1f1] = 2, [0x206] = 0x0f, [0x207] = 2};
	struct buf numbers = {0};

	memcpy(head + 0x202, "HdrS", 4);
	kit_put(&numbers, 16, 4); /* behind the setup code, 16 bytes in */
	kit_put(&numbers, len, 4);
	memcpy(head + 0x248, numbers.data, 8);
	buf_add(out, head, sizeof(head));
	kit_put(out, 0, 16);
	buf_add(out, payload, len);
	buf_deinit(&numbers);
}
