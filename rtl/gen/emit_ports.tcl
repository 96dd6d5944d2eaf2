# Emits the port structs of a block for C, the RTL wrapper with packed vectors, the Verilator shim and the wave scope.

namespace eval emit_ports {}

proc emit_ports::c_type {width name} {
    foreach {limit type} {8 uint8_t 16 uint16_t 32 uint32_t 64 uint64_t} {
        if {$width <= $limit} {
            return "$type $name"
        }
    }
    return "uint32_t $name\[[expr {($width + 31) / 32}]\]"
}

proc emit_ports::c_struct {description dir} {
    set name [dict get $description name]
    lassign [describe::layout $description $dir] total records
    set tag ${name}_$dir
    set out "/** [expr {$dir eq "in" ? "Inputs" : "Outputs, each a register"}] of the block; the image in memory is the packed vector of the RTL wrapper. */\nstruct $tag {\n"
    set asserts ""
    set pads 0
    foreach record $records {
        if {[dict get $record name] eq ""} {
            append out "\tuint8_t pad${pads}\[[dict get $record bytes]\];\n"
            incr pads
            continue
        }
        append out "\t[c_type [dict get $record width] [dict get $record name]]; /**< [dict get $record width] bit: [dict get $record doc] */\n"
        append asserts "_Static_assert(offsetof(struct $tag, [dict get $record name]) == [dict get $record offset], \"packing\");\n"
    }
    append out "};\n${asserts}_Static_assert(sizeof(struct $tag) == $total, \"packing\");\n\n"
    return $out
}

# Quiet: no sink offers a beat and no plain input moved. What the readies of sources do is of no matter to an idle block.
proc emit_ports::c_quiet {description} {
    set name [dict get $description name]
    set terms {}
    foreach channel [dict get $description channels] {
        if {[dict get $channel kind] eq "sink"} {
            lappend terms "!now->[dict get $channel name]_valid"
        }
    }
    foreach pin [dict get $description pins] {
        if {[dict get $pin dir] eq "in" && [dict get $pin channel] eq ""} {
            set pin_name [dict get $pin name]
            if {[dict get $pin width] > 64} {
                lappend terms "memcmp(now->$pin_name, before->$pin_name, sizeof now->$pin_name) == 0"
            } else {
                lappend terms "now->$pin_name == before->$pin_name"
            }
        }
    }
    set out "/** @return whether an idle block may go unstepped with inputs @p now, given those of the step before. */\n"
    append out "static inline bool ${name}_in_quiet(const struct ${name}_in *now, const struct ${name}_in *before)\n{\n"
    append out "\t(void)before;\n\treturn [join $terms " &&\n\t       "];\n}\n"
    return $out
}

proc emit_ports::c_header {description} {
    set name [dict get $description name]
    set upper [string toupper $name]
    set out "/* Generated from rtl/$name/ports.tcl. */\n#ifndef ASSAY_GEN_${upper}_PORTS_H\n#define ASSAY_GEN_${upper}_PORTS_H\n\n"
    append out "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <string.h>\n\n"
    append out [c_struct $description in] [c_struct $description out] [c_quiet $description]
    append out "\n/** The names of the pins, for messages and waves (library pins). */\nstruct pin_table;\nextern const struct pin_table ${name}_pins;\n\n#endif\n"
    return $out
}

# --- SystemVerilog wrapper ---------------------------------------------------------------------

proc emit_ports::suffix {dir} {
    return [expr {$dir eq "in" ? "_i" : "_o"}]
}

proc emit_ports::range {width} {
    return [expr {$width == 1 ? "" : "\[[expr {$width - 1}]:0\] "}]
}

