# assay firmware check: the conformance suite (testbench/conformance) on the board, and what the sign-off report says about an image.
#
#   --image FILE   the firmware, RV64 ELF with line table (default: the one that was built)
#   --output DIR   where firmware-check.json, .html and .info (lcov) go
#   --stop on      ends at the first check that fails

namespace eval firmware {
    namespace export dump flash sign update
    namespace ensemble create
    variable build
    # What an image is held to beside its checks: figure, limit, unit. (An interrupt waits while the firmware works off what the one before has brought: at most 16
    # descriptors and 16 frames, at 4,400 instructions each, the cost of a 4 KiB write: 140,000 cycles.)
    variable limits {
        stack.percent 75 "% of the stack"
        interrupt.longest_wait 150000 cycles
        interrupt.longest_wait_update 9000000 "cycles, while firmware is judged and restarted"
        cost.read_4k 6000 "firmware instructions"
        cost.read_4k_qd32 4000 "firmware instructions"
        coverage.nvme 80 "% of the lines of firmware/nvme, at least"
    }
}

# firmware dump FILE: the crash dump of the NIC's firmware, for `assay firmware crash`.
proc firmware::dump {path} { assay::crash_dump $path }

# firmware flash FILE: the slot flash as a power cut at this cycle leaves it, for `board create -slot-flash`.
proc firmware::flash {path} { assay::slot_flash $path }

# firmware sign IMAGE FILE ?REVISION? ?SECURITY?: a signed image (test key) of an ELF.
proc firmware::sign {image path {revision ""} {security -1}} { assay::sign_firmware $image $path $revision $security }

# firmware update IMAGE ?-slot 1|2? ?-activate now|reset|no|existing?: the hypervisor's PF downloads a signed image and commits it. existing: no download,
# what the slot holds is started at the PF's next reset.
proc firmware::update {image args} {
    set options [dict merge {-slot 0 -activate now} $args]
    set actions {no 0 reset 1 existing 2 now 3}
    if {[dict size $options] != 2 || ![dict exists $actions [dict get $options -activate]] || [dict get $options -slot] ni {0 1 2}} {
        assay::bad_input "firmware update: IMAGE ?-slot 1|2? ?-activate now|reset|no|existing?"
    }
    set action [dict get $actions [dict get $options -activate]]
    vm::request nic_update [list [dict get $options -slot] $action 0 0] "" "" [expr {$action == 2 ? "" : $image}]
    return
}

# Zeroes behind each of eleven targets: a plain volume of 4 MiB, the eight members of the others, of 1 to 4.5 MiB; and two whose blocks have 4 KiB, volume 1 of
# 4 MiB and volume 13 of 2 MiB, which takes 16 KiB a command.
proc firmware::make_volumes {directory} {
    for {set n 0} {$n < 11} {incr n} {
        set channel [open $directory/volume$n.img wb]
        chan truncate $channel [expr {$n < 2 ? 4 << 20 : $n < 10 ? (1 << 20) + ($n - 2) * (1 << 19) : ($n - 8) << 20}]
        close $channel
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n $directory/volume$n.img block [expr {$n in {1 10} ? 4096 : 512}] \
            transfer [expr {$n == 10 ? 16384 : 262144}]
    }
}

proc firmware::config {} {
    set lines [list "ip 10.0.0.2/24" "mac 02:00:00:00:00:02" "seed [dict get $assay::options seed]" "kato 0" "completion 1"]
    for {set n 0} {$n < 11} {incr n} {
        lappend lines "volume [expr {$n < 10 ? $n : $n + 3}] nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1"
    }
    lappend lines "volume 10 concat 2 3 4 5 6 7 8 9" "volume 11 stripe 64 2 3 4 5 6 7 8 9" "volume 12 mirror 2 3" "volume 14 mirror 0 13" "volume 15 stripe 8 1 13"
    return [join $lines \n]\n
}

proc firmware::boot {image suite directory} {
    make_volumes $directory
    sign $image $directory/update.img UPDATE
    board create -harts 1 -ram 64M -mailbox 0 -kernel $suite -initrd $directory/update.img -firmware $image -config [config]
    assay::probe $image
}

