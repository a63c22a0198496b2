// SPDX-License-Identifier: GPL-2.0-only
// A module that makes system calls of its own, which no kernel code can: raw_calls what=open ...
#include <linux/module.h>
#include <linux/kthread.h>
#include <linux/delay.h>

static char *what = "";
module_param(what, charp, 0444);
static int victim;
module_param(victim, int, 0444);

static noinline long raw(long number, long a, long b, long c)
{
	long result;

	asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

static noinline long raw32(long number)
{
	long result;

	asm volatile("int $0x80" : "=a"(result) : "a"(number), "b"(0) : "memory");
	return result;
}

static int __init raw_calls_init(void)
{
	static char path[] = "/tmp/ring3-raw-calls", shell[] = "/bin/true";
	char *arguments[] = { shell, NULL };
	long result = 0;

	if (!strcmp(what, "open"))
		result = raw(2, (long)path, 0102, 0600); /* open, O_CREAT | O_RDWR */
	if (!strcmp(what, "socket"))
		result = raw(41, 1, 1, 0); /* socket */
	if (!strcmp(what, "connect"))
		result = raw(42, 3, (long)path, 16); /* connect */
	if (!strcmp(what, "kill"))
		result = raw(62, victim, 9, 0); /* kill */
	if (!strcmp(what, "fork"))
		result = raw(57, 0, 0, 0); /* fork */
	if (!strcmp(what, "exec"))
		result = raw(59, (long)shell, (long)arguments, 0); /* execve */
	if (!strcmp(what, "getpid"))
		result = raw(39, 0, 0, 0); /* getpid */
	if (!strcmp(what, "int80"))
		result = raw32(20); /* getpid of i386 */
	pr_info("raw_calls: %s went through: %ld\n", what, result);
	return 0;
}

static void __exit raw_calls_exit(void)
{
}

module_init(raw_calls_init);
module_exit(raw_calls_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("test: makes system calls of the host");
