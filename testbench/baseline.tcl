"NVMe command, median cycles"              io.latency_cycles.p50                      99995   10
"NVMe command, 99th percentile"            io.latency_cycles.p99                      260907  20
"directed interrupt, minimum cycles"       interrupts.directed.latency_cycles.min     356     0
"directed interrupt, median cycles"        interrupts.directed.latency_cycles.p50     457     20
"firmware instructions a command"          firmware.instructions_per_command          5480    10
"cycles of the main scenario"              cycles                                     80870000 10
