/** A few desks for many jobs: a job waits until a desk is free. */
export class Pool<Desk> {
  readonly #make: () => Promise<Desk>;
  readonly #free: Desk[] = [];
  readonly #waiting: ((desk: Desk) => void)[] = [];
  #toMake: number;

  /** At most `count` desks; each is made when it is first needed. */
  constructor(count: number, make: () => Promise<Desk>) {
    this.#toMake = count;
    this.#make = make;
  }

  /** Does `work` at a desk. */
  async use<Result>(work: (desk: Desk) => Promise<Result>): Promise<Result> {
    const desk = await this.#take();
    try {
      return await work(desk);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(desk);
      else next(desk);
    }
  }

  async #take(): Promise<Desk> {
    if (this.#free.length > 0) return this.#free.pop()!;
    if (this.#toMake === 0) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#toMake--;
    return this.#make();
  }
}
