/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A 32-bit process: `ia32 map FD` maps and sleeps, `ia32 spin` spins. It uses
 * no library, so that a compiler without 32-bit libraries can build it.
 */
#define SYS_write  4
#define SYS_close  6
#define SYS_getpid 20
#define SYS_pause  29
#define SYS_mmap2  192
#define AREA	   0xe0000000UL
#define PAGE	   4096UL

static long call(long nr, long a, long b, long c)
{
	long ret;

	/* arguments 4 to 6 of mmap2: MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 */
	__asm__ volatile("push %%ebp; xor %%ebp, %%ebp; int $0x80; pop %%ebp"
			 : "=a"(ret)
			 : "a"(nr), "b"(a), "c"(b), "d"(c), "S"(0x22), "D"(-1)
			 : "memory");
	return ret;
}

static char *copy(char *to, const char *from)
{
	while (*from)
		*to++ = *from++;
	return to;
}

static char *decimal(char *to, unsigned long n)
{
	if (n >= 10)
		to = decimal(to, n / 10);
	*to++ = '0' + n % 10;
	return to;
}

static void map_and_publish(int fd)
{
	char *area = (char *)call(SYS_mmap2, AREA, 2 * PAGE, 3);
	char line[64], *end;

	if (area != (char *)AREA)
		return;
	*copy(area, "ia32 page 0") = 0;
	*copy(area + PAGE, "ia32 page 1") = 0;
	end = copy(line, "ia32 ");
	end = decimal(end, call(SYS_getpid, 0, 0, 0));
	end = copy(end, " addr=0xe0000000 len=0x2000\n");
	call(SYS_write, fd, (long)line, end - line);
	call(SYS_close, fd, 0, 0);
}

__attribute__((used, noreturn)) void run(int argc, char **argv)
{
	int fd = 0;

	if (argc > 2) {
		for (const char *digit = argv[2]; *digit; digit++)
			fd = fd * 10 + *digit - '0';
		map_and_publish(fd);
	}
	while (argc > 1 && argv[1][0] == 's')
		__asm__ volatile("pause");
	for (;;)
		call(SYS_pause, 0, 0, 0);
}

__asm__(".globl _start\n_start:\n"
	"mov %esp, %eax; lea 4(%esp), %ecx\n"
	"and $-16, %esp; sub $8, %esp\n"
	"push %ecx; push (%eax); call run");
