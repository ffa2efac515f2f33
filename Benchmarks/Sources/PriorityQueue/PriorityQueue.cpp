#include "PriorityQueue.h"

#include <chrono>
#include <queue>
#include <string>
#include <vector>

namespace {

struct Event {
  int64_t instant;
  uint64_t sequence;
  uint64_t payload[2];
};
static_assert(sizeof(Event) == 32, "the same size as an entry of the event queue");

struct Later {
  bool operator()(const Event &left, const Event &right) const {
    if (left.instant != right.instant) return left.instant > right.instant;
    return left.sequence > right.sequence;
  }
};

/// SplitMix64, as in `Increments.swift`.
struct Generator {
  uint64_t state;

  uint64_t next() {
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
};

int64_t scaled(uint64_t draw, uint64_t bound) {
  return int64_t((unsigned __int128)draw * bound >> 64);
}

struct Uniform {
  static int64_t increment(uint64_t draw) { return scaled(draw, 2'000'000'000); }
};

struct Exponential {
  static int64_t increment(uint64_t draw) {
    uint64_t word = draw | 1;
    int zeros = __builtin_clzll(word);
    uint64_t fraction = ~((word << zeros) << 1);
    return zeros * 693'147'181LL + scaled(fraction, 693'147'181);
  }
};

struct MostlyZero {
  static int64_t increment(uint64_t draw) {
    return (draw & 3) == 0 ? scaled(draw, 2'000'000'000) : 0;
  }
};

template <typename Increment>
HoldResult hold(int64_t pending, int64_t warmUp, int64_t holds, uint64_t seed) {
  std::priority_queue<Event, std::vector<Event>, Later> queue;
  Generator generator{seed};
  uint64_t sequence = 0;
  for (; sequence < uint64_t(pending); sequence++)
    queue.push({Increment::increment(generator.next()), sequence, {sequence, seed}});

  uint64_t checksum = 0;
  auto run = [&](int64_t count) {
    for (int64_t index = 0; index < count; index++) {
      Event event = queue.top();
      queue.pop();
      checksum = checksum * 31 + event.sequence;
      int64_t instant = event.instant + Increment::increment(generator.next());
      queue.push({instant, sequence, {event.payload[0], event.payload[1]}});
      sequence++;
    }
  };
  run(warmUp);
  auto start = std::chrono::steady_clock::now();
  run(holds);
  std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  return {elapsed.count(), checksum};
}

}  // namespace

HoldResult holdPriorityQueue(
    int32_t increments, int64_t pending, int64_t warmUp, int64_t holds, uint64_t seed) {
  switch (increments) {
    case IncrementsUniform: return hold<Uniform>(pending, warmUp, holds, seed);
    case IncrementsExponential: return hold<Exponential>(pending, warmUp, holds, seed);
    default: return hold<MostlyZero>(pending, warmUp, holds, seed);
  }
}

const char *cxxCompiler(void) {
  static const std::string text =
      "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__) + " -O3";
  return text.c_str();
}
