/** In place of dynamoose, as far as conditions of layers/store are written with it. */
type Row = Record<string, unknown>;
type Test = (row: Row | undefined) => boolean;

/** A chain of tests, joined by `and` unless `or` stands between them; a group counts as one. */
export class Condition {
  #alternatives: Test[][] = [[]];
  #attribute = '';
  #isNegated = false;

  where(attribute: string): this { this.#attribute = attribute; return this; }
  attribute(attribute: string): this { return this.where(attribute); }
  and(): this { return this; }
  or(): this { this.#alternatives.push([]); return this; }
  not(): this { this.#isNegated = true; return this; }
  group(write: (condition: Condition) => Condition): this {
    const inner = write(new Condition());
    return this.#add((row) => inner.holds(row));
  }

  eq(value: unknown): this { return this.#compare((own) => own === value); }
  lt(value: number | string): this { return this.#compare((own) => (own as number | string) < value); }
  le(value: number | string): this { return this.#compare((own) => (own as number | string) <= value); }
  gt(value: number | string): this { return this.#compare((own) => (own as number | string) > value); }
  in(values: readonly unknown[]): this { return this.#compare((own) => values.includes(own)); }
  exists(): this { return this.#compare(() => true); }

  holds(row: Row | undefined): boolean {
    return this.#alternatives.some((tests) => tests.every((test) => test(row)));
  }

  /** What an absent attribute is compared with never holds. */
  #compare(test: (own: NonNullable<unknown>) => boolean): this {
    const attribute = this.#attribute;
    const isNegated = this.#isNegated;
    this.#isNegated = false;
    return this.#add((row) => {
      const own = row?.[attribute];
      return (own !== undefined && own !== null && test(own)) !== isNegated;
    });
  }

  #add(test: Test): this { this.#alternatives.at(-1)!.push(test); return this; }
}

export default { Condition };
