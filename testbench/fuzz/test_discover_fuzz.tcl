# Fuzzes discovery's readers, tracer and rule parser for a bounded time, from a fixed seed.

set build $::env(ASSAY_BUILD)
set target $build/test/discover-fuzz
if {![file executable $target]} {
	puts "skipped: clang is not installed, so the fuzz target was not built"
	exit 77
}
set corpus $build/interop/discover/corpus
file mkdir $corpus
foreach {name bytes} [list \
	core "\0\x7fELF\2\1\1[string repeat \0 8]\4\0\x3e\0[string repeat \0 44]" \
	a64core "\0\x7fELF\2\1\1[string repeat \0 8]\4\0\xb7\0[string repeat \0 44]" \
	rv64 "\4\x83\x37\x02\x02\x88\x4f\x97\0\0\0\xe7\x80\0\x10\x82\x80" \
	tables "\5\2\x50\4\x0f\x51\x09\x0f" \
	gzip "\0\x1f\x8b\x08" \
	image "\0[string repeat \0 56]ARM\x64[string repeat \0 32]" \
	x86 "\1\x48\x8b\x47\x10\xe8\0\0\0\0\xc3" \
	rules "\3target a offset\n\tin get_task_mm: first load8 \[a0+?\]8+_\n"] {
	set f [open $corpus/$name wb]
	puts -nonewline $f $bytes
	close $f
}
set status [catch {exec $target -seed=1 -runs=20000 -max_total_time=8 -max_len=8192 -timeout=20 -rss_limit_mb=1024 \
	-artifact_prefix=$build/interop/discover/ $corpus 2>@1} output]
puts [join [lrange [split $output \n] end-8 end] \n]
exit [expr {$status != 0 && ![regexp {Done \d+ runs} $output]}]
