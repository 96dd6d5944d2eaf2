# The testplan: requirement (design document "Requirements") -> tests -> coverage points -> injected bug that a test must catch.
# Read by `assay regress --testplan` and the sign-off report (sim/regress/lib/testplan.tcl).
#
#   requirement ID {what} {tests {...} cover {...} bug {...} gap {...}}
# tests: PROGRAM:GLOB are cases of a GoogleTest program ("bau:bau_hold.*"), NAME is a script test; results come from the last `make test` and `make test-long`.
# cover: coverage points of testbench/coverage.tcl. bug: a patch of testbench/mutants, CASE of a Spin model ("spin/task:overtake"), or mutate/BLOCK.
# gap: what is still missing: the row is red until the line is gone. A row without a passing test is red.

requirement SN1 {first write copies the page, makes it writable, goes on} {tests {snapshot_test page_test} cover {page.fault} bug {spin/page:open_first}}
requirement SN2 {pages leave the queue to disk; complete when all is done} {tests {snapshot_test} cover {page.written}}
requirement SN3 {draining is concurrent; the pause is bounded and reported} {tests {snapshot_test} cover {pause}}
requirement SN4 {compression and a second queue, by policy} {tests {snapshot_test snapshot:snapshot_codec.*}}
requirement SN5 {a walker saves what nobody writes, each page once} {tests {snapshot_test page_test snapshot_queue:snapshot_writer.*} bug {spin/page:no_claim spin/page:torn}}
requirement SN6 {the image equals the state at the instant} {tests {snapshot_test snapshot:snapshot_image.*}}
requirement SN7 {a full queue waits, bounded and counted} {tests {snapshot_test page_test snapshot_queue:snapshot_queue.*} bug {spin/page:drop_when_full spin/page:deaf_wait}}
requirement SN8 {DMA into protected pages is held, copied, resumed} {tests {snapshot_test bau:bau_hold.* bau_lockstep:bau_hold.*} cover {page.open} bug {spin/page:not_held}}
requirement SN9 {errors, cancel and power cut leave the VM alone} {tests {snapshot_test snapshot:snapshot_image.* test_snapshot_fuzz}}
requirement SN10 {a second request is refused with progress} {tests {snapshot_test on_board hypervisor_tasks:tasks.*}}
requirement SN11 {disk and RAM agree at the instant} {tests {snapshot_test}}
requirement SN12 {superpages split, A/D updates are writes, shootdown first} {tests {snapshot_test snapshot_protect:snapshot_protect.* hypervisor_gstage:* page_test} bug {spin/page:no_shootdown}}
requirement SN13 {restore runs on, on another board too} {tests {snapshot_test}}
requirement SN14 {incremental chain} {tests {snapshot_test snapshot:snapshot_image.reads_a_chain}}

requirement KD1 {exported function found, disassembled, pattern detected} {tests {test_discover:* test_discover_kernels}}
requirement KD2 {process list, current, syscall table, offsets on three ISAs} {tests {test_discover_kernels test_discover_dump test_discover:discover_rv64.*}}
requirement KD3 {KASLR, versions, patched and hostile input: right or unknown} {tests {test_discover_files:* test_discover_fuzz}}
requirement KD4 {recall and wrong answers measured against hidden truth} {tests {test_discover_kernels}}
requirement KD5 {read-only, bounded, agentless} {tests {test_discover_dump test_discover_fuzz}}
requirement KD6 {process list equals ps; an internal function is trapped} {tests {test_discover_dump hart_pmp:debugger.a_watch*}}
requirement KD7 {invalidated on reboot} {tests {test_discover:discover_current.*}}

