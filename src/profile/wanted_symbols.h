/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of wanted.h that is about code which a kernel takes in later. */
#ifndef PROFILE_WANTED_SYMBOLS_H
#define PROFILE_WANTED_SYMBOLS_H

/* Members of modules and their symbols, BPF programs, ftrace, kprobes. */
#define WANTED_SYMBOL_FIELDS(F)                                               \
	F(MODULE_LIST, "module", OPTIONAL, "list")                            \
	F(MODULE_STATE, "module", OPTIONAL, "state")                          \
	F(MODULE_NAME, "module", OPTIONAL, "name")                            \
	F(MODULE_MEM, "module", OPTIONAL, "mem") /* 6.4 */                    \
	F(MODULE_CORE, "module", OPTIONAL,                                    \
	  "core_layout.base|module_core") /* 4.5 - 6.3, before */             \
	F(MODULE_CORE_SIZE, "module", OPTIONAL, "core_layout.size|core_size") \
	F(MODULE_INIT, "module", OPTIONAL, "init_layout.base|module_init")    \
	F(MODULE_INIT_SIZE, "module", OPTIONAL, "init_layout.size|init_size") \
	F(MODULE_KALLSYMS, "module", OPTIONAL, "kallsyms") /* 4.5 */          \
	F(MODULE_SYMTAB, "module", OPTIONAL, "symtab")	   /* up to 4.4 */    \
	F(MODULE_NUM_SYMTAB, "module", OPTIONAL, "num_symtab")                \
	F(MODULE_STRTAB, "module", OPTIONAL, "strtab")                        \
	F(MODULE_MEMORY_BASE, "module_memory", OPTIONAL, "base")              \
	F(MODULE_MEMORY_SIZE, "module_memory", OPTIONAL, "size")              \
	F(KALLSYMS_SYMTAB, "mod_kallsyms", OPTIONAL, "symtab")                \
	F(KALLSYMS_NUM_SYMTAB, "mod_kallsyms", OPTIONAL, "num_symtab")        \
	F(KALLSYMS_STRTAB, "mod_kallsyms", OPTIONAL, "strtab")                \
	F(BPF_KSYM_LNODE, "bpf_ksym", OPTIONAL, "lnode") /* 5.7 */            \
	F(BPF_KSYM_START, "bpf_ksym", OPTIONAL, "start")                      \
	F(BPF_KSYM_END, "bpf_ksym", OPTIONAL, "end")                          \
	F(BPF_KSYM_NAME, "bpf_ksym", OPTIONAL, "name")                        \
	F(FTRACE_OPS_LIST, "ftrace_ops", OPTIONAL, "list")                    \
	F(FTRACE_OPS_TRAMPOLINE, "ftrace_ops", OPTIONAL, "trampoline")        \
	F(FTRACE_OPS_SIZE, "ftrace_ops", OPTIONAL, "trampoline_size")         \
	F(INSN_CACHE_PAGES, "kprobe_insn_cache", OPTIONAL, "pages")           \
	F(INSN_CACHE_SYM, "kprobe_insn_cache", OPTIONAL, "sym") /* 5.9 */     \
	F(INSN_PAGE_LIST, "kprobe_insn_page", OPTIONAL, "list")               \
	F(INSN_PAGE_INSNS, "kprobe_insn_page", OPTIONAL, "insns")

#define WANTED_SYMBOL_STRUCTS(S) S(MODULE_MEMORY, "module_memory")

#define WANTED_SYMBOL_CONSTANTS(C) \
	C(MODULE_UNFORMED, "module_state", "MODULE_STATE_UNFORMED")

#endif
