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
/bin/busybox mkdir $nvmet/subsystems/$nqn $nvmet/subsystems/$nqn/namespaces/1
echo 1 > $nvmet/subsystems/$nqn/attr_allow_any_host
# Settings of the machine: inline (bytes in a capsule), qids (most queues of a host).
[ -z "$qids" ] || echo $qids > $nvmet/subsystems/$nqn/attr_qid_max
# Other namespaces of the subsystem, which nobody asks for.
for other in 2 7; do
	/bin/busybox mkdir $nvmet/subsystems/$nqn/namespaces/$other
	/bin/busybox dd if=/dev/zero of=/other$other bs=1024 count=64 2> /dev/null
	echo 1 > $nvmet/subsystems/$nqn/namespaces/$other/buffered_io
	echo /other$other > $nvmet/subsystems/$nqn/namespaces/$other/device_path
	echo 1 > $nvmet/subsystems/$nqn/namespaces/$other/enable
done
echo /dev/vda > $nvmet/subsystems/$nqn/namespaces/1/device_path
echo 1 > $nvmet/subsystems/$nqn/namespaces/1/enable
# Two ports of one subsystem: 4420 is the optimized way, 4421 is not.
for port in 1 2; do
	p=$nvmet/ports/$port
	/bin/busybox mkdir $p
	echo ipv4 > $p/addr_adrfam
	echo tcp > $p/addr_trtype
	echo ${address%/*} > $p/addr_traddr
	echo $((4419 + port)) > $p/addr_trsvcid
	[ -z "$inline" ] || echo $inline > $p/param_inline_data_size
	[ ! -e $p/param_pi_enable ] || echo 0 > $p/param_pi_enable
done
echo non-optimized > $nvmet/ports/2/ana_groups/1/ana_state

target() {
	case $1 in
	start) /bin/busybox ln -s $nvmet/subsystems/$nqn $nvmet/ports/1/subsystems/$nqn ;;
	stop) /bin/busybox rm $nvmet/ports/1/subsystems/$nqn ;;
	hide) echo inaccessible > $nvmet/ports/1/ana_groups/1/ana_state ;;
	show) echo optimized > $nvmet/ports/1/ana_groups/1/ana_state ;;
	esac
}

/bin/busybox stty -echo
/bin/busybox ln -s $nvmet/subsystems/$nqn $nvmet/ports/2/subsystems/$nqn
target start
echo "done boot"
while read command; do
	case $command in
	start | stop | hide | show) target $command ;;
	off)
		target stop
		/bin/busybox sync
		echo "done off"
		/bin/busybox poweroff -f
		;;
	esac
	echo "done $command"
done
