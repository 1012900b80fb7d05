export const { performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver } = globalThis;
export const { PerformanceObserverEntryList, PerformanceResourceTiming } = globalThis;
