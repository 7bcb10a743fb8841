/** Live progress: a picture that redraws itself on a terminal, plain lines elsewhere. */
import { createLogUpdate } from 'log-update';

export interface StepView { title: string; status: string; waits_for?: string | undefined }

export interface Progress {
  show(headline: string, percent: number, steps: readonly StepView[]): void;
  end(line: string): void;
}

const bar = (percent: number): string => `${'█'.repeat(Math.round(percent / 4))}${'░'.repeat(25 - Math.round(percent / 4))}`;

export function openProgress(stream: NodeJS.WriteStream = process.stdout): Progress {
  return stream.isTTY ? livePicture(stream) : plainLines(stream);
}

function livePicture(stream: NodeJS.WriteStream): Progress {
  const update = createLogUpdate(stream);
  return {
    show(headline, percent, steps) {
      const under = steps.filter(({ status }) => status === 'running' || status === 'waiting');
      const lines = under.map(({ title, waits_for }) => `    ${title}${waits_for ? `: ${waits_for}` : ''}`.slice(0, (stream.columns || 100) - 1));
      update([`  ${headline}  ${bar(percent)} ${percent} %`, ...lines].join('\n'));
    },
    end(line) {
      update.clear();
      update.done();
      stream.write(`${line}\n`);
    },
  };
}

/** After this long without news, what is waited for is told. */
const quietMs = 10_000;

function plainLines(stream: NodeJS.WriteStream): Progress {
  const told = new Set<string>();
  const started = Date.now();
  let toldAt = started;
  const tell = (percent: number, text: string): void => {
    toldAt = Date.now();
    stream.write(`  ${((toldAt - started) / 1_000).toFixed(1).padStart(6)} s  ${String(percent).padStart(3)} %  ${text}\n`);
  };
  return {
    show(_headline, percent, steps) {
      for (const { title, status } of steps) {
        const line = `${title} ${status}`;
        if (status !== 'done' || told.has(line)) continue;
        told.add(line);
        tell(percent, title);
      }
      if (Date.now() - toldAt < quietMs) return;
      const under = steps.filter(({ status, waits_for }) => status === 'waiting' && waits_for);
      tell(percent, `… ${under.map(({ title, waits_for }) => `${title}: ${waits_for}`).join('; ')}`);
    },
    end(line) { stream.write(`${line}\n`); },
  };
}
