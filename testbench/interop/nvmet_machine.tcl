# A virtual machine with the Linux kernel's NVMe/TCP target, or its initiator, from Debian's packages; nothing is installed.
#   nvmet_machine::prepare DIRECTORY            downloads and unpacks (once); kernel and initial file system lie in DIRECTORY
#   nvmet_machine::start DIRECTORY SOCKET IMAGE ADDRESS NQN ?MTU? ?SETTINGS? ?BLOCK?   boots; its network card is at the UNIX socket SOCKET in QEMU's
#                                               stream framing, the namespace is the file IMAGE in blocks of BLOCK bytes; SETTINGS: lines NAME=VALUE for the first process
#                                               (nvmet_init.sh); returns a channel to its console
#   nvmet_machine::command CHANNEL COMMAND     what the first process understands (nvmet_init.sh, nvme_host_init.sh); returns the lines it said
# Errors with code SKIP mean that this machine cannot do it (no QEMU, no package source).

namespace eval nvmet_machine {
    variable modules {
        virtio_pci virtio_net virtio_blk crc32c_generic crct10dif_generic crc64_rocksoft_generic nvmet-tcp nvme-tcp
    }
    variable boot_seconds 300
    variable home [file dirname [file normalize [info script]]]
}

proc nvmet_machine::skip {text} {
    throw SKIP $text
}

proc nvmet_machine::download {directory} {
    foreach tool {qemu-system-x86_64 apt-get dpkg} {
        if {[auto_execok $tool] eq ""} {
            skip "$tool is not here"
        }
    }
    if {[catch {exec apt-cache depends linux-image-amd64} text] || ![regexp {Depends: (linux-image-[^\s]+)} $text -> kernel]} {
        skip "no package source offers linux-image-amd64"
    }
    set here [pwd]
    cd $directory
    try {
        if {[catch {exec -ignorestderr apt-get -q download $kernel busybox-static 2>@1} text]} {
            skip "cannot download $kernel and busybox-static: [lindex [split $text \n] end]"
        }
        foreach package [glob *.deb] {
            exec dpkg -x $package root
            file delete $package
        }
    } finally {
        cd $here
    }
}

# Modules with what they depend on, in the order to load them.
proc nvmet_machine::closure {dependencies names} {
    set order {}
    foreach name $names {
        set file [lindex [dict filter $dependencies key "*/$name.ko"] 0]
        if {$file eq ""} {
            continue ;# built into this kernel
        }
        foreach needed [lreverse [dict get $dependencies $file]] {
            set name [file rootname [file tail $needed]]
            foreach deeper [closure $dependencies [list $name]] {
                if {$deeper ni $order} {
                    lappend order $deeper
                }
            }
        }
        if {$file ni $order} {
            lappend order $file
        }
    }
    return $order
}

proc nvmet_machine::read_dependencies {file} {
    set dependencies [dict create]
    set channel [open $file]
    while {[gets $channel line] >= 0} {
        if {[regexp {^([^:]+):\s*(.*)$} $line -> module needed]} {
            dict set dependencies $module $needed
        }
    }
    close $channel
    return $dependencies
}

proc nvmet_machine::write_file {path text} {
    set channel [open $path w]
    puts -nonewline $channel $text
    close $channel
}

proc nvmet_machine::build_tree {directory} {
    variable modules
    set release [file tail [glob $directory/root/lib/modules/*]]
    set source $directory/root/lib/modules/$release
    exec $directory/root/bin/busybox depmod -b $directory/root $release
    set tree $directory/tree
    file delete -force $tree
    foreach folder {bin lib proc sys dev} {
        file mkdir $tree/$folder
    }
    file copy $directory/root/bin/busybox $tree/bin/busybox
    file link -symbolic $tree/bin/sh busybox
    set names {}
    foreach module [closure [read_dependencies $source/modules.dep] $modules] {
        file copy -force $source/$module $tree/lib/
        lappend names [file tail $module]
    }
    write_file $tree/modules [join $names \n]
    file copy -force [glob $directory/root/boot/vmlinuz-*] $directory/vmlinuz
}

proc nvmet_machine::prepare {directory} {
    file mkdir $directory
    if {![file exists $directory/vmlinuz]} {
        file delete -force $directory/root
        download $directory
        build_tree $directory
        file delete -force $directory/root/lib $directory/root/boot
    }
    if {[auto_execok qemu-system-x86_64] eq ""} {
        skip "qemu-system-x86_64 is not here"
    }
}

# The initial file system of one machine: the common tree, its first process and its settings.
proc nvmet_machine::pack {directory init address nqn settings} {
    variable home
    file copy -force $home/$init $directory/tree/init
    file attributes $directory/tree/init -permissions 0755
    write_file $directory/tree/settings "address=$address\nnqn=$nqn\n$settings"
    set busybox [file normalize $directory/root/bin/busybox]
    set here [pwd]
    cd $directory/tree
    try {
        exec $busybox find . | $busybox cpio -o -H newc 2>/dev/null | $busybox gzip -1 > ../initrd.gz
    } finally {
        cd $here
    }
}

proc nvmet_machine::wait_for {channel word} {
    variable boot_seconds
    set limit [expr {[clock seconds] + $boot_seconds}]
    set seen {}
    fconfigure $channel -blocking 0
    while {[clock seconds] < $limit && ![eof $channel]} {
        if {[gets $channel line] < 0} {
            after 20
            continue
        }
        lappend seen $line
        if {[string match "*done $word*" $line]} {
            return $seen
        }
    }
    error "the machine did not say \"done $word\":\n[join [lrange $seen end-20 end] \n]"
}

# IMAGE "" makes a host of it, without a disk.
proc nvmet_machine::start {directory socket image address nqn {mtu 1500} {settings ""} {block 512}} {
    pack $directory [expr {$image eq "" ? "nvme_host_init.sh" : "nvmet_init.sh"}] $address $nqn $settings
    set disk [expr {$image eq "" ? {} : [list -drive file=$image,if=none,id=d0,format=raw \
        -device virtio-blk-pci,drive=d0,logical_block_size=$block,physical_block_size=$block]}]
    file delete $socket
    set channel [open [list | qemu-system-x86_64 -M q35 -accel tcg -cpu max -m 192M -nodefaults -no-reboot -display none \
        -serial stdio -kernel $directory/vmlinuz -initrd $directory/initrd.gz \
        -append "console=ttyS0 quiet panic=-1 ipv6.disable=1 mitigations=off" \
        -netdev stream,id=n0,server=on,addr.type=unix,addr.path=$socket \
        -device virtio-net-pci,netdev=n0,mac=02:00:00:00:02:10,host_mtu=$mtu \
        {*}$disk 2>@1] r+]
    fconfigure $channel -buffering line -translation {auto lf}
    try {
        wait_for $channel boot
    } on error {text options} {
        end $channel
        return -options $options $text
    }
    return $channel
}

proc nvmet_machine::command {channel command} {
    puts $channel $command
    return [wait_for $channel [lindex $command 0]]
}

# Ends the machine whatever state it is in.
proc nvmet_machine::end {channel} {
    foreach process [pid $channel] {
        catch {exec kill $process}
    }
    catch {close $channel}
}
