# SPDX-License-Identifier: BSD-2-Clause
# Builds qvmi out of tree; `make help` lists what else it does.

CC       ?= gcc
PKGCONF  ?= pkg-config
PREFIX   ?= /usr/local
DESTDIR  ?=
BUILD    ?= build$(if $(SAN),-san)
PYTHON   ?= /usr/bin/python3

MODULES  := base machine walk profile kernel proc gdbrsp target cli
LIBS     := json-c smartcols expat libarchive libelf

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wundef \
            -Wformat=2 -Wimplicit-fallthrough
HARDEN   := -fPIE -fstack-protector-strong
LDHARDEN := -pie -Wl,-z,relro,-z,now
CFLAGS   ?= -O2 -g
ifdef SAN
CFLAGS   := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined \
            -fno-omit-frame-pointer
else
HARDEN   += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
ifdef FUZZING
CFLAGS   := -O2 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
            -fsanitize=fuzzer-no-link,address,undefined \
            -fno-sanitize-coverage=trace-cmp
endif
ifdef WERROR
WARN     += -Werror
endif

ALL_CFLAGS  = -std=gnu11 $(WARN) $(HARDEN) -Isrc -D_GNU_SOURCE \
              -DQVMI_VERSION='"$(VERSION)"' \
              $(shell $(PKGCONF) --cflags $(LIBS)) $(CFLAGS)
ALL_LDFLAGS = $(LDHARDEN) $(if $(SAN),-fsanitize=address$(comma)undefined) \
              $(if $(FUZZING),-fsanitize=fuzzer) $(LDFLAGS)
LDLIBS      = $(shell $(PKGCONF) --libs $(LIBS))
VERSION     = 0.1
comma      := ,

SRC      := $(sort $(foreach m,$(MODULES),$(wildcard src/$(m)/*.c)))
LIBOBJ   := $(patsubst src/%.c,$(BUILD)/%.o,$(filter-out src/cli/main.c,$(SRC)))
UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

# Quiet unless V=1.
Q        := $(if $(V),,@)
say       = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')

.PHONY: all check check-vm fuzz lint bench install clean help FORCE
.SECONDARY:

all: $(BUILD)/qvmi

$(BUILD)/qvmi: $(BUILD)/cli/main.o $(BUILD)/libqvmi.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/libqvmi.a: $(LIBOBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(BUILD)/%.o: src/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# Changes only when the flags do, so that objects follow them.
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(BUILD)
	$(Q)echo '$(CC) $(subst ','\'',$(ALL_CFLAGS))' | cmp -s - $@ || \
		echo '$(CC) $(subst ','\'',$(ALL_CFLAGS))' >$@

# What unit tests share: files in tests/unit that are no test themselves.  Tests
# of kernel readers link a fake kernel in place of profile/profile.c.
FAKE     := $(BUILD)/unit/fake_kernel.o
UNITLIB  := $(filter-out $(FAKE),$(patsubst tests/unit/%.c,$(BUILD)/unit/%.o,\
            $(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))))
$(filter $(BUILD)/unit/test_kernel_%,$(UNIT)): $(FAKE)

$(BUILD)/unit/%.o: tests/unit/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests $(shell $(PKGCONF) --cflags check) \
		-DTEST_DATA='"$(abspath tests/data)"' -MMD -MP -c -o $@ $<

$(BUILD)/unit/%: $(BUILD)/unit/%.o $(UNITLIB) $(BUILD)/libqvmi.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
		$(filter %.a,$^) $(LDLIBS) $(shell $(PKGCONF) --libs check)

# A fuzzer is tests/fuzz/fuzz_NAME.c.  As a unit test it runs over its corpus,
# by main.c; `make fuzz` has libFuzzer's main in place of that.
FUZZERS  := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZBIN  := $(FUZZERS:%=$(BUILD)/fuzz/fuzz_%)
FUZZLIB  := $(if $(FUZZING),,$(BUILD)/fuzz/main.o) $(BUILD)/unit/array_machine.o
FUZZ     ?= $(FUZZERS)
FUZZ_TIME ?= 60
$(BUILD)/fuzz/fuzz_vma: $(FAKE)
$(BUILD)/fuzz/fuzz_maps: $(BUILD)/fuzz/image.o $(BUILD)/fuzz/repair.o
$(BUILD)/fuzz/fuzz_profile: $(BUILD)/fuzz/repair.o

$(BUILD)/fuzz/%.o: tests/fuzz/%.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Itests -DTEST_DATA='"$(abspath tests/data)"' \
		-DFUZZ_CORPUS='"$(abspath tests/fuzz/corpus)"' -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/%: $(BUILD)/fuzz/%.o $(FUZZLIB) $(BUILD)/libqvmi.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
		$(filter %.a,$^) $(LDLIBS)

# What made their seeds; built with them, so that it still can.
SEEDERS  := $(BUILD)/fuzz/seeds/cut $(BUILD)/fuzz/seeds/record
SEEDLIB  := $(patsubst tests/%.c,$(BUILD)/%.o,$(wildcard tests/fuzz/seeds/cut_*.c)) \
            $(BUILD)/fuzz/image.o
$(SEEDERS): %: %.o $(SEEDLIB) $(BUILD)/libqvmi.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
		$(filter %.a,$^) $(LDLIBS)

check: $(UNIT) $(FUZZBIN) $(SEEDERS) ## unit tests
	$(Q)scripts/run-unit $(UNIT) $(FUZZBIN)

fuzz: ## each fuzzer for FUZZ_TIME=60 seconds, or only FUZZ=NAME
	$(Q)$(MAKE) BUILD=build-fuzz CC=clang FUZZING=1 \
		$(FUZZ:%=build-fuzz/fuzz/fuzz_%)
	$(Q)scripts/run-fuzz $(FUZZ_TIME) $(FUZZ)

check-vm: all ## tests on real guests under QEMU
	$(Q)QVMI=$(abspath $(BUILD)/qvmi) $(PYTHON) -m pytest tests/vm $(PYTEST)

lint: ## format, layers, static analysis, shell scripts
	$(Q)scripts/lint

install: all ## into $(DESTDIR)$(PREFIX)
	install -D -m 755 $(BUILD)/qvmi $(DESTDIR)$(PREFIX)/bin/qvmi
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 docs/*.1 $(DESTDIR)$(PREFIX)/share/man/man1

clean: ## remove what was built
	rm -rf build build-*

help: ## this list
	@echo 'make [all]   build $(BUILD)/qvmi (SAN=1: with sanitizers)'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | \
		awk -F'|' '{ printf "%-12s %s\n", $$1, $$2 }'

-include $(LIBOBJ:.o=.d) $(BUILD)/cli/main.d $(UNIT:=.d) $(UNITLIB:.o=.d) $(FAKE:.o=.d) \
         $(patsubst tests/%.c,$(BUILD)/%.d,$(wildcard tests/fuzz/*.c tests/fuzz/*/*.c))
