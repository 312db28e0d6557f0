/** Traces: what happened inside a system, as spans, flows, sleeps and movements of bytes. */
export { platterAngle, record, trace } from "./trace.ts";
export type { Flow, FlowEnd, Instant, Movement, Operation, Sleep, Span, Trace, Track, Turn } from "./trace.ts";
export { outline } from "./outline.ts";
export { scene, sceneNames } from "./scenes.ts";
export type { Scene, SceneName } from "./scenes.ts";
export { mermaid, sequence } from "./sequence.ts";
export type { Lane, Sequence, SequenceStep, SequenceStepKind } from "./sequence.ts";
export { stationOf, stations } from "./places.ts";
export type { Station } from "./places.ts";
