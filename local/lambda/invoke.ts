/** Invokes functions as the AWS SDK would, by the local endpoint of Lambda. */
import { Agent, request } from 'node:http';

/** Answers what the function returned; throws what it threw. */
export function invoker(lambdaPort: number): (functionName: string, event: unknown) => Promise<unknown> {
  const agent = new Agent({ keepAlive: true });
  return async (functionName, event) => {
    const path = `/2015-03-31/functions/${functionName}/invocations`;
    const { status, failed, text } = await post(agent, lambdaPort, path, JSON.stringify(event));
    if (status >= 300 || failed) throw new Error(`${functionName} failed: ${text.slice(0, 500)}`);
    return text ? JSON.parse(text) as unknown : undefined;
  };
}

interface Answer { status: number; failed: boolean; text: string }

function post(agent: Agent, port: number, path: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ agent, host: '127.0.0.1', port, path, method: 'POST' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; });
      response.on('end', () => resolve({ status: response.statusCode ?? 500, failed: 'x-amz-function-error' in response.headers, text }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}