requirement CV1 {fetch logic, buffer and prediction assemble blocks} {tests {clb:clb_blocks.* clb_lockstep:clb_blocks.* clb_lockstep:clb_random.*} bug clb-near-resolved-twice}
requirement CV2 {first and second level tables translate blocks} {tests {convert_tables:* clb:clb_blocks.ops_equal_the_software_converter clb_lockstep:clb_random.*} bug clb-sign-one-bit-short}
requirement CV3 {native cache; the CLB forwards native ops on a hit} {tests {clb:clb_timing.hit_near_and_stream clb_lockstep:clb_programs.* clb_test} bug clb-hit-not-recent}
requirement CV4 {system-emulation, application and system converter} {tests {clb:clb_blocks.converter_is_chosen_by_mode_and_isa clb_lockstep:clb_blocks.converter_is_chosen_by_mode_and_isa} bug clb-converter-of-virtual-supervisor}
requirement CV5 {partial results, memory table buffer, tables are data} {tests {convert_tables:tables.both_levels_and_all_template_sizes_are_used descriptions reference_test clb_lockstep:clb_random.*} bug clb-tables-not-dropped}
requirement CV6 {far branches predicted; opposite path on a mispredict} {tests {clb:clb_blocks.far_branch_follows_the_prediction_and_carries_the_opposite_path clb_lockstep:clb_blocks.*} bug clb-prediction-turns-for-ever}
requirement CV7 {conversion buffer behind the CLB; evictions leave nothing} {tests {clb:clb_keeping.* clb_lockstep:clb_keeping.*} bug clb-owner-not-compared}
requirement CV8 {miss order; table miss traps precisely} {tests {hart_traps:* clb:clb_blocks.miss_of_both_levels_goes_to_the_slow_path clb:clb_machine.slow_path_alone_gives_the_same_result} bug clb-buffer-not-probed}
requirement CV9 {self-modifying code from stores, DMA, harts, remaps} {tests {clb_lockstep:clb_precise.modified_code_executes_as_memory_holds_it hart_memory:code.* clb:clb_machine.* clb_lockstep:clb_keeping.*} bug clb-version-not-bumped}
requirement CV10 {precise faults and interrupts} {tests {clb_lockstep:clb_precise.stepped_programs_end_as_in_fast_mode hart_traps:* differential clb:clb_machine.* clb_lockstep:clb_programs.*} bug clb-split-half-of-same-page}
requirement CV11 {two guest ISAs through the same hardware} {tests {a64:a64_random.* a64:a64_faults.* a64:a64_code.* a64_lockstep:a64_random.* a64_lockstep:a64_code.* a64_apps_test a64_apps_long disassembly_test} bug clb-isa-ignored}
requirement CV12 {differential per retired instruction; stated cycles} {tests {differential hart_modes:* hart_float:* hart_extensions:* clb:clb_timing.* clb_lockstep:clb_timing.*} bug clb-capacity-off-by-one}
requirement CV13 {chaining and hot blocks: hit rate and speed} {tests {clb_long clb:clb_timing.* clb_lockstep:clb_timing.chained_block clb_lockstep:clb_keeping.no_chain_leads_to_a_block_that_died}}

