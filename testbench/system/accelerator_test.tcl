# Accelerator mode beside the emulated controller: verified I/O of both, without faults and over bad links; model and lockstep give one state hash.
source [file join [file dirname [info script]] harness.tcl]

proc run {port faults {options {}}} {
    lassign [harness::assay run testbench/system/accelerator.tcl --see model --bau model --port $port --seed $harness::seed --set build=$harness::build \
        --set directory=$harness::build/test-results/accelerator --set ops=60 --set faults=$faults --set target_options=$options] status output errors
    harness::check [expr {$status == 0}] "port $port, faults {$faults}: status $status: $errors\n$output"
    return [expr {[regexp {state hash ([0-9a-f]+)} $output -> hash] ? $hash : "none"}]
}

harness::check [expr {[run lockstep {}] eq [run model {}]}] "model and lockstep differ"
# A target that does what few do: pads, small pieces, responses of their own, out of order; and its blocks have 4 KiB.
run lockstep {drop corrupt} {cpda 15 align 128 respond 1 jitter 40000 c2h 32768 h2c 4096 r2t 8192 capsule 512 block 4096}
harness::finish
