# Deliberately broken firmware: each entry is a source of the firmware, what stands in it, what takes its place, and the checks of which one must
# find it. The text must occur exactly once, so that an entry cannot silently become the healthy firmware.

namespace eval broken {
    variable builds {
        queue_of_one_entry firmware/nvme/queues.c "entries < 2 || entries" "entries" {queue.size_one}
        queue_created_twice firmware/nvme/queues.c "if (!queue_id_valid(qid) || queues\[qid\].valid)" "if (!queue_id_valid(qid))" {queue.cq_id_used}
        cq_deleted_while_used firmware/nvme/queues.c "controller->cqs\[qid\].users > 0" "controller->cqs\[qid\].users > 64" {queue.delete_order}
        vector_unchecked firmware/nvme/queues.c "vector >= SEE_NUM_VECTORS" "vector > 0xffff" {queue.vector_beyond}
        requests_survive_reset firmware/nvme/controller.c "	async_reset(controller);" "" {ctrl.reset_drops_async_requests}
        shutdown_never_ends firmware/nvme/controller.c "FIELD_PREP(SEE_CSTS_SHST, 2)" "FIELD_PREP(SEE_CSTS_SHST, 1)" {ctrl.shutdown_normal}
        error_log_backwards firmware/nvme/log_pages.c "(controller->errors - 1 - i) % CONTROLLER_ERRORS" "i" {log.error_entry log.error_order}
        read_without_data firmware/nvme/io.c "io->request.to_storage ? 0 : descriptor->length" "0" {ctrl.shutdown_keeps_data data.one_block}
        lba_off_by_one firmware/nvme/io.c "(uint32_t)descriptor->remote_lba;" "(uint32_t)descriptor->remote_lba + 1;" {io.range_end}
        list_includes_start firmware/nvme/identify.c "after < 1 &&" "after <= 1 &&" {id.active_list_after}
        events_not_masked firmware/nvme/async.c "		controller->masked_types |= type_bit;" "" {aer.masked_until_read}
        format_is_fixed firmware/nvme/identify.c "LBA_FORMAT(controller->block_shift)" "LBA_FORMAT(0)" {block.format}
        volume_before_forgotten firmware/nvme/attach.c "see_ring_passed(attachment->mark) && !io_pending(attachment->function)" "true" {attach.detach_under_way}
        exchange_at_one_stroke firmware/nvme/attach.c "!has_left(attachment)" "(!has_left(attachment) && false)" {attach.exchange_is_told}
        detach_forgets_hardware firmware/nvme/volumes.c "	see_detach(controller->function);" "" {io.detached}
    }
}