requirement NS1 {external storage through a shared port with other packets} {tests {port_lockstep:port_flow.* port:exchange.* port:netdev_chain.* port:netdev_event.* port:netdev_control.* port:netdev_link.* shared_port_test port_detach_test identity_test}}
requirement NS2 {network fabric storage driver and protocol} {tests {network:* network_options:* network_quirks:* firmware:firmware_placed.* firmware:firmware_fabric.* firmware:firmware_pieces.* capture_test} bug {see-tag-generation}}
requirement NS3 {presented as local storage of the host} {tests {identity_test see_lockstep:*} cover {command} bug {see-phase-tag see-done-source}}
requirement NS4 {PF and VFs for host and VMs} {tests {see:see_config.* see_lockstep:* guest_faults_test sriov_test} cover {command_function}}
requirement NS5 {the NIC accelerates the host's own fabric driver} {tests {port:offload.* port:netdev.* port:netdev_place.* port_lockstep:port_place.* port_lockstep:port_place_random.* accelerator_test}}
requirement NS6 {several external storages as one local storage} {tests {see:see_parts.* see_unit_lockstep:see_parts.* see:see_blocks.* see_unit_lockstep:see_blocks.* firmware:firmware_layout.* firmware:volume_record.* mirror_power_test check_run stripe_test hotplug_test}}
requirement NS7 {NVMe to NVMe-oF and back; selectable per function} {tests {network:* see:see_io.*}}
requirement NS8 {function isolation; FLR settles first} {tests {see:see_reset.* see_unit_lockstep:see_reset.* see:see_namespace.* see_unit_lockstep:see_namespace.* firmware:firmware_attach.* guest_faults_test sriov_test hotplug_test} cover {reset}}
requirement NS9 {failover, exactly once visible, all-paths-down, failback} {tests {firmware:firmware_multipath.* firmware:firmware_ana.* multipath_test firmware:firmware_digest.*}}
requirement NS10 {stripe, concatenation, mirror; late replies dropped} {tests {see:see_parts.stripes_over_storages_of_different_sizes see:see_limits.stale_answers_do_not_reach_reused_tags firmware:firmware_layout.* firmware:volume_record.* mirror_power_test check_run stripe_test}}
requirement NS11 {firmware crash recovery, live update, hot-plug} {tests {board_test firmware_crash_test firmware_update_test firmware:firmware_update.* boot:* port:slot_flash.* port:watchdog.* update_powercut_test check_run hotplug_test hotplug_long}}
requirement NS12 {no starvation; loss, reorder, corruption, backpressure} {tests {firmware:firmware_limit.* hotplug_test see:see_arbitration.* see_unit_lockstep:see_arbitration.* network:network.verified_io_over_faulty_links port_lockstep:port_flow.grants_are_fair_in_bytes port:exchange.* port_fairness_test test_network_fuzz accelerator_test accelerator_faults_long faulty_links_test}}
requirement NS13 {NVMe conformance} {tests {see:* see_unit_lockstep:see_coalescing.* firmware:firmware_admin.* check_run broken_long test_see_fuzz nvme_host_interop}}
requirement NS14 {learned flow rules bypass the slow path; revoked on detach} {tests {port_lockstep:port_flow.* port_lockstep:port_detach.* shared_port_test}}

requirement DI1 {the BAU receives an interrupt with a target id} {tests {bau:bau_interrupt.* bau_lockstep:*} cover {interrupt_path}}
requirement DI2 {an interrupt-table entry translates it} {tests {bau:bau_interrupt.*} bug {bau-superpage-bits bau-fill-after-invalidation}}
requirement DI3 {forwarded directly to the target processor} {tests {bau:bau_interrupt.running_target_is_signalled_directly identity_test} cover {interrupt_path}}
requirement DI4 {fetched copy; running and blocked; re-read after} {tests {directed_interrupt_test bau:bau_interrupt.*} bug {bau-blocked-ignored bau-no-reread bau-decide-too-early}}
requirement DI5 {not running: broadcast with a marked vector} {tests {bau:bau_interrupt.target_that_does_not_run_is_broadcast} cover {interrupt_path} bug {bau-notify-everybody}}
requirement DI6 {the receiver checks target and partition} {tests {bau:receiver.*} bug {bau-iotlb-partition}}
requirement DI7 {vector set before forwarding; guest scans, unblocks, rescans} {tests {directed_interrupt_test bau:bau_interrupt.unblock_rescans_and_signals_again} bug {spin/directed_interrupt:check_before_set spin/directed_interrupt:no_rescan}}
requirement DI8 {device table cached with explicit invalidation} {tests {bau:bau_command.*} bug {bau-fence-without-drain}}
requirement DI9 {races fuzzed and model-checked: nothing lost or endless} {tests {directed_interrupt_test bau:bau_protocol.* interrupt_race_test} bug {spin/directed_interrupt:always_signal}}
requirement DI10 {bad ids, tables, requesters harm only their owner} {tests {bau:bau_command.* bau_lockstep:bau_partition.* guest_faults_test} bug {bau-bounds-limit bau-fault-queue-full}}
requirement DI11 {latency per stage: direct, broadcast, classical} {tests {interrupt_latency_test sim_kernel:latency.*}}
requirement DI12 {two partitions with a hypervisor each} {tests {bau:bau_command.partitions_are_kept_apart bau_lockstep:bau_partition.* bau_lockstep:bau_fairness.* partitions_test board:device_tree.*} bug {bau-bounds-limit}}

requirement TP1 {the manager makes an execution context bound to a routine} {tests {task:task.runs_reports_and_succeeds hypervisor_tasks:*} cover {task}}
requirement TP2 {the dispatcher takes progress and publishes updates} {tests {task:task.a_subscriber_that_sleeps_delays_nobody_and_finds_the_newest hypervisor_tasks:*} bug {spin/task:progress_falls}}
requirement TP3 {blocks the resource, shows progress, unblocks} {tests {task:task.describes_what_is_in_the_way on_board regress_test} cover {task}}
requirement TP4 {unblocks on every end} {tests {task:task.unblocks_on_every_end task_test} bug {spin/task:keep_on_timeout}}
requirement TP5 {FIFO or reject; several resources in one order} {tests {task:task.waits_in_order_of_acceptance_and_others_pass task:task.bad_requests_change_nothing task_test} bug {spin/task:overtake spin/task:unordered spin/task:hold_and_wait}}
requirement TP6 {cancel with compensation} {tests {task:task.unblocks_on_every_end task:task.compensation_that_never_ends_is_ended_by_its_timeout resume_test} bug {spin/task:parent_first}}
requirement TP7 {nested tasks} {tests {task:task.nested_tasks_use_their_parents_resources_and_worker task_test} bug {spin/task:child_needs_worker}}
requirement TP8 {restart from the journal} {tests {task:task.a_restart_settles_each_orphan_once task:task.a_restart_compensates_from_inside_out resume_test}}
requirement TP9 {monotone progress, one terminal state, slow subscribers isolated} {tests {task:task.ends_once_and_late_reports_are_counted task:task_random.* task:task.progress_never_falls_and_reaches_100_only_with_success task_test} bug {spin/task:accept_late}}
requirement TP10 {workers on several hosts; other resources run concurrently} {tests {slurm_test regress_test}}

requirement TB1 {lockstep at every interface, tolerance zero} {tests {see_lockstep:* bau_lockstep:* port_lockstep:* identity_test check} bug {mutate/see mutate/bau mutate/port mutate/clb}}
requirement TB2 {real hypervisor and firmware} {tests {hypervisor_qemu identity_test}}
requirement TB3 {seeded replay} {tests {identity_test fabric:outside.frames_pass_both_ways_and_replay}}
requirement TB4 {joint scenario} {tests {joint_test joint_long}}
requirement TB5 {waves of the failure window without a manual rerun} {tests {failure_window_test failure_window_long}}
requirement TB6 {checkpoint identity} {tests {checkpoint_test checkpoint_long sim_kernel:pin_journal.*}}
requirement TB7 {mutation score} {tests {check} bug {mutate/see mutate/bau mutate/port mutate/clb}}
requirement TB8 {firmware sign-off report} {tests {check_run broken_long}}
requirement TB9 {GDB attaches to harts and NIC processor} {tests {gdb_test}}
requirement TB10 {embeddable: SystemC/TLM module, vfio-user server} {tests {vfio_user_test}}
