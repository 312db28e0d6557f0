/** What resources count, by examples worked out by hand. */
import { expect, it } from "vitest";
import { ResourceStatistics } from "../../lib/engine/index.ts";

it("sums the time in use, and counts the use that goes on", () => {
  const statistics = new ResourceStatistics();
  statistics.begin(0);
  expect(statistics.utilization(5)).toBe(1);
  statistics.end(10);
  expect(statistics.utilization(40)).toBe(0.25);
  statistics.begin(40);
  expect(statistics.utilization(50)).toBe(0.4);
  statistics.end(60);
  expect([statistics.busyNs, statistics.utilization(60)]).toEqual([30, 0.5]);
});

it("means waits over all requests, and the queue over all time", () => {
  const statistics = new ResourceStatistics();
  statistics.requests = 4;
  for (const ns of [30, 50]) statistics.waited(ns);
  for (const length of [1, 2, 1, 0]) statistics.queued(length);
  expect(statistics).toMatchObject({ waits: 2, waitingNs: 80, longestQueue: 2 });
  expect([statistics.meanWaitNs(), statistics.meanQueueLength(100)]).toEqual([20, 0.8]);
});

it("of a resource that nobody used is all zero", () => {
  const statistics = new ResourceStatistics();
  expect([statistics.utilization(0), statistics.utilization(9), statistics.meanWaitNs(), statistics.meanQueueLength(0), statistics.longestQueue]).toEqual([0, 0, 0, 0, 0]);
});
