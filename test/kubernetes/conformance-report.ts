/** What the conformance suite has, and what a run of it comes to, read from what it writes. */

/** Names of its conformance tests, from its list of all tests. */
export const readNames = (list: string): string[] =>
  list.split('\n').flatMap((line) => (line.includes('[Conformance]') ? [line.slice(Math.max(0, line.indexOf('[sig-'))).trim()] : []));

/** A regular expression, as Go has them, for those tests. */
export const focusOn = (names: readonly string[]): string => names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');

/** Which may run at the same time, dealt out into so many shares, and which must be alone: they disturb others. */
export function sharesOf(names: readonly string[], count: number): { sideBySide: string[][]; alone: string[] } {
  const isAlone = (name: string): boolean => /\[(Serial|Disruptive)\]/.test(name);
  const together = names.filter((name) => !isAlone(name));
  const shares = Array.from({ length: count }, (_, share) => together.filter((_name, index) => index % count === share));
  return { sideBySide: shares.filter((share) => share.length > 0), alone: names.filter(isAlone) };
}

export interface TestResult {
  /** Without the suite's own marks: [sig-node] Pods should be submitted and removed [NodeConformance] [Conformance] */
  name: string;
  outcome: 'passed' | 'failed' | 'not run';
  /** Why it failed, in one line; empty otherwise. */
  reason: string;
  seconds: number;
}

const attribute = (tag: string, name: string): string => unescape(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '');
const unescape = (text: string): string =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#34;', '"').replaceAll('&quot;', '"').replaceAll('&#39;', '\'')
    .replaceAll('&#xA;', '\n').replaceAll('&#x9;', '\t').replaceAll('&amp;', '&');

/** The tests of a JUnit report as Ginkgo writes it; what comes before and after the suite is among them when it failed. */
export function readReport(xml: string): TestResult[] {
  return [...xml.matchAll(/<testcase ([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)].flatMap(([, head = '', body = '']) => {
    const tag = ` ${head}`;
    const status = attribute(tag, 'status');
    const isTest = attribute(tag, 'name').startsWith('[It] ');
    const outcome = outcomeOf(status);
    if (!isTest && outcome !== 'failed') return [];
    return [{
      name: attribute(tag, 'name').replace('[It] ', '').trim(),
      outcome, reason: outcome === 'failed' ? reasonOf(body) : '', seconds: Number(attribute(tag, 'time')),
    }];
  });
}

function outcomeOf(status: string): TestResult['outcome'] {
  if (status === 'passed') return 'passed';
  return status === 'skipped' || status === 'pending' ? 'not run' : 'failed';
}

/** The failure's own words, and where the suite was cut short that it was. */
function reasonOf(body: string): string {
  const [, tag = ''] = /<(?:failure|error) ([^>]*)>/.exec(body) ?? [];
  return attribute(` ${tag}`, 'message').replaceAll(/\s+/g, ' ').trim().slice(0, 400) || 'no reason given';
}

/** The lines that sum it up: each failure with its reason, then the counts. `all`: how many tests the suite has. */
export function summary(results: readonly TestResult[], all: number): string[] {
  const of = (outcome: TestResult['outcome']): TestResult[] => results.filter((one) => one.outcome === outcome);
  const failed = of('failed');
  return [
    ...failed.map(({ name, reason }) => `FAILED ${name}\n       ${reason}`),
    `conformance: ${of('passed').length} passed, ${failed.length} failed, ${all - of('passed').length - failed.length} not run, of ${all} tests`,
  ];
}
