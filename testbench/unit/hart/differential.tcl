# Differential test of the hart: random programs on Debian's qemu-system-riscv64 and on the test board, fast and timed.
#
# Usage: tclsh8.6 differential.tcl ?KIND SEED SLOTS?   (environment ASSAY_BUILD: the build directory, default build)
# Each program prints its log of traps, registers and memory sums; both machines must print the same, except where QEMU departs
# from the specification in a way listed below. Status 0 pass, 1 difference, 77 no QEMU here.

namespace eval differential {
	variable qemu qemu-system-riscv64
	variable cpu rv64,h=true,f=true,d=true,v=false,zba=true,zbb=true,zbc=false,zbs=true,svinval=true,sstc=false
	# More for QEMU from 9 on: Svnapot (7.2 takes reserved encodings of it), nothing the hart lacks, and the enable bits of all counters.
	variable newer_cpu svnapot=true,zfa=false,zawrs=false,pmu-mask=0xfffffff8
	# kind, seed, slots of 256 bytes (up to 62 instructions)
	variable plan {i 1 1500 i 2 1500 m 3 1000 a 4 1000 c 5 1000 c 6 1000 b 12 1500 f 13 2500 f 14 2500 illegal 7 2000 s 8 3500 s 9 3500 h 10 3500 h 11 3500 hs 22 2500}
	variable words 20
	variable names {mcause mepc mtval mstatus scause sepc stval mip hstatus htval htinst mtval2 mtinst vscause vsepc vstval vsstatus x5 x6 x7}
	variable supervisor_handler 0x80000180
	variable waived [dict create]
	variable instructions 0
}

