// SPDX-License-Identifier: GPL-2.0-only
/* Credentials: copied, committed, overridden and put back; ids, groups, capabilities. */
#include <linux/cred.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/uidgid.h>
#include <linux/user_namespace.h>

#include "check.h"

static void ids(void)
{
	struct user_namespace *ns = &init_user_ns;

	CHECK(__kuid_val(make_kuid(ns, 1000)) == 1000 && from_kuid(ns, KUIDT_INIT(1000)) == 1000);
	CHECK(from_kuid_munged(ns, KUIDT_INIT(7)) == 7);
	CHECK(!uid_valid(make_kuid(ns, -1)) && from_kuid(ns, INVALID_UID) == (uid_t)-1);
	CHECK(__kgid_val(make_kgid(ns, 100)) == 100 && from_kgid(ns, KGIDT_INIT(100)) == 100);
	pr_info("credentials: nobody is %u and %u\n", from_kuid_munged(ns, INVALID_UID),
		from_kgid_munged(ns, INVALID_GID));
	CHECK(current_user_ns() == ns && current_in_userns(ns));
	CHECK(ns->level == 0 && !ns->parent && __kuid_val(ns->owner) == 0);
}

static void copies(void)
{
	const struct cred *mine = current_cred(), *old, *got;
	struct cred *new = prepare_creds();

	CHECK(new && new != mine && uid_eq(new->uid, mine->uid));
	CHECK(cred_fscmp(new, mine) == 0 && new->group_info == mine->group_info);
	new->fsuid = KUIDT_INIT(1000);
	new->fsgid = KGIDT_INIT(1000);
	CHECK(cred_fscmp(new, mine) == 1 && cred_fscmp(mine, new) == -1);
	cap_clear(new->cap_effective);
	old = override_creds(new);
	CHECK(old == mine && current_cred() == new && current_real_cred() == mine);
	CHECK(!capable(CAP_SYS_ADMIN) && has_capability(current, CAP_SYS_ADMIN));
	CHECK(in_group_p(KGIDT_INIT(1000)) && !in_egroup_p(KGIDT_INIT(1000)));
	CHECK(!ns_capable(&init_user_ns, CAP_CHOWN));
	revert_creds(old);
	put_cred(new);
	CHECK(current_cred() == mine && capable(CAP_SYS_ADMIN) && ns_capable(&init_user_ns, CAP_CHOWN));
	got = get_task_cred(current);
	CHECK(got == mine);
	put_cred(got);
	new = prepare_creds();
	abort_creds(new);
	new = prepare_kernel_cred(&init_task);
	CHECK(new && uid_eq(new->uid, GLOBAL_ROOT_UID) && cap_raised(new->cap_effective, CAP_SYS_MODULE));
	put_cred(new);
}

static void groups(void)
{
	static const gid_t ids[] = { 30, 10, 20 };
	struct group_info *groups = groups_alloc(ARRAY_SIZE(ids));
	const struct cred *mine = current_cred();
	struct cred *new = prepare_creds();
	int i;

	if (!groups || !new)
		return;
	CHECK(groups->ngroups == 3);
	for (i = 0; i < groups->ngroups; i++)
		groups->gid[i] = KGIDT_INIT(ids[i]);
	groups_sort(groups);
	pr_info("credentials: groups %u %u %u\n", __kgid_val(groups->gid[0]),
		__kgid_val(groups->gid[1]), __kgid_val(groups->gid[2]));
	set_groups(new, groups);
	put_group_info(groups);
	mine = override_creds(new);
	CHECK(in_group_p(KGIDT_INIT(20)) && in_egroup_p(KGIDT_INIT(30)) && !in_group_p(KGIDT_INIT(40)));
	CHECK(cred_fscmp(new, mine) == 1);
	revert_creds(mine);
	put_cred(new);
}

static int in_thread(void *data)
{
	struct cred *new = prepare_creds();

	CHECK(uid_eq(current_uid(), GLOBAL_ROOT_UID) && !current->mm && !get_task_mm(current));
	CHECK(new);
	new->uid = new->euid = KUIDT_INIT(42);
	CHECK(commit_creds(new) == 0);
	CHECK(current_cred() == new && current_real_cred() == new);
	return from_kuid(&init_user_ns, current_euid());
}

static int __init credentials_init(void)
{
	struct task_struct *task;
	struct mm_struct *mm;

	ids();
	copies();
	groups();
	task = kthread_create(in_thread, NULL, "ring3_cred");
	if (IS_ERR(task))
		return PTR_ERR(task);
	get_task_struct(task);
	wake_up_process(task);
	while (!READ_ONCE(task->exit_state) && from_kuid(&init_user_ns, task_uid(task)) != 42)
		cond_resched();
	pr_info("credentials: the thread was %d\n", kthread_stop(task));
	put_task_struct(task);
	CHECK(uid_eq(current_uid(), GLOBAL_ROOT_UID));

	mm = get_task_mm(current);
	CHECK(mm && mm == current->mm && mm == current->active_mm);
	mmput(mm);
	DONE();
	return 0;
}

static void __exit credentials_exit(void)
{
}

module_init(credentials_init);
module_exit(credentials_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
