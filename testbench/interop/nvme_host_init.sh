#!/bin/sh
# First process of the machine that nvmet_machine.tcl boots as a host: the Linux kernel's NVMe/TCP initiator.
# It takes commands from the console, one a line, and answers each with "done COMMAND".
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
for module in $(/bin/busybox cat /modules); do
	/bin/busybox insmod /lib/$module || echo "insmod $module failed"
done
. /settings
/bin/busybox ip link set eth0 up
/bin/busybox ip address add $address dev eth0
disk=/dev/nvme0n1

# connect OPTIONS: further options of /dev/nvme-fabrics, "-" for none
connect() {
	options="transport=tcp,traddr=10.0.0.10,trsvcid=4420,nqn=$nqn,hostnqn=nqn.2026-11.assay:linux,nr_io_queues=2"
	[ "$1" = - ] || options="$options,$1"
	echo "$options" > /dev/nvme-fabrics
	tries=0
	while [ ! -b $disk ] && [ $tries -lt 50 ]; do
		/bin/busybox sleep 0.1
		tries=$((tries + 1))
	done
	[ -b $disk ] || echo "no $disk"
}

# fill WORD: writes the whole disk with lines of the word
fill() {
	bytes=$(($(/bin/busybox cat /sys/block/nvme0n1/size) * 512))
	/bin/busybox yes "$1" | /bin/busybox head -c $bytes | /bin/busybox dd of=$disk bs=128k iflag=fullblock conv=fsync 2> /dev/null
}

/bin/busybox stty -echo
echo "done boot"
while read command argument; do
	case $command in
	connect) connect "$argument" ;;
	disconnect) echo 1 > /sys/class/nvme/nvme0/delete_controller ;;
	sum)
		echo 3 > /proc/sys/vm/drop_caches
		echo "sum $(/bin/busybox md5sum < $disk)"
		;;
	fill) fill "$argument" ;;
	off)
		echo "done off"
		/bin/busybox poweroff -f
		;;
	esac
	echo "done $command"
done
