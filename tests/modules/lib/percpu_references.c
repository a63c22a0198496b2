// SPDX-License-Identifier: GPL-2.0-only
/* References with a part for each CPU: killed, awaited, brought back. */
#include <linux/completion.h>
#include <linux/module.h>
#include <linux/percpu-refcount.h>

#include "check.h"

static DECLARE_COMPLETION(released);
static DECLARE_COMPLETION(confirmed);

static void release(struct percpu_ref *ref)
{
	complete(&released);
}

static void confirm(struct percpu_ref *ref)
{
	complete(&confirmed);
}

static int __init percpu_references_init(void)
{
	struct percpu_ref ref;

	CHECK(percpu_ref_init(&ref, release, PERCPU_REF_ALLOW_REINIT, GFP_KERNEL) == 0);
	CHECK(!percpu_ref_is_zero(&ref) && !percpu_ref_is_dying(&ref));
	percpu_ref_get(&ref);
	CHECK(percpu_ref_tryget_live(&ref));
	percpu_ref_put(&ref);
	percpu_ref_kill_and_confirm(&ref, confirm);
	CHECK(percpu_ref_is_dying(&ref));
	wait_for_completion(&confirmed);
	CHECK(!percpu_ref_tryget_live(&ref) && percpu_ref_tryget(&ref));
	percpu_ref_put(&ref);
	CHECK(!percpu_ref_is_zero(&ref) && !completion_done(&released));
	percpu_ref_put(&ref);
	wait_for_completion(&released);
	CHECK(percpu_ref_is_zero(&ref));
	reinit_completion(&released);
	percpu_ref_reinit(&ref);
	CHECK(percpu_ref_tryget_live(&ref) && !percpu_ref_is_dying(&ref));
	percpu_ref_switch_to_atomic_sync(&ref);
	CHECK(!percpu_ref_is_zero(&ref));
	percpu_ref_get(&ref);
	percpu_ref_put(&ref);
	percpu_ref_switch_to_percpu(&ref);
	percpu_ref_put(&ref);
	percpu_ref_kill(&ref);
	wait_for_completion(&released);
	pr_info("percpu_references: released twice\n");
	percpu_ref_exit(&ref);
	CHECK(percpu_ref_is_zero(&ref));

	CHECK(percpu_ref_init(&ref, release, PERCPU_REF_INIT_DEAD, GFP_KERNEL) == 0);
	CHECK(percpu_ref_is_zero(&ref) && percpu_ref_is_dying(&ref));
	percpu_ref_exit(&ref);
	DONE();
	return 0;
}

static void __exit percpu_references_exit(void)
{
}

module_init(percpu_references_init);
module_exit(percpu_references_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
