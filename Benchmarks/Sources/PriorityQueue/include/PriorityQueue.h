#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The increments of a hold: how long after the popped event the next one is due.
enum Increments {
  IncrementsUniform = 0,
  IncrementsExponential = 1,
  IncrementsMostlyZero = 2,
};

/// What one run took, and a checksum over the order in which events left.
struct HoldResult {
  double seconds;
  uint64_t checksum;
};

/// Fills a `std::priority_queue` of 32-byte events with `pending` of them, does `warmUp` holds
/// (pop one, push one) and then times `holds` more.
struct HoldResult holdPriorityQueue(
    int32_t increments, int64_t pending, int64_t warmUp, int64_t holds, uint64_t seed);

/// The compiler that made the queue, and how.
const char *cxxCompiler(void);

#ifdef __cplusplus
}
#endif
