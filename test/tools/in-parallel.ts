/** Work on many things, a few at a time. */

/**
 * Starts `work` on each of `items`, never more than `count` at once, each on a worker's own `desk`.
 * @returns what comes of each, by item; who awaits one that fails is told.
 */
export function inParallel<Item, Desk, Result>(count: number, items: readonly Item[], desk: () => Promise<Desk>, work: (item: Item, desk: Desk) => Promise<Result>): Map<Item, Promise<Result>> {
  const results = new Map<Item, { promise: Promise<Result>; settle: (result: Promise<Result>) => void }>();
  for (const item of items) {
    let settle!: (result: Promise<Result>) => void;
    const promise = new Promise<Result>((resolve) => (settle = resolve));
    promise.catch(() => {}); // told to who awaits it
    results.set(item, { promise, settle });
  }
  const waiting = [...items];
  const worker = async () => {
    const own = desk();
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      const result = own.then((at) => work(item!, at));
      results.get(item)!.settle(result);
      await result.catch(() => {});
    }
  };
  for (let i = 0; i < count; i++) void worker();
  return new Map([...results].map(([item, { promise }]) => [item, promise]));
}
