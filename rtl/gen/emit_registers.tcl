# Emits the register map and in-memory structures: C header, SystemVerilog package, reference page.

namespace eval emit_registers {}

# Calls `script` with variables name, lsb, width, mask, word, doc for each field of each register and structure.
proc emit_registers::each_field {owner fields upper script} {
    foreach field $fields {
        uplevel 1 [list set field $field]
        uplevel 1 [list set stem ${upper}_${owner}_[dict get $field name]]
        uplevel 1 $script
    }
}

proc emit_registers::field_c {stem field in_structure} {
    dict with field {
        set width [expr {$msb - $lsb + 1}]
        set mask [expr {((1 << $width) - 1) << $lsb}]
        set text "/* $doc */\n"
        if {$in_structure} {
            append text "#define ${stem}_WORD [dict get $field word]\n"
        }
        append text "#define ${stem}_LSB $lsb\n#define ${stem}_WIDTH $width\n"
        append text [format "#define %s_MASK 0x%llxull\n" $stem $mask]
    }
    return $text
}

proc emit_registers::c_header {description} {
    set name [dict get $description name]
    set upper [string toupper $name]
    set out "/* Generated from rtl/$name/registers.tcl. [dict get $description doc] */\n"
    append out "#ifndef ASSAY_GEN_${upper}_REGS_H\n#define ASSAY_GEN_${upper}_REGS_H\n\n#include \"rtl/gen/field.h\"\n\n"
    foreach const [dict get $description consts] {
        set suffix [expr {[dict get $const value] > 0xffffffff ? "ull" : "u"}]
        append out [format "#define %s_%s 0x%llx%s /* %s */\n" $upper [dict get $const name] [dict get $const value] $suffix [dict get $const doc]]
    }
    foreach register [dict get $description registers] {
        if {[dict get $register kind] eq "space"} {
            append out "\n/* ---- [dict get $register name]: [dict get $register doc] ---- */\n"
            continue
        }
        set stem ${upper}_[dict get $register name]
        append out "\n/* [dict get $register doc] ([dict get $register width] bits, [dict get $register access]) */\n"
        append out [format "#define %s 0x%llxu\n#define %s_RESET 0x%llxull\n" $stem [dict get $register offset] $stem [dict get $register reset]]
        each_field [dict get $register name] [dict get $register fields] $upper {
            append out [field_c $stem $field 0]
        }
    }
    foreach structure [dict get $description structures] {
        set stem ${upper}_[dict get $structure name]
        append out "\n/* [dict get $structure doc] */\n#define ${stem}_BYTES [dict get $structure bytes]\n"
        each_field [dict get $structure name] [dict get $structure fields] $upper {
            append out [field_c $stem $field 1]
        }
    }
    append out "\n#endif\n"
    return $out
}

proc emit_registers::sv_constant {name value width} {
    return [format "  localparam logic \[%d:0\] %s = %d'h%llx;\n" [expr {$width - 1}] $name $width $value]
}

proc emit_registers::sv_field {stem field word} {
    set lsb [dict get $field lsb]
    set width [expr {[dict get $field msb] - $lsb + 1}]
    set text "  localparam int ${stem}_LSB = $lsb;\n  localparam int ${stem}_WIDTH = $width;\n"
    if {$word} {
        append text "  localparam int ${stem}_WORD = [dict get $field word];\n"
    }
    return $text
}

# Constants that fit are `int` (usable as sizes and indices); wider ones are 64-bit vectors.
proc emit_registers::sv_package {description} {
    set name [dict get $description name]
    set upper [string toupper $name]
    set out "// Generated from rtl/$name/registers.tcl. [dict get $description doc]\npackage ${name}_pkg;\n"
    foreach const [dict get $description consts] {
        set value [dict get $const value]
        if {$value <= 0x7fffffff} {
            append out [format "  localparam int %s_%s = %d;\n" $upper [dict get $const name] $value]
        } else {
            append out [sv_constant ${upper}_[dict get $const name] $value 64]
        }
    }
    foreach register [dict get $description registers] {
        if {[dict get $register kind] eq "space"} {
            continue
        }
        set stem ${upper}_[dict get $register name]
        append out [format "  localparam int %s = %d;\n" $stem [dict get $register offset]]
        append out [sv_constant ${stem}_RESET [dict get $register reset] [dict get $register width]]
        each_field [dict get $register name] [dict get $register fields] $upper {
            append out [sv_field $stem $field 0]
        }
    }
    foreach structure [dict get $description structures] {
        append out "  localparam int ${upper}_[dict get $structure name]_BYTES = [dict get $structure bytes];\n"
        each_field [dict get $structure name] [dict get $structure fields] $upper {
            append out [sv_field $stem $field 1]
        }
    }
    append out "endpackage\n"
    return $out
}

proc emit_registers::reference_rows {fields} {
    set out ""
    foreach field $fields {
        dict with field {
            append out "| | $word | $msb:$lsb | $name | $doc |\n"
        }
    }
    return $out
}

proc emit_registers::reference {description} {
    set out "# [string toupper [dict get $description name]]: [dict get $description doc]\n\n"
    append out "## Constants\n\n| name | value | meaning |\n|---|---|---|\n"
    foreach const [dict get $description consts] {
        append out "| [dict get $const name] | [format 0x%llx [dict get $const value]] | [dict get $const doc] |\n"
    }
    foreach register [dict get $description registers] {
        if {[dict get $register kind] eq "space"} {
            append out "\n## Registers: [dict get $register name]\n\n[dict get $register doc]\n\n"
            append out "| offset | width, access, reset | bits | name | meaning |\n|---|---|---|---|---|\n"
            continue
        }
        append out [format "| 0x%x | %d %s 0x%llx | | **%s** | %s |\n" [dict get $register offset] [dict get $register width] \
            [dict get $register access] [dict get $register reset] [dict get $register name] [dict get $register doc]]
        foreach field [dict get $register fields] {
            dict with field {
                append out "| | | $msb:$lsb | $name | $doc |\n"
            }
        }
    }
    foreach structure [dict get $description structures] {
        append out "\n## Structure [dict get $structure name], [dict get $structure bytes] bytes\n\n[dict get $structure doc]\n\n"
        append out "| | word | bits | name | meaning |\n|---|---|---|---|---|\n"
        append out [reference_rows [dict get $structure fields]]
    }
    return $out
}
