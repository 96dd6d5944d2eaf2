/* Pools behind mem_malloc(): headers, acknowledgements, echo replies. No include guard: lwIP includes it repeatedly. */
LWIP_MALLOC_MEMPOOL_START
LWIP_MALLOC_MEMPOOL(8192, 256)
LWIP_MALLOC_MEMPOOL(64, 1024)
LWIP_MALLOC_MEMPOOL(32, 10240)
LWIP_MALLOC_MEMPOOL_END
