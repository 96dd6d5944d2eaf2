/* What this firmware says of itself; the signer takes it from the section (image.h). */
#include "firmware/boot/image.h"
#include "firmware/boot/keep.h"

const struct image_info image_info __attribute__((section(".image_info"), used)) = {
	.security_version = 1,
	.keep_layout = KEEP_LAYOUT,
	.revision = "1.0     ",
};
