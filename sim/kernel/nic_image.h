/* From a firmware ELF to a signed image, and into the slot flash. */
#ifndef ASSAY_SIM_KERNEL_NIC_IMAGE_H
#define ASSAY_SIM_KERNEL_NIC_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/** What may be said otherwise than the ELF says it. */
struct nic_image_options {
	const char *revision;	   /**< NULL: the ELF's; at most 8 printable characters */
	int64_t security_version; /**< negative: the ELF's */
	const uint8_t *seed;	   /**< private key; NULL: the test key */
};

/** Reads @p path: an ELF is made into an image and signed, a file that is an image already is taken as it is.
 * @return the image, to be freed, and its @p bytes; or NULL with one line in @p error. */
void *nic_image_read(const char *path, const struct nic_image_options *options, size_t *bytes, char *error, size_t error_size);

/** assay firmware sign IMAGE OUT [--revision R] [--security N] [--key FILE]: @p argv[0] is "sign"; FILE holds the 32 bytes of an Ed25519 seed.
 * @return 0, or 2 after one line on stderr. */
int sign_main(int argc, char **argv);

#endif
