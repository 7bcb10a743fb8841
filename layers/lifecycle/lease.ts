/** How long a run of a step may keep others from running it, and what that time is made of. Milliseconds. */

/** Of the functions of steps, as deployed. */
const timeoutMs = 60_000;

/** A function's timeout, and five minutes in which a create that it sent may still land. */
export const leaseMs = Number(process.env.LEASE_MS || timeoutMs + 5 * 60_000);

/** How long a request whose answer was lost may take to be carried out. */
export const landsWithinMs = Math.max(0, leaseMs - timeoutMs);
