# As test_discover_dump.tcl with 1 GiB of memory, for AArch64 with pages of 4 and 16 KiB, and for RV64, as far as kernels and tools are there.
set guests {amd64 {} 1024 arm64 {} 256 arm64 16k 256 riscv64 {} 256}
source [file join [file dirname [info script]] test_discover_dump.tcl]
