"NVMe command, median cycles"              io.latency_cycles.p50                      57143   10
"NVMe command, 99th percentile"            io.latency_cycles.p99                      255365  20
"directed interrupt, minimum cycles"       interrupts.directed.latency_cycles.min     356     0
"directed interrupt, median cycles"        interrupts.directed.latency_cycles.p50     457     20
"firmware instructions a command"          firmware.instructions_per_command          4701    10
"cycles of the main scenario"              cycles                                     103820000 10
