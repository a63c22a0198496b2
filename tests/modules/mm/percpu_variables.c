// SPDX-License-Identifier: GPL-2.0-only
/* Per-CPU variables, static and allocated: one copy a CPU, initial values, access to the own one.
 */
#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/smp.h>

#include "check.h"

static DEFINE_PER_CPU(int, counter) = 5;
static DEFINE_PER_CPU_ALIGNED(long, aligned_counter);

struct pair {
	int first;
	u64 second;
};

static int __init percpu_variables_init(void)
{
	struct pair __percpu *pairs = alloc_percpu(struct pair);
	int cpu, sum = 0, cpus = 0;

	if (!pairs)
		return -ENOMEM;
	for_each_possible_cpu (cpu) {
		CHECK(per_cpu(counter, cpu) == 5);
		CHECK(per_cpu_ptr(pairs, cpu)->first == 0 && per_cpu_ptr(pairs, cpu)->second == 0);
		CHECK(IS_ALIGNED((unsigned long)per_cpu_ptr(&aligned_counter, cpu), 64));
		per_cpu(counter, cpu) += cpu;
		per_cpu_ptr(pairs, cpu)->first = cpu * 10;
		cpus++;
	}
	for_each_possible_cpu (cpu)
		sum += per_cpu(counter, cpu) - 5 - cpu;
	CHECK(sum == 0 && cpus == num_possible_cpus());
	preempt_disable();
	cpu = smp_processor_id();
	this_cpu_inc(counter);
	this_cpu_add(counter, 10);
	CHECK(this_cpu_read(counter) == 5 + cpu + 11 && per_cpu(counter, cpu) == 16 + cpu);
	CHECK(this_cpu_ptr(&counter) == per_cpu_ptr(&counter, cpu));
	CHECK(this_cpu_cmpxchg(counter, 16 + cpu, 3) == 16 + cpu && __this_cpu_read(counter) == 3);
	CHECK(this_cpu_xchg(counter, 4) == 3);
	CHECK(this_cpu_inc_return(counter) == 5);
	this_cpu_write(pairs->second, 1ull << 40);
	CHECK(this_cpu_read(pairs->second) == 1ull << 40);
	CHECK(get_cpu_var(counter) == 5);
	put_cpu_var(counter);
	preempt_enable();
	free_percpu(pairs);
	free_percpu(NULL);
	DONE();
	return 0;
}

static void __exit percpu_variables_exit(void)
{
}

module_init(percpu_variables_init);
module_exit(percpu_variables_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
