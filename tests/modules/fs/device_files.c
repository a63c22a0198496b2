// SPDX-License-Identifier: GPL-2.0-only
/* Character devices of four kinds on major 240, for programs that open them: 0 a small buffer that
 * seeks, 1 read only and not seekable, 2 a stream that blocks and polls, 3 for one at a time. */
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define MAJOR_NUMBER 240
#define SIZE 64

static char buffer[SIZE];
static size_t filled;
static DECLARE_WAIT_QUEUE_HEAD(readers);
static atomic_t busy = ATOMIC_INIT(0);
static struct cdev devices[4];

static int say_open(struct inode *inode, struct file *file)
{
	pr_info("device_files: open %u:%u flags %x mode %x pos %lld\n", imajor(inode), iminor(inode),
		file->f_flags & ~0100000, file->f_mode & 0x20001f, file->f_pos);
	return 0;
}
static int say_release(struct inode *inode, struct file *file)
{
	pr_info("device_files: release %u pos %lld\n", iminor(inode), file->f_pos);
	return 0;
}

static ssize_t buffer_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	return simple_read_from_buffer(to, count, pos, buffer, filled);
}
static ssize_t buffer_write(struct file *file, const char __user *from, size_t count, loff_t *pos)
{
	ssize_t done;

	if (file->f_flags & O_APPEND)
		*pos = filled;
	done = simple_write_to_buffer(buffer, SIZE, pos, from, count);
	if (done > 0 && *pos > filled)
		filled = *pos;
	return done;
}
static loff_t buffer_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, SIZE);
}
static long buffer_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	u8 __user *bytes = (u8 __user *)argument;
	u16 two;
	u32 four;
	u64 eight;
	char name[8];
	long length;

	switch (command) {
	case _IO('r', 1):
		filled = 0;
		return 7;
	case _IOW('r', 2, u16):
		if (get_user(two, (u16 __user *)argument))
			return -EFAULT;
		pr_info("device_files: two bytes %x\n", two);
		return 0;
	case _IOR('r', 3, u32):
		return put_user(0x12345678, (u32 __user *)argument);
	case _IOWR('r', 4, u64):
		if (copy_from_user(&eight, bytes, sizeof(eight)))
			return -EFAULT;
		eight++;
		return copy_to_user(bytes, &eight, sizeof(eight)) ? -EFAULT : 0;
	case _IOW('r', 5, char):
		length = strncpy_from_user(name, (char __user *)argument, sizeof(name));
		pr_info("device_files: a string of %ld, strnlen %ld\n", length,
			strnlen_user((char __user *)argument, 20));
		return length < 0 ? length : 0;
	case _IOR('r', 6, u64):
		return clear_user(bytes, 5) ? -EFAULT : 0;
	case _IOR('r', 7, u8):
		if (get_user(four, (u32 __user *)argument) || __put_user(four ^ 0xff, bytes))
			return -EFAULT;
		return -ENOIOCTLCMD;
	}
	return -ENOTTY;
}
static const struct file_operations buffer_operations = {
	.owner = THIS_MODULE, .open = say_open, .release = say_release, .read = buffer_read,
	.write = buffer_write, .llseek = buffer_llseek, .unlocked_ioctl = buffer_ioctl,
};

static int reader_open(struct inode *inode, struct file *file)
{
	return nonseekable_open(inode, file);
}
static const struct file_operations reader_operations = {
	.owner = THIS_MODULE, .open = reader_open, .read = buffer_read,
};

static int stream_open_say(struct inode *inode, struct file *file)
{
	stream_open(inode, file);
	return file->f_mode & FMODE_WRITE ? say_open(inode, file) : 0;
}
/* Who only reads says nothing: it comes and goes beside a writer. */
static int stream_release(struct inode *inode, struct file *file)
{
	return file->f_mode & FMODE_WRITE ? say_release(inode, file) : 0;
}
static ssize_t stream_read(struct file *file, char __user *to, size_t count, loff_t *pos)
{
	if (!filled && file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	if (wait_event_interruptible(readers, filled))
		return -ERESTARTSYS;
	count = min(count, filled);
	count -= copy_to_user(to, buffer, count);
	if (!count)
		return -EFAULT;
	memmove(buffer, buffer + count, filled - count);
	filled -= count;
	return count;
}
static ssize_t stream_write(struct file *file, const char __user *from, size_t count, loff_t *pos)
{
	size_t left;

	count = min(count, SIZE - filled);
	left = copy_from_user(buffer + filled, from, count);
	if (left == count && count)
		return -EFAULT;
	filled += count - left;
	wake_up_interruptible(&readers);
	return count - left;
}
static __poll_t stream_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &readers, table);
	return (filled ? EPOLLIN | EPOLLRDNORM : 0) | (filled < SIZE ? EPOLLOUT | EPOLLWRNORM : 0);
}
static int stream_fsync(struct file *file, loff_t from, loff_t to, int data)
{
	pr_info("device_files: fsync %lld %lld %d\n", from, to, data);
	return 0;
}
static int stream_flush(struct file *file, fl_owner_t id)
{
	if (file->f_mode & FMODE_WRITE)
		pr_info("device_files: flush\n");
	return 0;
}
static const struct file_operations stream_operations = {
	.owner = THIS_MODULE, .open = stream_open_say, .release = stream_release, .read = stream_read,
	.write = stream_write, .poll = stream_poll, .fsync = stream_fsync, .flush = stream_flush,
};

static int single_open_once(struct inode *inode, struct file *file)
{
	if (atomic_cmpxchg(&busy, 0, 1))
		return -EBUSY;
	file->private_data = &busy;
	return 0;
}
static int single_release(struct inode *inode, struct file *file)
{
	atomic_set(file->private_data, 0);
	return 0;
}
static const struct file_operations single_operations = {
	.owner = THIS_MODULE, .open = single_open_once, .release = single_release, .llseek = noop_llseek,
};

static int __init device_files_init(void)
{
	static const struct file_operations *const operations[] = {
		&buffer_operations, &reader_operations, &stream_operations, &single_operations};
	dev_t first = MKDEV(MAJOR_NUMBER, 0);
	int i, error = register_chrdev_region(first, 4, "device_files");

	for (i = 0; i < 4 && !error; i++) {
		cdev_init(&devices[i], operations[i]);
		devices[i].owner = THIS_MODULE;
		error = cdev_add(&devices[i], first + i, 1);
	}
	return error;
}

static void __exit device_files_exit(void)
{
	int i;

	for (i = 0; i < 4; i++)
		cdev_del(&devices[i]);
	unregister_chrdev_region(MKDEV(MAJOR_NUMBER, 0), 4);
}

module_init(device_files_init);
module_exit(device_files_exit);
MODULE_LICENSE("GPL");
