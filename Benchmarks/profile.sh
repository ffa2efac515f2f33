#!/usr/bin/env bash
# Writes Benchmarks/release.proftext: how often each branch of the kernel, the model and the recorder is taken
# when the main scenario plays. `make build` gives it to the compiler, which lays the code out after it; what
# changed since is compiled as without it, so write it again after larger changes. Takes two builds' time.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=$(dirname "$(realpath "$(command -v swift)")")
runtime=$(echo "$tools"/../lib/clang/*/lib/linux/libclang_rt.profile-"$(uname -m)".a)
scratch=.build/instrumented
[ -e "$runtime" ] || { echo "the toolchain has no profile runtime: $runtime" >&2; exit 1; }

rm -rf "$scratch" # The compiler would keep what it made without counters.
# The linker would drop the counters: nothing refers to them by name.
swift build -c release --product bootsim --scratch-path "$scratch" --disable-dead-strip \
  -Xswiftc -gline-tables-only -Xswiftc -Xfrontend -Xswiftc -ir-profile-generate \
  -Xlinker "$runtime" -Xlinker -u -Xlinker __llvm_profile_runtime

bootsim=$scratch/release/bootsim
for level in none full; do
  LLVM_PROFILE_FILE=$scratch/$level.profraw "$bootsim" run scenarios/kubeadm-5000-workers.yaml \
    --trace $level --output "$scratch/$level.sqlite" >/dev/null
done
# What the build needs: counters of own functions. Records of static functions name files of this folder,
# targets of calls through pointers cannot be read back from text, and a name that begins with "$" is taken for
# a number of bitmap bytes, unless that stands before it.
own='16SimulationKernel|12TLSBootstrap|10TraceStore'
"$tools/llvm-profdata" merge --sparse --function="$own" "$scratch"/*.profraw -o "$scratch/own.profdata"
"$tools/llvm-profdata" merge --text --no-function='\.o;' "$scratch/own.profdata" -o "$scratch/own.proftext"
awk '/^# Num Value Kinds:/ { skip = 1 } /^$/ { skip = 0; print "$0" } !skip' "$scratch/own.proftext" \
  > Benchmarks/release.proftext
rm -rf "$scratch"
