/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest of the guest: a VM of one vCPU that spins in 64-bit mode. */
#include "guest.h"

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Its physical memory: page tables, one for each level, and code. */
enum {
	TOP = 0x1000,
	MIDDLE = 0x2000,
	LOW = 0x3000,
	CODE = 0x10000,
	SIZE = 0x200000
};

/* One 2 MiB page, at 0 and at the start of the upper half. */
static void fill_memory(unsigned char *memory)
{
	static const unsigned char code[] = {0xf3, 0x90, 0xeb, 0xfc};
	const struct {
		unsigned int at;
		uint64_t entry;
	} entries[] = {
		{TOP, MIDDLE | 3},
		{TOP + 256 * 8, MIDDLE | 3},
		{MIDDLE, LOW | 3},
		{LOW, 0x83},
	};

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		memcpy(memory + entries[i].at, &entries[i].entry, 8);
	memcpy(memory + CODE, code, sizeof(code));
}

static struct kvm_segment flat(unsigned int type, bool is_code)
{
	return (struct kvm_segment){.limit = 0xffffffff,
				    .selector = is_code ? 8 : 16,
				    .type = type,
				    .present = 1,
				    .s = 1,
				    .l = is_code,
				    .db = !is_code,
				    .g = 1};
}

static void set_registers(int vcpu)
{
	struct kvm_regs regs = {.rip = 0xffff800000000000 + CODE, .rflags = 2};
	struct kvm_sregs s;

	NEED(ioctl(vcpu, KVM_GET_SREGS, &s) == 0);
	s.cs = flat(11, true);
	s.ds = s.es = s.fs = s.gs = s.ss = flat(3, false);
	s.cr0 = 0x80000011; /* PG, ET, PE */
	s.cr3 = TOP;
	s.cr4 = 0x20;	/* PAE */
	s.efer = 0x500; /* LMA, LME */
	NEED(ioctl(vcpu, KVM_SET_SREGS, &s) == 0);
	NEED(ioctl(vcpu, KVM_SET_REGS, &regs) == 0);
}

void nested(int cpu)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	int vm = ioctl(kvm, KVM_CREATE_VM, 0);
	struct kvm_userspace_memory_region region = {.memory_size = SIZE};
	void *memory = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, -1);
	int vcpu;

	NEED(kvm >= 0 && vm >= 0);
	fill_memory(memory);
	region.userspace_addr = (uintptr_t)memory;
	NEED(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region) == 0);
	vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	NEED(vcpu >= 0);
	NEED(map(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), PROT_READ | PROT_WRITE,
		 MAP_SHARED, vcpu));
	set_registers(vcpu);
	publish(scene_name, getpid(), "cpu=%d", cpu);
	close(publish_fd);
	for (;;)
		ioctl(vcpu, KVM_RUN, 0);
}
