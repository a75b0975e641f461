#pragma once
// Readings of a process from /proc, and the clocks of this one.

#include <cstdint>

namespace load {

// Monotonic time.
std::int64_t now_nanoseconds();

// CPU time of all threads of a process since it started. From schedstat where the kernel has it
// (nanoseconds), otherwise from stat (ticks of 10 ms). Throws when the process is gone.
double cpu_seconds(int pid);

// CPU time of the processes that a process has started, itself not counted: of those that run from schedstat, of
// those that have ended in ticks. Throws when it is gone.
double cpu_seconds_of_children(int pid);

// Time that a core was busy with anything since the machine started; ticks of 10 ms.
double core_busy_seconds(int core);

// CPU time of the calling thread.
double thread_cpu_seconds();

// Has the calling thread run soon after it is woken, though others on its core have not used up their slices
// yet: by a short slice of its own. Kernels before 6.12 do not know that, and nothing changes there.
void ask_for_short_slices();

// Resident memory of a process in bytes.
std::int64_t resident_bytes(int pid);

// Lets this process open as many files as its hard limit allows.
void raise_file_limit();

}  // namespace load
