// SPDX-License-Identifier: GPL-2.0-only
/* Asks for modules and runs programs when its parameter files are written. */
#include <linux/kmod.h>
#include <linux/module.h>
#include <linux/umh.h>

#include "check.h"

static char name[128];

static const char *trimmed(const char *text)
{
	strscpy(name, text, sizeof(name));
	return strim(name);
}

static int request(const char *text, const struct kernel_param *kp)
{
	int result = request_module("%s", trimmed(text));

	pr_info("requests: %.20s gives %d\n", name, result);
	return 0;
}

static int request_nowait(const char *text, const struct kernel_param *kp)
{
	int result = request_module_nowait("%s", trimmed(text));

	pr_info("requests: %s without waiting gives %d\n", name, result);
	return 0;
}

static int *get_answer(void)
{
	return __symbol_get("no_init_answer");
}

static int request_symbol(const char *text, const struct kernel_param *kp)
{
	int *answer = try_then_request_module(get_answer(), "symbol:%s", "no_init_answer");

	pr_info("requests: the answer is %d\n", answer ? *answer : 0);
	if (answer)
		__symbol_put("no_init_answer");
	return 0;
}

static int run(const char *text, const struct kernel_param *kp)
{
	char *argv[] = {"sh", "-c", (char *)trimmed(text), NULL};
	char *envp[] = {"HOME=/", "PATH=/sbin:/bin:/usr/sbin:/usr/bin", "GREETING=hi", NULL};
	int result = call_usermodehelper("/bin/sh", argv, envp, UMH_WAIT_PROC);

	pr_info("requests: '%s' gives %d\n", name, result);
	return 0;
}

static int run_path(const char *text, const struct kernel_param *kp)
{
	static const int waits[] = {UMH_WAIT_PROC, UMH_WAIT_EXEC, UMH_NO_WAIT, UMH_WAIT_PROC | UMH_KILLABLE};
	/* Not on the stack: with UMH_NO_WAIT the kernel reads them later. */
	static char *argv[2], *envp[1];
	int i;

	argv[0] = (char *)trimmed(text);
	for (i = 0; i < ARRAY_SIZE(waits); i++)
		pr_info("requests: %s with %d gives %d\n", name, waits[i],
			call_usermodehelper(name, argv, envp, waits[i]));
	return 0;
}

static const struct kernel_param_ops request_ops = {.set = request};
static const struct kernel_param_ops nowait_ops = {.set = request_nowait};
static const struct kernel_param_ops symbol_ops = {.set = request_symbol};
static const struct kernel_param_ops run_ops = {.set = run};
static const struct kernel_param_ops path_ops = {.set = run_path};
module_param_cb(request, &request_ops, NULL, 0200);
module_param_cb(nowait, &nowait_ops, NULL, 0200);
module_param_cb(symbol, &symbol_ops, NULL, 0200);
module_param_cb(run, &run_ops, NULL, 0200);
module_param_cb(path, &path_ops, NULL, 0200);

static int prepares, cleans;
static int prepare(struct subprocess_info *info, struct cred *new)
{
	prepares++;
	CHECK(new);
	CHECK(info->data == &prepares);
	return 0;
}
static int refuse(struct subprocess_info *info, struct cred *new)
{
	prepares++;
	return -EPERM;
}
static void clean(struct subprocess_info *info)
{
	cleans++;
}

static int run_prepared(const char *script, int (*init)(struct subprocess_info *, struct cred *), int wait)
{
	char *argv[] = {"/bin/sh", "-c", (char *)script, NULL};
	char *envp[] = {"PATH=/bin", NULL};
	struct subprocess_info *info =
		call_usermodehelper_setup("/bin/sh", argv, envp, GFP_KERNEL, init, clean, &prepares);

	return info ? call_usermodehelper_exec(info, wait) : -ENOMEM;
}

static int __init requests_init(void)
{
	int results[3];

	results[0] = run_prepared("exit 3", prepare, UMH_WAIT_PROC);
	results[1] = run_prepared("exit 0", refuse, UMH_WAIT_PROC);
	results[2] = run_prepared("exit 4", prepare, UMH_WAIT_EXEC);
	pr_info("requests: prepared %d %d %d, %d times, cleaned up %d times\n", results[0], results[1],
		results[2], prepares, cleans);
	CHECK(usermodehelper_read_trylock() == 0);
	usermodehelper_read_unlock();
	CHECK(usermodehelper_read_lock_wait(HZ) == HZ);
	usermodehelper_read_unlock();
	return 0;
}

static void __exit requests_exit(void)
{
}

module_init(requests_init);
module_exit(requests_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
