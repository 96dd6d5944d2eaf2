# A few minutes: the board with models and in lockstep, and each block's lockstep test with a seed of its own.
plan smoke
timeout 400000000
build all unit-tests
scenario testbench/system/first_io.tcl {
    backends   {{see model bau model port model} {see lockstep bau lockstep port lockstep}}
    parameters {{ops 200}}
    seeds      {random 1}
}
foreach block {see bau port clb} {
    unit $build/test/${block}_lockstep {seeds {random 1}}
}
unit $build/test/task {seeds {random 4}}
