# What a site (sites.tcl) can be changed into: the mistakes that people make.
#   operators::of TOKENS SITE NAMES KIN ALTERNATIVES -> list of {operator text}: the site's new text. NAMES: dict of every identifier of the source; KIN: dict of
#   identifier to those that are declared together with it, of the same type. Takes choices from rand().

namespace eval operators {
    variable binary {
        && || || && == != != == < {<= >=} <= {< >} > {>= <=} >= {> <} + - - + & | | & ^ | << >> >> <<
    }
    variable ends {^([\w`$].*|\)|\]|\}|'.*)$}
}

# For each token of EXPRESSION: 1 if it stands in brackets with a range, a replication's count or a cast's width.
proc operators::fixed {expression} {
    set fixed {}
    set stack {}
    foreach token $expression next [lrange $expression 1 end] {
        if {$token in {[ ( \{}} {
            lappend stack $token
        }
        lappend fixed [expr {"\[" in $stack || $next eq "\{" || $next eq "'"}]
        if {$token in {] ) \}}} {
            set stack [lrange $stack 0 end-1]
        }
    }
    return $fixed
}

proc operators::join_tokens {tokens} {
    return [string map {" . " . " :: " :: " \[ " \[ " \]" \] "( " ( " )" ) "! " ! "~ " ~ " ' " ' " ," ,} [join $tokens " "]]
}

# Another value of the same width.
proc operators::other_constant {token} {
    if {$token eq "'0"} {
        return '1
    }
    if {$token eq "'1"} {
        return '0
    }
    if {![regexp {^(\d+)'([bdh])([0-9a-fA-F_]+)$} $token -> width base digits]} {
        return ""
    }
    set digits [string map {_ ""} $digits]
    scan $digits [dict get {b %llb d %lld h %llx} $base] value
    return "$width'd[expr {($value + ($value && rand() < 0.5 ? -1 : 1)) % (1 << $width)}]"
}

# Constants off by one: also those of packages, and numbers without a width.
proc operators::off_by_one {tokens at} {
    set token [lindex $tokens $at]
    set by [lindex {+ -} [expr {rand() < 0.5}]]
    if {[regexp {^[0-9]+$} $token] && [lindex $tokens $at+1] ne "'"} {
        return [list [list "$token $by 1" [lreplace $tokens $at $at ( $token $by 1 )]]]
    }
    if {[lindex $tokens $at-1] eq "::" && [regexp {^[A-Z][A-Z0-9_]*$} $token]} {
        return [list [list "$token $by 1" [lreplace $tokens $at-2 $at ( [lindex $tokens $at-2] :: $token $by 1 )]]]
    }
    return {}
}

# [7:4] becomes [8:5] or [6:3], [3] becomes [4] or [2].
proc operators::slice {tokens at} {
    if {![regexp {^\[ (\d+)( : (\d+))? \]} [join [lrange $tokens $at $at+4]] all high - low]} {
        return {}
    }
    set by [expr {($low eq "" ? $high : $low) == 0 || rand() < 0.5 ? 1 : -1}]
    set moved [expr {$low eq "" ? [list \[ [expr {$high + $by}] \]] : [list \[ [expr {$high + $by}] : [expr {$low + $by}] \]]}]
    return [list [list "[string map {" " ""} $all] to [join $moved ""]" [lreplace $tokens $at [expr {$at + [llength $moved] - 1}] {*}$moved]]]
}

# The first two parts of a concatenation exchanged.
proc operators::exchanged {tokens at} {
    set ends {}
    set depth 0
    for {set i [expr {$at + 1}]} {$i < [llength $tokens] && [llength $ends] < 2} {incr i} {
        set token [lindex $tokens $i]
        if {$depth == 0 && $token in {, \}}} {
            lappend ends $i
            if {$token ne ","} {
                break
            }
        }
        incr depth [expr {$token in {( [ \{} ? 1 : $token in {) ] \}} ? -1 : 0}]
    }
    if {[llength $ends] < 2} {
        return {}
    }
    lassign $ends first second
    set left [lrange $tokens $at+1 $first-1]
    set right [lrange $tokens $first+1 $second-1]
    return [list [list "parts of {} exchanged" [concat [lrange $tokens 0 $at] $right , $left [lrange $tokens $second end]]]]
}

# Another signal of the same declaration; in combinational logic only registers and inputs, so that no loop arises.
proc operators::wrong_signal {tokens at kin clocked} {
    set token [lindex $tokens $at]
    if {![dict exists $kin $token] || [lindex $tokens $at-1] in {. ::}} {
        return {}
    }
    set others [lmap other [dict get $kin $token] {
        if {!$clocked && ![regexp {_[qi]$} $other]} {
            continue
        }
        string cat $other
    }]
    if {$others eq ""} {
        return {}
    }
    set other [lindex $others [expr {int(rand() * [llength $others])}]]
    return [list [list "$token to $other" [lreplace $tokens $at $at $other]]]
}

# The operator at AT and one operand: up to where an operator that binds no tighter stands at the same depth. -> {first last} of what goes, both ways.
proc operators::operand {tokens at direction} {
    set depth 0
    set i $at
    while {1} {
        incr i $direction
        set token [lindex $tokens $i]
        if {$i < 0 || $i >= [llength $tokens]} {
            break
        }
        if {$depth == 0 && $token in {&& || ? : , ;}} {
            break
        }
        if {$token in {( [ \{}} {
            incr depth $direction
        } elseif {$token in {) ] \}}} {
            incr depth [expr {-$direction}]
        }
        if {$depth < 0} {
            break
        }
    }
    return [expr {$i - $direction}]
}

# Where the condition of the ? at AT begins.
proc operators::condition_start {tokens at} {
    set depth 0
    for {set i [expr {$at - 1}]} {$i >= 0} {incr i -1} {
        set token [lindex $tokens $i]
        if {$token in {) ] \}}} {
            incr depth
        } elseif {$token in {( [ \{}} {
            if {[incr depth -1] < 0} {
                break
            }
        } elseif {$depth == 0 && $token in {? : ,}} {
            break
        }
    }
    return [expr {$i + 1}]
}

proc operators::at_token {tokens at fixed names kin clocked} {
    variable binary
    variable ends
    set token [lindex $tokens $at]
    set is_binary [expr {$at > 0 && [regexp $ends [lindex $tokens $at-1]]}]
    set changes {}
    if {$is_binary && [dict exists $binary $token]} {
        foreach other [dict get $binary $token] {
            lappend changes [list "$token to $other" [lreplace $tokens $at $at $other]]
        }
    }
    if {$token in {&& ||}} {
        lappend changes [list "right of $token dropped" [lreplace $tokens $at [operand $tokens $at 1]]]
        lappend changes [list "left of $token dropped" [lreplace $tokens [operand $tokens $at -1] $at]]
    }
    if {!$is_binary && $token in {! ~}} {
        lappend changes [list "$token dropped" [lreplace $tokens $at $at]]
    }
    if {!$is_binary && $token in {& |}} {
        lappend changes [list "reduction $token to [string map {& | | &} $token]" [lreplace $tokens $at $at [string map {& | | &} $token]]]
    }
    if {$token eq "?"} {
        set start [condition_start $tokens $at]
        lappend changes [list "branches of ? exchanged" [concat [lrange $tokens 0 $start-1] {! (} [lrange $tokens $start $at-1] {)} [lrange $tokens $at end]]]
    }
    if {!$fixed && [set other [other_constant $token]] ne ""} {
        lappend changes [list "$token to $other" [lreplace $tokens $at $at $other]]
    }
    if {[regexp {^(\w+)_([qd])$} $token -> stem kind] && [lindex $tokens $at-1] ni {. ::}} {
        set other ${stem}_[string map {q d d q} $kind]
        if {[dict exists $names $other]} {
            lappend changes [list "$token to $other" [lreplace $tokens $at $at $other]]
        }
    }
    if {$token eq "\["} {
        lappend changes {*}[slice $tokens $at]
    } elseif {$token eq "\{"} {
        lappend changes {*}[exchanged $tokens $at]
    } elseif {!$fixed} {
        lappend changes {*}[off_by_one $tokens $at]
    }
    return [concat $changes [wrong_signal $tokens $at $kin $clocked]]
}

# One bit of what goes to LEFT, as a fault of one gate or wire.
proc operators::one_bit {whole left} {
    set bit [expr {1 + int(rand() * 62)}]
    set mask "(('1 & ~('1 << 1)) << ($bit % \$bits($left)))"
    return [list [list "bit $bit inverted" "($whole) ^ $mask"] [list "bit $bit stuck at 0" "($whole) & ~$mask"] [list "bit $bit stuck at 1" "($whole) | $mask"]]
}

# -> {whether it is a constant of zeros, of ones}
proc operators::constant_kind {text} {
    return [list [regexp {^(\d*'[bdh])?0+$|^'0$} $text] [regexp {^'1$|^1'[bdh]1$} $text]]
}

# Combinational logic that reads what it drives: a latch, which no change of ours is to make; `x_d = x_d` keeps what the register keeps.
proc operators::keeps_itself {site before after} {
    if {[dict get $site kind] ne "rhs" || [dict get $site clocked]} {
        return 0
    }
    set left [regexp -inline {^\w+} [dict get $site left]]
    return [expr {$left in $after && $left ni $before}]
}

# @param alternatives what else the same left side becomes in this source (states, for example)
proc operators::of {tokens site names kin alternatives} {
    set expression [lrange $tokens [dict get $site first] [dict get $site last]]
    if {[dict get $site kind] eq "statement"} {
        return [list [list [expr {[dict get $site reset] ? "reset left out" : "left out"}] ";"]]
    }
    set changes {}
    set at 0
    foreach token $expression fixed [fixed $expression] {
        foreach change [at_token $expression $at $fixed $names $kin [dict get $site clocked]] {
            lassign $change what changed
            if {![keeps_itself $site $expression $changed]} {
                lappend changes [list $what [join_tokens $changed]]
            }
        }
        incr at
    }
    set whole [join_tokens $expression]
    if {[dict get $site kind] eq "condition"} {
        lappend changes [list negated "!($whole)"] [list "always true" 1'b1] [list "never true" 1'b0]
        if {[dict exists $site yields]} {
            lappend changes [list "the next condition first" "($whole) && !([join_tokens [lrange $tokens {*}[dict get $site yields]]])"]
        }
    } else {
        lassign [constant_kind $whole] zero ones
        if {!$zero} {
            lappend changes [list "stuck at 0" '0] [list inverted "($whole) ^ '1"]
        }
        if {!$ones} {
            lappend changes [list "stuck at 1" '1]
        }
        lappend changes [list "lowest bit inverted" "($whole) ^ ('1 & ~('1 << 1))"]
        if {!$zero && !$ones} {
            lappend changes {*}[one_bit $whole [expr {[dict get $site kind] eq "connection" ? $whole : [dict get $site left]}]]
        }
        foreach other $alternatives {
            if {$other ne $whole} {
                lappend changes [list "$whole to $other" $other]
            }
        }
    }
    return $changes
}
