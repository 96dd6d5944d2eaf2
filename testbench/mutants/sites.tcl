# Finds what can be changed in a SystemVerilog source of this project's subset: the right sides of assignments, conditions, connections with an operator,
# and assignments that may be left out.
#   sites::of TEXT -> list of dicts {kind rhs|condition|connection|statement first last left clocked reset ?yields?}: first and last number tokens of
#   sites::tokens TEXT; clocked: in an always_ff; reset: in the branch of a reset; yields: the tokens {first last} of the condition of the else-if that follows
# Declarations, parameters, generate conditions, assertions and what is called unused* are left alone.

namespace eval sites {
    # Comment, string, sized or unsized number, identifier or macro or directive, operator. One alternative only ever matches at a place.
    variable pattern {//[^\n]*|/\*(?:[^*]|\*[^/])*\*/|"(?:[^"\\]|\\.)*"|\d*'[sS]?[bdhoBDHO][0-9a-fA-F_xXzZ?]+|'[01xXzZ](?![0-9a-zA-Z_])|\d[\d_]*|[`$]?[A-Za-z_][A-Za-z0-9_$]*|<<<|>>>|===|!==|<=|>=|==|!=|&&|\|\||<<|>>|::|\+:|-:|~\||~&|~\^|->|\+\+|--|[^\s]}
    variable openers {( [ \{}
    variable closers {) ] \}}
    variable types {logic int bit integer localparam parameter automatic typedef genvar longint byte}
}

# -> {texts starts}: tokens without comments, and where each begins. The last token's end is its start plus its length.
proc sites::tokens {text} {
    variable pattern
    set texts {}
    set starts {}
    foreach span [regexp -all -inline -indices -- $pattern $text] {
        set token [string range $text {*}$span]
        if {[string match //* $token] || [string match /\\** $token]} {
            continue
        }
        lappend texts $token
        lappend starts [lindex $span 0]
    }
    return [list $texts $starts]
}

# The place of the token that ends at depth 0 what begins at FROM: one of ENDS.
proc sites::scan_to {tokens from ends} {
    variable openers
    variable closers
    set depth 0
    for {set i $from} {$i < [llength $tokens]} {incr i} {
        set token [lindex $tokens $i]
        if {$depth == 0 && $token in $ends} {
            return $i
        }
        if {$token in $openers} {
            incr depth
        } elseif {$token in $closers} {
            incr depth -1
        }
    }
    error "no [join $ends { or }] after token $from"
}

# After the parenthesis that opens at AT.
proc sites::after_group {tokens at} {
    return [expr {[scan_to $tokens [expr {$at + 1}] {)}] + 1}]
}

proc sites::add {kind first last left args} {
    upvar #0 sites::found found sites::clocked clocked sites::reset reset
    if {$first <= $last && ![string match unused* $left]} {
        lappend found [dict create kind $kind first $first last $last left $left clocked $clocked reset $reset {*}$args]
    }
}

# A branch or an arm that may be left out as a whole. One assignment alone is a site of its own; a branch in combinational logic that is the first to assign
# something would make a latch.
proc sites::branch {tokens at} {
    upvar #0 sites::assigned assigned sites::clocked clocked
    set before [dict size $assigned]
    set end [statement $tokens $at]
    if {[lindex $tokens $at] in {begin if case casez for} && ($clocked || [dict size $assigned] == $before)} {
        add statement $at [expr {$end - 1}] ""
    }
    return $end
}

# One statement of a process or function. BLOCKING collects the left sides that have been assigned before: leaving out a later assignment makes no latch.
proc sites::statement {tokens at} {
    switch -glob -- [lindex $tokens $at] {
        begin {
            incr at [expr {[lindex $tokens $at+1] eq ":" ? 3 : 1}]
            while {[lindex $tokens $at] ne "end"} {
                set at [statement $tokens $at]
            }
            return [expr {$at + ([lindex $tokens $at+1] eq ":" ? 3 : 1)}]
        }
        if {
            set end [after_group $tokens [expr {$at + 1}]]
            return [if_statement $tokens [expr {$at + 2}] $end]
        }
        unique - unique0 - priority {
            return [statement $tokens [expr {$at + 1}]]
        }
        case - casez {
            set at [after_group $tokens [expr {$at + 1}]]
            while {[lindex $tokens $at] ne "endcase"} {
                set at [branch $tokens [expr {[scan_to $tokens $at :] + 1}]]
            }
            return [expr {$at + 1}]
        }
        for {
            return [statement $tokens [after_group $tokens [expr {$at + 1}]]]
        }
        `* {
            return [expr {[lindex $tokens $at+1] eq "(" ? [after_group $tokens [expr {$at + 1}]] : $at + 1}]
        }
        ";" {
            return [expr {$at + 1}]
        }
    }
    return [assignment $tokens $at 1]
}

# The condition begins at FROM, its branch at AT.
proc sites::if_statement {tokens from at} {
    variable reset
    set last [expr {$at - 2}]
    set outer $reset
    set where [lsearch -exact [lrange $tokens $from $last] rst_ni]
    set index [llength $sites::found]
    add condition $from $last ""
    set reset [expr {$outer || $where >= 0}]
    set at [statement $tokens $at]
    set reset $outer
    if {[lindex $tokens $at] ne "else"} {
        return $at
    }
    if {[lindex $tokens $at+1] eq "if"} {
        set end [after_group $tokens [expr {$at + 2}]]
        lset sites::found $index [dict replace [lindex $sites::found $index] yields [list [expr {$at + 3}] [expr {$end - 2}]]]
    }
    return [branch $tokens [expr {$at + 1}]]
}

# LEFT = RIGHT; or LEFT <= RIGHT; also a declaration, which is left alone.
proc sites::assignment {tokens at in_process} {
    variable types
    upvar #0 sites::assigned assigned
    set end [scan_to $tokens $at {;}]
    set middle [scan_to $tokens $at {= <= ;}]
    set left [join [lrange $tokens $at $middle-1] ""]
    set declares [expr {[lindex $tokens $at] in $types || [regexp {^\w+(::\w+)?$} $left] == 0 && [regexp {(^|\s)\w+ \w+$} [join [lrange $tokens $at $middle-1] " "]]}]
    if {$middle < $end && !$declares} {
        add rhs [expr {$middle + 1}] [expr {$end - 1}] $left
        if {$in_process && ([lindex $tokens $middle] eq "<=" || [dict exists $assigned [lindex $tokens $at]])} {
            add statement $at $end $left
        }
        dict set assigned [lindex $tokens $at] 1
    }
    return [expr {$end + 1}]
}

# A connection .port(expression): a site if the port is an input.
proc sites::connection {tokens at} {
    set end [after_group $tokens [expr {$at + 2}]]
    if {[string match *_i [lindex $tokens $at+1]]} {
        add connection [expr {$at + 3}] [expr {$end - 2}] [lindex $tokens $at+1]
    }
    return $end
}

proc sites::of {text} {
    variable found {}
    variable assigned
    variable clocked
    variable reset 0
    lassign [tokens $text] tokens
    set at 0
    while {$at < [llength $tokens]} {
        set assigned [dict create]
        set clocked [expr {[lindex $tokens $at] eq "always_ff"}]
        switch -glob -- [lindex $tokens $at] {
            assign {
                set at [assignment $tokens [expr {$at + 1}] 0]
            }
            always_comb {
                set at [statement $tokens [expr {$at + 1}]]
            }
            always_ff {
                set at [statement $tokens [after_group $tokens [expr {$at + 2}]]]
            }
            function {
                set at [expr {[scan_to $tokens $at {;}] + 1}]
                while {[lindex $tokens $at] ne "endfunction"} {
                    set at [statement $tokens $at]
                }
            }
            "#" {
                set at [expr {[lindex $tokens $at+1] eq "(" ? [after_group $tokens [expr {$at + 1}]] : $at + 1}]
            }
            . {
                set at [expr {[lindex $tokens $at+2] eq "(" ? [connection $tokens $at] : $at + 1}]
            }
            `LIB_* {
                set at [after_group $tokens [expr {$at + 1}]]
            }
            default {
                incr at
            }
        }
    }
    return $found
}
