/* Bit masks as A64 encodes them in 13 bits (DDI 0487, DecodeBitMasks): what native ops ANDM to ANDMS and the disassembler take. */
#ifndef ASSAY_MODELS_CONVERT_BIT_MASK_H
#define ASSAY_MODELS_CONVERT_BIT_MASK_H

#include <stdint.h>

/* The bit mask that N:immr:imms stands for; 0 for a reserved encoding, which no conversion table lets through. */
static inline uint64_t bit_mask(unsigned imm)
{
	unsigned n = imm >> 12 & 1, r = imm >> 6 & 63, s = imm & 63, size = n ? 64 : 32;
	uint64_t element;

	while (!n && size > 1 && (s & size))
		size >>= 1;
	s &= size - 1;
	r &= size - 1;
	if (size < 2 || s == size - 1)
		return 0;
	element = UINT64_MAX >> (63 - s);
	if (r)
		element = element >> r | element << (size - r);
	for (element &= UINT64_MAX >> (64 - size); size < 64; size *= 2)
		element |= element << size;
	return element;
}

#endif
