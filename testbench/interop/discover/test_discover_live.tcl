# Discovery of running guests: Linux on the board itself (live.tcl) and in a VM of the hypervisor (live_vm.tcl). Builds the kernel first if
# build/linux has none (about 10 CPU minutes).
# Exit status: 0 pass, 1 fail, 77 if something is missing here.

set here [file dirname [file normalize [info script]]]
source $here/../linux/build.tcl
source $here/guest.tcl

proc run {scenario args} {
	global here
	set build $::env(ASSAY_BUILD)
	set status [catch {exec $build/assay run $here/$scenario --hart fast --see model --bau model --set build=$build --set linux=$build/linux {*}$args 2>@1} output]
	puts "$scenario:\n$output"
	return [expr {$status != 0 || ![regexp -line {^PASS$} $output]}]
}

proc main {} {
	set build $::env(ASSAY_BUILD)
	set directory $build/interop/discover
	file mkdir $directory
	try {
		set initramfs [guest::initramfs riscv64 $directory]
		linux_build::ensure $build/linux
	} trap SKIP text {
		puts "skipped: $text"
		exit 77
	}
	set failed [run live.tcl --set initramfs=$initramfs --set directory=$build/run-live]
	incr failed [run live_vm.tcl --set directory=$build/run-live-vm]
	exit [expr {$failed > 0}]
}

main
