/** What a service says no with; each service gives it its own shape on the wire. */

export class Refusal extends Error {
  readonly status: number;
  /** The machine-readable kind, where the service has one (`NetworkInUse`, `itemNotFound`, …). */
  readonly kind: string | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, kind?: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.kind = kind;
    this.headers = headers;
  }
}
