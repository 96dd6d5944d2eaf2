#!/bin/busybox sh
# The first process of the stock kernel's test: loads Debian's modules, works on an ext4 file system that it finds on the NVMe disk,
# exchanges data over its network function, and leaves the rest to /probe (init.c). One line "stock: ..." for each thing that a test wants to know.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
echo "stock: $(uname -r) on $(nproc) harts"
grep -m 1 isa /proc/cpuinfo
# A guest has no hypervisor extension.
while read -r module; do
	[ "$module" = kvm.ko ] && ! grep -q "isa.*rv64imafdch" /proc/cpuinfo && continue
	insmod /modules/"$module" || echo "stock: FAILED insmod $module"
done < /modules/order
# A driver learns at a reset what the controller can, and that depends on the volume.
[ -e /dev/nvme0n1 ] || { /probe attach; echo 1 > /sys/class/nvme/nvme0/reset_controller; }
for i in $(seq 200); do
	[ -e /dev/nvme0n1 ] && break
	sleep 0.01
done
mount -t ext4 /dev/nvme0n1 /mnt || echo "stock: FAILED mount"
sums=$(cd /mnt && find . -maxdepth 1 -type f | sort | xargs cat | md5sum)
echo "stock: files $(ls /mnt | wc -l) sum $sums"

# Writers on every hart, each with its own file, which is read back past the page cache.
head -c 786432 /dev/urandom > /tmp.bin
for i in 1 2; do
	(mkdir /mnt/w$i && dd if=/tmp.bin of=/mnt/w$i/data bs=64k conv=fsync 2> /dev/null && rm -r /mnt/w$i &&
		dd if=/tmp.bin of=/mnt/data$i bs=4k oflag=direct 2> /dev/null) &
done
wait
echo 3 > /proc/sys/vm/drop_caches
for i in 1 2; do
	cmp /tmp.bin /mnt/data$i && echo "stock: file $i read back"
done
fstrim /mnt && echo "stock: trimmed"
echo 1 > /sys/class/nvme/nvme0/reset_controller && echo "stock: controller reset"
cmp /tmp.bin /mnt/data1 && echo "stock: file there after the reset"
umount /mnt && echo "stock: unmounted"

# The network function, if there is one: a host of the fabric answers pings and gives back what it gets.
if [ -e /sys/class/net/eth0 ]; then
	ip address add 10.0.0.60/24 dev eth0 && ip link set eth0 up && ping -q -c 5 -i 0.01 10.0.0.10 | grep transmitted | sed "s/^/stock: /"
	(cat /tmp.bin; sleep 0.5) | nc 10.0.0.10 7 | head -c 786432 | cmp - /tmp.bin && echo "stock: TCP gave the file back"
	grep virtio /proc/interrupts
fi
grep nvme /proc/interrupts
dmesg | grep -E "WARNING|BUG|Oops|error|timeout" | grep -v "EFI\|regulatory" | sed "s/^/stock: COMPLAINT /"
exec /probe nodisk
