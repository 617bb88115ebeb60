# SPDX-License-Identifier: BSD-2-Clause
# Unit tests, fuzzers, tests on guests; part of the Makefile.

.PHONY: check check-vm fuzz soak tools test-programs

# What unit tests share: files in tests/unit that are no test themselves.  Tests
# of kernel readers, and of what is shown of those values, link a fake kernel in
# place of profile/profile.c.
UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
FAKE     := $(patsubst %,$(BUILD)/unit/%.o,fake_kernel module_kit proc_kit \
            system_kit task_kit)
# What tests of a file system share: the side of the kernel.
FUSEKIT  := $(BUILD)/unit/fuse_kit.o
# What tests of ELF files share: libdw reads them back.
ELFKIT   := $(BUILD)/unit/export_kit.o
ELFTESTS := $(BUILD)/unit/test_export_dwarf $(BUILD)/unit/test_export_elf
# What tests of open files share, on a fake kernel.
FILEKIT  := $(BUILD)/unit/open_file_kit.o
KITS     := $(FAKE) $(FUSEKIT) $(ELFKIT) $(FILEKIT)
UNITLIB  := $(filter-out $(KITS),$(patsubst tests/unit/%.c,$(BUILD)/unit/%.o,\
            $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))))
$(filter $(BUILD)/unit/test_kernel_% $(BUILD)/unit/test_proc_% \
	$(BUILD)/unit/test_export_% $(BUILD)/unit/test_guest_eval \
	$(BUILD)/unit/test_mount_%,$(UNIT)): $(FAKE)
$(BUILD)/unit/test_mount_held $(BUILD)/unit/test_mount_serve: $(FUSEKIT)
$(ELFTESTS): $(ELFKIT)
$(filter $(BUILD)/unit/test_proc_fd_% $(BUILD)/unit/test_kernel_open_file,$(UNIT)): $(FILEKIT)
$(ELFTESTS): LDLIBS += $(shell $(PKGCONF) --libs libdw)
DEPS     += $(UNIT:=.d) $(UNITLIB:.o=.d) $(KITS:.o=.d)

# Asked once, by who needs it.
CHECKFLAGS = $(eval CHECKFLAGS := $(shell $(PKGCONF) --cflags check))$(CHECKFLAGS)
CHECKLIBS  = $(eval CHECKLIBS := $(shell $(PKGCONF) --libs check))$(CHECKLIBS)

$(BUILD)/unit/%.o: tests/unit/%.c $(BUILD)/flags
	$(call compile,-Itests $(CHECKFLAGS) -DTEST_DATA='"$(abspath tests/data)"')

$(BUILD)/unit/%: $(BUILD)/unit/%.o $(UNITLIB) $(BUILD)/libqvmi.a
	$(call link,$(CHECKLIBS))

# The calls that this one has fail.
WRAPPED  := open openat fstat fstatat mkdirat fchmod fsync renameat renameat2 \
            unlinkat flock futimens mmap fdopendir readdir getrandom write read \
            pread linkat access
$(BUILD)/unit/test_file_faults: LDLIBS += $(WRAPPED:%=-Wl,--wrap=%)

# A fuzzer is tests/fuzz/fuzz_NAME.c.  As a unit test it runs over its corpus,
# by main.c; `make fuzz` has libFuzzer's main in place of that.
FUZZERS  := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZBIN  := $(FUZZERS:%=$(BUILD)/fuzz/fuzz_%)
FUZZLIB  := $(if $(FUZZING),,$(BUILD)/fuzz/main.o) $(BUILD)/unit/array_machine.o
FUZZ     ?= $(FUZZERS)
FUZZ_TIME ?= 60
$(BUILD)/fuzz/fuzz_unmapped $(BUILD)/fuzz/fuzz_vma $(BUILD)/fuzz/fuzz_vma_use \
	$(BUILD)/fuzz/fuzz_portrait $(BUILD)/fuzz/fuzz_system $(BUILD)/fuzz/fuzz_net: $(FAKE) \
	$(BUILD)/unit/wants_kit.o