# What QEMU (7.2 unless a version is named) does against the specification. Each waiver gets the two records (dicts of the names
# above, hexadecimal numbers as integers) and answers the fields that may differ, or nothing. WHY names the clause.
proc differential::waivers {} {
	return {
		amo-fault {unprivileged 8.4, privileged 3.7.1: faults of an AMO are store/AMO faults; QEMU checks the read first}
		misaligned-tval {privileged 3.1.16: tval is the address of the access that failed; QEMU splits it and reports the aligned part}
		breakpoint-tval {privileged 3.1.16: xtval of EBREAK is zero or its address}
		hlv-cause {privileged 8.4.1, 4.3.2: rights that the first stage refuses to HLV or HSV are page faults; QEMU raises access faults}
		vscause-renumbered {privileged 8.6.1: only interrupts appear one lower in vscause; QEMU renumbers exceptions 2 and 6 too}
		table-access {privileged 4.3.2 step 2: a page table where there is no memory is an access fault; QEMU raises page faults}
		tinst-zero {privileged 8.6.3: htinst and mtinst may be written with zero; QEMU describes guest-page faults only}
		illegal-tval {privileged 3.1.16: xtval of an illegal or virtual instruction is zero or its bits; QEMU reports stale bits for HLV and HSV}
		htinst-kept {privileged 8.2.10: htinst holds what a trap may write, and so zero; QEMU 10.0 ignores writes, so that its last trap's value stays}
		gva {privileged 8.2.1, 8.4.1: GVA is 1 exactly if a guest virtual address is written to xtval; QEMU misses HLV and HSV and sets it without an address}
	}
}

proc differential::waive_amo-fault {q us} {
	foreach field {mcause scause vscause} {
		if {[dict get $us $field] in {6 7 15 23} && [dict get $q $field] in {4 5 13 21}} { return [list $field mtval2 htval] }
	}
	return {}
}

proc differential::waive_hlv-cause {q us} {
	set hlv [expr {([dict get $us mtinst] & 0x707f) == 0x4073}]
	return [expr {$hlv && [dict get $us mcause] in {13 15} && [dict get $q mcause] in {5 7} ? "mcause" : ""}]
}

proc differential::waive_vscause-renumbered {q us} {
	return [expr {[dict get $us vscause] in {2 6} && [dict get $q vscause] == [dict get $us vscause] - 1 ? "vscause" : ""}]
}

proc differential::waive_table-access {q us} {
	set out {}
	foreach cause {mcause scause vscause} {
		if {[list [dict get $us $cause] [dict get $q $cause]] in {{1 12} {5 13} {7 15}}} { lappend out $cause }
	}
	return $out
}

proc differential::waive_breakpoint-tval {q us} {
	set out {}
	foreach {cause tval} {mcause mtval scause stval vscause vstval} {
		if {[dict get $us $cause] == 3 && [dict get $q $tval] == 0} { lappend out $tval }
	}
	return $out
}

# Equal but for the bits of MASK.
proc differential::but {mask a b} { return [expr {($a & ~$mask) == ($b & ~$mask)}] }

proc differential::waive_misaligned-tval {q us} {
	set out {}
	foreach {cause tval} {mcause mtval scause stval vscause vsepc} {
		if {[dict get $us $cause] in {5 7} && [but 7 [dict get $us $tval] [dict get $q $tval]]} { lappend out $tval }
	}
	return $out
}

proc differential::waive_tinst-zero {q us} {
	return [lmap f {mtinst htinst} { if {[dict get $q $f] != 0} continue; set f }]
}

# No trap to HS-mode in this slot (its handler is an ecall); htinst was cleared before.
proc differential::waive_htinst-kept {q us} {
	variable supervisor_handler
	return [expr {[dict get $us mcause] != 9 || [dict get $us mepc] != $supervisor_handler ? "htinst" : ""}]
}

proc differential::waive_illegal-tval {q us} {
	set out {}
	foreach {cause tval} {mcause mtval scause stval vscause vstval} {
		if {[dict get $us $cause] in {2 22} && ([dict get $q $tval] == 0 || ([dict get $us $tval] & 0x707f) == 0x4073)} { lappend out $tval }
	}
	return $out
}

proc differential::waive_gva {q us} {
	set out {}
	foreach {field bit} {mstatus 0x4000000000 hstatus 0x40} {
		if {[but $bit [dict get $us $field] [dict get $q $field]]} { lappend out $field }
	}
	return $out
}

proc differential::newer {} {
	variable qemu
	return [expr {[regexp {version (\d+)} [exec $qemu --version 2>@1] -> major] && $major >= 9}]
}

# QEMU 10.0.13 ignores writes of mstatus.MPV and GVA (privileged 8.4.1): only SRET enters its guests.
proc differential::for_newer_qemu {} {
	variable plan
	variable cpu
	variable newer_cpu
	append cpu ,$newer_cpu
	set plan [lmap word $plan { expr {$word eq "h" ? "hs" : $word} }]
}

proc differential::run {build timed image} {
	variable qemu
	variable cpu
	switch $timed {
		qemu {
			return [exec timeout 60 $qemu -M virt -cpu $cpu -m 128 -bios none -display none -serial stdio -monitor none \
				-device loader,file=$image,addr=0x80000000 < /dev/null]
		}
		timed { return [exec timeout 60 $build/test/hart_runner --timed --ram 128 --cycles 100000000 $image] }
		default {
			set text [exec timeout 60 $build/test/hart_runner --stats --ram 128 --cycles 100000000 $image 2> $image.stats]
			set f [open $image.stats]
			try { regexp {(\d+) instructions} [read $f] - n } finally { close $f }
			incr differential::instructions $n
			return $text
		}
	}
}

proc differential::record {lines index} {
	variable words
	variable names
	set r [dict create]
	foreach name $names line [lrange $lines [expr {$index * $words}] [expr {$index * $words + $words - 1}]] {
		dict set r $name [expr {[string is xdigit -strict $line] ? "0x$line" : -1}]
	}
	return $r
}

# -> list of differences that no waiver covers, each {record field qemu us}
proc differential::compare {qemu us} {
	variable words
	variable names
	variable waived
	set out {}
	set n [expr {max([llength $qemu], [llength $us])}]
	for {set i 0} {$i < $n} {incr i} {
		if {[lindex $qemu $i] eq [lindex $us $i]} continue
		set index [expr {$i / $words}]
		set field [lindex $names [expr {$i % $words}]]
		set covered 0
		foreach {name why} [waivers] {
			if {$field in [waive_$name [record $qemu $index] [record $us $index]]} {
				dict incr waived $name
				set covered 1
				break
			}
		}
		if {!$covered} { lappend out [list $index $field [lindex $qemu $i] [lindex $us $i]] }
	}
	return $out
}

# -> number of instructions, or an error
proc differential::one {build kind seed slots} {
	set image $build/test/diff_$kind$seed.bin
	exec $build/test/hart_diff $build/test/hart_diff_runtime.bin $kind $seed $slots $image
	set fast [split [run $build fast $image] \n]
	if {$fast ne [split [run $build timed $image] \n]} {
		error "$kind $seed: fast and timed mode differ"
	}
	set differences [compare [split [run $build qemu $image] \n] $fast]
	if {[llength $differences]} {
		set text {}
		foreach d [lrange $differences 0 9] {
			lassign $d index field q us
			append text "\n  record $index (cause [lindex $fast [expr {$index * 20}]] epc [lindex $fast [expr {$index * 20 + 1}]]) $field: qemu $q, hart $us"
		}
		error "$kind $seed: [llength $differences] differences$text\n  again: tclsh8.6 testbench/unit/hart/differential.tcl $kind $seed $slots"
	}
	file delete $image $image.stats
}

proc main {argv} {
	set build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
	if {[auto_execok $differential::qemu] eq ""} { puts "no $differential::qemu: skipped"; exit 77 }
	if {[differential::newer]} { differential::for_newer_qemu }
	set plan [expr {[llength $argv] == 3 ? $argv : $differential::plan}]
	set failed 0
	foreach {kind seed slots} $plan {
		if {[catch {differential::one $build $kind $seed $slots} message]} { puts "FAIL $message"; incr failed }
	}
	foreach {name why} [differential::waivers] {
		if {[dict exists $differential::waived $name]} { puts "waived [dict get $differential::waived $name] times: $name: $why" }
	}
	puts "[expr {[llength $plan] / 3}] programs, $differential::instructions instructions, $failed failed"
	exit [expr {$failed > 0}]
}
main $argv
