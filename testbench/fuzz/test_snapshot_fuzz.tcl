# Fuzzes the reader of snapshot volumes for a bounded time, from a fixed seed; ASSAY_FUZZ_SECONDS: longer, with the corpus that is there.

set build $::env(ASSAY_BUILD)
set target $build/test/snapshot-fuzz
if {![file executable $target]} {
	puts "skipped: clang is not installed, so the fuzz target was not built"
	exit 77
}
set seconds [expr {[info exists ::env(ASSAY_FUZZ_SECONDS)] ? $::env(ASSAY_FUZZ_SECONDS) : 0}]
set corpus $build/test-results/snapshot-corpus
file mkdir $corpus
foreach {name bytes} [list plain "\0\xff" resealed "\3\xff\x48\x10\0\xff" places "\3\xff\x78\x10\0\x01\x80\x10\0\xff" short "\7\x40" headers "\x0b\xff\x48\0\0\x06" first_block "\x09\xff\x78\1\0\xff" tables "\x13\xff\x10\0\0\1" flip "\x20\xff\1\2\4\3" header_flip "\x28\xff\1\1\0\3"] {
	set f [open $corpus/$name wb]
	puts -nonewline $f $bytes
	close $f
}
set status [catch {exec $target -seed=1 {*}[expr {$seconds ? "-max_total_time=$seconds" : "-runs=30000 -max_total_time=8"}] -max_len=256 -timeout=20 -rss_limit_mb=1024 \
	-artifact_prefix=$build/test-results/ $corpus 2>@1} output]
puts [join [lrange [split $output \n] end-8 end] \n]
exit [expr {$status != 0 && ![regexp {Done \d+ runs} $output]}]
