# Volume files for scenarios: ext4 images made from this repository's own files, and working copies, so that no file of the
# user is ever written.

namespace eval volumes {
    # Times inside the images are fixed, so that the same sources give the same bytes.
    variable epoch 1767225600
}

proc volumes::tool {args} {
    if {[catch {exec {*}$args 2>@1} message]} {
        assay::bad_input "[lindex $args 0]: [lindex [split [string trim $message] \n] end]"
    }
    return $message
}

# Writes an 8 MiB file: an ext4 file system of 6 MiB that holds FILES, then 2 MiB for random I/O.
proc volumes::make_ext4 {path number files} {
    variable epoch
    set uuid [format "a55a0000-0000-4000-8000-%012d" $number]
    set ::env(E2FSPROGS_FAKE_TIME) $epoch
    file mkdir [file dirname $path]
    file delete $path.new
    volumes::tool truncate -s 8M $path.new
    volumes::tool mkfs.ext4 -q -F -b 1024 -O ^has_journal -U $uuid -E hash_seed=$uuid $path.new 6M
    set commands ""
    foreach file $files {
        append commands "write $file [file tail $file]\n"
    }
    if {[catch {exec debugfs -w -f - $path.new << $commands 2>@1} message]} {
        assay::bad_input "debugfs: $message"
    }
    file rename -force $path.new $path
}

# The file behind volume NUMBER for this run: a copy, in DIRECTORY, of what the user named or of the default image.
# Returns {working-copy original}.
proc volumes::prepare {number directory} {
    set named [assay::parameter volume$number ""]
    set before $directory/volume$number.before.img
    set work $directory/volume$number.img
    file mkdir $directory
    if {$named eq ""} {
        set sources [lsort [glob models/*/*.\[ch\] rtl/*/*.sv LICENSE Makefile]]
        make_ext4 $before $number [lrange $sources [expr {$number * 20}] [expr {$number * 20 + 60}]]
    } else {
        check_named $number $named
        file copy -force $named $before
    }
    file copy -force $before $work
    file attributes $work -permissions u+w
    return [list $work $before]
}

proc volumes::check_named {number path} {
    if {![file isfile $path] || ![file readable $path]} {
        assay::bad_input "volume $number, file $path: cannot be read"
    }
    set size [file size $path]
    if {$size < 1048576 || $size % 4096 != 0} {
        assay::bad_input "volume $number, file $path: $size bytes; a volume is at least 1048576 bytes and a multiple of 4096"
    }
}

# Checks the file system of a default image from outside.
proc volumes::check_ext4 {path} {
    if {[catch {exec e2fsck -fn $path 2>@1} message]} {
        assay::check 0 "e2fsck finds $path damaged: [lindex [split $message \n] end]"
    }
}
