/* libFuzzer target: hostile snapshot volumes.
 *
 * A sound volume is made; the input is a list of changes (three bytes of place, one of value) and says whether the sums are made right again
 * afterwards, so that the reader's judgement is tried, not only its sums. Every snapshot that is listed must load or be refused. */
#include <stdlib.h>

#include "testbench/unit/snapshot/image_maker.h"

static struct maker sound, maker;
static struct snapshot_image image;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot_content content;
	if (!sound.length)
		maker_build(&sound);
	if (size < 2)
		return 0;
	maker = sound;
	if (data[0] & 4)
		maker.length = MAKER_BYTES / 256 * data[1];
	for (size_t at = 2; at + 4 <= size; at += 4)
		maker.bytes[(data[at] | data[at + 1] << 8 | data[at + 2] << 16) % MAKER_BYTES] = data[at + 3];
	for (unsigned slot = 0; slot < 2; slot++)
		if (data[0] >> slot & 1)
			maker_reseal(&maker, slot);
	struct snapshot_source source = maker_source(&maker);
	if (snapshot_image_open(&image, &source) != 0)
		return 0;
	for (unsigned slot = 0; slot < SNAPSHOT_SLOTS; slot++) {
		if (image.slot[slot].id && image.slot[slot].memory_bytes < 64u << 20 && snapshot_image_load(&image, image.slot[slot].id, &content) == 0)
			snapshot_image_free(&content);
	}
	return 0;
}
