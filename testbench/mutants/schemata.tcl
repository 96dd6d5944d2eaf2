# Chooses mutants and writes sources that hold all of them: `mutants::selected == 3 ? (changed) : (original)`.
# A mutant is a dict: file first last left kind (its site), line, operator, text (the site's new text), begin and end (characters of the site).

namespace eval schemata {}

# Identifier -> those that the same declaration gives the same type. Memories have none.
proc schemata::kin {text} {
    set kin [dict create]
    set groups [dict create]
    foreach {all type list} [regexp -all -inline -line {^\s*logic\s*(\[[^\]]*\])?\s*([a-z][a-z0-9_, ]*);} $text] {
        dict lappend groups "$type $list" {*}[split [string map {" " ""} $list] ,]
    }
    foreach {all direction type name} [regexp -all -inline -line {^\s*(input|output)\s+logic\s*(\[[^\]]*\])?\s+([a-z][a-z0-9_]*)} $text] {
        if {$name ni {clk_i rst_ni}} {
            dict lappend groups "$direction [string map {" " ""} $type]" $name
        }
    }
    dict for {group members} $groups {
        foreach name $members {
            dict set kin $name [lsearch -all -inline -not -exact $members $name]
        }
    }
    return $kin
}

# Every mutant of one source.
proc schemata::of_source {file} {
    set text [mutate::read_text $file]
    lassign [sites::tokens $text] tokens starts
    set names [dict create]
    foreach token $tokens {
        dict set names $token 1
    }
    set sites [sites::of $text]
    set kin [kin $text]
    set simple [dict create]
    foreach site $sites {
        set right [join [lrange $tokens [dict get $site first] [dict get $site last]] ""]
        if {[dict get $site kind] eq "rhs" && [regexp {^(\w+::)?[A-Z]\w*$} $right]} {
            dict set simple [dict get $site left] $right 1
        }
    }
    return [lmap site $sites {
        set begin [lindex $starts [dict get $site first]]
        set last [dict get $site last]
        set others [expr {[dict exists $simple [dict get $site left]] ? [dict keys [dict get $simple [dict get $site left]]] : {}}]
        dict merge $site [dict create file $file begin $begin end [expr {[lindex $starts $last] + [string length [lindex $tokens $last]] - 1}] \
            line [expr {[regexp -all \n [string range $text 0 $begin-1]] + 1}] changes [operators::of $tokens $site $names $kin $others]]
    }]
}

proc schemata::random {below} {
    return [expr {int(rand() * $below)}]
}

# An endless list of choices, given by SEED: each site once before any is changed twice.
proc schemata::shuffle {list} {
    for {set i [expr {[llength $list] - 1}]} {$i > 0} {incr i -1} {
        set j [random [expr {$i + 1}]]
        set kept [lindex $list $i]
        lset list $i [lindex $list $j]
        lset list $j $kept
    }
    return $list
}

# All mutants in the order in which they are taken.
proc schemata::order {files seed} {
    expr {srand($seed * 7919 + 17)}
    set sites [concat {*}[lmap file $files {of_source $file}]]
    set order {}
    set later {}
    foreach site [shuffle $sites] {
        set changes [shuffle [dict get $site changes]]
        dict unset site changes
        foreach change $changes target [list order {*}[lrepeat [expr {max(0, [llength $changes] - 1)}] later]] {
            lassign $change operator text
            lappend $target [dict merge $site [dict create operator $operator text $text]]
        }
    }
    return [concat $order [shuffle $later]]
}

# The text of FILE with MUTANTS (numbered from 1, as they stand in the dict NUMBER MUTANT) behind the select value. Lines stay where they are.
proc schemata::apply {text mutants} {
    set edits {}
    set expressions [dict create]
    dict for {number mutant} $mutants {
        set begin [dict get $mutant begin]
        set end [dict get $mutant end]
        if {[dict get $mutant kind] eq "statement"} {
            lappend edits [list [expr {$end + 1}] " end end "] [list $begin "begin if (mutants::selected != $number) begin "]
        } else {
            dict append expressions [list $begin $end] "mutants::selected == $number ? ([dict get $mutant text]) : "
        }
    }
    dict for {span prefix} $expressions {
        lassign $span begin end
        lappend edits [list [expr {$end + 1}] "))"] [list $begin "($prefix ("]
    }
    # From the end to the beginning, so that places stay true. No two edits have the same place.
    foreach edit [lsort -integer -index 0 -decreasing $edits] {
        lassign $edit at inserted
        set text [string replace $text $at $at "$inserted[string index $text $at]"]
    }
    return $text
}

# The text with one mutant alone, for its patch.
proc schemata::alone {text mutant} {
    return [string replace $text [dict get $mutant begin] [dict get $mutant end] [dict get $mutant text]]
}
