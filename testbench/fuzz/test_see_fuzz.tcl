# Fuzzes the SEE's model as a hostile host for a bounded time, from a fixed seed.

set build $::env(ASSAY_BUILD)
set target $build/test/see-fuzz
if {![file executable $target]} {
	puts "skipped: clang is not installed, so the fuzz target was not built"
	exit 77
}
set status [catch {exec $target -seed=1 -runs=2000 -max_total_time=10 -max_len=600 -len_control=0 -timeout=20 -rss_limit_mb=2048 \
	-artifact_prefix=$build/test-results/ 2>@1} output]
puts [join [lrange [split $output \n] end-8 end] \n]
exit [expr {$status != 0 && ![regexp {Done \d+ runs} $output]}]
