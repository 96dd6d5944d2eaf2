# Fuzzes the firmware's initiator, its NVMe commands and the shared port for a bounded time, from a fixed seed.

set build $::env(ASSAY_BUILD)
set failed 0
foreach {target runs bytes} {fuzz-initiator-stream 40000 4096 fuzz-initiator-paths 10000 256 fuzz-shared-port 4000 2048 fuzz-firmware-commands 50000 1024} {
    set program $build/test/$target
    if {![file executable $program]} {
        puts "skipped: clang is not installed, so the fuzz targets were not built"
        exit 77
    }
    set corpus $build/test-results/$target
    # Lists of commands are long from the start; short ones find nothing.
    set lengths [expr {$target in {fuzz-firmware-commands fuzz-initiator-paths} ? "-len_control=0" : "-len_control=100"}]
    file mkdir $corpus
    set status [catch {exec $program -seed=1 $lengths -runs=$runs -max_total_time=10 -max_len=$bytes -timeout=20 -rss_limit_mb=1024 \
        -artifact_prefix=$corpus/ $corpus 2>@1} output]
    puts "$target: [join [lrange [split $output \n] end-4 end] \n]"
    if {$status != 0 && ![regexp {Done \d+ runs} $output]} {
        puts $output
        set failed 1
    }
}
exit $failed
