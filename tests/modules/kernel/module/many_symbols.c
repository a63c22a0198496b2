// SPDX-License-Identifier: GPL-2.0-only
/*
 * Imports the two hundred kernel symbols that distribution modules import most, and calls none of
 * them: each address is there, none is null, no two are the same by mistake. The references are
 * made in assembly, so that no prototype has to be right.
 */
#include <linux/module.h>
#include <linux/sort.h>

#include "check.h"

/* clang-format off */
#define SYMBOLS \
	X(___ratelimit) X(__alloc_skb) X(__check_object_size) X(__const_udelay) \
	X(__devm_regmap_init_i2c) X(__dynamic_dev_dbg) X(__dynamic_netdev_dbg) X(__dynamic_pr_debug) \
	X(__flush_workqueue) X(__free_pages) X(__init_swait_queue_head) X(__init_waitqueue_head) \
	X(__msecs_to_jiffies) X(__mutex_init) X(__napi_schedule) X(__netdev_alloc_skb) \
	X(__pci_register_driver) X(__platform_driver_register) X(__rcu_read_lock) X(__rcu_read_unlock) \
	X(__release_region) X(__request_module) X(__request_region) X(__spi_register_driver) \
	X(__tasklet_schedule) X(__wake_up) X(__warn_printk) X(_copy_from_user) X(_copy_to_user) \
	X(_dev_err) X(_dev_info) X(_dev_warn) X(_find_next_bit) X(_printk) X(_raw_spin_lock) \
	X(_raw_spin_lock_bh) X(_raw_spin_lock_irq) X(_raw_spin_lock_irqsave) X(_raw_spin_unlock) \
	X(_raw_spin_unlock_bh) X(_raw_spin_unlock_irq) X(_raw_spin_unlock_irqrestore) X(add_timer) \
	X(alloc_etherdev_mqs) X(alloc_workqueue) X(boot_cpu_data) X(cancel_delayed_work_sync) \
	X(cancel_work_sync) X(capable) X(complete) X(consume_skb) X(crc32_le) X(delayed_work_timer_fn) \
	X(destroy_workqueue) X(dev_addr_mod) X(dev_driver_string) X(device_create_file) \
	X(device_remove_file) X(devm_kmalloc) X(devm_request_threaded_irq) X(disable_irq) \
	X(dma_alloc_attrs) X(dma_free_attrs) X(dma_map_page_attrs) X(dma_set_coherent_mask) \
	X(dma_set_mask) X(dma_unmap_page_attrs) X(driver_unregister) X(enable_irq) X(eth_type_trans) \
	X(eth_validate_addr) X(finish_wait) X(flush_work) X(free_irq) X(free_netdev) \
	X(get_random_bytes) X(i2c_add_adapter) X(i2c_del_adapter) X(i2c_del_driver) \
	X(i2c_register_driver) X(i2c_smbus_read_byte_data) X(i2c_smbus_write_byte_data) X(i2c_transfer) \
	X(i2c_transfer_buffer_flags) X(i2c_unregister_device) X(init_timer_key) X(init_wait_entry) \
	X(input_allocate_device) X(input_event) X(input_free_device) X(input_register_device) \
	X(input_set_abs_params) X(input_unregister_device) X(iomem_resource) X(ioport_resource) \
	X(ioread32) X(ioremap) X(iounmap) X(iowrite32) X(is_acpi_device_node) X(is_vmalloc_addr) \
	X(jiffies) X(jiffies_to_msecs) X(kasprintf) X(kfree) X(kmalloc_caches) X(kstrtoull) \
	X(kthread_should_stop) X(led_classdev_register_ext) X(led_classdev_unregister) X(memcmp) \
	X(memcpy) X(memset) X(mod_timer) X(module_put) X(msleep) X(mutex_lock) \
	X(mutex_lock_interruptible) X(mutex_unlock) X(napi_complete_done) X(napi_disable) \
	X(napi_enable) X(napi_schedule_prep) X(netdev_err) X(netdev_info) X(netif_carrier_off) \
	X(netif_carrier_on) X(netif_device_attach) X(netif_device_detach) X(netif_napi_add_weight) \
	X(netif_rx) X(netif_tx_wake_queue) X(page_offset_base) X(param_array_ops) X(param_ops_bool) \
	X(param_ops_int) X(param_ops_short) X(param_ops_uint) X(pci_dev_put) X(pci_disable_device) \
	X(pci_enable_device) X(pci_read_config_byte) X(pci_read_config_dword) X(pci_read_config_word) \
	X(pci_release_regions) X(pci_request_regions) X(pci_restore_state) X(pci_save_state) \
	X(pci_set_master) X(pci_unregister_driver) X(pci_write_config_dword) X(pci_write_config_word) \
	X(pcim_enable_device) X(phys_base) X(platform_device_unregister) X(platform_driver_unregister) \
	X(pm_runtime_set_autosuspend_delay) X(prepare_to_wait_event) X(put_device) X(pv_ops) \
	X(queue_delayed_work_on) X(queue_work_on) X(refcount_warn_saturate) X(register_netdev) \
	X(release_firmware) X(request_firmware) X(request_threaded_irq) X(schedule) X(schedule_timeout) \
	X(seq_printf) X(sg_next) X(skb_pull) X(skb_push) X(skb_put) X(skb_trim) X(snprintf) \
	X(spi_get_device_id) X(spi_sync) X(sprintf) X(strcmp) X(strlen) X(strncmp) X(strnlen) \
	X(sysfs_create_group) X(sysfs_emit) X(sysfs_remove_group) X(system_wq) X(tasklet_kill) \
	X(timer_delete) X(timer_delete_sync) X(try_module_get) X(tty_flip_buffer_push) \
	X(tty_termios_baud_rate) X(unregister_netdev) X(usleep_range_state) X(vfree) X(vmemmap_base) \
	X(wait_for_completion) X(wait_for_completion_timeout) X(wake_up_process)
/* clang-format on */

#define X(name) ".quad " #name "\n"
asm(".pushsection .data.imports, \"aw\"\n"
    "imports: " SYMBOLS "imports_end:\n"
    ".popsection\n");
#undef X

extern unsigned long imports[], imports_end[];

static int by_value(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

static int __init many_symbols_init(void)
{
	long count = imports_end - imports, same = 0, i;

	sort(imports, count, sizeof(long), by_value, NULL);
	for (i = 0; i < count; i++) {
		CHECK(imports[i] != 0);
		same += i > 0 && imports[i] == imports[i - 1];
	}
	pr_info("many_symbols: %ld imports, %ld aliases\n", count, same);
	return 0;
}

static void __exit many_symbols_exit(void)
{
}

module_init(many_symbols_init);
module_exit(many_symbols_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
