/* Bit fields of registers and in-memory words by name, as rtl/gen makes the names: NAME_LSB, NAME_WIDTH, NAME_MASK. */
#ifndef ASSAY_RTL_GEN_FIELD_H
#define ASSAY_RTL_GEN_FIELD_H

/** The value of field NAME (e.g. SEE_CAP_MQES) of @p word. */
#define FIELD_GET(NAME, word) (((unsigned long long)(word) & NAME##_MASK) >> NAME##_LSB)

/** @p value placed at field NAME, ready to be OR-ed; excess bits are cut. */
#define FIELD_PREP(NAME, value) (((unsigned long long)(value) << NAME##_LSB) & NAME##_MASK)

/** @p word with field NAME replaced by @p value. */
#define FIELD_SET(NAME, word, value) (((unsigned long long)(word) & ~NAME##_MASK) | FIELD_PREP(NAME, value))

#endif