# Follows the suite line by line: checks, marks, the end. Returns {checks costs reason}; a reason means that it did not come to its end.
proc firmware::follow {stop} {
    variable longest_wait ""
    set checks {}
    set costs [dict create]
    set begun [dict create]
    while 1 {
        if {[catch {assay::wait host "SUITE " 100000000} line options]} {
            return [list $checks $costs $line]
        }
        if {![regexp {SUITE (\w+) ?(.*)$} $line -> word rest]} {
            return [list $checks $costs "the suite fell silent after [lindex $checks end 0]; the firmware said: [string trim [lindex [split [string trimright [board text nic]] \n] end]]"]
        }
        switch $word {
            CHECK {
                if {[string match firmware.* $rest] && $longest_wait eq ""} {
                    set longest_wait [dict get [assay::probed] interrupt.longest_wait]
                }
                lappend checks [split $rest |]
                if {[lindex $checks end 2] ne "pass"} {
                    puts "  [join [lindex $checks end] {  }]"
                    if {$stop} {
                        return [list $checks $costs "stopped at the first failure"]
                    }
                }
            }
            MARK {
                lassign $rest what name count
                set now [dict get [assay::probed] instructions]
                if {$what eq "begin"} {
                    dict set begun $name [list $now [board cycle]]
                } else {
                    lassign [dict get $begun $name] instructions cycles
                    dict set costs $name [list [expr {($now - $instructions) / $count}] [expr {([board cycle] - $cycles) / $count}]]
                }
            }
            FAULT { assay::pcie_fault {*}$rest }
            BREAK { assay::break_firmware {*}$rest }
            FATAL { return [list $checks $costs $rest] }
            DONE { return [list $checks $costs ""] }
        }
    }
}

# Lines of each source file as {file {{line hit} ...}}.
proc firmware::coverage {image} {
    set files [dict create]
    foreach {file line hit} [assay::source_lines $image firmware/] {
        dict lappend files $file [list $line $hit]
    }
    return $files
}

proc firmware::count_lines {files pattern} {
    set found 0
    set hit 0
    dict for {file lines} $files {
        if {[string match $pattern $file]} {
            incr found [llength $lines]
            foreach line $lines {
                incr hit [lindex $line 1]
            }
        }
    }
    return [list $hit $found]
}

proc firmware::percent {part whole} {
    return [expr {$whole ? 100.0 * $part / $whole : 0.0}]
}

proc firmware::write_lcov {path files} {
    set channel [open $path w]
    puts $channel "TN:firmware_check"
    dict for {file lines} $files {
        puts $channel "SF:$file"
        foreach line $lines {
            puts $channel "DA:[join $line ,]"
        }
        lassign [count_lines [dict create $file $lines] *] hit found
        puts $channel "LF:$found\nLH:$hit\nend_of_record"
    }
    close $channel
}

