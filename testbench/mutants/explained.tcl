bau {*/bau_engine.sv:assign fault_o.cause*} {cause_d: the cause does not change while a fault is reported}
bau {*/bau_engine.sv:FETCH: if (complete) state_d = ENTRY;} {FETCH to UNBLOCK_ENTRY: the two states do the same, unblock_q tells them apart}
bau {*/bau_dma.sv:assign chunk_d.refuse* => state_q to state_d} {a chunk is pushed in REST, for a refused read, which stays there, and in CHUNK, which never goes there}
bau {*/bau_regs.sv:*_head_q*<= 8'd0;} {at reset the queue has one place, modulo which it reads 0; software's write of the size sets it to 0}
bau {*/bau_regs.sv:*_tail_q*<= 8'd0;} {at reset the queue has one place, modulo which it reads 0; software's write of the size sets it to 0}
see {*/see_done.sv:c_o.status*= 15'd0;} {the status shows only with `pulled`, and whoever sets that sets the status; a completion brings its own}
see {*/see_done.sv:a_o.post*= 1'b0;} {FETCH has taken the slot with all of its context 0}
see {*/see_slots.sv:fw_q*<= fw_q & ~owned;} {an orphan is looked at before fw is, and leaves both sets when it is answered}
see {*/see_ce.sv:fx_o.state = see_types::SLOT_FREE; => left out} {FREE is 0, which the state is without the assignment}
see {*/see_cqe.sv:word1_o*= 64'd0;} {a job of no bytes shows none of its words}
see {*/see_types.sv:lowest64 = *; => lowest bit inverted} {bit 0 adds nothing to the number that index64 makes of the set, the only use of it}
see {*/see_commands.sv:a_d = slot_a;} {each of the items that write A (DONE, CE, CHECK, LIST, PULL, PUSH, FETCH) has a value of its own below}
see {*/see_msix.sv:*we_i(bits_we || (init_i && init_index_i < *))*, => && to ||} {INIT writes 0 everywhere in any case; after it the index stays at its end, which is not below the limit}
see {*/see_cqe.sv:write_job_o.nm*= 32'd0;} {a CQE's job has its words with it, no data in NIC memory}
see {*/see_done.sv:default: go = see_types::SLOT_RING; => bit 15 stuck at 0} {bit 15 modulo 4 is bit 3, which is 0 in RING}
see {*/see_commands.sv:.a_i(slot_a), .b_i(slot_b), .c_i(slot_c), .opcode_i(*, => bit 48 *} {a bit of the CID: RING takes only the status of C}
port {*/port_queues.sv:now_q*<= '0;} {the virtual time is only compared with tags that reset makes equal; whatever it begins with, the queues begin level}
port {*/port_regs.sv:* => - to +} {the base is a multiple of the window, which the nine bits of a word's number count}
port {*/port_decide.sv:verdict_o.path = 3'(port_pkg::PORT_FLOW_PATH_BYPASS); => left out} {BYPASS is 0, which the path is without the assignment}
port {*/port_place.sv:from_q   <= NOT_FOLLOWED; => stuck at 1} {it is all ones}
port {*/port_rules.sv:func_o*= '0;} {nobody looks at the function without a hit}
port {*/port_rules.sv:action_o*= '0;} {nobody looks at the action without a hit}
port {*/port_rules.sv:assign m = match_i* => bit*} {a bit of the register that no rule has}
clb {*/clb_buffer.sv:mem_addr_o  = address;} {the address counts only with mem_write_o}
clb {*/clb_buffer.sv:beat_q <= beat_q + 6'd1; => bit*} {the header's four words are told apart by the two lowest bits; COMPARE sets all to 0}
see {*/see_check.sv:fx_o*= '0; => lowest bit inverted} {we_c at the commit of other items writes C with what it holds}
