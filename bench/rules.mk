# SPDX-License-Identifier: BSD-2-Clause
# The benchmark; part of the Makefile.

BENCH    := $(addprefix $(BUILD)/bench/,workload raw whole least)
$(BUILD)/bench/workload: $(addprefix $(BUILD)/bench/,elf.o file.o maps.o pages.o pick.o \
                           print.o ps.o ptdump.o read.o scale.o slab.o trace.o \
                           translate.o users.o whomaps.o)
$(BUILD)/bench/raw: $(BUILD)/bench/trace.o
DEPS     += $(patsubst bench/%.c,$(BUILD)/bench/%.d,$(wildcard bench/*.c))

.PHONY: bench bench-programs

$(BUILD)/bench/%.o: bench/%.c $(BUILD)/flags
	$(call compile,-Ibench)

ifndef SHARED
# As qvmi is.
$(BUILD)/bench/workload: LDLIBS = $(FASTLIBS)
endif
$(BUILD)/bench/least: LDLIBS =
$(filter-out %/least,$(BENCH)): $(BUILD)/libqvmi.a
$(BENCH): %: %.o
	$(call link)

bench-programs: $(BENCH)

bench: all $(BENCH) ## measure on real guests (PEERS=1: gdb, too; OLD=PATH: a qvmi built before, too); docs/performance.md
	$(Q)BUILD=$(abspath $(BUILD)) RUNS=$(RUNS) PEERS=$(PEERS) \
		OLD=$(abspath $(OLD)) bench/run