# The figures that limits are for, and those that only inform.
# The checks of firmware updates come last: the longest wait before them is that of ordinary work.
proc firmware::figures {costs files} {
    variable longest_wait
    set probed [assay::probed]
    set figures [dict create stack.bytes [dict get $probed stack.used] stack.size [dict get $probed stack.size] \
        stack.percent [format %.1f [percent [dict get $probed stack.used] [dict get $probed stack.size]]] \
        interrupts [dict get $probed interrupts] interrupt.longest_wait [expr {$longest_wait eq {} ? [dict get $probed interrupt.longest_wait] : $longest_wait}] \
        interrupt.longest_wait_update [dict get $probed interrupt.longest_wait] \
        instructions [dict get $probed instructions] cycles [board cycle]]
    dict for {name cost} $costs {
        dict set figures cost.$name [lindex $cost 0]
        dict set figures latency.$name [lindex $cost 1]
    }
    foreach {name pattern} {all * nvme firmware/nvme/* see firmware/see/* fabric firmware/fabric/*} {
        dict set figures coverage.$name [format %.1f [percent {*}[count_lines $files $pattern]]]
    }
    return $figures
}

# Which limits the figures break: list of {figure value limit}.
proc firmware::broken_limits {figures} {
    variable limits
    set broken {}
    foreach {figure limit unit} $limits {
        set value [expr {[dict exists $figures $figure] ? [dict get $figures $figure] : "missing"}]
        set least [string match coverage.* $figure]
        if {$value eq "missing" || ($least ? $value < $limit : $value > $limit)} {
            lappend broken [list $figure $value $limit]
        }
    }
    return $broken
}

proc firmware::count_results {checks} {
    set counts [dict create pass 0 fail 0 blocked 0]
    foreach check $checks {
        dict incr counts [lindex $check 2]
    }
    return $counts
}

proc firmware::report {image checks figures broken result reason} {
    set options $assay::options
    set stats [assay::stats]
    set report [dict create tool "assay firmware check" image $image result $result reason $reason seed [dict get $options seed] \
        see [dict get $options see] mismatches [dict get $stats blocks.see.mismatches] state_hash [dict get $stats state_hash]]
    dict for {key value} [count_results $checks] {
        dict set report checks_$key $value
    }
    return $report
}

proc firmware::write_json {path report checks figures broken files} {
    set tree [dict create]
    dict for {key value} $report {
        dict set tree $key [list raw [expr {$key eq "image" ? [report::json_string $value] : [report::json_scalar $key $value]}]]
    }
    dict for {key value} $figures {
        set tree [report::insert $tree [linsert [split $key .] 0 figures] [report::json_scalar $key $value]]
    }
    dict set tree broken_limits [list raw [report::json_list [lmap b $broken {dict create figure [lindex $b 0] value [lindex $b 1] limit [lindex $b 2]}]]]
    dict set tree coverage [list raw [report::json_list [lmap {file lines} $files {
        lassign [count_lines [dict create $file $lines] *] hit found
        dict create file $file lines $found hit $hit
    }]]]
    dict set tree checks [list raw [report::json_list [lmap check $checks {
        dict create name [lindex $check 0] clause [lindex $check 1] result [lindex $check 2] detail [lindex $check 3]
    }]]]
    set channel [open $path.new w]
    puts $channel [report::json_object $tree ""]
    close $channel
    file rename -force $path.new $path
}

proc firmware::say_figures {figures broken} {
    variable limits
    foreach {figure limit unit} $limits {
        set value [expr {[dict exists $figures $figure] ? [dict get $figures $figure] : "missing"}]
        set verdict [expr {[lsearch -exact -index 0 $broken $figure] >= 0 ? "BROKEN" : "kept"}]
        puts [format "  %-28s %10s   limit %s %s: %s" $figure $value $limit $unit $verdict]
    }
    foreach {name title} {read_4k "4 KiB read" write_4k "4 KiB write" read_4k_qd32 "4 KiB read, 32 deep" read_128k "128 KiB read" write_128k "128 KiB write"} {
        if {[dict exists $figures cost.$name]} {
            puts [format "  %-28s %10s firmware instructions, %s cycles" $title [dict get $figures cost.$name] [dict get $figures latency.$name]]
        }
    }
}

proc firmware::conclude {image checks costs reason directory} {
    set files [coverage $image]
    set figures [figures $costs $files]
    set counts [count_results $checks]
    set complete [expr {$reason eq ""}]
    set broken [expr {$complete ? [broken_limits $figures] : {}}]
    set failed [expr {[dict get $counts fail] + [dict get $counts blocked]}]
    if {$complete && $failed} {
        set reason "$failed checks failed"
    } elseif {$complete && [llength $broken]} {
        set reason "limits broken: [lmap b $broken {lindex $b 0}]"
    }
    set result [expr {$reason eq "" ? "pass" : "fail"}]
    set report [report $image $checks $figures $broken $result $reason]
    write_json $directory/firmware-check.json $report $checks $figures $broken $files
    write_lcov $directory/firmware-check.info $files
    firmware_html::write $directory/firmware-check.html $report $checks $figures $broken $files
    say_figures $figures $broken
    puts "  reports                      $directory/firmware-check.json, .html, .info"
    puts [format "firmware check: %s passed, %s failed, %s blocked" {*}[dict values $counts]]
    assay::check [expr {$result eq "pass"}] $reason
}

proc firmware::check {} {
    set build [file dirname [info nameofexecutable]]
    set image [assay::parameter image $build/firmware/assay-nic.elf]
    set directory [assay::parameter output $build/firmware-check]
    set suite $build/conformance/nvme-check.elf
    if {![file readable $image]} {
        assay::bad_input "firmware image $image: cannot be read"
    }
    file mkdir $directory
    boot $image $suite $directory
    lassign [follow [string equal [assay::parameter stop off] on]] checks costs reason
    conclude $image $checks $costs $reason $directory
}
