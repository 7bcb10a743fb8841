/** What controllers work with, and the loop that runs them whenever something has changed or is due. */
import { ApiError } from '../api-error.ts';
import type { Api } from '../api.ts';

export interface Control {
  api: Api;
  nowMs(): number;
  /** Runs the controllers again then, even if nothing changes until then. */
  wakeAt(ms: number): void;
}

/** Brings what it is responsible for one step closer to what is wanted; called again after every change. */
export type Controller = (control: Control) => void;

export interface Loop {
  /** Runs the controllers soon: something outside the API has changed. */
  nudge(): void;
  stop(): void;
}

/** Changes come in bursts: a manifest is one of fifty. */
const settleMs = 10;

/** Runs all controllers in their order,
  again and again until none changes anything more. `enabled` is asked each time. */
export function runControllers(api: Api, controllers: readonly Controller[],
  options: { enabled: () => boolean; warn: (text: string) => void }): Loop {
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Infinity;
  let stopped = false;

  const runAt = (ms: number): void => {
    if (stopped || ms >= dueAt) return;
    clearTimeout(timer);
    dueAt = ms;
    timer = setTimeout(run, Math.max(0, ms - Date.now()));
  };
  const control: Control = { api, nowMs: () => api.now().getTime(), wakeAt: runAt };
  const run = (): void => {
    dueAt = Infinity;
    if (!options.enabled()) return;
    for (const controller of controllers) {
      try {
        controller(control);
      } catch (error) {
        // Somebody deleted what a controller was looking at; anything else is a fault of ours.
        if (!(error instanceof ApiError)) throw error;
        options.warn(`${controller.name}: ${error.message}`);
      }
    }
  };
  const onChange = (): void => runAt(Date.now() + settleMs);
  api.store.changes.on('change', onChange);
  onChange();
  return {
    nudge: onChange,
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      api.store.changes.off('change', onChange);
    },
  };
}
