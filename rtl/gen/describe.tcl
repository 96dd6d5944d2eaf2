# Reads the descriptions of a block: rtl/<block>/registers.tcl and rtl/<block>/ports.tcl.
#
# The language of registers.tcl:
#   block NAME "doc"
#   const NAME VALUE "doc"
#   space NAME "doc"                                      registers that follow belong to it
#   register NAME OFFSET WIDTH ACCESS RESET "doc" {       ACCESS: ro rw wo w1c
#       field NAME MSB:LSB "doc"
#   }
#   structure NAME BYTES "doc" {                          little-endian 64-bit words in memory
#       field NAME WORD:MSB:LSB "doc"
#   }
# The language of ports.tcl (every output is a register of the block):
#   block NAME ?"doc"?
#   sink NAME {FIELD WIDTH "doc" ...} ?"doc"?             valid and payload in, ready out
#   source NAME {FIELD WIDTH "doc" ...} ?"doc"?           valid and payload out, ready in
#   input NAME WIDTH "doc"
#   output NAME WIDTH "doc"
#
# A wrong line is refused with the file, the name and the reason.

namespace eval describe {
    variable found
    variable where
    variable fields
}

proc describe::refuse {text} {
    variable where
    throw {DESCRIBE} "$where: $text"
}

proc describe::check_name {name} {
    if {![regexp {^[A-Za-z][A-Za-z0-9_]*$} $name]} {
        refuse "\"$name\" is not a name"
    }
}

proc describe::check_number {what value low high} {
    if {![string is entier -strict $value] || $value < $low || $value > $high} {
        refuse "$what is \"$value\", not a number from $low to $high"
    }
}

proc describe::add {key record} {
    variable found
    dict lappend found $key $record
}

# --- the commands of the language --------------------------------------------------------------

proc describe::block {name {doc ""}} {
    variable found
    check_name $name
    dict set found name $name
    if {$doc ne ""} {
        dict set found doc $doc
    }
}

proc describe::const {name value {doc ""}} {
    check_name $name
    check_number "const $name" $value 0 0xffffffffffffffff
    add consts [dict create name $name value $value doc $doc]
}

proc describe::space {name {doc ""}} {
    check_name $name
    add registers [dict create kind space name $name doc $doc]
}

proc describe::register {name offset width access reset {doc ""} {body ""}} {
    variable fields
    check_name $name
    check_number "register $name offset" $offset 0 0xffffffff
    check_number "register $name width" $width 8 64
    check_number "register $name reset" $reset 0 [expr {(1 << $width) - 1}]
    if {$access ni {ro rw wo w1c}} {
        refuse "register $name: access \"$access\" is none of ro rw wo w1c"
    }
    set fields [dict create unit register owner $name width $width list {}]
    eval $body
    check_overlap $name [dict get $fields list]
    add registers [dict create kind register name $name offset $offset width $width access $access \
        reset $reset doc $doc fields [dict get $fields list]]
}

proc describe::structure {name bytes {doc ""} {body ""}} {
    variable fields
    check_name $name
    check_number "structure $name size" $bytes 1 65536
    set fields [dict create unit structure owner $name width [expr {$bytes * 8}] list {}]
    eval $body
    check_overlap $name [dict get $fields list]
    add structures [dict create name $name bytes $bytes doc $doc fields [dict get $fields list]]
}

proc describe::field {name position {doc ""}} {
    variable fields
    check_name $name
    set owner [dict get $fields owner]
    set parts [split $position :]
    if {[dict get $fields unit] eq "register"} {
        set parts [linsert $parts 0 0]
    }
    if {[llength $parts] == 2} {
        lappend parts [lindex $parts 1]
    }
    if {[llength $parts] != 3} {
        refuse "field $owner.$name: position \"$position\" has a wrong form"
    }
    lassign $parts word msb lsb
    check_number "field $owner.$name lsb" $lsb 0 63
    check_number "field $owner.$name msb" $msb $lsb 63
    check_number "field $owner.$name word" $word 0 [expr {([dict get $fields width] - 1) / 64}]
    if {$word * 64 + $msb >= [dict get $fields width]} {
        refuse "field $owner.$name: bit $msb lies beyond the end of $owner"
    }
    dict lappend fields list [dict create name $name word $word msb $msb lsb $lsb doc $doc]
}

