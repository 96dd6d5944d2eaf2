#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/boot/sign.h"
#include "sim/kernel/nic_image.h"

static const char usage[] = "assay: usage: assay firmware sign IMAGE OUT [--revision R] [--security N] [--key FILE]\n";

static int read_seed(const char *path, uint8_t seed[SIGN_SEED_BYTES])
{
	FILE *file = fopen(path, "rb");
	bool whole = file && fread(seed, 1, SIGN_SEED_BYTES, file) == SIGN_SEED_BYTES && fgetc(file) == EOF;

	if (file)
		fclose(file);
	if (!whole)
		fprintf(stderr, "assay: key %s: not a file of %d bytes\n", path, SIGN_SEED_BYTES);
	return whole ? 0 : -1;
}

static int take_option(struct nic_image_options *options, uint8_t seed[SIGN_SEED_BYTES], const char *name, const char *value)
{
	char *end;

	if (strcmp(name, "--key") == 0) {
		options->seed = seed;
		return read_seed(value, seed);
	}
	if (strcmp(name, "--revision") == 0 && strlen(value) > 0 && strlen(value) <= IMAGE_REVISION_BYTES) {
		options->revision = value;
		return 0;
	}
	if (strcmp(name, "--security") == 0) {
		options->security_version = strtoll(value, &end, 10);
		if (*value >= '0' && *value <= '9' && *end == '\0' && options->security_version <= UINT32_MAX)
			return 0;
	}
	fprintf(stderr, "assay: firmware sign: %s \"%s\" is not possible\n", name, value);
	return -1;
}

int sign_main(int argc, char **argv)
{
	struct nic_image_options options = {.security_version = -1};
	uint8_t seed[SIGN_SEED_BYTES];
	char error[512];
	size_t bytes;

	if (argc < 3 || argc % 2 == 0)
		return fputs(usage, stderr), 2;
	for (int i = 3; i < argc; i += 2)
		if (take_option(&options, seed, argv[i], argv[i + 1]) != 0)
			return 2;
	void *image = nic_image_read(argv[1], &options, &bytes, error, sizeof error);
	if (!image)
		return fprintf(stderr, "assay: %s\n", error), 2;
	FILE *file = fopen(argv[2], "wb");
	bool written = file && fwrite(image, 1, bytes, file) == bytes;
	if (file)
		written = fclose(file) == 0 && written;
	free(image);
	if (written)
		return 0;
	remove(argv[2]);
	return fprintf(stderr, "assay: firmware image %s: cannot be written\n", argv[2]), 2;
}
