#!/bin/sh
# First process of the machine that nvmet_machine.tcl boots: the Linux kernel's NVMe/TCP target over /dev/vda.
# Then it takes commands from the console, one a line, and answers each with "done COMMAND".
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
for module in $(/bin/busybox cat /modules); do
	/bin/busybox insmod /lib/$module || echo "insmod $module failed"
done
. /settings
/bin/busybox mount -t configfs configfs /sys/kernel/config
/bin/busybox ip link set eth0 up
/bin/busybox ip address add $address dev eth0
nvmet=/sys/kernel/config/nvmet
/bin/busybox mkdir $nvmet/subsystems/$nqn $nvmet/subsystems/$nqn/namespaces/1 $nvmet/ports/1
echo 1 > $nvmet/subsystems/$nqn/attr_allow_any_host
echo /dev/vda > $nvmet/subsystems/$nqn/namespaces/1/device_path
echo 1 > $nvmet/subsystems/$nqn/namespaces/1/enable
echo ipv4 > $nvmet/ports/1/addr_adrfam
echo tcp > $nvmet/ports/1/addr_trtype
echo ${address%/*} > $nvmet/ports/1/addr_traddr
echo 4420 > $nvmet/ports/1/addr_trsvcid

target() {
	case $1 in
	start) /bin/busybox ln -s $nvmet/subsystems/$nqn $nvmet/ports/1/subsystems/$nqn ;;
	stop) /bin/busybox rm $nvmet/ports/1/subsystems/$nqn ;;
	esac
}

/bin/busybox stty -echo
target start
echo "done boot"
while read command; do
	case $command in
	start | stop) target $command ;;
	off)
		target stop
		/bin/busybox sync
		echo "done off"
		/bin/busybox poweroff -f
		;;
	esac
	echo "done $command"
done