$(BUILD)/fuzz/fuzz_portrait: $(BUILD)/unit/btf_kit.o $(BUILD)/unit/kallsyms_kit.o
$(BUILD)/fuzz/fuzz_orc: $(FAKE) $(BUILD)/unit/wants_kit.o $(BUILD)/unit/orc_kit.o
$(BUILD)/fuzz/fuzz_maps: $(BUILD)/fuzz/image.o $(BUILD)/fuzz/repair.o
$(BUILD)/fuzz/fuzz_profile: $(BUILD)/fuzz/repair.o
$(BUILD)/fuzz/fuzz_dwarf: LDLIBS += $(shell $(PKGCONF) --libs libdw)

# What made their seeds; built with them, so that it still can.
SEEDERS  := $(BUILD)/fuzz/seeds/cut $(BUILD)/fuzz/seeds/record
SEEDLIB  := $(patsubst tests/%.c,$(BUILD)/%.o,$(wildcard tests/fuzz/seeds/cut_*.c)) \
            $(BUILD)/fuzz/image.o $(BUILD)/unit/wants_kit.o
DEPS     += $(patsubst tests/%.c,$(BUILD)/%.d,$(wildcard tests/fuzz/*.c tests/fuzz/*/*.c))

# They pack and unpack by themselves.
$(BUILD)/unit/test_vmlinuz $(BUILD)/fuzz/fuzz_maps $(SEEDERS): \
	LDLIBS += $(shell $(PKGCONF) --libs libarchive)

$(BUILD)/fuzz/%.o: tests/fuzz/%.c $(BUILD)/flags
	$(call compile,-Itests -DTEST_DATA='"$(abspath tests/data)"' \
		-DFUZZ_CORPUS='"$(abspath tests/fuzz/corpus)"')

$(BUILD)/fuzz/%: $(BUILD)/fuzz/%.o $(FUZZLIB) $(BUILD)/libqvmi.a
	$(call link)

$(SEEDERS): %: %.o $(SEEDLIB) $(BUILD)/libqvmi.a
	$(call link)

# What VM tests run beside qvmi: a gdb stub without a QEMU, what looks all
# symbols up at once, and a host that lacks system calls.
tool_obj  = $(patsubst tests/%.c,$(BUILD)/tools/%.o,$(wildcard tests/$(1)/*.c))
TOOLS    := $(BUILD)/tools/stub-server $(BUILD)/tools/look-up $(BUILD)/tools/lack
$(BUILD)/tools/stub-server: $(call tool_obj,stub)
$(BUILD)/tools/look-up: $(call tool_obj,names)
$(BUILD)/tools/lack: $(call tool_obj,lacking)
DEPS     += $(patsubst %.o,%.d,$(call tool_obj,stub) $(call tool_obj,names) \
            $(call tool_obj,lacking))

$(BUILD)/tools/%.o: tests/%.c $(BUILD)/flags
	$(call compile,-Itests)

$(TOOLS): $(BUILD)/libqvmi.a
	$(call link)

tools: $(TOOLS)

test-programs: $(UNIT) $(FUZZBIN) $(SEEDERS) $(TOOLS)

check: test-programs ## unit tests
	$(Q)scripts/run-unit $(UNIT) $(FUZZBIN)

check-vm: all tools ## tests on real guests under QEMU
	$(Q)QVMI=$(abspath $(BUILD)/qvmi) $(PYTHON) -m pytest $(or $(PYTEST),tests/vm)

fuzz: ## each fuzzer for FUZZ_TIME=60 seconds, or only FUZZ=NAME
	$(Q)$(MAKE) BUILD=build-fuzz CC=clang FUZZING=1 \
		$(FUZZ:%=build-fuzz/fuzz/fuzz_%)
	$(Q)scripts/run-fuzz $(FUZZ_TIME) $(FUZZ)

# SOAK_SHARE, SOAK_FUZZ_TIME and more: see tests/soak/run.
soak: all tools ## long tests and fuzzers (hours; see tests/soak/run); docs/reliability.md
	$(Q)QVMI=$(abspath $(BUILD)/qvmi) PYTHON=$(PYTHON) tests/soak/run