proc describe::check_overlap {owner list} {
    set taken [dict create]
    foreach field $list {
        dict with field {
            for {set bit $lsb} {$bit <= $msb} {incr bit} {
                if {[dict exists $taken $word.$bit]} {
                    refuse "$owner: fields [dict get $taken $word.$bit] and $name share bit $bit of word $word"
                }
                dict set taken $word.$bit $name
            }
        }
    }
}

proc describe::channel {kind name payload doc} {
    check_name $name
    set list {}
    foreach {field width text} $payload {
        check_name $field
        check_number "$kind $name.$field width" $width 1 4096
        lappend list [dict create name $field width $width doc $text]
    }
    add channels [dict create kind $kind name $name payload $list doc $doc]
    lassign [expr {$kind eq "sink" ? "in out" : "out in"}] forward backward
    add pins [dict create name ${name}_valid dir $forward width 1 channel $name doc "$name holds a beat"]
    foreach field $list {
        add pins [dict create name ${name}_[dict get $field name] dir $forward width [dict get $field width] \
            channel $name doc [dict get $field doc]]
    }
    add pins [dict create name ${name}_ready dir $backward width 1 channel $name doc "the beat of $name is taken"]
}

proc describe::sink {name payload {doc ""}} { channel sink $name $payload $doc }
proc describe::source {name payload {doc ""}} { channel source $name $payload $doc }

proc describe::plain {dir name width doc} {
    check_name $name
    check_number "$name width" $width 1 4096
    add pins [dict create name $name dir $dir width $width channel "" doc $doc]
}

proc describe::input {name width {doc ""}} { plain in $name $width $doc }
proc describe::output {name width {doc ""}} { plain out $name $width $doc }

# --- reading -----------------------------------------------------------------------------------

# Returns a dict: name doc consts registers structures channels pins.
proc describe::read_block {directory} {
    variable found
    variable where
    set found [dict create name "" doc "" consts {} registers {} structures {} channels {} pins {}]
    foreach file {registers.tcl ports.tcl} {
        set where $directory/$file
        if {![file exists $where]} {
            continue
        }
        set channel [open $where]
        set text [::read $channel]
        close $channel
        if {[catch {namespace eval ::describe $text} message options]} {
            if {[dict get $options -errorcode] eq "DESCRIBE"} {
                throw {DESCRIBE} $message
            }
            throw {DESCRIBE} "$where: $message"
        }
    }
    check_unique consts
    check_unique structures
    check_unique pins
    return $found
}

proc describe::check_unique {key} {
    variable found
    set seen [dict create]
    foreach record [dict get $found $key] {
        set name [dict get $record name]
        if {[dict exists $seen $name]} {
            refuse "$key: $name is described twice"
        }
        dict set seen $name 1
    }
}

# --- the packed image of one direction ----------------------------------------------------------

# Bytes that a pin takes in the C struct, and its alignment.
proc describe::c_size {width} {
    foreach {limit bytes} {8 1 16 2 32 4 64 8} {
        if {$width <= $limit} {
            return [list $bytes $bytes]
        }
    }
    return [list [expr {($width + 31) / 32 * 4}] 4]
}

# Lays the pins of direction DIR out as a C compiler does: returns {total_bytes records}, each record the pin with `offset` (bytes).
# A record with an empty name is padding of `bytes` bytes.
proc describe::layout {description dir} {
    set at 0
    set pad 0
    set records {}
    foreach pin [dict get $description pins] {
        if {[dict get $pin dir] ne $dir} {
            continue
        }
        lassign [c_size [dict get $pin width]] bytes align
        set start [expr {($at + $align - 1) / $align * $align}]
        if {$start > $at} {
            lappend records [dict create name "" offset $at bytes [expr {$start - $at}]]
        }
        lappend records [dict merge $pin [dict create offset $start bytes $bytes]]
        set at [expr {$start + $bytes}]
    }
    set total [expr {($at + 7) / 8 * 8}]
    if {$total > $at} {
        lappend records [dict create name "" offset $at bytes [expr {$total - $at}]]
    }
    return [list $total $records]
}