proc emit_ports::wrapper {description} {
    set name [dict get $description name]
    lassign [describe::layout $description in] in_bytes in_records
    lassign [describe::layout $description out] out_bytes out_records
    set out "// Generated from rtl/$name/ports.tcl: module $name behind one packed vector a direction.\nmodule ${name}_lockstep_top (\n"
    append out "  input  logic clk_i,\n  input  logic rst_ni,\n  input  logic \[[expr {$in_bytes * 8 - 1}]:0\] in_i,\n"
    append out "  output logic \[[expr {$out_bytes * 8 - 1}]:0\] out_o\n);\n"
    set connect {}
    set wires ""
    set assigns ""
    foreach record $in_records {
        if {[dict get $record name] eq ""} { continue }
        lappend connect "    .[dict get $record name]_i(in_i\[[expr {[dict get $record offset] * 8}] +: [dict get $record width]\])"
    }
    foreach record $out_records {
        set bit [expr {[dict get $record offset] * 8}]
        set bits [expr {[dict get $record bytes] * 8}]
        if {[dict get $record name] eq ""} {
            append assigns "  assign out_o\[$bit +: $bits\] = '0;\n"
            continue
        }
        set width [dict get $record width]
        set wire [dict get $record name]_o
        append wires "  logic [range $width]$wire;\n"
        lappend connect "    .${wire}($wire)"
        append assigns "  assign out_o\[$bit +: $width\] = $wire;\n"
        if {$bits > $width} {
            append assigns "  assign out_o\[[expr {$bit + $width}] +: [expr {$bits - $width}]\] = '0;\n"
        }
    }
    append out "$wires  $name u_$name (\n    .clk_i(clk_i),\n    .rst_ni(rst_ni),\n[join $connect ",\n"]\n  );\n$assigns"
    append out "  logic unused_padding;\n  assign unused_padding = ^in_i;\nendmodule\n"
    return $out
}

# A module that only names the pins of a block, so that the model's side shows in the waves beside the RTL's.
proc emit_ports::viewer {description} {
    set name [dict get $description name]
    set out "// Generated from rtl/$name/ports.tcl: names the pins of a backend without RTL in the waves.\nmodule ${name}_view (\n"
    lassign [describe::layout $description in] in_bytes in_records
    lassign [describe::layout $description out] out_bytes out_records
    append out "  input logic clk_i,\n  input logic \[[expr {$in_bytes * 8 - 1}]:0\] in_i,\n  input logic \[[expr {$out_bytes * 8 - 1}]:0\] out_i\n);\n"
    foreach {records vector suffix} [list $in_records in_i _i $out_records out_i _o] {
        foreach record $records {
            if {[dict get $record name] eq ""} { continue }
            set width [dict get $record width]
            set wire [dict get $record name]$suffix
            append out "  logic [range $width]$wire;\n  assign $wire = $vector\[[expr {[dict get $record offset] * 8}] +: $width\];\n"
        }
    }
    append out "endmodule\n"
    return $out
}

# --- tables for mismatch messages and waves ----------------------------------------------------

proc emit_ports::c_table {description} {
    set name [dict get $description name]
    set out "/* Generated from rtl/$name/ports.tcl. */\n#include \"sim/kernel/pins.h\"\n"
    foreach dir {in out} {
        lassign [describe::layout $description $dir] total records
        set count 0
        append out "\nstatic const struct pin ${dir}_pins\[\] = {\n"
        foreach record $records {
            if {[dict get $record name] eq ""} { continue }
            append out "\t{ \"[dict get $record name]\", [dict get $record offset], [dict get $record width] },\n"
            incr count
        }
        append out "};\n"
        dict set counts $dir $count
        dict set totals $dir $total
    }
    append out "\nconst struct pin_table ${name}_pins = {\n\t.block = \"$name\",\n"
    foreach dir {in out} {
        append out "\t.${dir} = ${dir}_pins, .${dir}_count = [dict get $counts $dir], .${dir}_bytes = [dict get $totals $dir],\n"
    }
    append out "};\n"
    return $out
}

proc emit_ports::reference {description} {
    set out "\n## Ports\n\nClock `clk_i`, synchronous active-low reset `rst_ni`. Every output is a register.\n\n"
    append out "| pin | direction | bits | meaning |\n|---|---|---|---|\n"
    foreach pin [dict get $description pins] {
        append out "| [dict get $pin name][suffix [dict get $pin dir]] | [dict get $pin dir] | [dict get $pin width] | [dict get $pin doc] |\n"
    }
    return $out
}
