// What tests have to know of a build with sanitizers. STOA_TEST_PRESET: the build; scripts/test sets it.

const kReport = /ERROR: (Address|Leak|Thread)Sanitizer|WARNING: ThreadSanitizer|: runtime error: /;

// They multiply what a program uses, and hold back what it frees.
export const isSanitized = /asan|tsan/.test(process.env.STOA_TEST_PRESET ?? '');

// Throws when a program's output holds a report.
export function assertNoReport(output) {
  if (kReport.test(output)) throw new Error(`a sanitizer spoke\n${output}`);
}
