# assay regress --backend slurm, on a cluster of two nodes that this test brings up on the loopback: slurmctld and two slurmd, no munge.
# Skipped (status 77, with the reason) where the machine has no Slurm or does not let its daemons run.
source [file join [file dirname [info script]] common.tcl]

set cluster [file normalize $directory/slurm]
set daemons {}

proc skip {reason} {
    stop_cluster
    file delete -force $::directory
    puts "no Slurm here: $reason"
    exit 77
}

proc configuration {} {
    set host [lindex [split [info hostname] .] 0]
    set port [expr {20000 + [pid] % 10000}]
    return "ClusterName=assay
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=$port
AuthType=auth/none
CredType=cred/none
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$::cluster/state
SlurmdSpoolDir=$::cluster/spool.%n
SlurmctldPidFile=$::cluster/slurmctld.pid
SlurmdPidFile=$::cluster/slurmd.%n.pid
SlurmctldLogFile=$::cluster/slurmctld.log
SlurmdLogFile=$::cluster/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=w1 NodeHostname=$host NodeAddr=127.0.0.1 Port=[expr {$port + 1}] CPUs=1
NodeName=w2 NodeHostname=$host NodeAddr=127.0.0.1 Port=[expr {$port + 2}] CPUs=1
PartitionName=all Nodes=ALL Default=YES State=UP"
}

proc daemon {args} {
    if {[catch {exec {*}$args >& $::cluster/start.log &} pid]} {
        skip $pid
    }
    lappend ::daemons $pid
}

proc start_cluster {} {
    foreach tool {slurmctld slurmd srun sinfo} {
        if {[auto_execok $tool] eq ""} {
            skip "$tool is missing"
        }
    }
    if {[exec id -u] != 0} {
        skip "slurmd runs as root only"
    }
    file mkdir $::cluster/state $::cluster/spool.w1 $::cluster/spool.w2
    set channel [open $::cluster/slurm.conf w]
    puts $channel [configuration]
    close $channel
    set ::env(SLURM_CONF) $::cluster/slurm.conf
    daemon slurmctld -D -i
    after 500
    daemon slurmd -D -N w1
    daemon slurmd -D -N w2
    for {set i 0} {$i < 100} {incr i} {
        if {![catch {exec sinfo --noheader --states=idle --format=%D 2>/dev/null} nodes] && [string trim $nodes] == 2} {
            return
        }
        after 200
    }
    skip "the two nodes did not come up: [lindex [split [string trim [text_of $::cluster/start.log]] \n] end]"
}

proc stop_cluster {} {
    foreach pid [lreverse $::daemons] {
        catch {exec kill $pid}
    }
    foreach pid $::daemons {
        await "the end of a daemon" {![file exists /proc/$pid] || [string match "* Z *" [text_of /proc/$pid/stat]]}
    }
}

proc nodes_of {pattern} {
    return [lsort -unique [lmap file [glob -nocomplain $::directory/$pattern] {string trim [text_of $file]}]]
}

proc test_jobs {} {
    set plan [write_plan slurm.tcl [format {
        command where {sh -c {echo $SLURMD_NODENAME > %1$s/node.$ASSAY_SEED; while [ $(ls %1$s/node.* | wc -l) -lt 2 ]; do sleep 0.1; done}} {seeds {1 2}}
        command bad {sh -c {echo "assay: port cq differs"; exit 1}}
        scenario %1$s/ping.tcl {backends {{see model bau model}} harts fast}
    } [file normalize $::directory]]]
    write_plan ping.tcl "source testbench/system/first_io_parts.tcl\nfirst_io::build_board\nputs \"version \[vm ping\]\""
    set text [regress 1 $plan --directory $::directory/work -j 2 --backend slurm]
    expect "*2 workers (slurm)*1 x assay: port cq differs*3 passed, 1 failed*" $text "jobs through Slurm"
    harness::check [expr {[nodes_of node.*] eq "w1 w2"}] "the jobs ran on the nodes: [nodes_of node.*], expected both at once"
}

# A job that somebody cancels in Slurm is a lost worker: it is repeated once.
proc test_lost {} {
    set plan [write_plan lost.tcl [format {
        command once {sh -c {if [ -e %1$s/second ]; then exit 0; fi; touch %1$s/second; kill -9 $$}}
    } [file normalize $::directory]]]
    set text [regress 0 $plan --directory $::directory/work -j 1 --backend slurm]
    expect "*lost  once/seed=1*repeated as task*1 passed, 0 failed*" $text "a worker that died on its node"
}

start_cluster
try {
    test_jobs
    test_lost
} finally {
    stop_cluster
}
finish
