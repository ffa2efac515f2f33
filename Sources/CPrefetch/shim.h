/// Asks for the cache line at this address, and goes on without waiting for it; any address will do.
static inline void fetchLine(const void *address) { __builtin_prefetch(address); }
