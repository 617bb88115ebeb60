/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of files of the system that show what is registered, on memory written
 * by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "kernel/device/resources.h"
#include "unit/proc_kit.h"

#define ROOT	    (DIRECT + 0x1000)
#define RESOURCE(i) (DIRECT + 0x2000 + (i)*0x40ULL)
#define TEXT(i)	    (DIRECT + 0x3000 + (i)*0x40ULL)
#define CHRDEVS	    (DIRECT + 0x4000)
#define BLKDEVS	    (DIRECT + 0x5000)
#define CHAR(i)	    (DIRECT + 0x6000 + (i)*0x60ULL)
#define TYPES	    (DIRECT + 0x7000)
#define TYPE(i)	    (DIRECT + 0x7100 + (i)*0x40ULL)
#define MISC	    (DIRECT + 0x8000)
#define DEVICE(i)   (DIRECT + 0x8100 + (i)*0x40ULL)
#define SUBSYS	    (DIRECT + 0x9000)
#define KEYS	    (DIRECT + 0x9100)
#define SUB(i)	    (DIRECT + 0x9200 + (i)*0x40ULL)
#define KEY(i)	    (DIRECT + 0x9800 + (i)*0x10ULL)
#define HIERARCHY   (DIRECT + 0x9900)
#define PSI	    (DIRECT + 0xa000)
#define SWAPS	    (DIRECT + 0xb000)
#define SWAPFILES   (DIRECT + 0xb200)

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

