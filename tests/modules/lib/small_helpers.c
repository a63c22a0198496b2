// SPDX-License-Identifier: GPL-2.0-only
/* Error sequences, DO_ONCE, checksums, comparing in constant time, choosing CPUs. */
#include <crypto/algapi.h>
#include <linux/cpumask.h>
#include <linux/errseq.h>
#include <linux/module.h>
#include <linux/once.h>
#include <linux/slab.h>
#include <net/checksum.h>

#include "check.h"

static int calls;

static void count_call(int step)
{
	calls += step;
}

static bool call_once(void)
{
	return DO_ONCE(count_call, 1);
}

static bool call_once_sleeping(void)
{
	return DO_ONCE_SLEEPABLE(count_call, 10);
}

static void __init errors(void)
{
	errseq_t sequence = 0, mine, other;

	CHECK(errseq_sample(&sequence) == 0);
	mine = errseq_sample(&sequence);
	CHECK(errseq_set(&sequence, -EIO) == 0 && errseq_check(&sequence, mine) == -EIO);
	CHECK(errseq_sample(&sequence) == 0);
	other = mine;
	CHECK(errseq_check_and_advance(&sequence, &mine) == -EIO &&
	      errseq_check_and_advance(&sequence, &mine) == 0 &&
	      errseq_check(&sequence, other) == -EIO);
	errseq_set(&sequence, -EIO);
	CHECK(errseq_check_and_advance(&sequence, &mine) == -EIO);
	errseq_set(&sequence, -ENOSPC);
	pr_info("small_helpers: sequence %#x, sample %#x\n", sequence, errseq_sample(&sequence));
}

static void __init sums(void)
{
	u8 *bytes = kmalloc(64, GFP_KERNEL), sum[40];
	int i;

	for (i = 0; i < 64; i++)
		bytes[i] = i * 37 + 200;
	for (i = 0; i < 40; i += 9)
		pr_info("small_helpers: checksum of %d: %#x, %#x\n", i,
			csum_fold(csum_partial(bytes + 2, i, 7)), ip_compute_csum(bytes, i));
	pr_info("small_helpers: csum_partial %#x\n", csum_partial(bytes, 64, 0xfffffff0));
	CHECK(crypto_memneq(bytes, bytes + 1, 33) && !crypto_memneq(bytes, bytes, 33));
	crypto_xor_cpy(sum, bytes, bytes + 7, 33);
	for (i = 0; i < 33; i++)
		CHECK(sum[i] == (bytes[i] ^ bytes[i + 7]));
	kfree(bytes);
}

static void __init cpus(void)
{
	unsigned int cpu, count = 0;
	cpumask_var_t mask;

	CHECK(zalloc_cpumask_var(&mask, GFP_KERNEL) && cpumask_empty(mask));
	cpumask_set_cpu(0, mask);
	CHECK(cpumask_any_distribute(mask) == 0 && cpumask_any_distribute(mask) == 0);
	CHECK(cpumask_any_and_distribute(mask, cpu_online_mask) == 0);
	cpumask_clear(mask);
	CHECK(cpumask_any_distribute(mask) >= nr_cpu_ids);
	CHECK(cpu_online(cpumask_local_spread(0, NUMA_NO_NODE)));
	for_each_cpu_wrap(cpu, cpu_online_mask, 1) count++;
	CHECK(count == num_online_cpus());
	free_cpumask_var(mask);
}

static int __init small_helpers_init(void)
{
	CHECK(call_once() && !call_once() && !call_once());
	CHECK(call_once_sleeping() && !call_once_sleeping());
	pr_info("small_helpers: called %d\n", calls);
	errors();
	sums();
	cpus();
	DONE();
	return 0;
}

static void __exit small_helpers_exit(void)
{
}

module_init(small_helpers_init);
module_exit(small_helpers_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
