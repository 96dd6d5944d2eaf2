#include "models/board/plic.h"

enum {
	PRIORITY_END = 0x1000,
	PENDING_BASE = 0x1000,
	FILTER_END = PLIC_FILTER_BASE + 4 * PLIC_SOURCES,
};

static bool bit(const uint32_t *words, unsigned n)
{
	return words[n / 32] >> (n % 32) & 1;
}

static void set_bit(uint32_t *words, unsigned n, bool value)
{
	uint32_t mask = 1u << (n % 32);
	words[n / 32] = value ? words[n / 32] | mask : words[n / 32] & ~mask;
}

/* The best pending and enabled source of a context above a priority; 0: none. The lowest id wins among equals. */
static unsigned best_source(const struct plic *plic, unsigned context, unsigned above)
{
	unsigned best = 0;
	unsigned best_priority = above;

	for (unsigned word = 0; word < PLIC_WORDS; word++) {
		uint32_t ready = plic->pending[word] & plic->enable[context][word];
		for (; ready; ready &= ready - 1) {
			unsigned source = word * 32 + (unsigned)__builtin_ctz(ready);
			if (plic->priority[source] > best_priority) {
				best = source;
				best_priority = plic->priority[source];
			}
		}
	}
	return best;
}

static void update_lines(struct plic *plic)
{
	plic->asserted = 0;
	for (unsigned context = 0; context < plic->contexts; context++)
		plic->asserted |= (uint32_t)(best_source(plic, context, plic->threshold[context]) != 0) << context;
}

void plic_reset(struct plic *plic, uint32_t contexts)
{
	*plic = (struct plic){.contexts = contexts};
	for (unsigned source = 0; source < PLIC_SOURCES; source++)
		plic->filter[source] = UINT16_MAX;
}

void plic_set_level(struct plic *plic, unsigned source, bool level)
{
	if (bit(plic->level, source) == level)
		return;
	set_bit(plic->level, source, level);
	if (level && !bit(plic->claimed, source)) {
		set_bit(plic->pending, source, true);
		update_lines(plic);
	}
}

/* The threshold keeps interrupts from the hart, not from who asks: a claim is not affected by it. */
static unsigned claim(struct plic *plic, unsigned context)
{
	unsigned source = best_source(plic, context, 0);
	if (source) {
		set_bit(plic->pending, source, false);
		set_bit(plic->claimed, source, true);
		update_lines(plic);
	}
	return source;
}

/* Completion of a source that the context does not enable is ignored, as the specification says. */
static void complete(struct plic *plic, unsigned context, uint64_t source)
{
	if (source == 0 || source >= PLIC_SOURCES || !bit(plic->enable[context], (unsigned)source))
		return;
	set_bit(plic->claimed, (unsigned)source, false);
	if (bit(plic->level, (unsigned)source))
		set_bit(plic->pending, (unsigned)source, true);
	update_lines(plic);
}

static bool enable_word(struct plic *plic, uint64_t offset, uint32_t **word)
{
	uint64_t context = (offset - PLIC_ENABLE_BASE) / PLIC_ENABLE_STRIDE;
	uint64_t index = (offset - PLIC_ENABLE_BASE) % PLIC_ENABLE_STRIDE / 4;
	if (offset < PLIC_ENABLE_BASE || context >= plic->contexts || index >= PLIC_WORDS)
		return false;
	*word = &plic->enable[context][index];
	return true;
}

static bool context_register(const struct plic *plic, uint64_t offset, unsigned *context, uint64_t *which)
{
	if (offset < PLIC_CONTEXT_BASE || (offset - PLIC_CONTEXT_BASE) / PLIC_CONTEXT_STRIDE >= plic->contexts)
		return false;
	*context = (unsigned)((offset - PLIC_CONTEXT_BASE) / PLIC_CONTEXT_STRIDE);
	*which = (offset - PLIC_CONTEXT_BASE) % PLIC_CONTEXT_STRIDE;
	return true;
}

int plic_load(struct plic *plic, uint64_t offset, unsigned size, uint64_t *value)
{
	uint32_t *word;
	uint64_t which;
	unsigned context;

	if (size != 4 || offset % 4 != 0 || offset >= PLIC_SIZE_BYTES)
		return -1;
	*value = 0;
	if (offset < PRIORITY_END)
		*value = offset / 4 < PLIC_SOURCES ? plic->priority[offset / 4] : 0;
	else if (offset < PLIC_ENABLE_BASE)
		*value = (offset - PENDING_BASE) / 4 < PLIC_WORDS ? plic->pending[(offset - PENDING_BASE) / 4] : 0;
	else if (offset >= PLIC_FILTER_BASE && offset < FILTER_END)
		*value = plic->filter[(offset - PLIC_FILTER_BASE) / 4];
	else if (enable_word(plic, offset, &word))
		*value = *word;
	else if (context_register(plic, offset, &context, &which))
		*value = which == 0 ? plic->threshold[context] : which == 4 ? claim(plic, context) : 0;
	return 0;
}

/* The sources of word @p index that @p context may enable. */
static uint32_t allowed(const struct plic *plic, unsigned context, unsigned index)
{
	uint32_t mask = 0;
	for (unsigned i = 0; i < 32; i++)
		mask |= (uint32_t)(plic->filter[index * 32 + i] >> context & 1) << i;
	return index ? mask : mask & ~1u;
}

static void set_filter(struct plic *plic, unsigned source, uint64_t contexts)
{
	plic->filter[source] = (uint16_t)contexts;
	for (unsigned context = 0; context < plic->contexts; context++)
		plic->enable[context][source / 32] &= allowed(plic, context, source / 32);
}

static void set_priority(struct plic *plic, unsigned hart, uint64_t source, uint64_t value)
{
	if (source && source < PLIC_SOURCES && plic->filter[source] >> 2 * hart & 3)
		plic->priority[source] = value & PLIC_MAX_PRIORITY;
}

int plic_store(struct plic *plic, unsigned hart, uint64_t offset, unsigned size, uint64_t value)
{
	uint32_t *word;
	uint64_t which;
	unsigned context;

	if (size != 4 || offset % 4 != 0 || offset >= PLIC_SIZE_BYTES)
		return -1;
	if (offset < PRIORITY_END) {
		set_priority(plic, hart, offset / 4, value);
	} else if (offset >= PLIC_FILTER_BASE && offset < FILTER_END) {
		set_filter(plic, (unsigned)(offset - PLIC_FILTER_BASE) / 4, value);
	} else if (enable_word(plic, offset, &word)) {
		uint64_t at = offset - PLIC_ENABLE_BASE;
		*word = (uint32_t)value & allowed(plic, (unsigned)(at / PLIC_ENABLE_STRIDE), (unsigned)(at % PLIC_ENABLE_STRIDE / 4));
	} else if (context_register(plic, offset, &context, &which)) {
		if (which == 0)
			plic->threshold[context] = value & PLIC_MAX_PRIORITY;
		else if (which == 4)
			complete(plic, context, value);
	}
	update_lines(plic);
	return 0;
}