static void setup(void)
{
	fake_kernel_init(&f);
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

static int read_file(const struct proc_file *file, struct err *err)
{
	return proc_kit_read(&f, file, &values, &text, err);
}

static void expect(const struct proc_file *file, const char *want)
{
	struct err err = {0};

	ck_assert_msg(!read_file(file, &err), "%s", err.text);
	ck_assert_str_eq(text.data ? text.data : "", want);
	ck_assert_uint_eq(values.parts->why.len, 0);
}

static void expect_torn(const struct proc_file *file, const char *why)
{
	ck_assert_int_eq(read_file(file, NULL), 0);
	ck_assert(values.parts->torn);
	ck_assert_msg(strstr(values.parts->why.data, why), "%s",
		      values.parts->why.data);
}

static void put_resource(uint64_t at, const uint64_t range[2], const char *name,
			 const uint64_t links[2])
{
	static size_t texts;
	uint64_t to = TEXT(texts++ % 16);

	fake_put64(&f, at, range[0]);
	fake_put64(&f, at + 8, range[1]);
	fake_put64(&f, at + 16, name ? to : 0);
	fake_put64(&f, at + 24, 0);
	fake_put64(&f, at + 32, links[0]);
	fake_put64(&f, at + 40, links[1]);
	if (name)
		fake_puts(&f, to, name);
}

/* Three in a row; in the second are two, in the first of which is one. */
static void put_resources(void)
{
	const struct {
		uint64_t at, range[2], links[2]; /* sibling, child */
		const char *name;
	} all[] = {
		{ROOT, {0, UINT64_MAX}, {RESOURCE(9), RESOURCE(0)}, "root"},
		{RESOURCE(0), {0, 0xfff}, {RESOURCE(1), 0}, "Reserved"},
		{RESOURCE(1),
		 {0x1000, 0x1fffff},
		 {RESOURCE(2), RESOURCE(3)},
		 "System RAM"},
		{RESOURCE(2), {0x100000000, 0x17fffffff}, {0, 0}, NULL},
		{RESOURCE(3),
		 {0x2000, 0x3fff},
		 {RESOURCE(4), RESOURCE(5)},
		 "Kernel code"},
		{RESOURCE(4), {0x5000, 0x5fff}, {0, 0}, "Kernel data"},
		{RESOURCE(5), {0x2000, 0x2fff}, {0, 0}, "deep"},
	};
	size_t i;

	fake_field("resource.start", 0, 8);
	fake_field("resource.end", 8, 8);
	fake_field("resource.name", 16, 8);
	fake_field("resource.flags", 24, 8);
	fake_field("resource.sibling", 32, 8);
	fake_field("resource.child", 40, 8);
	fake_symbol("iomem_resource", ROOT);
	fake_symbol("ioport_resource", ROOT);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		put_resource(all[i].at, all[i].range, all[i].name,
			     all[i].links);
}

START_TEST(resources_in_one_another)
{
	put_resources();
	expect(&proc_iomem, "00000000-00000fff : Reserved\n"
			    "00001000-001fffff : System RAM\n"
			    "  00002000-00003fff : Kernel code\n"
			    "    00002000-00002fff : deep\n"
			    "  00005000-00005fff : Kernel data\n"
			    "100000000-17fffffff : <BAD>\n");
	/* the root of I/O ports ends lower */
	fake_put64(&f, ROOT + 8, 0xffff);
	fake_put64(&f, ROOT + 40, RESOURCE(0));
	fake_put64(&f, RESOURCE(0) + 32, 0);
	expect(&proc_ioports, "0000-0fff : Reserved\n");
}
END_TEST

START_TEST(resources_as_rows)
{
	struct rows rows;
	size_t i;

	put_resources();
	ck_assert_int_eq(read_file(&proc_iomem, NULL), 0);
	rows_init(&rows);
	rows_begin(&rows, proc_iomem.columns, proc_iomem.n_columns);
	for (i = 0; i < values.parts->records; i++)
		proc_iomem.rows(&values, 0, i, &rows.top);
	ck_assert_uint_eq(row_count(&rows.top), 6);
	ck_assert_uint_eq(rows.top.parents.v[3], 2);
	ck_assert_uint_eq(rows.top.parents.v[4], 1);
	ck_assert_uint_eq(rows.top.parents.v[5], ROW_NO_PARENT);
	ck_assert_uint_eq(row_cell(&rows.top, 0, 1)->number, 0x1000);
	ck_assert_uint_eq(row_cell(&rows.top, 0, 2)->number, 0x1000);
	rows_deinit(&rows);
}
END_TEST

START_TEST(resources_in_a_circle)
{
	put_resources();
	fake_put64(&f, RESOURCE(5) + 40, _i ? RESOURCE(1) : ROOT);
	expect_torn(&proc_iomem, "circle");
	fake_put64(&f, RESOURCE(5) + 40, 0x1234);
	expect_torn(&proc_iomem, "cannot be read");
}
END_TEST

static void put_char(uint64_t at, uint64_t next, uint32_t major,
		     const char *name)
{
	fake_put64(&f, at, next);
	fake_put32(&f, at + 8, major);
	fake_puts(&f, at + 20, name);
}

static void put_majors(void)
{
	fake_field("char_device_struct.next", 0, 8);
	fake_field("char_device_struct.major", 8, 4);
	fake_field("char_device_struct.name", 20, 64);
	fake_field("blk_major_name.next", 0, 8);
	fake_field("blk_major_name.major", 8, 4);
	fake_field("blk_major_name.name", 20, 16);
	fake_symbol("chrdevs", CHRDEVS);
	fake_symbol("major_names", BLKDEVS);
	fake_put64(&f, CHRDEVS + 4 * 8, CHAR(0));
	put_char(CHAR(0), CHAR(1), 4, "/dev/vc/0");
	put_char(CHAR(1), CHAR(2), 4, "tty");
	put_char(CHAR(2), 0, 259, "far");
	fake_put64(&f, CHRDEVS + 10 * 8, CHAR(3));
	put_char(CHAR(3), 0, 10, "misc");
	fake_put64(&f, BLKDEVS + 254 * 8, CHAR(4));
	put_char(CHAR(4), 0, 254, "zram");
}

START_TEST(majors_by_number)
{
	put_majors();
	expect(&proc_devices, "Character devices:\n"
			      "  4 /dev/vc/0\n"
			      "  4 tty\n"
			      " 10 misc\n"
			      "259 far\n"
			      "\n"
			      "Block devices:\n"
			      "254 zram\n");
	fake_put64(&f, CHAR(2), CHAR(0));
	expect_torn(&proc_devices, "major numbers is torn");
	fake_put64(&f, CHAR(2), 0x1234);
	expect_torn(&proc_devices, "major numbers is torn");
}
END_TEST

static void put_type(int i, uint64_t next, uint32_t flags, const char *name)
{
	fake_put64(&f, TYPE(i), TEXT(i));
	fake_puts(&f, TEXT(i), name);
	fake_put32(&f, TYPE(i) + 8, flags);
	fake_put64(&f, TYPE(i) + 16, next);
}

/* By a pointer to the next type, or to a member of it. */
START_TEST(types_of_file_systems)
{
	fake_field("file_system_type.name", 0, 8);
	fake_field("file_system_type.fs_flags", 8, 4);
	fake_field(_i ? "file_system_type.list.next" : "file_system_type.next",
		   16, 8);
	fake_symbol("file_systems", TYPES);
	fake_put64(&f, TYPES, TYPE(0) + (_i ? 16 : 0));
	put_type(0, TYPE(1) + (_i ? 16 : 0), 8, "sysfs");
	put_type(1, 0, 1, "ext4");
	expect(&proc_filesystems, "nodev\tsysfs\n\text4\n");
	fake_put64(&f, TYPE(1) + 16, TYPE(0) + (_i ? 16 : 0));
	expect_torn(&proc_filesystems, "torn");
}
END_TEST

START_TEST(devices_of_misc)
{
	const uint64_t links[] = {DEVICE(0) + 16, DEVICE(1) + 16};

	fake_field("miscdevice.minor", 0, 4);
	fake_field("miscdevice.name", 8, 8);
	fake_field("miscdevice.list", 16, 16);
	fake_symbol("misc_list", MISC);
	fake_ring(&f, MISC, links, 2);
	fake_put32(&f, DEVICE(0), 228);
	fake_put64(&f, DEVICE(0) + 8, TEXT(0));
	fake_puts(&f, TEXT(0), "hpet");
	fake_put32(&f, DEVICE(1), 63);
	expect(&proc_misc, "228 hpet\n 63 \n");
	fake_put64(&f, DEVICE(0) + 24, 0x1234);
	expect_torn(&proc_misc, "torn");
}
END_TEST

static void put_controller(int i, const char *name, uint64_t legacy)
{
	fake_put64(&f, SUBSYS + (uint64_t)i * 8, SUB(i));
	fake_put64(&f, KEYS + (uint64_t)i * 8, KEY(i));
	fake_put64(&f, SUB(i), TEXT(i));
	fake_puts(&f, TEXT(i), name);
	fake_put64(&f, SUB(i) + 8, HIERARCHY);
	fake_put64(&f, SUB(i) + 16, legacy);
	fake_put64(&f, SUB(i) + 24, 1);
	fake_put32(&f, KEY(i), i == 1 ? 0 : 1);
}

START_TEST(controllers)
{
	fake_field("cgroup_subsys.legacy_name", 0, 8);
	fake_field("cgroup_subsys.root", 8, 8);
	fake_field("cgroup_subsys.legacy_cftypes", 16, 8);
	fake_field("cgroup_subsys.dfl_cftypes", 24, 8);
	fake_field("cgroup_root.hierarchy_id", 0, 4);
	fake_field("cgroup_root.nr_cgrps", 4, 4);
	fake_field("static_key.enabled", 0, 4);
	fake_constant("cgroup_subsys_id.CGROUP_SUBSYS_COUNT", 2);
	fake_symbol("cgroup_subsys", SUBSYS);
	fake_symbol("cgroup_subsys_enabled_key", KEYS);
	fake_put32(&f, HIERARCHY, 3);
	fake_put32(&f, HIERARCHY + 4, 17);
	put_controller(0, "cpuset", 0);
	put_controller(1, "pids", 1);
	expect(&proc_cgroups, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
			      "cpuset\t3\t17\t1\n"
			      "pids\t3\t17\t0\n");
	/* newer kernels leave out those without files of version 1 */
	fake_symbol("proc_show_all", DIRECT + 0x9f00);
	expect(&proc_cgroups, "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
			      "pids\t3\t17\t0\n");
	fake_put32(&f, DIRECT + 0x9f00, 1);
	ck_assert_int_eq(read_file(&proc_cgroups, NULL), 0);
	ck_assert_ptr_nonnull(strstr(text.data, "cpuset"));
}
END_TEST

START_TEST(pressure_of_the_system)
{
	fake_field("psi_group.total", 0, 80);
	fake_field("psi_group.avg", 0x100, 5 * 24);
	fake_constant("psi_res.PSI_IO", 0);
	fake_constant("psi_res.PSI_MEM", 1);
	fake_constant("psi_res.PSI_CPU", 2);
	fake_symbol("psi_system", PSI);
	fake_put64(&f, PSI + 2 * 8, 1234567);
	fake_put64(&f, PSI + 0x100 + 2 * 24, 11 * 2048 + 533); /* 0.26 */
	fake_put64(&f, PSI + 0x100 + 3 * 24 + 16, 2047);
	fake_put64(&f, PSI + 4 * 8, 5000);
	expect(&proc_pressure_memory,
	       "some avg10=11.26 avg60=0.00 avg300=0.00 total=1234\n"
	       "full avg10=0.00 avg60=0.00 avg300=0.99 total=0\n");
	expect(&proc_pressure_cpu,
	       "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
	fake_constant("psi_states.PSI_CPU_FULL", 5);
	expect(&proc_pressure_cpu,
	       "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n"
	       "full avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
	/* a kernel that does not measure it has no such files */
	fake_field("static_key.enabled", 0, 4);
	fake_symbol("psi_disabled", SWAPS);
	ck_assert_int_eq(read_file(&proc_pressure_cpu, NULL), 0);
	fake_put32(&f, SWAPS, 1);
	ck_assert_int_eq(read_file(&proc_pressure_cpu, NULL), ERR_NOT_FOUND);
}
END_TEST

START_TEST(no_swap_areas)
{
	fake_symbol("swap_info", SWAPS);
	fake_symbol("nr_swapfiles", SWAPFILES);
	fake_put32(&f, SWAPFILES, (uint32_t)(_i ? UINT32_MAX : 0));
	expect(&proc_swaps,
	       "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
}
END_TEST

START_TEST(frame_buffers)
{
	fake_field("fb_info.node", 0, 4);
	fake_field("fb_info.fix.id", 8, 16);
	fake_symbol("registered_fb", SWAPS);
	expect(&proc_fb, "");
	fake_put64(&f, SWAPS + 8, TYPE(0));
	fake_put64(&f, SWAPS + 31 * 8, TYPE(1));
	fake_put32(&f, TYPE(0), 1);
	fake_puts(&f, TYPE(0) + 8, "bochs-drmdrmfb");
	fake_put32(&f, TYPE(1), 31);
	fake_puts(&f, TYPE(1) + 8, "sixteen bytes of");
	expect(&proc_fb, "1 bochs-drmdrmfb\n31 sixteen bytes of\n");
	fake_put64(&f, SWAPS + 8, 0x1234);
	ck_assert_int_eq(read_file(&proc_fb, NULL), ERR_UNREADABLE);
}
END_TEST

/* 2 GiB from 2 GiB on, 64 KiB at 0; one not in use, and no more that count. */
START_TEST(memory_type_ranges)
{
	const uint64_t ranges[][2] = {{0x80000000, 0xff80000800},
				      {0x90000000, 0xff80000000},
				      {0x1, 0xffffff0800},
				      {0x6, 0xffffff0800}};
	size_t i;

	fake_field("mtrr_state_type.var_ranges", 0, 4096);
	fake_symbol("mtrr_state", ROOT);
	fake_symbol("num_var_ranges", SWAPFILES);
	ck_assert_int_eq(read_file(&proc_mtrr, NULL), ERR_NO_LINUX);
	fake_symbol("mtrr_usage_table", SWAPS);
	fake_put32(&f, SWAPFILES, 3);
	fake_put32(&f, SWAPS, 1);
	for (i = 0; i < 4; i++) {
		fake_put64(&f, ROOT + i * 16, ranges[i][0]);
		fake_put64(&f, ROOT + i * 16 + 8, ranges[i][1]);
	}
	expect(&proc_mtrr,
	       "reg00: base=0x080000000 ( 2048MB), size= 2048MB, count=1: "
	       "uncachable\n"
	       "reg02: base=0x000000000 (    0MB), size=   64KB, count=0: "
	       "write-combining\n");
}
END_TEST

START_TEST(blanks_in_names)
{
	escape_add_octal(&text, "/a b\tc\nd\\e", " \t\n\\");
	ck_assert_str_eq(text.data, "/a\\040b\\011c\\012d\\134e");
}
END_TEST

START_TEST(what_is_always_the_same)
{
	expect(&proc_execdomains, "0-0\tLinux           \t[kernel]\n");
}
END_TEST

static const struct proc_file *const files[] = {
	&proc_iomem,	&proc_devices,	   &proc_filesystems, &proc_misc,
	&proc_cgroups,	&proc_pressure_io, &proc_stat,	      &proc_loadavg,
	&proc_softirqs, &proc_interrupts,  &proc_cpuinfo,     &proc_vmstat,
	&proc_uptime,
};

START_TEST(kernels_that_are_not_known)
{
	struct err err = {0};
	int rc = read_file(files[_i], &err);

	ck_assert_msg(rc == ERR_NO_LINUX || rc == ERR_NOT_FOUND, "%d %s", rc,
		      err.text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_system");
	TCase *t = tcase_create("proc_system");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, resources_in_one_another);
	tcase_add_test(t, resources_as_rows);
	tcase_add_loop_test(t, resources_in_a_circle, 0, 2);
	tcase_add_test(t, majors_by_number);
	tcase_add_loop_test(t, types_of_file_systems, 0, 2);
	tcase_add_test(t, devices_of_misc);
	tcase_add_test(t, controllers);
	tcase_add_test(t, pressure_of_the_system);
	tcase_add_loop_test(t, no_swap_areas, 0, 2);
	tcase_add_test(t, frame_buffers);
	tcase_add_test(t, memory_type_ranges);
	tcase_add_test(t, blanks_in_names);
	tcase_add_test(t, what_is_always_the_same);
	tcase_add_loop_test(t, kernels_that_are_not_known, 0,
			    (int)(sizeof(files) / sizeof(files[0])));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
